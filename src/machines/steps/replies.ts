/** What the replies of a model change. */
import { failure } from '../../errors.ts'
import type { ChartFact, Heard } from '../../protocol/journal.ts'
import type { Reply } from '../../protocol/model.ts'
import { COMPLETION_TOOL } from '../../protocol/names.ts'
import type { Failure } from '../../protocol/task.ts'
import type { Change, TaskContext } from '../task-context.ts'
import { completed, late } from './ending.ts'
import { mustReadOn } from './news.ts'
import { timeLeft } from './time.ts'

/** At this share of the window, old turns are summarised. */
const WINDOW_SHARE = 0.8

/** Turns that stay word for word when older ones are summarised. */
const TURNS_KEPT = 2

/** Replies in a row that neither call a tool nor end the task, before it is given up. */
const NUDGES_MAX = 2

type ModelFailed = Extract<ChartFact, { type: 'model.failed' }>

/** What a reply changes: an end, calls to make, or a nudge to go on. */
export function afterReply(context: TaskContext, reply: Reply): Change {
  const { text, calls, stop, usage } = reply
  const lastWords = text.trim() === '' ? context.said.lastWords : text
  const windowUsed = usage.inputTokens + usage.outputTokens
  const said = { ...context.said, lastWords, windowUsed }
  const tries = { ...context.tries, attempts: 0, retryAt: null }
  const heard = { said, tries }
  const end = (reason: Failure): Change => ({
    ...heard,
    ending: { status: 'failed', result: lastWords, reason },
  })

  if (stop === 'refused') return end(failure('model/refused', text || 'The model would not answer.'))
  if (stop === 'filtered') return end(failure('model/content-filter', 'The provider withheld the reply.'))
  if (calls.length > 0) {
    const completion = calls.find(({ tool }) => tool === COMPLETION_TOOL) ?? null
    const others = calls.filter((call) => call !== completion)
    const fresh = completion ? [...others, completion] : others
    return {
      said: { ...said, hasFailedCall: false },
      tries: { ...tries, nudges: 0 },
      fresh,
      completion,
    }
  }
  if (stop === 'done' && text.trim() !== '' && mustReadOn(context)) return heard
  if (stop === 'done' && text.trim() !== '' && !mustGoOn(context)) {
    return { ...heard, ending: { status: 'completed', result: text } }
  }
  const { nudges, objections } = tries
  if (nudges < NUDGES_MAX) {
    const isReminded = stop === 'done' && text.trim() !== ''
    return { said, tries: { ...tries, nudges: nudges + 1, objections: objections + (isReminded ? 1 : 0) } }
  }
  if (stop === 'length')
    return end(failure('model/cut-off', `Cut off ${NUDGES_MAX + 1} times at its output limit.`))
  return end(failure('task/no-result', `The model stopped ${NUDGES_MAX + 1} times without a result.`))
}

/** Text alone does not end a task that owes data, or that has steps left and was not reminded of them. */
function mustGoOn({ spec, said, tries }: TaskContext): boolean {
  return spec.dataSchema !== null || (said.openTodos > 0 && tries.objections === 0)
}

/** A reply that comes after the end was decided is kept where it says something. */
export function afterLateReply(context: TaskContext, { text, calls }: Reply): Change {
  const completion = calls.find(({ tool }) => tool === COMPLETION_TOOL)
  const words = completion ? completed(completion).result : text
  return words.trim() === '' ? {} : { ending: late(context, words) }
}

/** What a failed model call changes: a wait, a shorter conversation, or the end. */
export function afterFailure(
  context: TaskContext,
  { failure: reason, retryInMs, at }: Heard<ModelFailed>,
): Change {
  const { spec, turn, said, tries } = context
  const { attempts } = tries
  const again = { ...tries, attempts: attempts + 1 }
  if (reason.code === 'model/context-overflow' && turn - 1 > said.summarisedTo) {
    return { turn: turn - 1, tries: again, said: { ...said, isOverflown: true } }
  }
  const canWait =
    retryInMs !== null && attempts < spec.limits.retries && retryInMs <= timeLeft(context, { at })
  if (canWait) return { turn: turn - 1, tries: { ...again, retryAt: at + retryInMs } }
  return { ending: { status: 'failed', result: said.lastWords, reason } }
}

export function mustSummarise({ spec, turn, said }: TaskContext): boolean {
  const { windowUsed, isOverflown, summarisedTo } = said
  return isOverflown || (windowUsed >= spec.model.contextWindow * WINDOW_SHARE && turn - 1 > summarisedTo)
}

/** Up to which turn the conversation is told in short when it must shrink. */
export function summaryEnd({ turn, said }: TaskContext): number {
  return Math.max(said.summarisedTo + 1, turn - TURNS_KEPT)
}
