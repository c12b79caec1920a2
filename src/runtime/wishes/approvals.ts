/**
 * What waits for a person, and what a person says to it, told from a journal alone: the task may live in
 * another process, or nowhere.
 */
import type { ActorRefFrom } from 'xstate'
import { factOf, silenceOn } from '../../actors/answers.ts'
import { isExpired, type OpenRequest, QUESTION, UNKNOWN_RULE } from '../../actors/open-requests.ts'
import { RuntimeError } from '../../errors.ts'
import type { Asker } from '../../host.ts'
import type { taskMachine } from '../../machines/task.ts'
import type { toolCallMachine } from '../../machines/tool-call.ts'
import type { CallFact, Entry, Heard } from '../../protocol/journal.ts'
import type { Call } from '../../protocol/model.ts'
import { QUESTION_TOOL } from '../../protocol/names.ts'
import { canonicalJson } from '../../protocol/plain.ts'
import type { RemoteAnswer } from '../../protocol/remote.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import { askerOf } from '../members/asker.ts'
import { replay } from '../replay.ts'

/** Knows tasks that stand above one that asks. */
export type SpecOf = (taskId: string) => TaskSpec | null
const NOBODY: SpecOf = () => null

/**
 * What waits for a person in a task, by its journal. What the call would touch is for its tool to say, which
 * is not at hand here: `action.access` is `null`.
 */
export function openRequestsIn(entries: readonly Entry[], specOf: SpecOf = NOBODY): readonly OpenRequest[] {
  // Most journals ask for nothing, and folding one takes its time.
  if (!entries.some(({ fact }) => isAsk(fact)) || entries.at(-1)?.fact.type === 'task.ended') return []
  return openRequestsOf(replay(entries), specOf)
}

function isAsk(fact: Heard): boolean {
  return fact.type === 'call.checked' && fact.verdict.verdict === 'ask'
}

/** The same of a task that is folded already, or lives. */
export function openRequestsOf(
  actor: ActorRefFrom<typeof taskMachine>,
  specOf: SpecOf = NOBODY,
): readonly OpenRequest[] {
  const { status, context, children } = actor.getSnapshot()
  if (status !== 'active') return []
  return context.openCalls.flatMap((call) => {
    const chart = children[call.id] as ActorRefFrom<typeof toolCallMachine> | undefined
    const asked = chart?.getSnapshot()
    if (asked?.value !== 'asking') return []
    const asker = askerOf(context.spec, context.isBackground, specOf)
    return [requestOf(context.spec, asker, asked.context)]
  })
}

type Asked = ReturnType<ActorRefFrom<typeof toolCallMachine>['getSnapshot']>['context']

function requestOf(spec: TaskSpec, asker: Asker, asked: Asked): OpenRequest {
  const { limits, boundary } = spec
  const { call, askedFor, askedBy, shown, askedAt } = asked
  const since = askedAt ?? 0
  const about = {
    ...asker,
    id: `${spec.id}/${call.id}`,
    callId: call.id,
    shown: shown ?? '',
    askedAt: since,
    expiresAt: limits.approvalTimeoutMs === null ? null : since + limits.approvalTimeoutMs,
  }
  if (askedFor === QUESTION.why) return { kind: 'question', ...about, ...questionIn(call) }
  const action = { tool: call.tool, effect: call.effect, access: null }
  const { rule, layer } = askedBy ?? UNKNOWN_RULE
  return { kind: 'approval', ...about, call, action, boundary, why: askedFor ?? '', rule, layer }
}

/** A tool of a host may ask in words of its own: then the whole input is shown. */
function questionIn({ tool, input }: Call): { readonly text: string; readonly options: readonly string[] } {
  const { question, options } = (input ?? {}) as { readonly question?: unknown; readonly options?: unknown }
  if (tool !== QUESTION_TOOL || typeof question !== 'string')
    return { text: `${tool} asks: ${canonicalJson(input)}`, options: [] }
  const isText = (option: unknown) => typeof option === 'string'
  return { text: question.trim(), options: Array.isArray(options) ? options.filter(isText) : [] }
}

/** The facts that answer a request. */
export type AnswerFact = Extract<CallFact, { type: 'call.approved' | 'call.refused' | 'call.told' }>

/**
 * What a person says to a request, as the fact that settles it. Throws, and nothing is to be kept then:
 * `call/not-asking` when its time is over, `call/changed` when they were shown something else, a `UsageError`
 * when it is no answer to that.
 */
export function factOfAnswer(request: OpenRequest, answer: RemoteAnswer, now: number): AnswerFact {
  const { id, callId } = request
  if (answer.id !== id) throw notAsking(answer.id)
  if (isExpired(request, now))
    throw new RuntimeError('call/not-asking', `"${id}" waits no longer. ${silenceOn(request).note}`)
  return { ...factOf(request, answer), callId }
}

/** Nothing of that name waits: it was answered before, or its task asks no longer. */
export function notAsking(id: string): RuntimeError {
  return new RuntimeError('call/not-asking', `Nothing called "${id}" waits for an answer.`)
}

/** The task that a request belongs to, by the request's name. */
export function taskOf(requestId: string): string {
  return requestId.slice(0, Math.max(0, requestId.lastIndexOf('/')))
}
