import { type FailureCode, RuntimeError } from '../errors.ts'
import { readObject } from './conversation.ts'

/** What is known of an exchange that gave no answer. */
export interface Refusal {
  readonly status: number | null
  readonly headers: Headers | null
  /** The body, or the error that came instead of the next piece. */
  readonly body: string
}

/** Who was asked, for the words of an error; and what must never be in them. */
export interface Asked {
  readonly model: string
  readonly url: string
  /** Where its key and its address are set: the names of variables or options. */
  readonly settings: { readonly key: string; readonly url: string }
  readonly secrets: readonly string[]
}

const WORDS_MAX = 500
const READ_MAX = 4_000
const SECRET_MIN = 6

const OVERFLOW =
  /context[_ ](?:length|size|window)|maximum context|prompt is too long|input is too long|too many (?:input )?tokens|reduce the length/i
const OUT_OF_QUOTA = /insufficient_quota|billing_hard_limit/i
const RATE_LIMITED = /rate.?limit|too many requests/i

/** Names what a server meant by refusing. */
export function refused(refusal: Refusal, asked: Asked, cause?: unknown): RuntimeError {
  const { words, marks } = readBody(refusal.body)
  const status =
    refusal.status ?? (/\b[45]\d\d\b/.test(marks) ? Number(/\b[45]\d\d\b/.exec(marks)?.[0]) : null)
  const code = codeOf(status, `${marks} ${words}`.slice(0, READ_MAX))
  const retryAfterMs =
    code === 'model/rate-limited' || code === 'model/unavailable' ? retryAfter(refusal.headers) : null
  const reason = without(asked.secrets, `${status ?? 'error'}${words === '' ? '' : `: ${words}`}`)

  return new RuntimeError(code, `${asked.url} ${sentence(code, status, asked, marks)} (${reason})`, {
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(leaks(cause, asked.secrets) ? {} : { cause }),
  })
}

/** Names what broke a connection. */
export function unreached(error: unknown, asked: Asked): RuntimeError {
  const code = codesOf(error).at(-1) ?? 'no connection'
  return new RuntimeError(
    'model/unavailable',
    `${asked.url} cannot be reached (${code}). Check that the server runs, and ${asked.settings.url}.`,
    { cause: error },
  )
}

/** The codes of an error and of what caused it, the innermost last. */
export function codesOf(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return []
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  return [...own, ...('cause' in error ? codesOf(error.cause, depth + 1) : [])]
}

function codeOf(status: number | null, said: string): FailureCode {
  if (OUT_OF_QUOTA.test(said) || status === 402) return 'model/bad-request'
  if (status === 401 || status === 403) return 'model/unauthorised'
  if (status === 429) return 'model/rate-limited'
  if (status === 413 || (OVERFLOW.test(said) && (status === null || status < 500)))
    return 'model/context-overflow'
  if (status === null) return RATE_LIMITED.test(said) ? 'model/rate-limited' : 'model/unavailable'
  if (status === 408 || status === 409 || status >= 500) return 'model/unavailable'
  return 'model/bad-request'
}

function sentence(
  code: FailureCode,
  status: number | null,
  { model, settings }: Asked,
  marks: string,
): string {
  if (code === 'model/unauthorised')
    return `did not accept the key. Check ${settings.key}, and that it is for ${settings.url}.`
  if (code === 'model/rate-limited') return `takes no more requests for "${model}" at the moment.`
  if (code === 'model/unavailable') return `could not answer for "${model}" at the moment.`
  if (code === 'model/context-overflow')
    return `says that the conversation is longer than "${model}" can read.`
  if (status === 402 || OUT_OF_QUOTA.test(marks))
    return 'says that the quota of this key is used up. Check the plan and billing.'
  if (status === 404) return `knows no "${model}" there. Check the model's name and ${settings.url}.`
  return `refused the request to "${model}".`
}

/** `words` for people, `marks` for us: servers disagree on where they put either. */
function readBody(body: string): { words: string; marks: string } {
  const json = readObject(body)
  const error = json?.error ?? json
  if (typeof error === 'string') return { words: plain(error), marks: '' }
  if (typeof error !== 'object' || error === null) return { words: plain(body), marks: '' }
  const field = (name: string) => (name in error ? String(Reflect.get(error, name) ?? '') : '')
  return {
    words: plain(field('message') || field('detail') || JSON.stringify(error)),
    marks: plain(`${field('code')} ${field('type')} ${field('status')}`),
  }
}

/** How long the server asks us to wait; `null` when it does not say, or not in a way that can be read. */
function retryAfter(headers: Headers | null): number | null {
  const ms = headers?.get('retry-after-ms')
  if (ms && Number.isFinite(Number(ms))) return Math.max(0, Math.ceil(Number(ms)))
  const given = headers?.get('retry-after')
  if (!given) return null
  if (Number.isFinite(Number(given))) return Math.max(0, Math.ceil(Number(given) * 1_000))
  // A date is meant by the server's clock, which may differ from ours.
  const now = Date.parse(headers?.get('date') ?? '')
  const untilMs = Date.parse(given) - (Number.isNaN(now) ? Date.now() : now)
  return Number.isNaN(untilMs) ? null : Math.max(0, untilMs)
}

function plain(text: string): string {
  const line = text
    .slice(0, READ_MAX)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}…` : line
}

/** A server may repeat the key that it was sent: OpenAI does so in part, and its keys begin with `sk-`. */
function without(secrets: readonly string[], text: string): string {
  const hidden = real(secrets).reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text)
  return hidden.replace(/\bsk-[\w*-]+/g, '[hidden]')
}

function leaks(cause: unknown, secrets: readonly string[]): boolean {
  const words = cause instanceof Error ? `${cause.message} ${JSON.stringify(cause)}` : String(cause)
  return cause === undefined || without(secrets, words) !== words
}

function real(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret.length >= SECRET_MIN)
}
