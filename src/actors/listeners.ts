import type { TaskEvent } from '../protocol/journal.ts'

export type Listener = (event: TaskEvent) => void

export interface Listeners {
  /** Contract: returns at once; whatever a listener does or throws stays with it. */
  tell(event: TaskEvent): void
  add(listener: Listener): () => void
  /** Ends every stream that `follow` gave. */
  close(): void
  onClose(listener: () => void): () => void
  follow(options: FollowOptions): AsyncIterableIterator<TaskEvent>
}

export interface FollowOptions {
  readonly wants: (event: TaskEvent) => boolean
  /** Events kept for a reader that is slow; beyond it the oldest are dropped and counted. */
  readonly bufferMax: number
}

/** Whoever watches. None of them can slow a task, fail it, or hold its memory without a bound. */
export function createListeners(warn: (text: string) => void): Listeners {
  const listeners = new Set<Listener>()
  const streams = new Set<() => void>()

  return {
    tell(event) {
      for (const listener of listeners) contained(listener, event, warn)
    },
    add(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      for (const end of streams) end()
      listeners.clear()
    },
    onClose(listener) {
      streams.add(listener)
      return () => void streams.delete(listener)
    },
    follow({ wants, bufferMax }) {
      const stream = createStream(bufferMax, () => {
        listeners.delete(hear)
        streams.delete(stream.end)
      })
      const hear: Listener = (event) => {
        if (wants(event)) stream.push(event)
      }
      listeners.add(hear)
      streams.add(stream.end)
      return stream.events
    },
  }
}

function contained(listener: Listener, event: TaskEvent, warn: (text: string) => void): void {
  try {
    listener(event)
  } catch (error) {
    // The listener's own bug: it should be seen, but not by the task that happened to be heard.
    warn(`A listener threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}

interface Stream {
  readonly events: AsyncIterableIterator<TaskEvent>
  push(event: TaskEvent): void
  end(): void
}

function createStream(bufferMax: number, left: () => void): Stream {
  const buffer: TaskEvent[] = []
  let lostCount = 0
  let isOver = false
  let wake: (() => void) | null = null

  function end(): void {
    isOver = true
    left()
    wake?.()
  }

  async function* read(): AsyncGenerator<TaskEvent, void, undefined> {
    try {
      while (true) {
        if (lostCount > 0) {
          const count = lostCount
          lostCount = 0
          yield { type: 'events.lost', count }
        }
        const next = buffer.shift()
        if (next) yield next
        else if (isOver) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      end()
    }
  }

  return {
    events: read(),
    push(event) {
      buffer.push(event)
      if (buffer.length > bufferMax) {
        buffer.shift()
        lostCount += 1
      }
      wake?.()
    },
    end,
  }
}
