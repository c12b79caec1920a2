/** What the task's chart remembers, and the pure steps by which facts change it. */
import { failure } from '../errors.ts'
import type { CallFact, ChartFact, Heard } from '../protocol/journal.ts'
import type { Call, Reply } from '../protocol/model.ts'
import { COMPLETION_TOOL } from '../protocol/names.ts'
import type { Failure, Outcome, PauseReason, TaskSpec } from '../protocol/task.ts'

/** At this share of the window, old turns are summarised. */
const WINDOW_SHARE = 0.8
/** Turns that stay word for word when older ones are summarised. */
const TURNS_KEPT = 2
/** Replies in a row that neither call a tool nor end the task, before it is given up. */
const NUDGES_MAX = 2
/** Answers in a row whose data the caller's schema refuses, before the task fails. */
const BAD_RESULTS_MAX = 2

/** How an open call stands, as far as its task must know. `checking` and `running` have a live body. */
export type Standing = 'unchecked' | 'checking' | 'asking' | 'cleared' | 'running'

export interface TaskContext {
  readonly spec: TaskSpec
  readonly turn: number
  /** What the model's body is at, if there is one. */
  readonly asked: 'nothing' | 'reply' | 'summary'
  readonly isGoing: boolean
  /** The calls of the last reply that have a chart of their own and no answer yet. */
  readonly calls: Readonly<Record<string, Standing>>
  /** Those that were not begun yet, in the order in which they will be. */
  readonly fresh: readonly Call[]
  readonly openCalls: readonly Call[]
  readonly completion: Call | null
  readonly hasFailedCall: boolean
  readonly openTodos: number
  readonly objections: number
  readonly badResults: number
  readonly nudges: number
  /** Attempts at the model call under way. */
  readonly attempts: number
  readonly retryAt: number | null
  readonly windowUsed: number
  /** The model has said that the conversation is too long for it. */
  readonly isOverflown: boolean
  readonly summarisedTo: number
  readonly lastWords: string
  readonly ranMs: number
  /** Since when running time is counted, if it is. */
  readonly since: number | null
  /** When the last fact was heard: the only clock a chart has. */
  readonly now: number
  readonly ending: Outcome | null
  readonly pausedBy: PauseReason | null
  readonly lostReplies: number
}

export type Change = Partial<TaskContext>
type ModelFailed = Extract<ChartFact, { type: 'model.failed' }>

export function newTask(spec: TaskSpec): TaskContext {
  return {
    spec,
    turn: 0,
    asked: 'nothing',
    isGoing: false,
    calls: {},
    fresh: [],
    openCalls: [],
    completion: null,
    hasFailedCall: false,
    openTodos: 0,
    objections: 0,
    badResults: 0,
    nudges: 0,
    attempts: 0,
    retryAt: null,
    windowUsed: 0,
    isOverflown: false,
    summarisedTo: 0,
    lastWords: '',
    ranMs: 0,
    since: null,
    now: 0,
    ending: null,
    pausedBy: null,
    lostReplies: 0,
  }
}

/** What a reply changes: an end, calls to make, or a nudge to go on. */
export function afterReply(context: TaskContext, reply: Reply): Change {
  const { text, calls, stop, usage } = reply
  const lastWords = text.trim() === '' ? context.lastWords : text
  const heard = { lastWords, windowUsed: usage.inputTokens + usage.outputTokens, attempts: 0, retryAt: null }
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
    return { ...heard, fresh, completion, hasFailedCall: false, nudges: 0 }
  }
  if (stop === 'done' && text.trim() !== '' && !mustGoOn(context)) {
    return { ...heard, ending: { status: 'completed', result: text } }
  }
  if (context.nudges < NUDGES_MAX) {
    const isReminded = stop === 'done' && text.trim() !== ''
    return { ...heard, nudges: context.nudges + 1, objections: context.objections + (isReminded ? 1 : 0) }
  }
  if (stop === 'length')
    return end(failure('model/cut-off', `Cut off ${NUDGES_MAX + 1} times at its output limit.`))
  return end(failure('task/no-result', `The model stopped ${NUDGES_MAX + 1} times without a result.`))
}

/** Text alone does not end a task that owes data, or that has steps left and was not reminded of them. */
function mustGoOn({ spec, openTodos, objections }: TaskContext): boolean {
  return spec.dataSchema !== null || (openTodos > 0 && objections === 0)
}

/** What a failed model call changes: a wait, a shorter conversation, or the end. */
export function afterFailure(
  context: TaskContext,
  { failure: reason, retryInMs, at }: Heard<ModelFailed>,
): Change {
  const { spec, attempts, turn, lastWords } = context
  const unmade = { turn: turn - 1, attempts: attempts + 1 }
  if (reason.code === 'model/context-overflow' && turn - 1 > context.summarisedTo) {
    return { ...unmade, isOverflown: true }
  }
  const canWait = retryInMs !== null && attempts < spec.limits.retries && retryInMs <= timeLeft(context, at)
  if (canWait) return { ...unmade, retryAt: at + retryInMs }
  return { ending: { status: 'failed', result: lastWords, reason } }
}

