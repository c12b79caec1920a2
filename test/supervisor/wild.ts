/**
 * A real runtime on which anything may happen, with facts that stay in flight for as long as it pleases
 * chance. No model says what should follow; what must hold always is looked at after every event, and what
 * must have come of it at the end, when everything is let go.
 */
import { strict as assert } from 'node:assert'
import { RuntimeError } from '../../src/errors.ts'
import type { Hooks, Notice } from '../../src/host.ts'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Concurrency } from '../../src/protocol/concurrency.ts'
import type { ModelRequest } from '../../src/protocol/model.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { type Bodies, heldBodies } from './bodies.ts'
import { takeCensus } from './census.ts'
import { factGate } from './fact-gate.ts'

export interface WildPlan {
  readonly concurrency: Partial<Concurrency> & { readonly background: number }
  readonly tasksMax: number
  /** Facts wait until they are let through, one by one. */
  readonly inFlight: boolean
  /** Somebody listens when subagents start and stop, throws now and then, and sends some back to work. */
  readonly hooks: boolean
  readonly workspace: string
}

/** What may happen, to the task of that number, if it is there. */
export interface Deed {
  readonly deed: keyof typeof DEEDS
  readonly task: number
  readonly by: string
}

export interface Wild {
  dare(deed: Deed): Promise<void>
  /** Lets everything go and looks at what came of it. */
  finish(): Promise<void>
  close(): Promise<void>
}

const TICK_MS = 20_000
const ROUNDS = 3
const FINISH_ROUNDS_MAX = 400
const FLIGHT_MAX = 4
const HOLDERS = ['user', 'night-shift']

const settle = async () => {
  for (let round = 0; round < ROUNDS; round++) await new Promise((resolve) => setImmediate(resolve))
}

type Surroundings = Awaited<ReturnType<typeof surround>>
type Act = (world: Surroundings, taskId: string, by: string) => unknown

const reply =
  (tool: string, input: object): Act =>
  (world, taskId) =>
    world.bodies.open.get(taskId)?.reply({ calls: [{ tool, input }] })
const child = (agent: string, more = {}) => ({ agent, message: 'Go.', ...more })

const DEEDS = {
  start: ({ runtime, isFull }) => isFull() || runtime.start({ message: 'Go.', background: true }),
  startOther: ({ runtime, isFull }) =>
    isFull() || runtime.start({ message: 'Go.', background: true, agent: 'explorer' }),
  startForeground: ({ runtime, isFull }) => isFull() || runtime.start({ message: 'Go.' }),
  startGroup: ({ runtime, isFull }) =>
    isFull(1) || runtime.startAll([1, 2].map((n) => ({ message: `Go ${n}.`, background: true }))),
  says: ({ bodies }, taskId) => bodies.open.get(taskId)?.reply({ text: 'That is all.' }),
  completes: reply('attempt_completion', { result: 'That is all.' }),
  lists: reply('list_tasks', {}),
  asks: reply('ask_followup_question', { question: 'May I?' }),
  spawns: (world, taskId, by) => world.isFull() || reply('new_task', child('explorer'))(world, taskId, by),
  launches: (world, taskId, by) =>
    world.isFull() || reply('new_task', child('lead', { background: true }))(world, taskId, by),
  awaits: reply('wait_for_tasks', { until: 'any' }),
  cancelsChild: (world, taskId, by) => {
    const task = world.born.find(({ parent }) => parent === taskId)?.id
    return task && reply('cancel_task', { task })(world, taskId, by)
  },
  fails: ({ bodies }, taskId) =>
    bodies.open.get(taskId)?.fail(new RuntimeError('model/unavailable', 'Not now.')),
  stops: ({ bodies }, taskId) => {
    const body = bodies.open.get(taskId)
    if (body?.isAborted) body.fail(new RuntimeError('model/stopped', 'Stopped.'))
  },
  answer: ({ runtime }, taskId) => {
    const request = runtime.approvals.list().find((it) => it.taskId === taskId)
    return request && runtime.approvals.answer(request.id, { text: 'Yes.' })
  },
  pause: ({ runtime }, taskId, by) => runtime.pause(taskId, { by }),
  pauseAlone: ({ runtime }, taskId, by) => runtime.pause(taskId, { by, subtree: false }),
  resume: ({ runtime }, taskId, by) => runtime.resume(taskId, { by }),
  resumeWithWords: ({ runtime }, taskId, by) => runtime.resume(taskId, { by, message: 'Go on.' }),
  cancel: ({ runtime }, taskId) => runtime.cancel(taskId),
  message: ({ runtime }, taskId) => runtime.message(taskId, 'Hear this.'),
  turn: ({ runtime }, taskId) => runtime.toBackground(taskId),
  tick: ({ clock }) => clock.advance(TICK_MS),
  let: ({ gate }, taskId) => gate.let(taskId),
  /** The next that would be born is not. */
  refuseBirth: ({ gate }) => gate.refuse('task.created'),
} satisfies Readonly<Record<string, Act>>

