import { inWords } from '../../errors.ts'
import type { Clock, Human } from '../../host.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { PreparedCall } from '../../tools/tool.ts'
import type { Effect } from '../body.ts'
import { actionOf } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'
import { type Answer, answerTo, type OpenRequest, type OpenRequests } from '../open-requests.ts'

export interface AskHumanParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
  readonly human: Partial<Human>
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
export function askHuman(parts: AskHumanParts): Effect<CallOrder> {
  const { tasks, human, onAsk, requests } = parts
  return async (order, signal): Promise<ChartFact | null> => {
    const { taskId, call } = order
    const callId = call.id
    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared')
      return { type: 'call.refused', callId, note: 'It can no longer be run.' }

    const request = requestOf(prepared, order, tasks.spec(taskId))
    const person = request.kind === 'question' ? human.ask : human.approve
    if (!person && onAsk === 'refuse') return { type: 'call.refused', callId, note: UNREACHABLE }
    const closed = requests.open(request, signal)
    const said = person ? answerOf(human, request, signal) : closed
    const answer = await Promise.race([closed, said])
    return answer && requests.take(request.id) ? { ...answer, callId } : null
  }
}

function requestOf(prepared: PreparedCall, order: CallOrder, { agent, title }: TaskSpec): OpenRequest {
  const { taskId, call } = order
  const id = keyOf(taskId, call)
  if (prepared.question) return { kind: 'question', id, taskId, callId: call.id, agent, ...prepared.question }
  const action = actionOf(call, prepared.access)
  return {
    kind: 'approval',
    id,
    taskId,
    callId: call.id,
    agent,
    title,
    call,
    action,
    why: order.askedFor ?? '',
  }
}

async function answerOf(human: Partial<Human>, request: OpenRequest, signal: AbortSignal): Promise<Answer> {
  try {
    if (request.kind === 'question') return answerTo(request, { text: await human.ask?.(request, signal) })
    return answerTo(request, await human.approve?.(request, signal))
  } catch (error) {
    return { type: 'call.refused', note: `Nobody could be asked: ${inWords(error)}` }
  }
}
