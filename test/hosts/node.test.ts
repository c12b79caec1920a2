/** What a runtime takes from its surroundings: the workspace, the user's settings, the environment. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { defineAgent } from '../../src/hosts/define-agent.ts'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import { grantTrust, trustOf } from '../../src/hosts/trust.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'

/** A directory of the user's that nobody has made yet. */
const HOME = join(tmpdir(), 'troupe-nobody/home')

afterEach(() => vi.unstubAllEnvs())

async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-node-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}

interface Surroundings {
  readonly workspace?: Readonly<Record<string, string>>
  readonly home?: Readonly<Record<string, string>>
  readonly isTrusted?: boolean
  readonly options?: RuntimeOptions
}

async function open({
  workspace: files = {},
  home: own = {},
  isTrusted = false,
  options = {},
}: Surroundings) {
  const [workspace, home] = await Promise.all([directoryWith(files), directoryWith(own)])
  vi.stubEnv('TROUPE_HOME', home)
  if (isTrusted) await grantTrust(await trustOf(workspace, home), home)
  const warnings: string[] = []
  const runtime = await createRuntime({ workspace, warn: (text) => warnings.push(text), ...options })
  onTestFinished(() => runtime.close({ graceMs: 0 }))
  return { runtime, warnings, workspace }
}

const guide = '---\ndescription: Guides.\ntools: [read_file]\n---\nYou guide people.\n'
const told = (model: ReturnType<typeof scriptedModel>) =>
  model.requests.at(-1)?.lines.find(({ role }) => role === 'tool')

describe('rules', () => {
  it('of a tool that is not there are told of', async () => {
    const { warnings } = await open({
      options: { policy: { ask: ['deploy'], deny: ['execute_comand(git push:*)', 'list_tasks'] } },
    })
    expect(warnings).toEqual([
      'ask: the rule "deploy" reaches nothing: no tool here is called "deploy".',
      expect.stringMatching(
        /"execute_comand\(git push:\*\)" reaches nothing.*Did you mean "execute_command"\?/,
      ),
    ])
  })
})

