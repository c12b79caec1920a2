import { inWords } from '../errors.ts'
import type { Host, TaskRecord } from '../host.ts'
import type { Listeners } from '../actors/listeners.ts'

/** Which of the tasks there are need not be kept any longer. Contract: none that has not ended. */
export type ToForget = (records: readonly TaskRecord[], now: number) => readonly string[]

/** A runtime that lives long looks again after so many tasks have ended. */
const ENDED_BETWEEN = 500

export interface Tidying {
  /** The last look, if anything has ended here. Contract: never rejects. */
  end(): Promise<void>
}

/** Forgets what has ended long ago. A store that nothing ends in is left as it is. */
export function tidyNowAndThen(
  { store, clock, warn }: Pick<Host, 'store' | 'clock' | 'warn'>,
  listeners: Listeners,
  toForget: ToForget,
): Tidying {
  let ended = 0
  let running: Promise<void> = Promise.resolve()

  async function tidy(): Promise<void> {
    try {
      const forgotten = toForget(await store.tasks(), clock.now())
      if (forgotten.length > 0) await store.forget(forgotten)
    } catch (error) {
      warn(`Old tasks could not be forgotten: ${inWords(error)}`)
    }
  }

  const stop = listeners.add(({ type }) => {
    if (type !== 'task.ended') return
    ended += 1
    if (ended % ENDED_BETWEEN === 0) running = running.then(tidy)
  })

  return {
    end() {
      stop()
      if (ended % ENDED_BETWEEN !== 0) running = running.then(tidy)
      return running
    },
  }
}
