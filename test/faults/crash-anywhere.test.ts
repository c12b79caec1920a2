import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLAN, runAll, runChain } from './driver/chains.ts'
import { bundle, freshWorld, live, removeBundle } from './driver/lives.ts'
import { dealt, pointsOf } from './driver/points.ts'
import { problemsOf } from './driver/claims.ts'
import { recordOf } from './driver/record.ts'

/** So many chains share all points: each life dies at the next one of its chain. */
const CHAINS = 24

let script = ''
beforeAll(async () => void (script = await bundle('crash-anywhere')))
afterAll(() => removeBundle(script))

describe('L6, L7: killed at every boundary of the journal, and around every effect', () => {
  it('nothing is lost, nothing is silently done twice, and every result is told once', async () => {
    const directory = freshWorld()
    await live(script, { ...PLAN, directory, life: 1, kills: [] })
    const undisturbed = await recordOf(directory)
    expect(problemsOf(undisturbed, PLAN.cap)).toEqual([])

    rmSync(directory, { recursive: true, force: true })
    const points = pointsOf(undisturbed)
    const chains = await runAll(
      dealt(points, CHAINS).map((kills) => () => runChain({ ...PLAN, script, kills })),
    )
    expect(chains.flatMap(({ problems }) => problems)).toEqual([])
    // A point that another kill of its chain has led past is met alone.
    const died = new Set(chains.flatMap((chain) => chain.died))
    const missed = points.filter((point) => !died.has(point))
    const alone = await runAll(missed.map((point) => () => runChain({ ...PLAN, script, kills: [point] })))
    expect(alone.flatMap(({ problems }) => problems)).toEqual([])
    for (const chain of alone) for (const point of chain.died) died.add(point)
    expect(points.filter((point) => !died.has(point))).toEqual([])
  }, 600_000)
})
