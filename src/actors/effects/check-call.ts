import type { Chance, Clock } from '../../host.ts'
import type { CheckOrder } from '../../protocol/orders.ts'
import { failed } from '../../tools/tool.ts'
import type { Effect } from '../body.ts'
import { markOf, QUESTION } from '../open-requests.ts'
import { boundedResult } from './bounded-result.ts'
import { type Judge, shownIn } from './judge.ts'
import { type LiveTasks, prepareCall } from './live-tasks.ts'

export interface CheckCallParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
  readonly chance: Chance
  readonly judge: Judge
}

/**
 * Reads a call's input and has it judged. What cannot be run at all is answered here. Where a person is to be
 * asked, what they will be shown gets its mark.
 */
export function checkCall(parts: CheckCallParts): Effect<CheckOrder> {
  return async ({ taskId, call, objection }) => {
    const { id: callId } = call
    if (objection !== null) return { type: 'call.ended', callId, result: failed('task/not-done', objection) }

    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared') return { type: 'call.ended', callId, result: boundedResult(prepared) }
    const judged = prepared.question ? null : await parts.judge.verdict(taskId, call, prepared.access)
    const verdict = judged?.verdict ?? QUESTION
    if (verdict.verdict !== 'ask') return { type: 'call.checked', callId, verdict }
    const shown = markOf(shownIn(call, prepared, verdict.why), parts.chance)
    return { type: 'call.checked', callId, verdict, shown }
  }
}
