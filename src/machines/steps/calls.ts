/** What becomes of the calls of a reply. */
import { failure } from '../../errors.ts'
import type { CallFact } from '../../protocol/journal.ts'
import type { Call } from '../../protocol/model.ts'
import { COMPLETION_TOOL } from '../../protocol/names.ts'
import type { Change, Said, Standing, TaskContext } from '../task-context.ts'
import { completed, late } from './ending.ts'
import { afterTelling, mustReadOn } from './news.ts'

/** Answers in a row whose data the caller's schema refuses, before the task fails. */
const BAD_RESULTS_MAX = 2

type Answered = Extract<CallFact, { type: 'call.ended' | 'call.reconciled' }>

/** What the end of a call changes for its task, besides the call's own chart. */
export function afterCall(context: TaskContext, fact: CallFact): Change {
  const calls = { ...context.calls, [fact.callId]: standingAfter(fact, context) }
  const failed = { calls, said: { ...context.said, hasFailedCall: true } }
  if (fact.type === 'call.refused') return failed
  if (fact.type === 'call.checked') return fact.verdict.verdict === 'deny' ? failed : { calls }
  if (fact.type !== 'call.ended' && fact.type !== 'call.reconciled') return { calls }

  const { completion, said, tries } = context
  const change = {
    calls,
    said: saidAfter(fact, context),
    ...(toldIn(fact) && afterTelling(context, toldIn(fact))),
  }
  if (fact.callId !== completion?.id) return change
  if (fact.result.kind === 'ok') {
    const ending = completed(completion)
    if (context.ending) return { ...change, ending: late(context, ending.result) }
    return mustReadOn(context) ? change : { ...change, ending }
  }
  if (context.ending) return change
  if (fact.result.kind !== 'failed' || fact.result.code !== 'task/bad-result') return change
  const badResults = tries.badResults + 1
  if (badResults < BAD_RESULTS_MAX) return { ...change, tries: { ...tries, badResults } }
  const reason = failure('task/bad-result', fact.result.message)
  return { ...change, ending: { status: 'failed', result: said.lastWords, reason } }
}

function saidAfter(fact: Answered, { said }: TaskContext): Said {
  const openTodos = todosIn(fact)?.filter(({ status }) => status !== 'done').length ?? said.openTodos
  const hasFailedCall = said.hasFailedCall || fact.result.kind !== 'ok'
  const isNew = hasFailedCall !== said.hasFailedCall || openTodos !== said.openTodos
  return isNew ? { ...said, hasFailedCall, openTodos } : said
}

function toldIn(fact: CallFact): readonly string[] | undefined {
  return fact.type === 'call.ended' ? fact.told : undefined
}

function todosIn(fact: CallFact) {
  return fact.type === 'call.ended' ? fact.todos : undefined
}

/** Whether a fact about a call is one that its chart waits for. What comes too late changes nothing. */
export function isExpected({ calls }: TaskContext, { callId, type }: CallFact): boolean {
  const standing = calls[callId]
  if (type === 'call.checked') return standing === 'checking'
  if (type === 'call.ended') {
    return standing === 'checking' || standing === 'running' || standing === 'delegating'
  }
  if (type === 'call.reconciled' || type === 'call.waits') return standing === 'running'
  return standing === 'asking'
}

function standingAfter(fact: CallFact, { calls, isGoing }: TaskContext): Standing {
  const standing = calls[fact.callId] ?? 'unchecked'
  const cleared: Standing = isGoing ? 'running' : 'cleared'
  if (fact.type === 'call.approved') return cleared
  if (fact.type === 'call.waits') return 'delegating'
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
  // What came in is no fault of the model's, so its one objection is still to come.
  const hasObjection = !mustReadOn(context) && begun.some((call) => objectionTo(call, context) !== null)
  return {
    fresh: context.fresh.filter((call) => !begun.includes(call)),
    openCalls: [...context.openCalls, ...begun],
    calls: { ...context.calls, ...Object.fromEntries(begun.map(({ id }) => [id, 'checking' as const])) },
    ...(hasObjection && { tries: { ...context.tries, objections: context.tries.objections + 1 } }),
  }
}

export function afterClose({ calls, openCalls }: TaskContext, callId: string): Change {
  const { [callId]: _, ...left } = calls
  return { calls: left, openCalls: openCalls.filter(({ id }) => id !== callId) }
}

/** Every open call waits for somebody else: there is nothing to do. */
export function onlyWaits({ openCalls, calls }: TaskContext): boolean {
  const waits = (standing: Standing | undefined) => standing === 'asking' || standing === 'delegating'
  return openCalls.length > 0 && openCalls.every(({ id }) => waits(calls[id]))
}

export function waitsForHuman(context: TaskContext): boolean {
  return onlyWaits(context) && Object.values(context.calls).includes('asking')
}

export function objectionTo(call: Call, context: TaskContext): string | null {
  const { completion, said, tries } = context
  const { hasFailedCall, openTodos } = said
  if (call.id !== completion?.id) return null
  if (mustReadOn(context)) return 'Something came in while you were at it. Read it before you end.'
  if (tries.objections > 0) return null
  if (hasFailedCall) return 'A call of the same reply failed or was refused. Look at its result first.'
  if (openTodos > 0) return `${openTodos} steps of your list are not done. Do them, or update the list.`
  return null
}
