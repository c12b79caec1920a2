/** A real runtime that is driven and looked at in the words of the abstract model. */
import { strict as assert } from 'node:assert'
import { RuntimeError } from '../../src/errors.ts'
import type { Notice } from '../../src/host.ts'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Runtime } from '../../src/runtime.ts'
import type { TaskResult } from '../../src/runtime/result.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import {
  type AbstractState,
  type End,
  type Happening,
  NOTHING,
  type Rules,
  type Step,
  step,
} from './abstract.ts'
import { type Bodies, heldBodies } from './bodies.ts'
import { takeCensus } from './census.ts'

/** One tick of running time: less than the time in which a silent model counts as idle. */
export const TICK_MS = 40_000
/** Turns of the event loop in which nothing may change any more before a state is at rest. */
const ROUNDS_MAX = 300
const ROUNDS_STILL = 2

export interface World {
  /** Does it to the runtime, waits until it rests, and compares it with the model. */
  take(happening: Happening): Promise<void>
  readonly state: AbstractState
  /** Lets everything go: every task must come to its end, and nothing may be left. */
  finish(): Promise<void>
  close(): Promise<void>
}

interface Living {
  readonly id: string
}

export async function openWorld(rules: Rules, workspace: string): Promise<World> {
  const bodies = heldBodies()
  const clock = handClock()
  const census = takeCensus()
  const notices: Notice[] = []
  const runtime = await createRuntime({
    settings: false,
    workspace,
    clock,
    store: memoryStore(),
    model: bodies.model,
    onAsk: 'park',
    human: { notify: (notice) => void notices.push(notice) },
    concurrency: { background: rules.cap, queue: rules.queue, atCap: rules.atCap },
    limits: {
      maxTurns: 1_000_000,
      timeoutMs: rules.ticks === null ? null : rules.ticks * TICK_MS,
      idleMs: 100 * TICK_MS,
      modelTimeoutMs: 1_000 * TICK_MS,
    },
    inspect: census.inspect,
    warn: () => {},
  })
  const born: Living[] = []
  const ends = new Map<string, TaskResult['status']>()
  runtime.subscribe((event) => {
    if (event.type === 'task.created') born.push({ id: event.taskId })
    if (event.type === 'task.ended') {
      assert(!ends.has(event.taskId), 'a task ends once')
      ends.set(event.taskId, event.outcome.status)
    }
  })

  let state = NOTHING
  let living: Living[] = []
  const gone: string[] = []
  /** The last that has ended and has left nobody behind: what is done to it reaches nobody else. */
  const lastGone = () => gone.findLast((id) => !living.some((it) => it.id.startsWith(`${id}-`))) ?? null

  async function take(happening: Happening): Promise<void> {
    const expected = step(state, happening, rules)
    const id = 'task' in happening ? (living[happening.task]?.id ?? lastGone()) : null
    const before = born.length
    const verb = perform(runtime, {
      happening,
      id,
      bodies,
      advance: () => clock.advance(TICK_MS),
      isFull: expected.said === 'full',
      isGone: 'task' in happening && !living[happening.task],
    })
    let said = 'open'
    verb.then(
      (word) => void (said = word),
      (error: unknown) => void (said = wordOf(error)),
    )
    const ending = new Set(expected.ended.map(({ task }) => living[task]?.id ?? '?'))
    const old = living
    await atRest(() => {
      living = [...old, ...born.slice(before)].filter(({ id: it }) => !ending.has(it))
      return differences(expected, old, said).length === 0
    })
    living = [...old, ...born.slice(before)].filter(({ id: it }) => !ending.has(it))
    assert.deepEqual(differences(expected, old, said), [])
    assert.deepEqual(await storedDifferences(expected.state), [])
    state = expected.state
    gone.push(...ending)
  }

  /** In words, all in which the runtime is not as the model says. */
  function differences(expected: Step, old: readonly Living[], said: string): readonly string[] {
    const { tasks, queue } = expected.state
    const open = tasks.flatMap(({ at }, index) => (isBody(at) ? [living[index]?.id ?? '?'] : []))
    const questions = tasks.flatMap(({ next, at }, index) =>
      next === 'question' && at !== 'cancelling' ? [living[index]?.id ?? '?'] : [],
    )
    const held = tasks.filter(({ at, isForeground }) => isBody(at) && !isForeground).length
    const { running, queued } = runtime.slots()
    const most = bodies.most()
    const foreground = tasks.filter(({ isForeground }) => isForeground).length
    return [
      ...difference('tasks', living.length, tasks.length),
      ...difference('open bodies', [...bodies.open.keys()].sort(), open.sort()),
      ...difference(
        'questions',
        runtime.approvals
          .list()
          .map(({ taskId }) => taskId)
          .sort(),
        questions.sort(),
      ),
      ...difference('slots', { running, queued }, { running: held, queued: queue.length }),
      ...(most > rules.cap + foreground ? [`${most} bodies at once`] : []),
      ...expected.ended.flatMap((end) => endDifference(end, old)),
      ...difference('orphans', census.orphans(new Set(living.map(({ id }) => id))), []),
      ...difference('said', said, expected.said),
    ]
  }

  function endDifference({ task, status, isForeground }: End, old: readonly Living[]): readonly string[] {
    const { id = '?' } = old[task] ?? {}
    const about = notices.filter(({ taskId, kind }) => kind === 'ended' && taskId === id)
    return [
      ...difference(`end of ${task}`, ends.get(id), status),
      ...difference(`notices of ${task}`, about.length, isForeground ? 0 : 1),
    ]
  }

  async function storedDifferences({ tasks, queue }: AbstractState): Promise<readonly string[]> {
    const views = await Promise.all(living.map(({ id }) => runtime.tasks({ id }).then(([view]) => view)))
    return tasks.flatMap((task, index) => {
      const { at, isForeground } = task
      const view = views[index]
      const place = queue.findIndex((it) => it.task === index)
      const by = new Set(
        task.heldBy.map((it) => (it.endsWith('/') ? `parent/${living[Number.parseInt(it, 10)]?.id}` : it)),
      )
      return [
        ...difference(`state of ${index}`, view?.state, PATHS[at]),
        ...difference(`place of ${index}`, view?.ahead, place === -1 ? null : place),
        ...difference(`background of ${index}`, view?.background, !isForeground),
        ...(at === 'pausing' || at === 'paused'
          ? difference(`holders of ${index}`, [...(view?.pausedBy ?? [])].sort(), [...by].sort())
          : []),
      ]
    })
  }

  async function finish(): Promise<void> {
    for (let round = 0; living.length > 0; round++) {
      assert(round < ROUNDS_MAX, `everything was let go, and these have not ended: ${JSON.stringify(state)}`)
      await take(nextToFinish())
    }
    assert.deepEqual(runtime.slots(), { running: 0, cap: rules.cap, queued: 0 })
    assert.equal(clock.armed, 0)
    assert.deepEqual(census.orphans(new Set()), [])
  }

  /** Bodies first, then answers, then whoever is held. */
  function nextToFinish(): Happening {
    const { tasks } = state
    const body = tasks.findIndex(({ at }) => isBody(at))
    if (body !== -1) return { type: tasks[body]?.at === 'cancelling' ? 'stops' : 'says', task: body }
    const asking = tasks.findIndex(({ next }) => next === 'question')
    if (asking !== -1) return { type: 'answer', task: asking }
    const held = tasks.findIndex(({ at }) => at === 'paused')
    assert(held !== -1, `nothing can go on: ${JSON.stringify(state)}`)
    const by = tasks[held]?.heldBy.find((it) => !it.endsWith('/')) ?? null
    if (by !== null) return { type: 'resume', task: held, by: by === 'no-slot' ? 'user' : by }
    // Only together with another, which is held itself.
    const above = Number.parseInt(tasks[held]?.heldBy[0] ?? '', 10)
    return { type: 'resume', task: above, by: tasks[above]?.heldBy.find((it) => !it.endsWith('/')) ?? 'user' }
  }

  return {
    take,
    get state() {
      return state
    },
    finish,
    async close() {
      const closing = runtime.close({ graceMs: 0 })
      for (const { fail } of bodies.open.values()) fail(new RuntimeError('model/stopped', 'Stopped.'))
      const ticking = setInterval(() => clock.advance(TICK_MS), 1)
      await closing.finally(() => clearInterval(ticking))
    },
  }
}

