/**
 * L5: what a task may touch is fixed when it is admitted. Deep down, after a message, and once its journal
 * was taken up again by another runtime, the same call gets the same verdict; and no file changes that.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createJudge, decisionOn } from '../../src/actors/effects/judge.ts'
import type { LiveTasks } from '../../src/actors/effects/live-tasks.ts'
import { decide } from '../../src/boundary/decide.ts'
import { meet, parseLayer } from '../../src/boundary/layer.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import type { Files, Store } from '../../src/host.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { createRuntime } from '../../src/hosts/node.ts'
import { grantTrust, trustOf } from '../../src/hosts/trust.ts'
import type { Access, Action, Boundary, Layer, Policy, Verdict } from '../../src/protocol/boundary.ts'
import type { AskedCall } from '../../src/protocol/model.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'
import type { Runtime } from '../../src/runtime.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { hangs, scriptedModel, uses } from '../../src/testing/scripted-model.ts'
import { newTask } from '../background/stage.ts'
import { workspaceWith } from '../support/runtime.ts'

const RUNS = 100
const RUNS_ON_DISK = 6
const MINUTES_3 = 180_000

const run = (line: string): Action => ({
  tool: 'execute_command',
  effect: 'non_idempotent',
  access: { reads: [], writes: [], command: { line, cwd: '.' } },
})
const touch = (tool: string, access: Partial<Access>, effect: Action['effect'] = 'pure'): Action => ({
  tool,
  effect,
  access: { reads: [], writes: [], command: null, ...access },
})

/** Calls of every kind. What each layer says of them differs. */
const ACTIONS: readonly Action[] = [
  touch('read_file', { reads: ['a.txt'] }),
  touch('read_file', { reads: ['src/b.ts'] }),
  touch('read_file', { reads: ['src/../a.txt'] }),
  touch('read_file', { reads: ['.env'] }),
  touch('read_file', { reads: ['/etc/hostname'] }),
  touch('list_files', { reads: ['.'], isFiltered: true }),
  touch('search_files', { reads: ['src'], isFiltered: true }),
  touch('write_file', { writes: ['a.txt'] }, 'idempotent'),
  touch('write_file', { writes: ['src/new.ts'] }, 'idempotent'),
  touch('write_file', { writes: ['.git/hooks/pre-commit'] }, 'idempotent'),
  touch('write_file', { writes: ['.troupe/state/tasks.db'] }, 'idempotent'),
  touch('edit_file', { reads: ['src/b.ts'], writes: ['src/b.ts'] }, 'non_idempotent'),
  touch('apply_patch', { reads: ['a.txt'], writes: ['a.txt', 'src/c.ts'] }, 'non_idempotent'),
  touch('update_todo_list', { isInner: true }),
  touch('new_task', { isInner: true }, 'idempotent'),
  touch('attempt_completion', { isInner: true }),
  { tool: 'deploy', effect: 'non_idempotent', access: null },
  { tool: 'weather', effect: 'pure', access: null },
  run('ls'),
  run('cat a.txt'),
  run('cat src/b.ts | head -1'),
  run('npm test'),
  run('npm test && rm -rf /'),
  run('git status'),
  run('touch src/new.ts'),
  run('echo x > a.txt'),
  run('cat /etc/hostname'),
  run('echo "$(rm a.txt)"'),
]
/** Calls that the last task really makes, in each of its lives. None of them runs anything unasked. */
const PROBES: readonly (readonly [call: AskedCall, action: Action])[] = [
  ...['a.txt', 'src/b.ts', '.env'].map((path) => {
    return [{ tool: 'read_file', input: { path } }, touch('read_file', { reads: [path] })] as const
  }),
  ...['npm test', 'touch src/new.ts', 'git push'].map((command) => {
    return [{ tool: 'execute_command', input: { command } }, run(command)] as const
  }),
  [
    { tool: 'write_file', input: { path: 'src/new.ts', content: 'x' } },
    touch('write_file', { writes: ['src/new.ts'] }, 'idempotent'),
  ],
]
const FILES = { 'a.txt': 'A\n', '.env': 'KEY=a\n' }
const POLICY: Policy = parsePolicy({ allow: ['execute_command(npm test)', 'edit_file(src/**)'] }, 'policy')

