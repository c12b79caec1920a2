import { inWords } from '../../errors.ts'
import type { Clock } from '../../host.ts'
import type { Result } from '../../protocol/model.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import type { Effect } from '../body.ts'
import { boundedResult } from './bounded-result.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'

/** Finds out what became of a call that was cut off, where its tool can tell. */
export function reconcileCall(parts: {
  readonly tasks: LiveTasks
  readonly clock: Clock
}): Effect<CallOrder> {
  return async ({ taskId, call }) => {
    const prepared = await prepareCall(parts, taskId, call)
    const reconcile = prepared.kind === 'prepared' ? prepared.reconcile : null
    const result = reconcile
      ? await inquire(() => reconcile({ idempotencyKey: keyOf(taskId, call) }))
      : unknown('')
    return { type: 'call.reconciled', callId: call.id, result: boundedResult(result) }
  }
}

async function inquire(reconcile: () => Promise<Result>): Promise<Result> {
  try {
    return await reconcile()
  } catch (error) {
    return unknown(` The tool could not tell: ${inWords(error)}`)
  }
}

function unknown(because: string): Result {
  const message = `This call was cut off. It may have happened or not.${because} Look before you repeat it.`
  return { kind: 'unknown', message }
}
