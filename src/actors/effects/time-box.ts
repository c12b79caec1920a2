import { RuntimeError } from '../../errors.ts'
import type { Awake } from '../awake.ts'
import { STOPPED } from '../body.ts'

/** How long a body may go on after it was told to end, before somebody is told that it does. */
const OVERDUE_MS = 10_000

const TIME_IS_UP = new RuntimeError('tool/timed-out', 'It took longer than it may.')

export interface TimeBoxPlan {
  readonly awake: Awake
  /** Of time awake: a machine that sleeps keeps nobody waiting. */
  readonly limitMs: number
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
  /** Told once, when the body goes on although it should have ended. */
  readonly overdue: () => void
}

export interface TimeBox {
  /** Tells the body to end: its time is up, or nobody waits any more. */
  readonly signal: AbortSignal
  /** Why it was told to end, if it was. */
  why(): 'limit' | 'stopped' | null
  /** The body has ended. */
  leave(): void
}

/**
 * The time a body has. It is told when that is up; whoever opened the box waits until it has really ended.
 */
export function openTimeBox({ awake, limitMs, signal, overdue }: TimeBoxPlan): TimeBox {
  const abort = new AbortController()
  let disarm = awake.after(limitMs, () => tell(TIME_IS_UP))
  const stop = () => tell(STOPPED)

  function tell(reason: RuntimeError): void {
    if (abort.signal.aborted) return
    disarm()
    disarm = awake.after(OVERDUE_MS, overdue)
    abort.abort(reason)
  }

  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  return {
    signal: abort.signal,
    why() {
      if (!abort.signal.aborted) return null
      return abort.signal.reason === TIME_IS_UP ? 'limit' : 'stopped'
    },
    leave() {
      disarm()
      signal.removeEventListener('abort', stop)
    },
  }
}
