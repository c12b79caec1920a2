import type { Clock } from '../../host.ts'
import type { AlarmOrder } from '../../protocol/orders.ts'
import type { Effect } from '../body.ts'

/** Says what it was given to say, at the time it was given. */
export function ringAlarm(clock: Clock): Effect<AlarmOrder> {
  return ({ at, fact }, signal) =>
    new Promise((resolve) => {
      const stop = clock.alarm(at, () => resolve(fact))
      signal.addEventListener('abort', () => {
        stop()
        resolve(null)
      })
    })
}