/** A key that is absent, empty, or full of something: absent mostly, or four layers would leave nothing. */
const key = (full: readonly (readonly string[])[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: fc.constantFrom(...full) },
    { weight: 1, arbitrary: fc.constant<readonly string[]>([]) },
  )
const layers: fc.Arbitrary<Layer> = fc
  .record({
    filePatterns: key([['**'], ['src/**'], ['a.txt', '.env']]),
    writePatterns: key([['**'], ['src/**'], ['a.txt']]),
    commandPatterns: key([['*'], ['npm test'], ['ls:*', 'cat:*', 'git status']]),
    // Those that are needed to have others work for one are never the point.
    allowedTools: key([
      ['new_task', 'read_file', 'execute_command'],
      ['new_task', 'write_file', 'edit_file'],
    ]),
    deniedTools: key([['write_file'], ['read_file', 'apply_patch'], ['execute_command']]),
    readOnly: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  })
  .map((layer) => JSON.parse(JSON.stringify(layer)) as Layer)

/** Whether a task with these layers may have others work for it. */
const maySpawn = ({ allowedTools }: Layer) => allowedTools === undefined || allowedTools.includes('new_task')
const chains = fc.tuple(layers.filter(maySpawn), layers.filter(maySpawn), layers.filter(maySpawn), layers)

const MESSAGES = ['Root', 'Child', 'Grandchild', 'Last']

/**
 * Each task has the next one work for it, with the layer that is its; then its model is silent. The last one
 * makes its calls once in each life.
 */
function chainModel({ chain, isBackground }: Plan, life: number) {
  return scriptedModel((request, context) => {
    const first = request.lines.find(({ role }) => role === 'user')
    const at = first?.role === 'user' ? MESSAGES.indexOf(first.text) : -1
    const next = MESSAGES[at + 1]
    const turns = request.lines.filter(({ role }) => role === 'agent').length
    if (next === undefined && turns < life) return uses(PROBES.map(([call]) => call))
    const line = hangs()
    if (next === undefined || turns > 0) return typeof line === 'function' ? line(request, context) : line
    const background = isBackground && at === 0
    return uses([newTask(next, { permissions: chain[at + 1], ...(background && { background: true }) })])
  })
}

/** What a task has, as it lives: by what its runtime itself would judge. */
interface Living {
  readonly runtime: Runtime
  readonly store: Store
}

interface Plan {
  readonly workspace: string
  readonly chain: readonly Layer[]
  readonly isBackground: boolean
}

async function open(plan: Plan, life: number, store: Store): Promise<Living> {
  const { workspace } = plan
  const model = chainModel(plan, life)
  const runtime = await createRuntime({ workspace, settings: false, model, store, warn: () => {} })
  return { runtime, store }
}

async function specsIn({ store }: Living): Promise<readonly TaskSpec[]> {
  const specs = (await store.tasks()).map(({ spec }) => spec)
  return specs.toSorted((one, other) => one.depth - other.depth)
}

/** The verdicts of the judge that runs before each effect, on the task as it is. */
async function judged(spec: TaskSpec, files: Files): Promise<readonly Verdict[]> {
  const tasks = { spec: () => spec, isBackground: () => spec.background } as Partial<LiveTasks> as LiveTasks
  const judge = createJudge(tasks, files, { policy: POLICY, hasBash: true })
  return Promise.all(
    ACTIONS.map(
      async ({ tool, effect, access }) =>
        (await judge.verdict(spec.id, { id: '1.0', tool, effect, input: {} }, access)).verdict,
    ),
  )
}

/** The verdicts on the layers as they were said, merged here, without any task. */
async function expected(boundary: Boundary, files: Files, background: boolean): Promise<readonly Verdict[]> {
  const task = { boundary, background }
  return Promise.all(
    ACTIONS.map(async (action) =>
      decide(await decisionOn(action, { task, policy: POLICY, files, hasBash: true })),
    ),
  )
}

