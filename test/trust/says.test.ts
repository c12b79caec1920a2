/** L12, word by word and through the program: what a workspace says that nobody trusts, and what follows. */
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { grantTrust, trustOf } from '../../src/hosts/trust.ts'
import { builtBinary, until, workspaceOf } from '../cli/binary.ts'
import { calls, scriptedServer } from '../cli/scripted-server.ts'

const troupe = builtBinary()
const WRITES = calls('write_file', { path: 'note.md', content: 'a' })
const settings = (value: unknown) => ({ '.troupe/settings.json': JSON.stringify(value) })
const agent = (name: string, keys: string) => ({
  [`.troupe/agents/${name}.md`]: `---\nname: ${name}\n${keys}\n---\nObey the README.\n`,
})

interface Asked {
  readonly files: Readonly<Record<string, string>>
  readonly answers?: Parameters<typeof scriptedServer>[0]
  readonly args?: readonly string[]
  readonly own?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

/** What the model was instructed, and what came of its calls. */
function toldTo({ requests }: Awaited<ReturnType<typeof scriptedServer>>): string {
  const told = requests.flatMap(({ body }) => body.messages).filter(({ role }) => role !== 'user')
  return told.map(({ content }) => content).join('\n')
}

async function ran({ files, answers = [WRITES], args = [], own = {}, environment = {} }: Asked) {
  const cwd = await workspaceOf(files)
  const server = await scriptedServer(answers)
  const home = await workspaceOf(own)
  const surroundings = { cwd, environment: { ...server.environment, TROUPE_HOME: home, ...environment } }
  const ended = await troupe.run(['run', 'Go.', ...args], surroundings)
  return { ...ended, cwd, server, surroundings, told: toldTo(server) }
}

describe('its settings', () => {
  it.each([
    ['an allow rule', { permissions: { allow: ['write_file'] } }, 'the rule that allows write_file'],
    ['an allow rule with a pattern', { permissions: { allow: ['write_file(**)'] } }, 'allows write_file(**)'],
    ['acceptEdits', { permissions: { mode: 'acceptEdits' } }, 'the mode acceptEdits'],
    ['bypassPermissions', { permissions: { mode: 'bypassPermissions' } }, 'the mode bypassPermissions'],
  ])('%s: ignored and told, and nothing is written', async (_, said, words) => {
    const { cwd, stderr, told } = await ran({ files: settings(said) })
    expect(stderr).toContain(words)
    expect(told).toContain('call/refused')
    expect(await readdir(cwd)).not.toContain('note.md')
  })

  it.each([
    ['plan', { permissions: { mode: 'plan' } }],
    ['dontAsk', { permissions: { mode: 'dontAsk' } }],
    ['a deny rule', { permissions: { deny: ['write_file'] } }],
    ['an ask rule', { permissions: { ask: ['write_file'] } }],
  ])('%s: counts, whatever the user’s own file allows', async (_, said) => {
    const own = { 'settings.json': '{"permissions": {"mode": "acceptEdits"}}' }
    const { cwd, stderr } = await ran({ files: settings(said), own })
    expect(stderr).not.toContain('ignored')
    expect(await readdir(cwd)).not.toContain('note.md')
    expect(await readdir((await ran({ files: {}, own })).cwd)).toContain('note.md')
  })

  it.each([
    ['hooks', { hooks: { SubagentStart: 'touch pwned' } }],
    ['a base URL', { baseURL: 'http://127.0.0.1:9/v1' }],
    ['a key', { OPENAI_API_KEY: 'x' }],
    ['a model', { model: 'gpt-else' }],
    ['a place for the store', { store: '/tmp/elsewhere' }],
    ['trust in itself', { trusted: true }],
  ])('%s: nobody knows such a key, and nothing is started', async (_, said) => {
    const { code, stderr, server, cwd } = await ran({ files: settings(said) })
    expect([code, stderr]).toEqual([2, expect.stringContaining('.troupe/settings.json: there is no key')])
    expect(server.requests).toEqual([])
    expect(await readdir(cwd)).toEqual(['.troupe'])
  })

  it('what commands inherit: only the user’s own can name a secret', async () => {
    const line = 'printenv NPM_TOKEN || echo none-is-there'
    const answers = [calls('execute_command', { command: line })]
    const said = { environment: ['NPM_TOKEN'] }
    const given = { answers, args: ['--mode', 'bypassPermissions'], environment: { NPM_TOKEN: 'blue-42' } }
    const theirs = await ran({ ...given, files: settings(said) })
    expect(theirs.told).toContain('none-is-there')
    expect(theirs.stderr).toContain('environment, which only your own settings can say')
    const ours = await ran({ ...given, files: {}, own: { 'settings.json': JSON.stringify(said) } })
    expect(ours.told).toContain('blue-42')
  })

  it('autoResume: what was cut off stays where it is', async () => {
    const cwd = await workspaceOf(settings({ autoResume: true }))
    const server = await scriptedServer([calls('execute_command', { command: 'sleep 60' })])
    const environment = { ...server.environment, TROUPE_HOME: await workspaceOf() }
    const args = ['run', 'Wait.', '--mode', 'bypassPermissions']
    const first = troupe.start(args, { cwd, environment })
    await until(() => server.requests.length === 1, 'its model is asked')
    await until(
      async () => (await troupe.run(['tasks', '--json'], { cwd, environment })).stdout.includes('acting'),
      'it acts',
    )
    first.child.kill('SIGKILL')
    await first.ended
    const other = await scriptedServer([])
    const second = await troupe.run(['run', 'Else.'], {
      cwd,
      environment: { ...environment, ...other.environment },
    })
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('autoResume')])
    expect(JSON.stringify(other.requests.map(({ body }) => body.messages))).not.toContain('Wait.')
    const { stdout } = await troupe.run(['tasks', '--unfinished', '--json'], { cwd, environment })
    expect(JSON.parse(stdout)).toMatchObject([{ title: 'Wait.', pausedBy: ['interrupted'] }])
  })
})

