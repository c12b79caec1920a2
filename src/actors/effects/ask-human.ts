import { inWords } from '../../errors.ts'
import type { Chance, Clock, Human } from '../../host.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { CallOrder } from '../../protocol/orders.ts'
import { type Answer, answerTo, silenceOn } from '../answers.ts'
import { type Effect, STOPPED } from '../body.ts'
import {
  isExpired,
  markOf,
  type OpenRequest,
  type OpenRequests,
  type Shown,
  UNKNOWN_RULE,
} from '../open-requests.ts'
import { within } from '../within.ts'
import { shownIn } from './judge.ts'
import { keyOf, type LiveTasks, prepareCall } from './live-tasks.ts'

export interface AskHumanParts {
  readonly tasks: LiveTasks
  readonly clock: Clock
  readonly chance: Chance
  readonly human: Partial<Human>
  /**
   * What happens when nobody can be asked here: refuse at once, or wait for `approvals.answer`. `null`:
   * nobody has said; then what waited before the task was taken up here goes on waiting, and all else is
   * refused.
   */
  readonly onAsk: 'refuse' | 'park' | null
  readonly requests: OpenRequests
}

const UNREACHABLE =
  'Nobody can be asked here, so it was not done. Find a way without it, or end and say what is missing.'
const GONE = 'It can no longer be run.'
const CHANGED = 'It is no longer what a person was to be asked for, so nobody was asked. Call it again.'

/**
 * Puts a call before a person. The first answer counts, whether it comes from the host or by
 * `approvals.answer`. Where there is a limit, it is the same however often the task is taken up anew: when
 * nobody has answered by then, the call is refused. Whoever was asked and has not answered is told that it is
 * over.
 */
export function askHuman(parts: AskHumanParts): Effect<CallOrder> {
  const { tasks, clock, chance, human, onAsk, requests } = parts
  return async (order, signal): Promise<ChartFact | null> => {
    const { taskId, call } = order
    const callId = call.id
    const prepared = await prepareCall(parts, taskId, call)
    if (prepared.kind !== 'prepared') return { type: 'call.refused', callId, note: GONE }
    const shown = shownIn(call, prepared, order.askedFor ?? '')
    // The tools may be others since the task was taken up anew.
    if (markOf(shown, chance) !== order.shown) return { type: 'call.refused', callId, note: CHANGED }

    const request = requestOf(shown, order, tasks)
    if (isExpired(request, clock.now())) return { ...silenceOn(request), callId }
    const person = request.kind === 'question' ? human.ask : human.approve
    const isParked = onAsk === 'park' || (onAsk === null && tasks.wasAskedBefore(taskId, order.askedAt))
    if (!person && !isParked) return { type: 'call.refused', callId, note: UNREACHABLE }
    const asking = untilWithdrawn(signal)
    const closed = requests.open(request, asking.signal)
    const said = person ? answerOf(human, request, asking.signal).finally(asking.answered) : closed
    const answer = await answerInTime(Promise.race([closed, said]), request, clock)
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

/** A person's time is not the machine's: it goes on while the machine sleeps, or the task is nowhere. */
async function answerInTime(
  answer: Promise<Answer | null>,
  request: OpenRequest,
  clock: Clock,
): Promise<Answer | null> {
  const { expiresAt } = request
  if (expiresAt === null) return answer
  const silence = () => silenceOn(request)
  const said = await within<Answer | null>(clock, expiresAt - clock.now(), answer, silence)
  // After a sleep, an answer may be there before the alarm is.
  return said !== null && isExpired(request, clock.now()) ? silence() : said
}

function requestOf(shown: Shown, order: CallOrder, tasks: LiveTasks): OpenRequest {
  const { taskId, call, askedAt, askedBy } = order
  const { limits, boundary } = tasks.spec(taskId)
  const since = askedAt ?? 0
  const about = {
    ...tasks.asker(taskId),
    id: keyOf(taskId, call),
    callId: call.id,
    shown: order.shown ?? '',
    askedAt: since,
    expiresAt: limits.approvalTimeoutMs === null ? null : since + limits.approvalTimeoutMs,
  }
  if (shown.kind === 'question') return { ...about, ...shown }
  const { rule, layer } = askedBy ?? UNKNOWN_RULE
  return { ...about, ...shown, call, boundary, rule, layer }
}

async function answerOf(human: Partial<Human>, request: OpenRequest, signal: AbortSignal): Promise<Answer> {
  try {
    if (request.kind === 'question') return answerTo(request, { text: await human.ask?.(request, signal) })
    return answerTo(request, await human.approve?.(request, signal))
  } catch (error) {
    return { type: 'call.refused', note: `Nobody could be asked: ${inWords(error)}` }
  }
}