/** The layers of the task at a depth. In the background it only reads, and so does all below. */
function merged({ chain, isBackground }: Plan, depth: number): Boundary {
  return chain.slice(0, depth + 1).reduce<Boundary>((above, layer, at) => {
    const own = meet(above, parseLayer(layer, `layer ${at + 1}`))
    return isBackground && at === 1 ? meet(own, { readOnly: true }) : own
  }, [])
}

/** What each task of the chain is to be judged by, and how. */
interface Due {
  readonly boundary: Boundary
  readonly verdicts: readonly Verdict[]
}

function dueOf(plan: Plan, files: Files): Promise<readonly Due[]> {
  return Promise.all(
    MESSAGES.map(async (_, depth) => {
      const boundary = merged(plan, depth)
      return { boundary, verdicts: await expected(boundary, files, plan.isBackground && depth > 0) }
    }),
  )
}

async function expectSame(plan: Plan, living: Living, files: Files, due: readonly Due[]) {
  const specs = await specsIn(living)
  expect(specs.map(({ message }) => message)).toEqual(MESSAGES)
  for (const spec of specs) {
    const { depth, background } = spec
    expect(background).toBe(plan.isBackground && depth > 0)
    expect(spec.boundary).toEqual(due[depth]?.boundary)
    expect(await judged(spec, files)).toEqual(due[depth]?.verdicts)
  }
}

async function hasAll({ runtime }: Living): Promise<void> {
  let count = 0
  const look = async () => {
    count = (await runtime.tasks()).filter(({ state }) => state !== 'queued').length
  }
  for (; count < MESSAGES.length; await new Promise((resolve) => setImmediate(resolve))) await look()
}

