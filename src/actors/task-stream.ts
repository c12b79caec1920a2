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
}

/** Signs of life kept for a slow reader; the oldest go first. */
const PROGRESS_MAX = 1_000
const DONE = { done: true, value: undefined } as const

/**
 * One task's events, from any point to its end. It reads the journal at its own pace, so a slow reader loses
 * nothing and holds up nobody.
 */
export function taskStream(plan: TaskStreamPlan): AsyncIterableIterator<TaskEvent> {
  const { taskId, store, listeners, since, progress } = plan
  const ready: TaskEvent[] = []
  const signs: TaskEvent[] = []
  let cursor = since
  let isStale = true
  let isOver = false
  let wake = () => {}

  async function look(): Promise<void> {
    isStale = false
    for (const { seq, fact } of await store.read(taskId, cursor)) {
      cursor = seq
      ready.push({ ...fact, taskId, seq })
      if (fact.type === 'task.ended') end()
    }
  }

  function end(): void {
    isOver = true
    stop()
    forget()
    wake()
  }

  const stop = listeners.add((event) => {
    if (!('taskId' in event) || event.taskId !== taskId) return
    if (event.type === 'task.lost') return void look().finally(end)
    if (event.type !== 'progress') isStale = true
    else if (progress && signs.push(event) > PROGRESS_MAX) signs.shift()
    wake()
  })
  // What became durable while the runtime was closing is still told.
  const forget = listeners.onClose(() => look().finally(end))

  async function next(): Promise<IteratorResult<TaskEvent, undefined>> {
    for (;;) {
      const value = signs.shift() ?? ready.shift()
      if (value) return { done: false, value }
      if (isOver) return DONE
      if (isStale) await look()
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  let turn: Promise<unknown> = Promise.resolve()
  const events: AsyncIterableIterator<TaskEvent> = {
    next() {
      const mine = turn.then(next, next)
      turn = mine
      return mine
    },
    return() {
      ready.length = 0
      signs.length = 0
      end()
      return Promise.resolve(DONE)
    },
    [Symbol.asyncIterator]: () => events,
  }
  return events
}
