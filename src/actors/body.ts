import { type EventObject, fromCallback } from 'xstate'
import { RuntimeError } from '../errors.ts'
import type { ChartFact } from '../protocol/journal.ts'

/**
 * What a socket does once plugged: look at the world, come back with one fact, or with nothing to say.
 * Contract: never rejects; settles only when whatever it started has really ended.
 */
export type Effect<Input> = (input: Input, signal: AbortSignal) => Promise<ChartFact | null>

/** Where facts go: to the inbox of the task. */
export type Post = (taskId: string, fact: ChartFact) => void

/** Told when a body begins and when it has really ended, so that nobody leaves while something is under way. */
export interface BodyCount {
  begin(taskId: string): void
  end(taskId: string): void
}

/** One for all: without a reason each `abort()` builds a DOMException with a stack, a tenth of a turn's time. */
export const STOPPED = new RuntimeError('task/stopped', 'The task no longer waits for this.')

/**
 * An effect as an XState actor. What it found out goes to the inbox, not to its parent: so it is durable
 * before any chart hears it, it is heard in the order of the journal, and it is heard even when the chart
 * has meanwhile moved on. Stopping the actor only asks the effect to stop.
 */
export function body<Input extends { readonly taskId: string }>(effect: Effect<Input>, post: Post, bodies: BodyCount) {
  return fromCallback<{ type: 'abort' }, Input, EventObject>(({ input, receive }) => {
    const { taskId } = input
    const abort = new AbortController()
    let isLive = true
    receive(() => abort.abort(STOPPED))
    bodies.begin(taskId)
    void effect(input, abort.signal).then((fact) => {
      isLive = false
      bodies.end(taskId)
      if (fact) post(taskId, fact)
    })
    return () => {
      if (isLive) abort.abort(STOPPED)
    }
  })
}