describe('a workspace', () => {
  it('brings its agents, and its AGENTS.md as data', async () => {
    const model = scriptedModel({ guide: [complete('There.')] })
    const files = {
      '.troupe/agents/guide.md': guide.replace('---\n', '---\nname: guide\n'),
      'AGENTS.md': 'Run `make check`.',
    }
    const { runtime } = await open({ workspace: files, options: { model } })
    await runtime.run({ agent: 'guide', message: 'Where?' })
    const [request] = model.requests
    expect(request?.instructions).toContain('You guide people.')
    expect(request?.lines[0]).toEqual({ role: 'note', source: 'workspace', text: 'Run `make check`.' })
    expect(request?.tools.map(({ name }) => name)).toEqual([
      'read_file',
      'update_todo_list',
      'ask_followup_question',
      'attempt_completion',
    ])
  })

  it('L12: that is not trusted takes no name of ours, and is told so', async () => {
    const files = { '.troupe/agents/coder.md': '---\nname: coder\n---\nObey the README.\n' }
    const model = scriptedModel({ coder: [complete('Done.')] })
    const { runtime, warnings } = await open({ workspace: files, options: { model } })
    await runtime.run({ agent: 'coder', message: 'Go.' })
    expect(model.requests[0]?.instructions).not.toContain('Obey')
    expect(warnings.join('\n')).toMatch(/This folder is not trusted .*ignored: .*coder/)
  })

  it('L12: that is not trusted allows nothing, and may forbid', async () => {
    const settings = JSON.stringify({
      permissions: { mode: 'acceptEdits', allow: ['write_file'], deny: ['read_file'] },
    })
    const files = { '.troupe/settings.json': settings, 'a.txt': 'a' }
    for (const [tool, code] of [
      ['write_file', 'call/refused'],
      ['read_file', 'call/denied'],
    ] as const) {
      const model = scriptedModel({
        lead: [
          use(tool, {
            path: tool === 'read_file' ? 'a.txt' : 'b.txt',
            ...(tool === 'write_file' && { content: 'b' }),
          }),
          complete('Done.'),
        ],
      })
      const { runtime } = await open({ workspace: files, options: { model } })
      await runtime.run({ message: 'Go.' })
      expect(told(model), tool).toMatchObject({ result: { code } })
    }
  })

  it.each([
    [false, 'failed'],
    [true, 'ok'],
  ])('L12: only one that is trusted lets its agents write in the background: %s', async (isTrusted, kind) => {
    const scribe = '---\npermissions:\n  readOnly: false\n---\nWrite.\n'
    const model = scriptedModel({
      scribe: [use('write_file', { path: 'b.txt', content: 'b' }), complete('Done.')],
    })
    const { runtime } = await open({
      workspace: { '.troupe/agents/scribe.md': scribe },
      isTrusted,
      options: { model, policy: { mode: 'bypassPermissions' } },
    })
    await (await runtime.start({ agent: 'scribe', message: 'Go.', background: true })).result()
    expect(told(model)).toMatchObject({ result: { kind } })
  })

  it.each([
    [false, { timeoutMs: 300_000, maxTurns: 50 }],
    [true, { timeoutMs: 604_800_000, maxTurns: 200 }],
  ])('L12: only one that is trusted loosens limits of what its agents do: %s', async (isTrusted, limits) => {
    const long = '---\ntimeoutMs: 604800000\nmaxTurns: 200\n---\nWork.\n'
    const model = scriptedModel({
      lead: [use('new_task', { agent: 'long', message: 'Go.', background: true }), complete('Done.')],
      long: [complete('Done.')],
    })
    const { runtime, warnings } = await open({
      workspace: { '.troupe/agents/long.md': long },
      isTrusted,
      options: { model },
    })
    const births: unknown[] = []
    runtime.subscribe((event) => event.type === 'task.created' && births.push(event.spec))
    await runtime.run({ message: 'Go.' })
    expect(births).toMatchObject([{ agent: 'lead' }, { agent: 'long', background: true, limits }])
    const isTold = /not trusted .*ignored: .*timeoutMs 604800000/.test(warnings.join('\n'))
    expect(isTold).toBe(!isTrusted)
  })

  it('that is trusted may allow', async () => {
    const settings = JSON.stringify({ permissions: { mode: 'acceptEdits' } })
    const model = scriptedModel({
      lead: [use('write_file', { path: 'b.txt', content: 'b' }), complete('Done.')],
    })
    const { runtime } = await open({
      workspace: { '.troupe/settings.json': settings },
      isTrusted: true,
      options: { model },
    })
    await runtime.run({ message: 'Go.' })
    expect(told(model)).toMatchObject({ result: { kind: 'ok' } })
  })

  it('is not looked at where the host says so', async () => {
    const model = scriptedModel({ lead: [complete('Done.')] })
    const { runtime } = await open({
      workspace: { 'AGENTS.md': 'Hello.' },
      options: { model, settings: false },
    })
    await runtime.run({ message: 'Go.' })
    expect(model.requests[0]?.lines).toEqual([{ role: 'user', text: 'Go.' }])
  })
})

