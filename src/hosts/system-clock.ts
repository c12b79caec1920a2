import { createHash, randomBytes } from 'node:crypto'
import type { Chance, Clock } from '../host.ts'

/**
 * How long an alarm sleeps at most before it looks at the clock again. A timer doesn't run while the machine
 * sleeps, doesn't hear of a clock that was set, and can't be longer than 2^31 − 1 ms at all.
 */
const LOOK_AGAIN_MS = 60_000
/** A clock that is behind the ticks of the machine by more than this was set back. */
const SET_BACK_MS = 1_000
const RANDOM_BYTES = 10
const TIME_CHARACTERS = 9
/** In the order of their codes, so that ids sort by time; without i, l, o and u, which people misread. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The time of this machine, which never goes back: when the clock is set back, it goes on at its own pace
 * from where it was. So nobody waits an hour longer because somebody corrected the clock by one.
 */
export function createSystemClock(): Clock {
  let clock = Date.now()
  let ticks = performance.now()
  let setBackMs = 0
  let latest = clock

  function now(): number {
    const before = { clock, ticks }
    clock = Date.now()
    ticks = performance.now()
    const lostMs = Math.round(ticks - before.ticks) - (clock - before.clock)
    if (lostMs > SET_BACK_MS) setBackMs += lostMs
    latest = Math.max(latest, clock + setBackMs)
    return latest
  }

  return {
    now,
    alarm(at, ring) {
      let timer: NodeJS.Timeout
      const arm = () => {
        timer = setTimeout(look, Math.max(0, Math.min(at - now(), LOOK_AGAIN_MS)))
      }
      // A timer may fire a millisecond before the clock says so.
      const look = () => (now() < at ? arm() : ring())
      arm()
      return () => clearTimeout(timer)
    },
  }
}

/** The time of this machine. */

/** 128 bits: nobody finds a second text with the same mark. */
const DIGEST_CHARACTERS = 32

/** The randomness of this machine. */
export const systemChance: Chance = {
  id: () =>
    `t_${base32(BigInt(Date.now()), TIME_CHARACTERS)}${base32(randomNumber(), (RANDOM_BYTES * 8) / 5)}`,
  fraction: () => Math.random(),
  digest: (text) => createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS),
}

function randomNumber(): bigint {
  return BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`)
}

function base32(value: bigint, characters: number): string {
  return Array.from({ length: characters }, (_, index) => {
    const shift = BigInt(5 * (characters - 1 - index))
    return DIGITS[Number((value >> shift) & 31n)]
  }).join('')
}
