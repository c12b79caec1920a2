import type { Clock } from '../host.ts'

export interface HandClock extends Clock {
  /** Moves on, ringing every alarm on the way, in its turn. */
  advance(ms: number): void
  /**
   * The machine sleeps: the time jumps, and only then everything overdue rings. What is overdue for longest
   * rings last, so that whoever would notice the sleep is the last to hear of it.
   */
  sleep(ms: number): void
  /** How many alarms are set. */
  readonly armed: number
}

interface Alarm {
  readonly at: number
  readonly ring: () => void
}

/** A clock that moves when told. */
export function handClock(start = 1_000_000): HandClock {
  let now = start
  const alarms = new Set<Alarm>()

  /** Of the alarms due by then, the one that comes before every other. */
  function firstBy(end: number, isBefore: (one: Alarm, other: Alarm) => boolean): Alarm | null {
    let first: Alarm | null = null
    for (const alarm of alarms) if (alarm.at <= end && (!first || isBefore(alarm, first))) first = alarm
    return first
  }

  function ringAll(end: number, isBefore: (one: Alarm, other: Alarm) => boolean): void {
    for (let alarm = firstBy(end, isBefore); alarm; alarm = firstBy(end, isBefore)) {
      now = Math.max(now, alarm.at)
      alarms.delete(alarm)
      alarm.ring()
    }
    now = end
  }

  return {
    now: () => now,
    alarm(at, ring) {
      const alarm = { at, ring }
      alarms.add(alarm)
      return () => void alarms.delete(alarm)
    },
    advance: (ms) => ringAll(now + ms, (one, other) => one.at < other.at),
    sleep(ms) {
      now += ms
      ringAll(now, (one, other) => one.at > other.at)
    },
    get armed() {
      return alarms.size
    },
  }
}