/** How often each is dared, where one is not the measure. */
const WEIGHTS: Partial<Record<keyof typeof DEEDS, number>> = {
  start: 3,
  says: 2,
  let: 14,
  tick: 0.3,
  refuseBirth: 0.3,
  cancel: 0.5,
}
const LOTS = Object.keys(DEEDS).flatMap((deed) =>
  Array<keyof typeof DEEDS>(Math.ceil(10 * (WEIGHTS[deed as keyof typeof DEEDS] ?? 1))).fill(
    deed as keyof typeof DEEDS,
  ),
)

/** A deed that chance has drawn. */
export function drawn(fraction: () => number, { tasksMax, inFlight }: WildPlan): Deed {
  const of = <T>(list: readonly T[]): T => list[Math.floor(fraction() * list.length)] as T
  const deed = of(inFlight ? LOTS : LOTS.filter((it) => it !== 'let'))
  return { deed, task: Math.floor(fraction() * tasksMax), by: of(HOLDERS) }
}

/** Numbers that look like chance and are the same for the same seed. */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

async function surround(plan: WildPlan) {
  const { workspace, concurrency } = plan
  const bodies = heldBodies()
  const gate = factGate(memoryStore())
  const clock = handClock()
  const census = takeCensus()
  const notices: Notice[] = []
  const runs = { started: [] as string[], stopped: [] as string[] }
  const born: { readonly id: string; readonly parent: string | null; readonly background: boolean }[] = []
  const ends = new Map<string, string>()
  /** Those that have moved to the background. */
  const turned = new Set<string>()
  const lost: string[] = []
  /** What each task has heard, in order: of a child's end, whose. */
  const heard = new Map<string, string[]>()
  const runtime = await createRuntime({
    settings: false,
    workspace,
    clock,
    store: gate.store,
    model: bodies.model,
    onAsk: 'park',
    human: { notify: (notice) => void notices.push(notice) },
    hooks: plan.hooks ? countingHooks(runs) : {},
    concurrency,
    limits: { maxTurns: 1_000_000, idleMs: 100 * TICK_MS, modelTimeoutMs: 1_000 * TICK_MS },
    inspect: census.inspect,
    warn: () => {},
  })
  runtime.subscribe((event) => {
    if ('seq' in event)
      heard.set(event.taskId, [
        ...(heard.get(event.taskId) ?? []),
        event.type === 'child.ended' ? event.report.taskId : event.type,
      ])
    if (event.type === 'task.created') {
      const { parent, background } = event.spec
      born.push({ id: event.taskId, parent, background })
    }
    if (event.type === 'task.turned' && event.together) turned.add(event.taskId)
    if (event.type === 'task.lost') lost.push(`${event.taskId}: ${event.message}`)
    if (event.type !== 'task.ended') return
    assert(!ends.has(event.taskId), 'a task ends once')
    ends.set(event.taskId, event.outcome.status)
  })
  const living = () => born.filter(({ id }) => !ends.has(id))
  const inBirth = () => gate.tasks.filter((id) => !born.some((it) => it.id === id))
  const isFull = (more = 0) => living().length + inBirth().length + more >= plan.tasksMax
  if (plan.inFlight) gate.close()
  return {
    runtime,
    bodies,
    gate,
    clock,
    census,
    notices,
    runs,
    born,
    ends,
    turned,
    lost,
    heard,
    living,
    inBirth,
    isFull,
  }
}

