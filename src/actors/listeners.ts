import { inWords } from '../errors.ts'
import type { TaskEvent } from '../protocol/journal.ts'
import { contained } from './contained.ts'

/** Hears everything at once. What it returns is not waited for; what it throws stays with it. */
export type Listener = (event: TaskEvent) => unknown

export interface Listeners {
  /** Contract: returns at once; whatever a listener does or throws stays with it. */
  tell(event: TaskEvent): void
  add(listener: Listener): () => void
  /** A stream of what happens from now on. A slow reader loses the oldest, and is told how many. */
  follow(options: FollowOptions): AsyncIterableIterator<TaskEvent>
  /** Something may have been written that nobody here was told of. */
  stir(): void
  onStir(look: () => void): () => void
  /** Calls back when all is over. Contract: what it returns is waited for. */
  onClose(last: () => Promise<void> | void): () => void
  /** Ends every stream, once each has had its last look. */
  close(): Promise<void>
}

export interface FollowOptions {
  readonly wants: (event: TaskEvent) => boolean
  /** Events kept for a reader that is slow; beyond it the oldest are dropped and counted. */
  readonly bufferMax: number
}

/** Whoever watches. None of them can slow a task, fail it, or hold its memory without a bound. */
export function createListeners(warn: (text: string) => void): Listeners {
  const complain = (error: unknown) => warn(`A listener threw: ${inWords(error)}`)
  const rows = new Set<{ readonly listener: Listener }>()
  const lasts = new Set<() => Promise<void> | void>()
  const looks = createLooks(complain)
  let isClosed = false

  function add(listener: Listener): () => void {
    const row = { listener }
    rows.add(row)
    return () => void rows.delete(row)
  }

  return {
    add,
    tell(event) {
      const frozen = Object.freeze(event)
      for (const { listener } of rows) contained(() => listener(frozen), complain)
    },
    follow({ wants, bufferMax }) {
      const stream = createStream(bufferMax, () => {
        stop()
        lasts.delete(stream.end)
      })
      const stop = add((event) => {
        if (wants(event)) stream.push(event)
      })
      lasts.add(stream.end)
      if (isClosed) stream.end()
      return stream.events
    },
    stir: looks.stir,
    onStir: looks.onStir,
    onClose(last) {
      lasts.add(last)
      return () => void lasts.delete(last)
    },
    async close() {
      isClosed = true
      await Promise.all([...lasts].map(async (last) => last()))
      rows.clear()
      looks.clear()
    },
  }
}

/** Those who look again when something may have changed. */
function createLooks(complain: (error: unknown) => void) {
  const looks = new Set<() => void>()
  return {
    stir() {
      for (const look of [...looks]) contained(look, complain)
    },
    onStir(look: () => void) {
      const own = () => look()
      looks.add(own)
      return () => void looks.delete(own)
    },
    clear: () => looks.clear(),
  }
}

interface Stream {
  readonly events: AsyncIterableIterator<TaskEvent>
  readonly push: (event: TaskEvent) => void
  readonly end: () => void
}

/** A bounded queue that is read by iterating. Leaving it early, also while waiting, lets go of it at once. */
function createStream(bufferMax: number, left: () => void): Stream {
  const buffer: TaskEvent[] = []
  let lostCount = 0
  let isOver = false
  let waiting: ((result: IteratorResult<TaskEvent, undefined>) => void)[] = []
  const done = { done: true, value: undefined } as const

  function take(): TaskEvent | undefined {
    if (lostCount === 0) return buffer.shift()
    const count = lostCount
    lostCount = 0
    return { type: 'events.lost', count }
  }

  function end(): void {
    if (isOver) return
    isOver = true
    left()
    for (const resolve of waiting) resolve(done)
    waiting = []
  }

  const events: AsyncIterableIterator<TaskEvent> = {
    next() {
      const value = take()
      if (value) return Promise.resolve({ done: false, value })
      return isOver ? Promise.resolve(done) : new Promise((resolve) => waiting.push(resolve))
    },
    return() {
      buffer.length = 0
      end()
      return Promise.resolve(done)
    },
    [Symbol.asyncIterator]: () => events,
  }

  function push(event: TaskEvent): void {
    const reader = waiting.shift()
    if (reader) return reader({ done: false, value: event })
    buffer.push(event)
    if (buffer.length <= bufferMax) return
    buffer.shift()
    lostCount += 1
  }

  return { events, push, end }
}
