import type { TaskEvent } from '../../protocol/journal.ts'
import type { Listeners } from '../listeners.ts'
import { oneByOne } from './one-by-one.ts'

const DONE = { done: true, value: undefined } as const

/** Where the events of a stream come from. */
export interface Source {
  /** Reads on. What it finds is there to be taken. */
  look(): Promise<void>
  take(): TaskEvent | undefined
  /**
   * `stale`: there may be more to read. `there`: something is to be taken. `over`: a last look, and the end.
   */
  hear(event: TaskEvent): 'stale' | 'there' | 'over' | null
}

export interface Looking {
  readonly events: AsyncIterableIterator<TaskEvent>
  /** There is more to read at once. */
  again(): void
  end(): void
}

/** A stream that is filled by looking, at the reader's pace, whenever something may have changed. */
export function lookingStream(listeners: Listeners, source: Source): Looking {
  let isStale = true
  let isOver = false
  let wake = () => {}

  function look(): Promise<void> {
    isStale = false
    return source.look()
  }

  function end(): void {
    isOver = true
    stop()
    leave()
    forget()
    wake()
  }

  const stop = listeners.add((event) => {
    const what = source.hear(event)
    if (what === 'over') return look().finally(end)
    if (what === 'stale') isStale = true
    return what === null ? undefined : wake()
  })
  const leave = listeners.onStir(() => {
    isStale = true
    wake()
  })
  // What became durable while the runtime was closing is still told.
  const forget = listeners.onClose(() => look().finally(end))

  async function next(): Promise<IteratorResult<TaskEvent, undefined>> {
    for (;;) {
      const value = source.take()
      if (value) return { done: false, value }
      if (isOver) return DONE
      if (isStale) await look()
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  const again = () => {
    isStale = true
  }
  return { events: oneByOne(next, end), again, end }
}
