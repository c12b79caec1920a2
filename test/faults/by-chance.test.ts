import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KINDS, pairs, shots, wayOf } from './driver/by-chance.ts'
import { runAll } from './driver/chains.ts'
import { bundle, removeBundle } from './driver/lives.ts'
import { fractionsFrom } from './driver/seeded.ts'

/** Of each kind, for each way of working. */
const CHAINS = 6

let script = ''
beforeAll(async () => void (script = await bundle('by-chance')))
afterAll(() => removeBundle(script))

describe('L6, L7: killed at two points, or from outside at any instant', () => {
  const seed = Date.now() % 1_000_000
  it.each(Object.entries(KINDS))(
    `%s, from the seed ${seed}`,
    async (name, kind) => {
      const fraction = fractionsFrom(seed)
      const way = await wayOf(script, name, kind)
      const chains = await runAll([...pairs(way, CHAINS, fraction), ...shots(way, CHAINS, fraction)])
      expect(chains.flatMap(({ problems }) => problems)).toEqual([])
      expect(chains.reduce((sum, { died }) => sum + died.length, 0)).toBeGreaterThan(CHAINS)
    },
    300_000,
  )
})
