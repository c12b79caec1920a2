import type { TaskEvent } from '../../protocol/journal.ts'

const DONE = { done: true, value: undefined } as const

type Next = () => Promise<IteratorResult<TaskEvent, undefined>>

/** An iterator whose reads wait for each other, and which can be left at any moment. */
export function oneByOne(next: Next, leave: () => void): AsyncIterableIterator<TaskEvent> {
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