const PATHS = {
  queued: 'queued',
  thinking: 'running.thinking',
  asking: 'running.asking',
  waiting: 'running.delegating',
  returning: 'running.returning',
  pausing: 'pausing',
  paused: 'paused',
  cancelling: 'cancelling',
} as const

const isBody = (at: string) => at === 'thinking' || at === 'pausing' || at === 'cancelling'

function difference(what: string, is: unknown, should: unknown): readonly string[] {
  const [one, other] = [JSON.stringify(is), JSON.stringify(should)]
  return one === other ? [] : [`${what}: ${one}, should be ${other}`]
}

/** Some turns of the event loop after it is so, or after it should have been. */
async function atRest(isSo: () => boolean): Promise<void> {
  let still = 0
  for (let round = 0; round < ROUNDS_MAX && still < ROUNDS_STILL; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    still = isSo() ? still + 1 : 0
  }
}

interface Doing {
  readonly happening: Happening
  readonly id: string | null
  readonly bodies: Bodies
  readonly advance: () => void
  readonly isFull: boolean
  readonly isGone: boolean
}

/** Resolves with a word for what whoever did it was told. */
async function perform(
  runtime: Runtime,
  { happening, id, bodies, advance, isFull, isGone }: Doing,
): Promise<string> {
  const { type } = happening
  if (isFull) return 'full'
  if (type === 'start' || type === 'startForeground') {
    const task = await runtime.start({ message: 'Go.', background: type === 'start' })
    return task.status === 'rejected' ? 'refused' : 'ok'
  }
  if (type === 'tick') advance()
  if (type === 'tick') return 'ok'
  if (id === null) return NOBODY[type] ?? 'ended'
  const by = 'by' in happening ? happening.by : 'user'
  if (type === 'pause') await runtime.pause(id, { by })
  else if (type === 'resume') await runtime.resume(id, { by })
  else if (type === 'cancel') await runtime.cancel(id)
  else if (type === 'message') await runtime.message(id, 'Hear this.')
  else if (type === 'turn') await runtime.toBackground(id)
  else if (type === 'answer') {
    const request = runtime.approvals.list().find(({ taskId }) => taskId === id)
    if (!request) return 'unasked'
    await runtime.approvals.answer(request.id, { text: 'Yes.' })
  } else if (type === 'stops') {
    const body = bodies.open.get(id)
    if (body?.isAborted) body.fail(new RuntimeError('model/stopped', 'Stopped.'))
    else if (isGone) return 'ended'
  } else if (isGone) return 'ended'
  else bodies.open.get(id)?.reply(REPLIES[type])
  return 'ok'
}

/** What is said where nobody has ever been. */
const NOBODY: Partial<Record<Happening['type'], string>> = { answer: 'unasked', cancel: 'ok' }

const GO = { agent: 'lead', message: 'Go.' }
const REPLIES = {
  says: { text: 'That is all.' },
  completes: { calls: [{ tool: 'attempt_completion', input: { result: 'That is all.' } }] },
  asks: { calls: [{ tool: 'ask_followup_question', input: { question: 'May I?' } }] },
  spawns: { calls: [{ tool: 'new_task', input: GO }] },
  launches: {
    calls: [
      { tool: 'new_task', input: { ...GO, background: true } },
      { tool: 'wait_for_tasks', input: { until: 'all' } },
    ],
  },
} as const

function wordOf(error: unknown): string {
  if (!RuntimeError.is(error)) return String(error)
  if (error.code === 'task/held') return 'held'
  if (error.code === 'task/has-ended') return 'ended'
  return error.code.startsWith('limit/') ? 'refused' : error.message
}