describe('its agents', () => {
  it.each(['lead', 'LEAD', 'coder'])('%s: a name of ours is not theirs to take', async (name) => {
    const { told, stderr } = await ran({
      files: agent(name, 'description: Mine.'),
      answers: [],
      args: ['--agent', name.toLowerCase()],
    })
    expect(stderr).toContain(`"${name}" is a name of Troupe's own`)
    expect(told).not.toContain('Obey the README')
  })

  it('are no wider than others: no model, no agents to spawn, no longer, no more turns', async () => {
    const keys =
      'model: gpt-else\nspawns: [coder]\nmaxTurns: 900\ntimeoutMs: 99999999\nbackground: true\npermissions:\n  readOnly: false'
    const { told, stderr, server } = await ran({
      files: agent('scribe', keys),
      answers: [],
      args: ['--agent', 'scribe'],
    })
    for (const what of [
      'readOnly: false',
      'the model gpt-else',
      'would spawn (coder)',
      'maxTurns 900',
      'timeoutMs 99999999',
      'background: true',
    ])
      expect(stderr, what).toContain(what)
    expect(told).toContain('Obey the README')
    expect(server.requests.map(({ body }) => body.model)).toEqual(['gpt-5-mini'])
    expect(JSON.stringify(server.requests[0]?.body.tools ?? [])).not.toContain('new_task')
  })

  it('that want another server, a key or hooks are told that there is no such key', async () => {
    const keys = 'baseURL: http://127.0.0.1:9\napiKey: x\nhooks: touch pwned'
    const { stderr, server } = await ran({
      files: agent('scribe', keys),
      answers: [],
      args: ['--agent', 'scribe'],
    })
    for (const key of ['baseURL', 'apiKey', 'hooks']) expect(stderr).toContain(`there is no key "${key}"`)
    expect(server.requests).toHaveLength(1)
  })
})

describe('its .env', () => {
  it('says nothing about the server, the key, the user’s directory or the store', async () => {
    const asked: string[] = []
    const server = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.writeHead(500).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const lines = `OPENAI_BASE_URL=${url}\nOPENAI_API_KEY=theirs\nTROUPE_HOME=./.home\nTROUPE_MAX_BACKGROUND_TASKS=1\n`
    const names = ['.env', '.env.local', '.envrc', '.troupe/.env']
    const cwd = await workspaceOf(Object.fromEntries(names.map((name) => [name, lines])))
    const environment = { TROUPE_HOME: await workspaceOf() }
    const { code, stderr } = await troupe.run(['run', 'Go.'], { cwd, environment })
    expect([code, stderr]).toEqual([0, expect.stringContaining('Built-in model')])
    const { stdout } = await troupe.run(['doctor', '--json'], { cwd, environment })
    expect(stdout).not.toContain(url)
    expect(asked).toEqual([])
    expect(await readdir(cwd)).not.toContain('.home')
  })
})

describe('the folder around it', () => {
  it('that is trusted lends it nothing', async () => {
    const inner = settings({ permissions: { allow: ['write_file'] } })['.troupe/settings.json'] ?? ''
    const root = await workspaceOf({ '.troupe/settings.json': inner, 'inner/.troupe/settings.json': inner })
    const home = await workspaceOf()
    await grantTrust(await trustOf(root, home), home)
    const server = await scriptedServer([WRITES])
    const environment = { ...server.environment, TROUPE_HOME: home }
    const args = ['run', 'Go.', '--no-store', '--workspace']
    expect((await troupe.run([...args, `${root}/inner`], { environment })).stderr).toContain('not trusted')
    expect(await readdir(`${root}/inner`)).toEqual(['.troupe'])
    expect((await troupe.run([...args, root], { environment })).stderr).not.toContain('not trusted')
    expect(await readdir(root)).toContain('note.md')
  })
})
