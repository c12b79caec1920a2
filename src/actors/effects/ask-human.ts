import { inWords } from '../../errors.ts'
import type { Clock, Human } from '../../host.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import type { Limits, TaskSpec } from '../../protocol/task.ts'
import type { PreparedCall } from '../../tools/tool.ts'
import { type Effect, STOPPED } from '../body.ts'
import { actionOf } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'
import { type Answer, answerTo, type OpenRequest, type OpenRequests } from '../open-requests.ts'
import { within } from '../within.ts'

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
const UNAPPROVED = 'It was not done. Find a way without it, or end and say what is missing.'
const UNANSWERED = 'Decide what you can yourself and say what you assumed, or end and say what is missing.'

/**
 * Puts a call before a person. The first answer counts, whether it comes from the host or by
 * `approvals.answer`; when there is a limit and nobody has answered by then, the call is refused. Whoever
 * was asked and has not answered is told that it is over.
 */
export function askHuman(parts: AskHumanParts): Effect<CallOrder> {
  const { tasks, clock, human, onAsk, requests } = parts
  return async (order, signal): Promise<ChartFact | null> => {
    const { taskId, call } = order
    const callId = call.id
    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared')
      return { type: 'call.refused', callId, note: 'It can no longer be run.' }

    const spec = tasks.spec(taskId)
    const request = requestOf(prepared, order, spec)
    const person = request.kind === 'question' ? human.ask : human.approve
    if (!person && onAsk === 'refuse') return { type: 'call.refused', callId, note: UNREACHABLE }
    const asking = untilWithdrawn(signal)
    const closed = requests.open(request, asking.signal)
    const said = person ? answerOf(human, request, asking.signal).finally(asking.answered) : closed
    const answer = await answerInTime(Promise.race([closed, said]), request.kind, spec.limits, clock)
    const isOurs = answer !== null && requests.take(request.id)
    asking.withdraw()
    return isOurs ? { ...answer, callId } : null
  }
}

/** A signal for whoever is asked: it is over when the task stops asking, or somebody else has answered. */
function untilWithdrawn(signal: AbortSignal) {
  const over = new AbortController()
  let isAnswered = false
  const withdraw = () => {
    signal.removeEventListener('abort', withdraw)
    if (!isAnswered) over.abort(STOPPED)
  }
  signal.addEventListener('abort', withdraw)
  if (signal.aborted) withdraw()
  const answered = () => {
    isAnswered = true
  }
  return { signal: over.signal, withdraw, answered }
}

/** A person's time is not the machine's: it goes on while the machine sleeps. */
function answerInTime(
  answer: Promise<Answer | null>,
  kind: OpenRequest['kind'],
  { approvalTimeoutMs: limitMs }: Limits,
  clock: Clock,
): Promise<Answer | null> {
  if (limitMs === null) return answer
  const advice = kind === 'question' ? UNANSWERED : UNAPPROVED
  const note = `Nobody answered within ${limitMs} ms, the limit for approvals (limit/approval). ${advice}`
  return within<Answer | null>(clock, limitMs, answer, () => ({ type: 'call.refused', note }))
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