describe('the user', () => {
  it.each([
    [undefined, 0, 'call/denied'],
    ['default', 1, 'call/refused'],
  ] as const)(
    'who wants no questions is asked none, unless the host says a mode: %s',
    async (mode, times, code) => {
      const home = { 'settings.json': JSON.stringify({ permissions: { mode: 'dontAsk' } }) }
      const model = scriptedModel({
        lead: [use('write_file', { path: 'b.txt', content: 'b' }), complete('Done.')],
      })
      const approve = vi.fn(async () => ({ allow: false }))
      const policy = mode === undefined ? {} : { mode }
      const { runtime } = await open({
        home,
        workspace: { '.troupe/settings.json': '{"permissions": {"mode": "default"}}' },
        options: { model, policy, human: { approve } },
      })
      await runtime.run({ message: 'Go.' })
      expect(approve).toHaveBeenCalledTimes(times)
      expect(told(model)).toMatchObject({ result: { code } })
    },
  )

  it('denies in their own settings, whatever the host allows', async () => {
    const home = { 'settings.json': JSON.stringify({ permissions: { deny: ['list_files'] } }) }
    const model = scriptedModel({ lead: [use('list_files'), complete('Done.')] })
    const { runtime } = await open({
      home,
      options: { model, policy: { mode: 'bypassPermissions', allow: ['list_files'] } },
    })
    await runtime.run({ message: 'Go.' })
    expect(told(model)).toMatchObject({ result: { code: 'call/denied' } })
  })

  it('has the last word on the mode only where the host says none', async () => {
    const home = { 'settings.json': JSON.stringify({ permissions: { mode: 'acceptEdits' } }) }
    const script = { lead: [use('write_file', { path: 'b.txt', content: 'b' }), complete('Done.')] }
    const [theirs, ours] = [scriptedModel(script), scriptedModel(script)]
    await (await open({ home, options: { model: theirs } })).runtime.run({ message: 'Go.' })
    await (await open({ home, options: { model: ours, policy: { mode: 'default' } } })).runtime.run({
      message: 'Go.',
    })
    expect([told(theirs), told(ours)]).toMatchObject([
      { result: { kind: 'ok' } },
      { result: { code: 'call/refused' } },
    ])
  })

  it('whose settings cannot be read is told, and nothing starts', async () => {
    await expect(open({ home: { 'settings.json': '{ "permissions": { "alow": [] } }' } })).rejects.toThrow(
      /alow.*allow/s,
    )
  })
})

describe('L12: what is called the user, and lies in the workspace', () => {
  it('is not believed, and that is said', async () => {
    const settings = JSON.stringify({
      permissions: { mode: 'acceptEdits', allow: ['deploy'], deny: ['read_file'] },
    })
    const workspace = await directoryWith({ '.home/settings.json': settings, 'a.txt': 'a' })
    vi.stubEnv('TROUPE_HOME', join(workspace, '.home'))
    const warnings: string[] = []
    const script = [use('write_file', { path: 'b.txt', content: 'b' }), use('read_file', { path: 'a.txt' })]
    const model = scriptedModel({ lead: [...script, complete('Done.')] })
    const runtime = await createRuntime({ workspace, model, warn: (text) => warnings.push(text) })
    onTestFinished(() => runtime.close({ graceMs: 0 }))
    await runtime.run({ message: 'Go.' })
    const results = model.requests.at(-1)?.lines.filter(({ role }) => role === 'tool')
    expect(results).toMatchObject([{ result: { code: 'call/refused' } }, { result: { code: 'call/denied' } }])
    expect(warnings.join('\n')).toMatch(/lies in the workspace.*Set TROUPE_HOME to another directory/)
    expect(warnings.join('\n')).toMatch(/Ignored, because it lies in the workspace: .*allows deploy/)
  })

  it("the user's directory is denied to tools and commands (L13)", async () => {
    const model = scriptedModel({
      lead: [
        use('execute_command', { command: `cat "$HOME/x"; cat ${HOME}/settings.json` }),
        complete('Done.'),
      ],
    })
    vi.stubEnv('TROUPE_HOME', HOME)
    const workspace = await directoryWith({})
    const policy = { mode: 'bypassPermissions' } as const
    const runtime = await createRuntime({ workspace, model, policy })
    onTestFinished(() => runtime.close({ graceMs: 0 }))
    await runtime.run({ message: 'Go.' })
    expect(told(model)).toMatchObject({ result: { code: 'call/denied' } })
  })

  it('a home that is a link is followed', async () => {
    const home = await directoryWith({ 'real/settings.json': '{"permissions": {"deny": ["list_files"]}}' })
    await symlink(join(home, 'real'), join(home, 'link'))
    vi.stubEnv('TROUPE_HOME', join(home, 'link'))
    const model = scriptedModel({ lead: [use('list_files'), complete('Done.')] })
    const runtime = await createRuntime({ workspace: await directoryWith({}), model })
    onTestFinished(() => runtime.close({ graceMs: 0 }))
    await runtime.run({ message: 'Go.' })
    expect(told(model)).toMatchObject({ result: { code: 'call/denied' } })
    await rename(join(home, 'real/settings.json'), join(home, 'x.json'))
    await symlink('../x.json', join(home, 'real/settings.json'))
    await expect(createRuntime({ workspace: await directoryWith({}), model })).rejects.toThrow(
      /Your settings .*link\/settings\.json can't be used: it is a link/,
    )
  })
})

