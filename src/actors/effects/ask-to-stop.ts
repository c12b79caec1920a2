import type { StopOrder } from '../../protocol/orders.ts'
import type { Effect } from '../body.ts'

/** Why the task is to go on working, or `null`. Contract: never rejects. */
export type AskStop = (order: StopOrder) => Promise<string | null>

/** Asks whoever may send a task back to work before it completes. */
export function askToStop(ask: AskStop): Effect<StopOrder> {
  return async (order, signal) => {
    const stopped = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)))
    const note = await Promise.race([ask(order), stopped])
    return note === null ? { type: 'stop.allowed' } : { type: 'stop.objected', note }
  }
}
