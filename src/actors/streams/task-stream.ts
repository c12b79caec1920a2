import type { Store } from '../../host.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Listeners } from '../listeners.ts'
import { lookingStream } from './looking.ts'
import { oneByOne } from './one-by-one.ts'

export interface TaskStreamPlan {
  readonly taskId: string
  readonly store: Store
  readonly listeners: Listeners
  /** The last `seq` already known. */
  readonly since: number
  /** Says once that all has been told that was there. */
  readonly marksCatchingUp: boolean
  /** Also the signs of life that are not kept. */
  readonly progress: boolean
}

/** Signs of life kept for a slow reader; the oldest go first. */
const PROGRESS_MAX = 1_000

/**
 * One task's events, from any point to its end. It reads the journal at its own pace, so a slow reader loses
 * nothing and holds up nobody.
 */
export function taskStream(plan: TaskStreamPlan): AsyncIterableIterator<TaskEvent> {
  const { taskId, store, since, progress } = plan
  const ready: TaskEvent[] = []
  const signs: TaskEvent[] = []
  let cursor = since
  let isCaughtUp = !plan.marksCatchingUp
  let isFirst = true

  async function look(): Promise<void> {
    const entries = await store.read(taskId, cursor)
    if (isFirst && entries.length === 0 && (await hasNoMore(plan))) stream.end()
    isFirst = false
    for (const { seq, runId, fact } of entries) {
      // Two looks may overlap.
      if (seq <= cursor) continue
      cursor = seq
      ready.push({ ...fact, taskId, seq, runId })
      if (fact.type === 'task.ended') stream.end()
    }
    if (isCaughtUp) return
    isCaughtUp = true
    ready.push({ type: 'caught_up', cursor })
  }

  const stream = lookingStream(plan.listeners, {
    look,
    take: () => signs.shift() ?? ready.shift(),
    hear(event) {
      if (!('taskId' in event) || event.taskId !== taskId) return null
      if (event.type === 'task.lost') return 'over'
      if (event.type !== 'progress') return 'stale'
      if (progress && signs.push(event) > PROGRESS_MAX) signs.shift()
      return 'there'
    },
  })
  return stream.events
}

/** The end is known already, or there is no such task. One that ended a moment ago is still to be told. */
async function hasNoMore({ store, taskId, since }: TaskStreamPlan): Promise<boolean> {
  const known = await store.read(taskId, Math.max(0, since - 1))
  const last = (known.length > 0 ? known : await store.read(taskId)).at(-1)
  return !last || (last.fact.type === 'task.ended' && last.seq <= since)
}

/** The events of a task that never was. */
export function noEvents(): AsyncIterableIterator<TaskEvent> {
  return oneByOne(
    () => Promise.resolve({ done: true, value: undefined }),
    () => {},
  )
}
