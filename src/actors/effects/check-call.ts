import type { Clock } from '../../host.ts'
import type { Verdict } from '../../protocol/boundary.ts'
import type { CheckOrder } from '../../protocol/orders.ts'
import { failed } from '../../tools/tool.ts'
import type { Effect } from '../body.ts'
import { boundedResult } from './bounded-result.ts'
import type { Judge } from './judge.ts'
import { type LiveTasks, prepareCall } from './live-tasks.ts'

const QUESTION: Verdict = {
  verdict: 'ask',
  layer: 'task',
  rule: 'question',
  why: 'The agent asks a question.',
}

export interface CheckCallParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
  readonly judge: Judge
}

/** Reads a call's input and has it judged. What cannot be run at all is answered here. */
export function checkCall(parts: CheckCallParts): Effect<CheckOrder> {
  return async ({ taskId, call, objection }) => {
    const { id: callId } = call
    if (objection !== null) return { type: 'call.ended', callId, result: failed('task/not-done', objection) }

    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared') return { type: 'call.ended', callId, result: boundedResult(prepared) }
    const verdict = prepared.question ? QUESTION : await parts.judge(taskId, call, prepared.access)
    return { type: 'call.checked', callId, verdict }
  }
}
