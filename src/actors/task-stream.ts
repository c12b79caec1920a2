import type { Store } from '../host.ts'
import type { TaskEvent } from '../protocol/journal.ts'
import type { Listeners } from './listeners.ts'

export interface TaskStreamPlan {
  readonly taskId: string
  readonly store: Store
  readonly listeners: Listeners
  /** The last `seq` already known. */
  readonly since: number
  /** Also the signs of life that are not kept. */
  readonly progress: boolean
  readonly isClosed: () => boolean
}

/** Signs of life kept for a slow reader; the oldest go first. */
const PROGRESS_MAX = 1_000

/**
 * One task's events, from any point to its end. It reads the journal at its own pace, so a slow reader loses
 * nothing and holds up nobody.
 */
export async function* taskStream(plan: TaskStreamPlan): AsyncGenerator<TaskEvent, void, undefined> {
  const { taskId, store, listeners, progress, isClosed } = plan
  const signs: TaskEvent[] = []
  let cursor = plan.since
  let wake = () => {}
  let isStale = true
  const stop = listeners.add((event) => {
    if (!('taskId' in event) || event.taskId !== taskId) return
    if (event.type !== 'progress') isStale = true
    else if (progress && signs.push(event) > PROGRESS_MAX) signs.shift()
    wake()
  })
  const closing = listeners.onClose(() => wake())
  try {
    while (!isClosed()) {
      yield* signs.splice(0)
      if (!isStale) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      isStale = false
      for (const { seq, fact } of await store.read(taskId, cursor)) {
        cursor = seq
        yield { ...fact, taskId, seq }
        if (fact.type === 'task.ended') return
      }
    }
  } finally {
    stop()
    closing()
  }
}