/** They throw now and then, by what they are told: the same every time. */
function countingHooks({ started, stopped }: Surroundings['runs']): Partial<Hooks> {
  let count = 0
  const throws = () => {
    count += 1
    if (count % 3 === 0) throw new Error('A hook threw.')
  }
  return {
    SubagentStart({ taskId, runId }) {
      started.push(`${taskId} run ${runId}`)
      throws()
    },
    SubagentStop({ taskId, runId, reason, timesSentBack }) {
      const sendsBack = reason === 'completed' && timesSentBack < stopped.length % 2
      if (sendsBack) return { sendBack: 'Look again.' }
      stopped.push(`${taskId} run ${runId}`)
      throws()
      return undefined
    },
    TaskPaused: throws,
    TaskResumed: throws,
    TaskQueued: throws,
  }
}

export async function openWild(plan: WildPlan): Promise<Wild> {
  const world = await surround(plan)
  const { runtime, bodies, gate, clock, living, lost } = world
  const numbers = new Map<string, number>()

  /** A number stays a task's own as long as it lives. */
  function taskOf(number: number): string | null {
    const ids = [...new Set([...living().map(({ id }) => id), ...gate.tasks])]
    for (const id of numbers.keys()) if (!ids.includes(id)) numbers.delete(id)
    for (const id of ids) {
      if (numbers.has(id)) continue
      const taken = new Set(numbers.values())
      numbers.set(id, [...Array(ids.length + 1).keys()].find((it) => !taken.has(it)) ?? 0)
    }
    return [...numbers].find(([, it]) => it === number)?.[0] ?? null
  }

  return {
    async dare({ deed, task, by }) {
      const taskId = taskOf(task)
      const isGlobal = deed.startsWith('start') || deed === 'tick' || deed === 'refuseBirth'
      if (taskId === null && !isGlobal) return
      const isCrowded = gate.inFlight(taskId ?? '').length >= FLIGHT_MAX
      if (isCrowded && deed !== 'let') return
      const done = DEEDS[deed] as Act
      // What is refused, is refused: here counts what is there afterwards.
      void Promise.resolve(done(world, taskId ?? '', by)).catch(() => {})
      await settle()
      look(world, plan)
    },
    async finish() {
      gate.open()
      await settle()
      for (let round = 0; living().length > 0; round++) {
        assert(
          round < FINISH_ROUNDS_MAX,
          `everything was let go, and some have not ended: ${await standing(world)}`,
        )
        await letGo(world)
        look(world, plan)
      }
      await settle()
      lookBack(world, plan)
    },
    async close() {
      gate.open()
      const closing = runtime.close({ graceMs: 0 })
      for (const { fail } of bodies.open.values()) fail(new RuntimeError('model/stopped', 'Stopped.'))
      const ticking = setInterval(() => clock.advance(TICK_MS), 1)
      await closing.finally(() => clearInterval(ticking))
      assert.deepEqual(lost, [])
    },
  }
}

async function standing({ runtime, living, lost }: Surroundings): Promise<string> {
  const views = await runtime.tasks()
  const left = views.filter(({ id }) => living().some((it) => it.id === id))
  const told = left.map(({ id, state, pausedBy, ahead }) => ({ id, state, pausedBy, ahead }))
  return JSON.stringify([...told, ...lost])
}

async function letGo({ runtime, bodies, living, clock }: Surroundings): Promise<void> {
  for (const { request, isAborted, fail, reply: say } of [...bodies.open.values()]) {
    if (isAborted) fail(new RuntimeError('model/stopped', 'Stopped.'))
    else if (request.turn > 0) say({ text: 'That is all.' })
  }
  await settle()
  for (const { id } of runtime.approvals.list())
    void runtime.approvals.answer(id, { text: 'Yes.' }).catch(() => {})
  for (const { id } of living()) for (const by of HOLDERS) void runtime.resume(id, { by }).catch(() => {})
  clock.advance(1_000)
  await settle()
}

