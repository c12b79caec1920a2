/** `troupe agents`, `troupe doctor` and `troupe trust`: what is here, and whether it counts. */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { builtBinary, workspaceOf } from './binary.ts'
import { inTerminal, withoutLooks } from './pseudo-terminal.ts'

const troupe = builtBinary()
const AGENT = `---
name: scribe
description: Writes it down.
tools: [read_file, write_file]
model: gpt-else
permissions:
  writePatterns: ['docs/**']
---
You write. \u202e
`
const FILES = {
  '.troupe/agents/a.md': AGENT,
  '.troupe/agents/broken.md': 'no header',
  '.troupe/settings.json': JSON.stringify({ permissions: { allow: ['write_file'] } }),
  'AGENTS.md': 'Test with npm test.\n',
}

/** Notes what it is asked, and sends whoever asks to another place. */
async function countingServer(elsewhere: string) {
  const asked: string[] = []
  const server = createHttpServer(({ url, headers }, response) => {
    asked.push(`${url} ${headers.authorization}`)
    response.writeHead(elsewhere === '' ? 200 : 302, { location: elsewhere }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function json(
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
) {
  const { code, stdout } = await troupe.run([...args, '--json'], { cwd, environment })
  return { code, said: JSON.parse(stdout) as Record<string, unknown> }
}

describe('troupe agents', () => {
  it('lists each with what it may and where it is from, and what was refused and ignored', async () => {
    const cwd = await workspaceOf(FILES)
    const { code, said } = await json(['agents'], cwd)
    expect(code).toBe(0)
    const agents = said['agents'] as { name: string; from: string }[]
    expect(agents.map(({ name, from }) => [name, from])).toEqual([
      ['lead', 'built in'],
      ['coder', 'built in'],
      ['explorer', 'built in'],
      ['reviewer', 'built in'],
      ['scribe', '.troupe/agents/a.md'],
    ])
    expect(agents[4]).toMatchObject({
      tools: ['read_file', 'write_file'],
      model: null,
      boundary: { writePatterns: ['docs/**'] },
    })
    expect(String(said['refused'])).toContain('.troupe/agents/broken.md')
    expect(String(said['ignored'])).toContain('gpt-else')

    const { stdout } = await troupe.run(['agents'], { cwd })
    expect(stdout).toMatch(
      /^scribe {2}\.troupe\/agents\/a\.md\n {2}Writes it down\.\n {2}tools +read_file, write_file\n/m,
    )
    expect(stdout).toMatch(/^ {2}boundary {2}writePatterns: docs\/\*\*$/m)
    expect(stdout).not.toContain('\x1b')
  })
})

describe('troupe doctor', () => {
  it('says of each thing how it is and how to mend it, and ends with 0 when nothing needed is missing', async () => {
    const { code, said } = await json(['doctor'], await workspaceOf(FILES))
    const checks = said['checks'] as { name: string; state: string; mend: string }[]
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]))
    expect(code).toBe(0)
    expect(states).toMatchObject({
      node: 'ok',
      workspace: 'ok',
      bash: 'ok',
      ripgrep: 'ok',
      trust: 'warn',
      notes: 'ok',
    })
    expect(states).toMatchObject({ ignored: 'warn', refused: 'warn', model: 'warn' })
    expect(checks.find(({ name }) => name === 'trust')?.mend).toContain('troupe trust')
    const exposure = checks.filter(({ name }) => name === 'exposure')
    expect(exposure.length).toBeLessThanOrEqual(4)
    expect(exposure[0]).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('troupe policy explain'),
    })
    expect(said['trust']).toMatchObject({
      isTrusted: false,
      why: 'none',
      flaw: null,
      wants: expect.arrayContaining(['.troupe/settings.json: the rule that allows write_file']),
      files: ['.troupe/settings.json', '.troupe/agents/a.md', '.troupe/agents/broken.md'],
    })
  })

  it('warns of a workspace that is the whole home directory', async () => {
    const cwd = await workspaceOf()
    expect(JSON.stringify(await json(['doctor'], cwd, { HOME: cwd }))).toContain('your whole home directory')
    expect(JSON.stringify(await json(['doctor'], cwd))).not.toContain('home directory: tasks')
  })

  it('ends with 1 when something needed is missing', async () => {
    const { code, said } = await json(['doctor', '--workspace', '/no/such/place'], '/')
    expect(code).toBe(1)
    expect(said).toMatchObject({ ok: false })
  })

  it('asks the user’s own server only with --online, and never goes where that points', async () => {
    const other = await countingServer('')
    const own = await countingServer(other.url)
    const cwd = await workspaceOf()
    const environment = { OPENAI_BASE_URL: `${own.url}/v1`, OPENAI_API_KEY: 'x' }
    await json(['doctor'], cwd, environment)
    expect(own.asked).toEqual([])
    const online = await json(['doctor', '--online'], cwd, environment)
    expect(JSON.stringify(online.said)).toContain(`${own.url}/v1 answers`)
    expect(online.code).toBe(0)
    expect([own.asked, other.asked]).toEqual([['/v1/models Bearer x'], []])
  })

  it('a server that is not there, or says nothing, is missing', async () => {
    const cwd = await workspaceOf()
    const silent = createServer((socket) => void socket.on('error', () => {}).resume())
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port))
    })
    const environment = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }
    const late = await json(['doctor', '--online'], cwd, environment)
    expect([late.code, JSON.stringify(late.said)]).toEqual([
      1,
      expect.stringContaining('did not answer within 3 s'),
    ])
    await new Promise((resolve) => silent.close(resolve))
    const gone = await json(['doctor', '--online'], cwd, environment)
    expect([gone.code, JSON.stringify(gone.said)]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
  })
})

describe('troupe trust (L12)', () => {
  it('without a terminal nothing is trusted, also with --yes', async () => {
    const cwd = await workspaceOf(FILES)
    expect((await troupe.run(['trust', '--yes'], { cwd })).code).toBe(2)
    expect((await troupe.run(['trust'], { cwd, input: 'y\n' })).code).toBe(1)
    expect(String((await json(['agents'], cwd)).said['ignored'])).toContain('gpt-else')
  })

  it('in a terminal it shows every byte, asks, and counts until a file changes', async () => {
    const cwd = await workspaceOf(FILES)
    const decide = async (key: string) => {
      const terminal = inTerminal(troupe, ['trust'], { cwd, environment: {} })
      await terminal.shows('y yes')
      expect(withoutLooks(terminal.screen())).toContain('You write. \\u202e')
      terminal.press(key)
      return (await terminal.ended).code
    }
    expect(await decide('x')).toBe(1)
    expect(String((await json(['agents'], cwd)).said['ignored'])).toContain('gpt-else')
    expect(await decide('y')).toBe(0)
    const trusted = await json(['agents'], cwd)
    expect(trusted.said['ignored']).toEqual([])
    expect(JSON.stringify(trusted.said['agents'])).toContain('gpt-else')
  })

  it('says so where there is nothing to trust', async () => {
    const { code, stderr } = await troupe.run(['trust'], { cwd: await workspaceOf() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'There is nothing here that needs to be trusted.\n' })
  })
})
