/** What one process answers another, as it stands in a row of `request`. */
import { type FailureCode, RuntimeError, toFailure, UsageError } from '../../errors.ts'

/** How far a request is. */
export type Answer =
  /** It is being done. From now on it is not taken back, unless whoever does it lives no more. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'done' }
  /** The task was let go of before: whoever asked must look again who holds it. */
  | { readonly kind: 'again' }
  | {
      readonly kind: 'failed'
      readonly name: 'RuntimeError' | 'UsageError'
      readonly code: string
      readonly message: string
      readonly retryAfterMs: number | null
    }

/** The forms that are compared in the table. */
export const BEGUN = JSON.stringify({ kind: 'begun' } satisfies Answer)
export const AGAIN = JSON.stringify({ kind: 'again' } satisfies Answer)
export const DONE = JSON.stringify({ kind: 'done' } satisfies Answer)

/** What was thrown, so that the other process can throw the same. */
export function failedWith(thrown: unknown): string {
  const { code, message } = toFailure(thrown)
  const name = UsageError.is(thrown) ? 'UsageError' : 'RuntimeError'
  const retryAfterMs = RuntimeError.is(thrown) ? thrown.retryAfterMs : null
  return JSON.stringify({ kind: 'failed', name, code, message, retryAfterMs } satisfies Answer)
}

/** Reads an answer. */
export function answerOf(text: string): Answer {
  return JSON.parse(text) as Answer
}

/** The error that the other process's was. */
export function errorOf({ name, code, message, retryAfterMs }: Answer & { readonly kind: 'failed' }): Error {
  if (name === 'UsageError') return new UsageError(message)
  return new RuntimeError(code as FailureCode, message, retryAfterMs === null ? {} : { retryAfterMs })
}
