import { toFailure } from '../errors.ts'
import type { Approval, ApprovalRequest, Human, Question } from '../host.ts'
import type { ChartFact } from '../protocol/journal.ts'
import type { CallOrder } from '../protocol/orders.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { PreparedCall } from '../tools/tool.ts'
import type { Effect } from './body.ts'
import { actionOf } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'
import type { Answer, OpenRequest, OpenRequests } from './open-requests.ts'

export interface AskHumanParts {
  readonly tasks: LiveTasks
  readonly human: Human | null
  /** What happens when nobody can be asked here: refuse at once, or wait for `approvals.answer`. */
  readonly onAsk: 'refuse' | 'park'
  readonly requests: OpenRequests
}

const UNREACHABLE =
  'Nobody can be asked here, so it was not done. Find a way without it, or end and say what is missing.'

/**
 * Puts a call before a person. The first answer counts, whether it comes from the host or by
 * `approvals.answer`.
 */
export function askHuman({ tasks, human, onAsk, requests }: AskHumanParts): Effect<CallOrder> {
  return async (order, signal): Promise<ChartFact | null> => {
    const { taskId, call } = order
    const callId = call.id
    if (!human && onAsk === 'refuse') return { type: 'call.refused', callId, note: UNREACHABLE }

    const prepared = await prepareCall(tasks, taskId, call)
    if (prepared.kind !== 'prepared')
      return { type: 'call.refused', callId, note: 'It can no longer be run.' }
    const asked = requestOf(prepared, order, tasks.spec(taskId))
    const given = requests.open(asked, signal)
    const said = human ? answerOf(human, asked, signal) : null
    const first = await (said ? Promise.race([given, said]) : given)
    requests.close(asked.id)
    return first && !signal.aborted ? { ...first, callId } : null
  }
}

function requestOf(prepared: PreparedCall, order: CallOrder, { agent, title }: TaskSpec): OpenRequest {
  const { taskId, call } = order
  const id = keyOf(taskId, call)
  if (prepared.question) return { kind: 'question', id, taskId, agent, ...prepared.question }
  const action = actionOf(call, prepared.access)
  return { kind: 'approval', id, taskId, agent, title, call, action, why: order.askedFor ?? '' }
}

async function answerOf(human: Human, asked: OpenRequest, signal: AbortSignal): Promise<Answer | null> {
  try {
    if (asked.kind === 'question') return told(await human.ask(asked satisfies Question, signal))
    return decided(await human.approve(asked satisfies ApprovalRequest, signal))
  } catch (error) {
    if (signal.aborted) return null
    return { type: 'call.refused', note: `Nobody could be asked: ${toFailure(error).message}` }
  }
}

function told(text: string | null): Answer {
  return text === null
    ? { type: 'call.refused', note: 'The user did not answer.' }
    : { type: 'call.told', text }
}

function decided({ allow, note }: Approval): Answer {
  if (!allow) return { type: 'call.refused', note: note ? `The user said no: ${note}` : 'The user said no.' }
  return note ? { type: 'call.approved', note } : { type: 'call.approved' }
}
