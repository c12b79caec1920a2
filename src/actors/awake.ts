import type { Clock } from '../host.ts'

/**
 * How often somebody looks whether the machine has slept, while there is a limit to be held. A sleep counts
 * as this much running time, however long it was.
 */
export const RENEWAL_MS = 5_000
/** So much time between two looks is a sleep. Less may be a busy machine, whose limits must hold too. */
const GAP_MS = 2 * RENEWAL_MS

/**
 * The time in which the machine is awake. A limit counts in it: a laptop that was shut for a night has not
 * kept anybody waiting.
 *
 * W1  What is armed rings after so much time awake, never sooner, whatever else rang before it.
 * W2  Nothing is looked at and nothing ticks while nothing is armed.
 * W3  A step back of the clock counts as no time at all, a step forward as sleep.
 */
export interface Awake {
  /** Rings once, when the machine has been awake for `ms` from now, unless stopped. */
  after(ms: number, ring: () => void): () => void
  /** Time awake since the beginning, as far as something was armed. */
  awakeMs(): number
  /** How much sleep was noticed since the beginning, with a sleep that has ended just now. */
  asleepMs(): number
}

/** One watch for all limits of a runtime. Arming and stopping cost the same however many there are. */
export function createAwake(clock: Clock): Awake {
  const watch = createWatch(clock)

  function after(ms: number, ring: () => void): () => void {
    watch.hold()
    const due = watch.look().awakeMs + ms
    let isArmed = true
    let disarm = () => {}

    function stop(): void {
      if (!isArmed) return
      isArmed = false
      disarm()
      watch.letGo()
    }

    function wait(): void {
      // Whole milliseconds: what is left of a fraction could be too little to move a clock on.
      disarm = clock.alarm(clock.now() + Math.ceil(due - watch.look().awakeMs), () => {
        if (watch.look().awakeMs < due) return wait()
        stop()
        ring()
      })
    }

    wait()
    return stop
  }

  return { after, awakeMs: () => watch.look().awakeMs, asleepMs: () => watch.look().asleepMs }
}

/** Tells time awake from sleep, as long as somebody holds it. */
function createWatch(clock: Clock) {
  const seen = { awakeMs: 0, asleepMs: 0 }
  let holders = 0
  let lookedAt = 0
  let stopTicking = () => {}

  function look(): Readonly<typeof seen> {
    if (holders === 0) return seen
    const now = clock.now()
    const passedMs = now - lookedAt
    lookedAt = now
    if (passedMs > GAP_MS) {
      seen.awakeMs += RENEWAL_MS
      seen.asleepMs += passedMs - RENEWAL_MS
    } else seen.awakeMs += Math.max(0, passedMs)
    return seen
  }

  function tick(): void {
    stopTicking = clock.alarm(clock.now() + RENEWAL_MS, () => {
      look()
      tick()
    })
  }

  return {
    look,
    hold() {
      holders += 1
      if (holders > 1) return
      lookedAt = clock.now()
      tick()
    },
    letGo() {
      // Whoever lets go may be the first to stir after a sleep, and the last who would have noticed it.
      look()
      holders -= 1
      if (holders === 0) stopTicking()
    },
  }
}
