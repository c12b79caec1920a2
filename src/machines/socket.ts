import { type EventObject, fromCallback } from 'xstate'

/** What every body understands: end early, if you can. It still reports when it has really ended. */
export type BodyOrder = { readonly type: 'abort' }

/**
 * An effect that a machine names but does not own. It answers with a fact in the journal, never with `done`:
 * left empty it does nothing at all, so an unplugged machine is also the machine that replays a journal.
 */
export function socket<Input>() {
  return fromCallback<BodyOrder, Input, EventObject>(() => {})
}
