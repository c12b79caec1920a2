import type { FailureCode } from '../errors.ts'
import type { TaskResult } from '../runtime/result.ts'

/** What the process says of itself when it ends. Scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  limit: 4,
  interrupted: 5,
} as const

export const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
export type SignalName = keyof typeof SIGNALS

/** The code that shells know for a process which a signal has ended. */
export function exitCodeOfSignal(signal: SignalName): number {
  return 128 + SIGNALS[signal]
}

export function exitCodeOf(result: TaskResult): number {
  if (result.status === 'completed') return EXIT.done
  if (result.status === 'paused') return EXIT.interrupted
  // Nobody but the person at the terminal cancels a task of the command line.
  if (result.status === 'cancelled') return exitCodeOfSignal('SIGINT')
  const isLimit = result.status === 'timedOut' || result.reason.code.startsWith('limit/')
  return isLimit ? EXIT.limit : EXIT.failed
}

const AGAIN = 'Run the same command again; it begins anew. With --verbose it tells more of what happens.'

const NEXT: Readonly<Partial<Record<FailureCode, string>>> = {
  'limit/turns': 'Give it more turns, for example --max-turns 400, or a smaller task.',
  'limit/timeout': 'Give it more time, for example --timeout 30m, or a smaller task.',
  'model/unauthorised': 'Check OPENAI_API_KEY and OPENAI_BASE_URL, then run the same command again.',
  'model/rate-limited': 'The model’s server wants a pause. Run the same command again later.',
  'model/unavailable':
    'See whether the server answers: troupe doctor --online. Then run the same command again.',
  'model/bad-request': 'Check the name of the model (--model); troupe doctor --online says what answers.',
  'store/full': 'Make room, then run the same command again; or keep nothing: --no-store.',
  'task/cancelled': 'What it changed until then is still there. Run the same command again; it begins anew.',
}

/** What to type next, in a sentence. */
export function nextStep(code: string): string {
  return new Map<string, string>(Object.entries(NEXT)).get(code) ?? AGAIN
}
