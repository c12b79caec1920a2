import type { Failure } from './protocol/task.ts'

/**
 * Every way the system can fail. Add a row here and a section in docs/reference/errors.md; a test holds you
 * to it. `later`: trying the same again may help.
 */
export const FAILURES = {
  'call/changed': { retry: 'never' },
  'call/denied': { retry: 'never' },
  'call/not-asking': { retry: 'never' },
  'call/refused': { retry: 'never' },
  'command/unavailable': { retry: 'never' },
  'file/ambiguous': { retry: 'never' },
  'file/binary': { retry: 'never' },
  'file/changed': { retry: 'later' },
  'file/is-directory': { retry: 'never' },
  'file/locked': { retry: 'later' },
  'file/no-match': { retry: 'never' },
  'file/not-found': { retry: 'never' },
  'file/not-read': { retry: 'never' },
  'file/outside': { retry: 'never' },
  'file/too-large': { retry: 'never' },
  'file/unavailable': { retry: 'never' },
  'human/unreachable': { retry: 'later' },
  'limit/agent': { retry: 'later' },
  'limit/background': { retry: 'later' },
  'limit/children': { retry: 'never' },
  'limit/depth': { retry: 'never' },
  'limit/idle': { retry: 'never' },
  'limit/model': { retry: 'later' },
  'limit/queue': { retry: 'later' },
  'limit/timeout': { retry: 'never' },
  'limit/turns': { retry: 'never' },
  'model/bad-request': { retry: 'never' },
  'model/content-filter': { retry: 'never' },
  'model/context-overflow': { retry: 'never' },
  'model/cut-off': { retry: 'never' },
  'model/rate-limited': { retry: 'later' },
  'model/refused': { retry: 'never' },
  'model/stopped': { retry: 'later' },
  'model/timed-out': { retry: 'later' },
  'model/torn-stream': { retry: 'later' },
  'model/unauthorised': { retry: 'never' },
  'model/unavailable': { retry: 'later' },
  'model/unreadable-reply': { retry: 'later' },
  'patch/malformed': { retry: 'never' },
  'patch/no-match': { retry: 'never' },
  'search/bad-pattern': { retry: 'never' },
  'search/unavailable': { retry: 'never' },
  'store/busy': { retry: 'later' },
  'store/closed': { retry: 'never' },
  'store/conflict': { retry: 'never' },
  'store/corrupt': { retry: 'never' },
  'store/foreign': { retry: 'never' },
  'store/full': { retry: 'later' },
  'store/held': { retry: 'later' },
  'store/newer': { retry: 'never' },
  'store/replaced': { retry: 'never' },
  'store/stale-writer': { retry: 'never' },
  'store/unavailable': { retry: 'never' },
  'task/bad-result': { retry: 'never' },
  'task/cancelled': { retry: 'never' },
  'task/duplicate-id': { retry: 'never' },
  'task/has-ended': { retry: 'never' },
  'task/held': { retry: 'later' },
  'task/lost': { retry: 'later' },
  'task/may-not-spawn': { retry: 'never' },
  'task/no-agent': { retry: 'never' },
  'task/no-result': { retry: 'never' },
  'task/no-such-task': { retry: 'never' },
  'task/not-done': { retry: 'never' },
  'task/stopped': { retry: 'later' },
  'tool/bad-input': { retry: 'never' },
  'tool/not-done': { retry: 'never' },
  'tool/stopped': { retry: 'later' },
  'tool/threw': { retry: 'never' },
  'tool/timed-out': { retry: 'later' },
  'tool/unknown': { retry: 'never' },
  unexpected: { retry: 'never' },
} as const satisfies Record<string, Pick<Failure, 'retry'>>

export type FailureCode = keyof typeof FAILURES

const runtimeError = Symbol.for('troupe.RuntimeError')
const usageError = Symbol.for('troupe.UsageError')

export interface RuntimeErrorOptions extends ErrorOptions {
  /** When the other side said how long to wait. */
  readonly retryAfterMs?: number
}

/** An operating error: expected, named, and allowed to cross from one actor to another. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly [runtimeError] = true
  readonly code: FailureCode
  readonly retryAfterMs: number | null

  constructor(code: FailureCode, message: string, options?: RuntimeErrorOptions) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options?.retryAfterMs ?? null
  }

  /** Works where `instanceof` does not: two copies of the package, two realms. */
  static is(value: unknown): value is RuntimeError {
    return typeof value === 'object' && value !== null && runtimeError in value
  }
}

/** The embedder's error: a wrong option, an unknown agent. Thrown at once, before anything starts. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly [usageError] = true

  static is(value: unknown): value is UsageError {
    return typeof value === 'object' && value !== null && usageError in value
  }
}

/** A programming error: our own promise broken. Never caught to carry on, only to report. */
export class Bug extends Error {
  override readonly name = 'Bug'
}

export function failure(code: FailureCode, message: string): Failure {
  return { code, message, retry: FAILURES[code].retry }
}

/** Turns whatever was thrown into data that a journal can hold. Contract: never throws. */
export function toFailure(thrown: unknown): Failure {
  if (RuntimeError.is(thrown)) {
    // Another version of this package may know codes that this one does not.
    const { retry } = Object.hasOwn(FAILURES, thrown.code) ? FAILURES[thrown.code] : FAILURES.unexpected
    return { code: String(thrown.code), message: String(thrown.message), retry }
  }
  return failure('unexpected', inWords(thrown))
}

/** Whatever was thrown, as a sentence. Contract: never throws. */
export function inWords(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return 'something that cannot be told in words'
  }
}
