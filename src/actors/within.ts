import type { Clock } from '../host.ts'

/** What the work comes to, or what is to be said of it when it is late. The work itself goes on. */
export async function within<T>(clock: Clock, limitMs: number, work: Promise<T>, late: () => T): Promise<T> {
  let disarm = () => {}
  const timer = new Promise<T>((resolve) => {
    disarm = clock.alarm(clock.now() + limitMs, () => resolve(late()))
  })
  try {
    return await Promise.race([work, timer])
  } finally {
    disarm()
  }
}
