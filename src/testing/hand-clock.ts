import type { Clock } from '../host.ts'

export interface HandClock extends Clock {
  /** Moves on, ringing every alarm on the way, in its turn. */
  advance(ms: number): void
  /** How many alarms are set. */
  readonly armed: number
}

/** A clock that moves when told. */
export function handClock(start = 1_000_000): HandClock {
  let now = start
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>()

  function nextUntil(end: number) {
    return [...alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }

  return {
    now: () => now,
    alarm(at, ring) {
      const alarm = { at, ring }
      alarms.add(alarm)
      return () => void alarms.delete(alarm)
    },
    advance(ms) {
      const end = now + ms
      for (let alarm = nextUntil(end); alarm; alarm = nextUntil(end)) {
        now = Math.max(now, alarm.at)
        alarms.delete(alarm)
        alarm.ring()
      }
      now = end
    },
    get armed() {
      return alarms.size
    },
  }
}
