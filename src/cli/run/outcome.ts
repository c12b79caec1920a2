import type { TaskResult } from '../../runtime/result.ts'
import type { Task } from '../../runtime/starting/handle.ts'
import { counted } from '../terminal/amounts.ts'
import { onlyPeopleAwaited } from './at-rest.ts'
import { familyOf, topsOf } from './family.ts'
import { whenAborted } from './interruption.ts'
import { liveBelow, othersEnded } from './others.ts'
import type { OpenSession } from './session.ts'

/** What became of the tasks that a command was to see through. */
export interface Outcome {
  /** In the order of the tasks. */
  readonly results: readonly TaskResult[]
  /** How many things wait for a person, where only that was left to do. */
  readonly waitingCount: number
}

/** Longer than a task gives its calls when it pauses: what they did by then is kept. */
export const STOP_GRACE_MS = 12_000
const CLOSE_GRACE_MS = 1_000
const ALIVE_MS = 60_000

/** What has a result. One that was refused before it began is not known to the runtime. */
type Awaited = Pick<Task, 'id' | 'result'>

/** The same for a task that was started before. */
export function known({ runtime }: Pick<OpenSession, 'runtime'>, id: string): Awaited {
  return { id, result: () => runtime.result(id) }
}

/**
 * Waits until the tasks and all that work for them have ended, the person wants it to stop, or only people
 * are waited for. The runtime is closed when it resolves.
 */
export async function seeThrough(session: OpenSession, roots: readonly Awaited[]): Promise<Outcome> {
  // A task that rests keeps no process alive, and somebody may let it go on.
  const alive = setInterval(() => {}, ALIVE_MS)
  try {
    return await outcomeOf(session, roots)
  } finally {
    clearInterval(alive)
  }
}

async function outcomeOf(session: OpenSession, roots: readonly Awaited[]): Promise<Outcome> {
  const { runtime, interruption, view, asksHere, parksHere, say } = session
  const over = new AbortController()
  const rootIds = roots.map(({ id }) => id)
  const results = roots.map((task) => task.result())
  const allOver = Promise.all(results).then(async () => {
    await othersEnded({ runtime, rootIds, signal: interruption.signal, say })
    return 'ended' as const
  })
  const stopped = new Promise<'stopped'>((resolve) =>
    whenAborted(interruption.signal, () => resolve('stopped')),
  )
  // Where a person is at the terminal, they are asked; where nothing is to wait, it is refused.
  const waiting = asksHere || !parksHere ? null : onlyPeopleAwaited(runtime, view.tasks, over.signal)
  const first = await Promise.race([allOver, stopped, ...(waiting ? [waiting] : [])])
  over.abort()
  if (first === 'stopped') await stopAll(session, rootIds)
  // What there is to tell of the last of them may still be on its way.
  await runtime.close({ graceMs: first === 'stopped' ? STOP_GRACE_MS : CLOSE_GRACE_MS })
  view.end()
  return {
    results: await Promise.all(results.map((result, at) => settled(result, rootIds[at] ?? ''))),
    waitingCount: typeof first === 'number' ? first : 0,
  }
}

/** Holds the tasks and all that work for them, to go on later; what is not kept is ended instead. */
async function stopAll(session: OpenSession, rootIds: readonly string[]): Promise<void> {
  const { runtime, place, interruption, say } = session
  const here = familyOf(await runtime.tasks(), rootIds).filter(({ heldBy }) => heldBy === 'here')
  if (here.length === 0) return
  if (place.isKept) {
    say('Stopping: what is under way may take 10 s to end. Once more leaves at once.')
    // That it can't be recorded changes nothing: the process ends either way.
    await Promise.allSettled(topsOf(here).map(({ id }) => runtime.pause(id)))
    return
  }
  say('Stopping. Once more leaves at once.')
  const reason = stopReason(session)
  await Promise.allSettled(topsOf(here).map(({ id }) => runtime.cancel(id, reason)))
  const ended = Promise.allSettled(here.map(({ id }) => runtime.result(id)))
  if ((await Promise.race([ended, interruption.tooLate])) !== null) return
  const { length } = await liveBelow({ runtime, rootIds })
  if (length > 0) say(`Left behind: ${counted(length, 'background task')}, not over in time.`)
}

/** Why it was stopped, for whoever reads the journal. */
export function stopReason({ interruption }: Pick<OpenSession, 'interruption'>): string {
  return `It was stopped by ${interruption.by === 'SIGINT' ? 'Ctrl-C' : interruption.by}.`
}

/** The runtime is closed: what has no result by now has none here. */
async function settled(result: Promise<TaskResult>, taskId: string): Promise<TaskResult> {
  const none = new Promise<null>((resolve) => setImmediate(() => resolve(null)))
  return (await Promise.race([result, none])) ?? unsettled(taskId)
}

function unsettled(taskId: string): TaskResult {
  const reason = { code: 'task/stopped', message: 'It is not done, and goes on elsewhere, if anywhere.' }
  const usage = { inputTokens: 0, outputTokens: 0 }
  return { taskId, status: 'paused', result: '', reason, turns: 0, usage, durationMs: 0 }
}
