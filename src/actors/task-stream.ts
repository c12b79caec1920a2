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
      // Two looks may overlap.
      if (seq <= cursor) continue
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
    if (event.type === 'task.lost') return look().finally(end)
    if (event.type !== 'progress') isStale = true
    else if (progress && signs.push(event) > PROGRESS_MAX) signs.shift()
    return wake()
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

  return oneByOne(next, end)
}

/** The events of a task that never was. */
export function noEvents(): AsyncIterableIterator<TaskEvent> {
  return oneByOne(
    () => Promise.resolve(DONE),
    () => {},
  )
}

type Next = () => Promise<IteratorResult<TaskEvent, undefined>>

/** An iterator whose reads wait for each other, and which can be left at any moment. */
function oneByOne(next: Next, leave: () => void): AsyncIterableIterator<TaskEvent> {
  let turn: Promise<unknown> = Promise.resolve()
  let isLeft = false
  const events: AsyncIterableIterator<TaskEvent> = {
    next() {
      const mine = turn.then(() => (isLeft ? DONE : next()))
      turn = mine.catch(() => {})
      return mine
    },
    return() {
      isLeft = true
      leave()
      return Promise.resolve(DONE)
    },
    [Symbol.asyncIterator]: () => events,
  }
  return events
}