it('L12: git status runs unasked in an ordinary repository, and not where its configuration runs programs', async () => {
  const workspace = await directoryWith({})
  vi.stubEnv('TROUPE_HOME', HOME)
  execFileSync('git', ['init', '-q'], { cwd: workspace })
  const results: unknown[] = []
  for (const setting of ['user.name', 'core.fsmonitor']) {
    execFileSync('git', ['config', setting, './x'], { cwd: workspace })
    const model = scriptedModel({
      lead: [use('execute_command', { command: 'git status' }), complete('Done.')],
    })
    const runtime = await createRuntime({ workspace, model })
    onTestFinished(() => runtime.close({ graceMs: 0 }))
    await runtime.run({ message: 'Go.' })
    results.push(told(model))
  }
  expect(results).toMatchObject([{ result: { kind: 'ok' } }, { result: { code: 'call/refused' } }])
})

it('L10: what a workspace has its host warned of cannot steer a terminal', async () => {
  const workspace = await directoryWith({ '.troupe/agents/a\u001b[2J\u202e.md': 'no header' })
  vi.stubEnv('TROUPE_HOME', await directoryWith({}))
  const said: string[] = []
  const listen = (warning: Error) => said.push(warning.message)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  const runtime = await createRuntime({ workspace, model: scriptedModel({}) })
  onTestFinished(() => runtime.close({ graceMs: 0 }))
  await vi.waitFor(() => expect(said.join()).toContain('a\\u{1b}[2J\\u{202e}.md'))
  expect(said.join()).not.toMatch(/[\u001b\u202e]/)
})

it.each([
  ['concurency', { concurency: {} }],
  ['notifi', { human: { notifi: () => {} } }],
  ['human.notify', { human: { notify: 'x' } }],
  ['SubagentStarted', { hooks: { SubagentStarted: () => {} } }],
  ['hooks.SubagentStart', { hooks: { SubagentStart: 'x' } }],
  ['hooks', { hooks: () => {} }],
  ['model', { model: 'gpt-5' }],
])('an option that is misspelled or makes no sense is named in a usage error: %s', async (key, options) => {
  const creating = createRuntime({ settings: false, ...options } as never)
  const error: unknown = await creating.catch((thrown: unknown) => thrown)
  expect(error).toSatisfy(UsageError.is)
  expect(String(error)).toContain(key)
})

describe('models', () => {
  it('of agents that name one are asked for by name, once', async () => {
    const models = [
      scriptedModel({ quick: [complete('Done.')] }, { name: 'small' }),
      scriptedModel({}),
    ] as const
    const asked: string[] = []
    const agents = [defineAgent({ name: 'quick', instructions: 'Be quick.', model: 'small' })]
    const named = (name: string) => {
      asked.push(name)
      return models[0]
    }
    const { runtime } = await open({ options: { agents, model: models[1], models: named } })
    await runtime.run({ agent: 'quick', message: 'Go.' })
    await runtime.run({ agent: 'quick', message: 'Again.' })
    expect([asked, models[0].requests.length, models[1].requests.length]).toEqual([['small'], 2, 0])
  })

  it('come from the environment, and without a key from the package itself', async () => {
    vi.stubEnv('OPENAI_API_KEY', '')
    vi.stubEnv('OPENAI_BASE_URL', '')
    const { runtime } = await open({ workspace: { 'README.md': '# A project\n' } })
    const result = await runtime.run({ message: 'Survey this repository.' })
    expect(result).toMatchObject({ status: 'completed', result: expect.stringContaining('embedded model') })
  })
})
