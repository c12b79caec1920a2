import { inWords } from '../../errors.ts'
import type { Clock } from '../../host.ts'
import type { Call, Result } from '../../protocol/model.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import type { PreparedCall } from '../../tools/tool.ts'
import type { Effect } from '../body.ts'
import { within } from '../within.ts'
import { bounded, boundedResult } from './bounded-result.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'

/** A tool that has not found out by then is not waited for any longer. */
const INQUIRY_MS = 60_000
/** How much of a call's input is shown again. */
const INPUT_BYTES_MAX = 400

export interface ReconcileCallParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
}

/** Finds out what became of a call that was cut off, where its tool can tell. */
export function reconcileCall(parts: ReconcileCallParts): Effect<CallOrder> {
  return async ({ taskId, call }) => {
    const prepared = await prepareCall(parts, taskId, call)
    const result =
      prepared.kind === 'prepared'
        ? await inquire(prepared, { parts, taskId, call })
        : unknown(call, ` Nobody can look: ${prepared.kind === 'failed' ? prepared.message : ''}`)
    return { type: 'call.reconciled', callId: call.id, result: boundedResult(result) }
  }
}

interface Inquiry {
  readonly parts: ReconcileCallParts
  readonly taskId: string
  readonly call: Call
}

async function inquire({ reconcile }: PreparedCall, { parts, taskId, call }: Inquiry): Promise<Result> {
  if (!reconcile) return unknown(call, '')
  const { tasks, clock } = parts
  const kept = (key: string) => tasks.kept(taskId).get(key) ?? null
  const late = () => unknown(call, ` The tool did not find out within ${INQUIRY_MS / 1000} s.`)
  try {
    const asked = reconcile({ taskId, idempotencyKey: keyOf(taskId, call), kept })
    return await within(clock, INQUIRY_MS, asked, late)
  } catch (error) {
    return unknown(call, ` The tool could not tell: ${inWords(error)}`)
  }
}

/** What a model and its user can act on: which call it was, that nobody knows, and what to do. */
function unknown({ id, tool, input }: Call, because: string): Result {
  const shown = bounded(JSON.stringify(input) ?? '', INPUT_BYTES_MAX)
  const message =
    `Call ${id} of "${tool}" was cut off when Troupe crashed or was stopped, and nobody knows whether it happened: not at all, in part, or in whole.` +
    `${because} Its input was ${shown}. Look at what it would have changed before you call it again. If you can't see that, ask the user.`
  return { kind: 'unknown', message }
}
