import type { Clock } from '../../host.ts'
import type { AlarmOrder } from '../../protocol/orders.ts'
import type { Awake } from '../awake.ts'
import type { Effect } from '../body.ts'

export interface RingAlarmParts {
  readonly clock: Clock
  readonly awake: Awake
}

/** Says what it was given to say: at a time by the clock, or after so much time awake. */
export function ringAlarm({ clock, awake }: RingAlarmParts): Effect<AlarmOrder> {
  return ({ when, fact }, signal) =>
    new Promise((resolve) => {
      const ring = () => resolve(fact)
      const stop = 'at' in when ? clock.alarm(when.at, ring) : awake.after(when.afterMs, ring)
      signal.addEventListener('abort', () => {
        stop()
        resolve(null)
      })
    })
}