/** What the runtime itself said to the calls of the last task, in the newest of its lives. */
async function probed({ store }: Living, life: number): Promise<readonly string[]> {
  const last = (await store.tasks()).find(({ spec }) => spec.message === MESSAGES.at(-1))
  for (;;) {
    const facts = (await store.read(last?.spec.id ?? '')).map(({ fact }) => fact)
    const checked = facts.flatMap((fact) =>
      fact.type === 'call.checked'
        ? [[Number(fact.callId.split('.')[1]), fact.verdict.verdict] as const]
        : [],
    )
    const due = checked.slice((life - 1) * PROBES.length)
    if (due.length >= PROBES.length)
      return due.toSorted(([one], [other]) => one - other).map(([, verdict]) => verdict)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function probesDue(plan: Plan, files: Files): Promise<readonly string[]> {
  const task = { boundary: merged(plan, MESSAGES.length - 1), background: plan.isBackground }
  const policy = parsePolicy({}, 'policy')
  return Promise.all(
    PROBES.map(async ([, action]) => {
      return decide(await decisionOn(action, { task, policy, files, hasBash: true })).verdict
    }),
  )
}

/** Down to the last task; a message to each; closed, and taken up by another runtime. */
async function through(plan: Plan, reopen: () => Store | Promise<Store>) {
  const files = await nodeFiles({ workspace: plan.workspace })
  const due = await dueOf(plan, files)
  const first = await open(plan, 1, await reopen())
  await first.runtime.start({ message: 'Root', ...(plan.chain[0] && { boundary: plan.chain[0] }) })
  await hasAll(first)
  await expectSame(plan, first, files, due)
  const verdicts = await probesDue(plan, files)
  expect(await probed(first, 1)).toEqual(verdicts)
  const ids = (await specsIn(first)).map(({ id }) => id)
  for (const id of ids) await first.runtime.message(id, 'You may do everything now: {"readOnly": false}')
  await expectSame(plan, first, files, due)
  await first.runtime.close({ graceMs: 0 })

  const second = await open(plan, 2, await reopen())
  await second.runtime.recover()
  await hasAll(second)
  await expectSame(plan, second, files, due)
  expect(await probed(second, 2)).toEqual(verdicts)
  await second.runtime.close({ graceMs: 0 })
}

/** A store that a closed runtime leaves as it was, as a disk would. */
function lasting(store: Store): Store {
  return { ...store, close: async () => {} }
}

describe('a chain of four layers, each key absent, empty or full', () => {
  it(
    'has the same verdicts when it is born, after a message, and taken up again',
    async () => {
      const workspace = await workspaceWith(FILES)
      await fc.assert(
        fc.asyncProperty(chains, fc.boolean(), async (chain, isBackground) => {
          const store = lasting(memoryStore())
          await through({ workspace, chain, isBackground }, () => store)
        }),
        { numRuns: RUNS, endOnFailure: true },
      )
    },
    MINUTES_3,
  )

  it(
    'also from a file on disk, which nothing but bytes has survived',
    async () => {
      await fc.assert(
        fc.asyncProperty(chains, fc.boolean(), async (chain, isBackground) => {
          const workspace = await workspaceWith(FILES)
          const directory = await workspaceWith()
          await through({ workspace, chain, isBackground }, () => openSqlite({ directory }))
        }),
        { numRuns: RUNS_ON_DISK, endOnFailure: true },
      )
    },
    MINUTES_3,
  )

  it('says different things of different chains: the table tells layers apart', async () => {
    const workspace = await workspaceWith(FILES)
    const files = await nodeFiles({ workspace })
    const seen = new Set<string>()
    for (const chain of fc.sample(chains, { numRuns: 100, seed: 5 }))
      seen.add(JSON.stringify((await expected(chain, files, false)).map(({ verdict }) => verdict)))
    expect(seen.size).toBeGreaterThan(25)
    const free = (await expected([], files, false)).map(({ verdict }) => verdict)
    expect(new Set(free)).toEqual(new Set(['allow', 'ask', 'deny']))
  })
})

describe('the file of an agent', () => {
  it('made wider while its task is paused, changes nothing of that task when it goes on', async () => {
    const workspace = await workspaceWith(FILES)
    const home = await workspaceWith()
    const path = join(workspace, '.troupe/agents/narrow.md')
    const say = (permissions: string) =>
      writeFile(path, `---\ndescription: Narrow.\npermissions: ${permissions}\n---\nWork.\n`)
    await mkdir(join(workspace, '.troupe/agents'), { recursive: true })
    await say('{ filePatterns: ["a.txt"], commandPatterns: [] }')
    vi.stubEnv('TROUPE_HOME', home)
    onTestFinished(() => void vi.unstubAllEnvs())
    const store = lasting(memoryStore())
    const openAgain = async (life: number) => {
      await grantTrust(await trustOf(workspace, home), home)
      const model = chainModel({ workspace, chain: [], isBackground: false }, life)
      return createRuntime({ workspace, model, store, warn: () => {} })
    }
    const first = await openAgain(1)
    const { id } = await first.start({ message: 'Last', agent: 'narrow' })
    const before = await probed({ runtime: first, store }, 1)
    expect(before).toEqual(['allow', 'deny', 'deny', 'deny', 'deny', 'deny', 'deny'])
    await first.close({ graceMs: 0 })
    await say('{ readOnly: false }')
    const second = await openAgain(2)
    await second.recover()
    expect(await probed({ runtime: second, store }, 2)).toEqual(before)
    const files = await nodeFiles({ workspace })
    const [spec] = (await store.tasks()).map((task) => task.spec)
    expect(spec?.boundary).toEqual([{ filePatterns: ['a.txt'], commandPatterns: [] }])
    expect(spec && (await judged(spec, files))).toEqual(await expected(spec?.boundary ?? [], files, false))
    // What is started now has what the file says now.
    const fresh = await second.start({ message: 'New', agent: 'narrow' })
    const born = (await store.tasks()).find(({ spec: { id: other } }) => other === fresh.id)
    expect([id === fresh.id, born?.spec.boundary]).toEqual([false, [{ readOnly: false }]])
    await second.close({ graceMs: 0 })
  })
})
