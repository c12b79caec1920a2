import { type EventObject, fromCallback } from 'xstate'
import { RuntimeError } from '../errors.ts'
import type { ChartFact } from '../protocol/journal.ts'

/**
 * What a socket does once plugged: look at the world, come back with one fact, or with nothing to say.
 * Contract: never rejects; settles only when whatever it started has really ended.
 */
export type Effect<Input> = (input: Input, signal: AbortSignal) => Promise<ChartFact | null>

/**
 * Whether this process may still act for a task: another may have it by now. Where not, the task is lost
 * here.
 */
export type MayAct = (taskId: string) => true | Promise<boolean>

/** An effect that does nothing once the tasks of this process are another's. */
export function whileOurs<Input extends { readonly taskId: string }>(
  effect: Effect<Input>,
  mayAct: MayAct,
): Effect<Input> {
  return (input, signal) => {
    const isOurs = mayAct(input.taskId)
    if (isOurs === true) return effect(input, signal)
    return isOurs.then((isSo) => (isSo ? effect(input, signal) : null))
  }
}

/** Who hears of a body: that it began, that it has really ended, and what it found out. */
export interface BodyEars {
  readonly begin: (taskId: string) => void
  readonly end: (taskId: string) => void
  /** Where facts go: to the inbox of the task. */
  readonly post: (taskId: string, fact: ChartFact) => void
  /** The effect has broken its contract and thrown. */
  readonly broke: (taskId: string, error: unknown) => void
}

/**
 * One for all: without a reason each `abort()` builds a DOMException with a stack, a tenth of a turn's time.
 */
export const STOPPED = new RuntimeError('task/stopped', 'The task no longer waits for this.')

/**
 * An effect as an XState actor. What it found out goes to the inbox, not to its parent: so it is durable
 * before any chart hears it, it is heard in the order of the journal, and it is heard even when the chart
 * has meanwhile moved on. Stopping the actor only asks the effect to stop.
 */
export function body<Input extends { readonly taskId: string }>(effect: Effect<Input>, ears: BodyEars) {
  return fromCallback<{ type: 'abort' }, Input, EventObject>(({ input, receive }) => {
    const { taskId } = input
    const abort = new AbortController()
    let isLive = true
    receive(() => abort.abort(STOPPED))
    ears.begin(taskId)
    effect(input, abort.signal)
      .then((fact) => fact && ears.post(taskId, fact))
      .catch((error: unknown) => ears.broke(taskId, error))
      .finally(() => {
        isLive = false
        ears.end(taskId)
      })
    return () => {
      if (isLive) abort.abort(STOPPED)
    }
  })
}