/** What holds always. */
function look(
  { runtime, bodies, census, living, inBirth, born, turned }: Surroundings,
  { concurrency }: WildPlan,
): void {
  const { running, cap } = runtime.slots()
  const isBackground = (taskId: string) =>
    turned.has(taskId) || born.some(({ id, background }) => id === taskId && background)
  const counted = [...bodies.open.keys()].filter(isBackground)
  assert(counted.length <= cap, `${counted.length} bodies at once, with ${cap} slots`)
  assert(running <= cap, `${running} slots are held, of ${cap}`)
  assert(counted.length <= running, `${counted.length} bodies at once, and ${running} slots are held`)
  const { explorer = Number.POSITIVE_INFINITY } = concurrency.perAgent ?? {}
  const explorers = counted.filter((id) => bodies.open.get(id)?.request.agent === 'explorer')
  assert(explorers.length <= explorer, `${explorers.length} explorers at once`)
  assert.deepEqual(census.orphans(new Set([...living().map(({ id }) => id), ...inBirth()])), [])
}

/** What has come of it. */
function lookBack(world: Surroundings, { concurrency, hooks }: WildPlan): void {
  const { runtime, clock, census, notices, born, ends, bodies, heard, turned } = world
  assert.deepEqual(runtime.slots(), { running: 0, cap: concurrency.background, queued: 0 })
  assert.equal(bodies.open.size, 0)
  assert.equal(clock.armed, 0)
  assert.deepEqual(census.orphans(new Set()), [])
  if (hooks) lookAtRuns(world)
  for (const { id, background, parent } of born) {
    const about = notices.filter(({ taskId, kind }) => kind === 'ended' && taskId === id)
    // Who was turned may have come to its end before that was heard: then it never was in the background.
    const isTold = about.length === 1
    if (background || !turned.has(id)) assert.equal(isTold, background, `notices of the end of ${id}`)
    assert(about.length <= 1, `the end of ${id} was told ${about.length} times`)
    if (parent === null) continue
    const told = timesTold(lastOf(bodies, parent), id)
    assert(told <= 1, `the end of ${id} was told ${told} times`)
    const facts = heard.get(parent) ?? []
    // The last fact is the end, the one before has decided it: what comes between comes too late.
    const isOwed = ends.get(parent) === 'completed' && facts.slice(0, -2).includes(id)
    if (isOwed) assert.equal(told, 1, `the end of ${id} was told ${told} times`)
  }
}

/** Every start has its stop. One that was let go, and had something to read, is told of once more. */
function lookAtRuns({ runs, heard }: Surroundings): void {
  const { started, stopped } = runs
  assert.equal(new Set(started).size, started.length, 'a run starts once')
  assert.deepEqual([...new Set(stopped)].sort(), [...started].sort())
  for (const [taskId, facts] of heard) {
    const more = stopped.filter((it) => it.startsWith(`${taskId} `)).length
    const once = started.filter((it) => it.startsWith(`${taskId} `)).length
    const letGo = facts.filter((it) => it === 'stop.allowed').length
    assert(more - once <= letGo, `${taskId} has started ${once} times and stopped ${more} times`)
  }
}

function lastOf({ requests }: Bodies, taskId: string): ModelRequest | undefined {
  return requests.findLast((request) => request.taskId === taskId)
}

/** So a report names its task, in a note as in a result. A list or the answer to a launch does not. */
function timesTold(request: ModelRequest | undefined, taskId: string): number {
  const reports = (request?.lines ?? []).flatMap((line) => {
    if (line.role === 'note' && line.source === 'task') return [line.text.slice(line.text.indexOf('{'))]
    if (line.role !== 'tool' || line.result.kind !== 'ok') return []
    const { results = [] } = line.result.output as { readonly results?: readonly unknown[] }
    return results.map((it) => JSON.stringify(it))
  })
  return reports.filter((it) => (JSON.parse(it) as { taskId: string }).taskId === taskId).length
}