/** What the end of a call changes for its task, besides the call's own chart. */
export function afterCall(context: TaskContext, fact: CallFact): Change {
  const calls = { ...context.calls, [fact.callId]: standingAfter(fact, context) }
  if (fact.type === 'call.refused') return { calls, hasFailedCall: true }
  if (fact.type === 'call.checked') {
    return fact.verdict.verdict === 'deny' ? { calls, hasFailedCall: true } : { calls }
  }
  if (fact.type !== 'call.ended' && fact.type !== 'call.reconciled') return { calls }

  const { completion, lastWords, badResults } = context
  const hasFailedCall = context.hasFailedCall || fact.result.kind !== 'ok'
  const openTodos = todosIn(fact)?.filter(({ status }) => status !== 'done').length ?? context.openTodos
  const change = { calls, hasFailedCall, openTodos }
  if (fact.callId !== completion?.id || context.ending) return change
  if (fact.result.kind === 'ok') return { ...change, ending: completed(completion) }
  if (fact.result.kind !== 'failed' || fact.result.code !== 'task/bad-result') return change
  if (badResults + 1 < BAD_RESULTS_MAX) return { ...change, badResults: badResults + 1 }
  const reason = failure('task/bad-result', fact.result.message)
  return { ...change, ending: { status: 'failed', result: lastWords, reason } }
}

function todosIn(fact: CallFact) {
  return fact.type === 'call.ended' ? fact.todos : undefined
}

function completed({ input }: Call): Outcome {
  const { result, data } = input as { result?: unknown; data?: unknown }
  const text = typeof result === 'string' ? result : ''
  return data === undefined
    ? { status: 'completed', result: text }
    : { status: 'completed', result: text, data }
}

/** Whether a fact about a call is one that its chart waits for. What comes too late changes nothing. */
export function isExpected({ calls }: TaskContext, { callId, type }: CallFact): boolean {
  const standing = calls[callId]
  if (type === 'call.checked') return standing === 'checking'
  if (type === 'call.ended') return standing === 'checking' || standing === 'running'
  if (type === 'call.reconciled') return standing === 'running'
  return standing === 'asking'
}

function standingAfter(fact: CallFact, { calls, isGoing }: TaskContext): Standing {
  const standing = calls[fact.callId] ?? 'unchecked'
  const cleared: Standing = isGoing ? 'running' : 'cleared'
  if (fact.type === 'call.approved') return cleared
  if (fact.type !== 'call.checked' || fact.verdict.verdict === 'deny') return standing
  return fact.verdict.verdict === 'ask' ? 'asking' : cleared
}

const AWAKE = { unchecked: 'checking', cleared: 'running' } as const satisfies Partial<
  Record<Standing, Standing>
>
const AT_REST = { checking: 'unchecked', running: 'cleared' } as const satisfies Partial<
  Record<Standing, Standing>
>

/** How calls stand once their charts were told to go on, or that a crash has ended their bodies. */
export function moved({ calls }: TaskContext, to: 'awake' | 'at rest'): Readonly<Record<string, Standing>> {
  const next: Partial<Record<Standing, Standing>> = to === 'awake' ? AWAKE : AT_REST
  return Object.fromEntries(Object.entries(calls).map(([id, standing]) => [id, next[standing] ?? standing]))
}

export function isBodyGone({ asked, calls }: TaskContext): boolean {
  const isBusy = (standing: Standing) => standing === 'checking' || standing === 'running'
  return asked === 'nothing' && !Object.values(calls).some(isBusy)
}

/**
 * The calls that may begin now: neighbours that change nothing run side by side, the others one at a time.
 */
export function startable({ fresh, openCalls }: TaskContext): readonly Call[] {
  if (!openCalls.every(isSide)) return []
  const firstAlone = fresh.findIndex((call) => !isSide(call))
  if (firstAlone === -1) return fresh
  if (firstAlone > 0) return fresh.slice(0, firstAlone)
  return openCalls.length === 0 ? fresh.slice(0, 1) : []
}

function isSide({ effect, tool }: Call): boolean {
  return effect === 'pure' && tool !== COMPLETION_TOOL
}

/** Why the model may not end the task now. Said once: a model that insists is believed. */
export function afterStart(context: TaskContext, begun: readonly Call[]): Change {
  const hasObjection = begun.some((call) => objectionTo(call, context) !== null)
  return {
    fresh: context.fresh.filter((call) => !begun.includes(call)),
    openCalls: [...context.openCalls, ...begun],
    calls: { ...context.calls, ...Object.fromEntries(begun.map(({ id }) => [id, 'checking' as const])) },
    objections: context.objections + (hasObjection ? 1 : 0),
  }
}

export function afterClose({ calls, openCalls }: TaskContext, callId: string): Change {
  const { [callId]: _, ...left } = calls
  return { calls: left, openCalls: openCalls.filter(({ id }) => id !== callId) }
}

export function waitsForHuman({ openCalls, calls }: TaskContext): boolean {
  return openCalls.length > 0 && openCalls.every(({ id }) => calls[id] === 'asking')
}

export function endOf(
  { lastWords }: TaskContext,
  status: 'failed' | 'timedOut' | 'cancelled',
  reason: Failure,
): Outcome {
  return { status, result: lastWords, reason }
}

export function objectionTo(call: Call, context: TaskContext): string | null {
  const { completion, objections, hasFailedCall, openTodos } = context
  if (call.id !== completion?.id || objections > 0) return null
  if (hasFailedCall) return 'A call of the same reply failed or was refused. Look at its result first.'
  if (openTodos > 0) return `${openTodos} steps of your list are not done. Do them, or update the list.`
  return null
}

export function mustSummarise({ spec, windowUsed, isOverflown, turn, summarisedTo }: TaskContext): boolean {
  return isOverflown || (windowUsed >= spec.model.contextWindow * WINDOW_SHARE && turn - 1 > summarisedTo)
}

/** Up to which turn the conversation is told in short when it must shrink. */
export function summaryEnd({ turn, summarisedTo }: TaskContext): number {
  return Math.max(summarisedTo + 1, turn - TURNS_KEPT)
}

export function timeLeft({ spec, ranMs, since }: TaskContext, at: number): number {
  const { timeoutMs } = spec.limits
  const running = since === null ? 0 : at - since
  return timeoutMs === null ? Number.POSITIVE_INFINITY : timeoutMs - ranMs - running
}
