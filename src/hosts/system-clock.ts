import { randomBytes } from 'node:crypto'
import type { Chance, Clock } from '../host.ts'

/**
 * How long an alarm sleeps at most before it looks at the clock again. A timer doesn't run while the machine
 * sleeps, doesn't hear of a clock that was set, and can't be longer than 2^31 − 1 ms at all.
 */
const LOOK_AGAIN_MS = 60_000
const RANDOM_BYTES = 10
const TIME_CHARACTERS = 9
/** In the order of their codes, so that ids sort by time; without i, l, o and u, which people misread. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  alarm(at, ring) {
    let timer: NodeJS.Timeout
    const arm = () => {
      timer = setTimeout(look, Math.max(0, Math.min(at - Date.now(), LOOK_AGAIN_MS)))
    }
    // A timer may fire a millisecond before the clock says so.
    const look = () => (Date.now() < at ? arm() : ring())
    arm()
    return () => clearTimeout(timer)
  },
}

/** The randomness of this machine. */
export const systemChance: Chance = {
  id: () =>
    `t_${base32(BigInt(Date.now()), TIME_CHARACTERS)}${base32(randomNumber(), (RANDOM_BYTES * 8) / 5)}`,
  fraction: () => Math.random(),
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
