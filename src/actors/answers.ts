/** What a person says to what they are asked, or that they say nothing, as a fact. */
import { RuntimeError, UsageError } from '../errors.ts'
import type { CallFact } from '../protocol/journal.ts'
import type { RemoteAnswer } from '../protocol/remote.ts'
import type { OpenRequest } from './open-requests.ts'

/** A person's answer, as a fact that does not say yet which call it is about. */
export type Answer = WithoutCall<Extract<CallFact, { type: 'call.approved' | 'call.refused' | 'call.told' }>>
type WithoutCall<F> = F extends unknown ? Omit<F, 'callId'> : never

const UNAPPROVED = 'It was not done. Find a way without it, or end and say what is missing.'
const UNANSWERED = 'Decide what you can yourself and say what you assumed, or end and say what is missing.'

/** What becomes of a call about which nobody has said anything in time. */
export function silenceOn({ kind, askedAt, expiresAt }: OpenRequest) {
  const limitMs = (expiresAt ?? askedAt) - askedAt
  const advice = kind === 'question' ? UNANSWERED : UNAPPROVED
  const note = `Nobody answered within ${limitMs} ms, the limit for approvals (limit/approval). ${advice}`
  return { type: 'call.refused', note } as const satisfies Answer
}

const ANSWER_CHARACTERS_MAX = 100_000
const BY_CHARACTERS_MAX = 200

/**
 * What somebody said to a request, in the form that travels. Only `allow: true` is a yes: whatever else
 * stands there was not meant as one. Throws a `UsageError` for what is an answer to nothing.
 */
export function readAnswer(id: string, given: unknown, by = 'host'): RemoteAnswer {
  const { allow, note, text, shown = null, by: who = by } = keysOf(given)
  if (shown !== null && typeof shown !== 'string')
    throw new UsageError(`The answer to "${id}": shown must be a text.`)
  if (typeof who !== 'string' || who === '' || who.length > BY_CHARACTERS_MAX)
    throw new UsageError(`The answer to "${id}": by must be a text of 1 to ${BY_CHARACTERS_MAX} characters.`)
  const said = { id, shown, by: who }
  if (typeof allow === 'boolean')
    return { ...said, allow, text: typeof note === 'string' && note !== '' ? bounded(id, note) : null }
  if (typeof text === 'string' || text === null)
    return { ...said, allow: null, text: text && bounded(id, text) }
  const forms = '{ allow: true } or { allow: false } for a call to be approved, { text } for a question'
  throw new UsageError(`The answer to "${id}" is neither of these: ${forms}.`)
}

function keysOf(given: unknown): Record<string, unknown> {
  return (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
}

function bounded(id: string, text: string): string {
  if (text.length <= ANSWER_CHARACTERS_MAX) return text
  throw new UsageError(`The answer to "${id}" is a text of at most ${ANSWER_CHARACTERS_MAX} characters.`)
}

/**
 * What a person said, as a fact, however late. Throws a `UsageError` for what is no answer to this request,
 * and `call/changed` for what was an answer to something else.
 */
export function factOf({ kind, id, shown }: OpenRequest, answer: RemoteAnswer): Answer {
  const { allow, text, by } = answer
  if (answer.shown !== null && answer.shown !== shown)
    throw new RuntimeError(
      'call/changed',
      `"${id}" is not what you were shown any more, so your answer was not taken. Look at it again.`,
    )
  if (kind === 'question') {
    if (allow !== null) throw new UsageError(`"${id}" is a question: its answer is { text }.`)
    if (text === null) return { type: 'call.refused', note: 'The user did not answer.', by }
    return { type: 'call.told', text, by }
  }
  if (allow === true)
    return text === null ? { type: 'call.approved', by } : { type: 'call.approved', note: text, by }
  if (allow === false)
    return {
      type: 'call.refused',
      note: text === null ? 'The user said no.' : `The user said no: ${text}`,
      by,
    }
  throw new UsageError(`"${id}" is a call to be approved: its answer is { allow: true } or { allow: false }.`)
}

/** The same for what a host of its own was asked. */
export function answerTo(request: OpenRequest, given: unknown): Answer {
  return factOf(request, readAnswer(request.id, given))
}
