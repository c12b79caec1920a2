/**
 * Walks that no model foresees, drawn by a seed. To walk one again, or others: TROUPE_WALK_SEED=n sets the
 * first seed, TROUPE_WALK_COUNT=n how many there are, TROUPE_WALK_STEPS=n how long each is. A failure names
 * its seed and the shortest way found.
 */
import { describe, expect, it } from 'vitest'
import { workspaceWith } from '../support/runtime.ts'
import { chanceFrom, type Deed, drawn, openWild, type WildPlan } from './wild.ts'

const LIMIT_MS = 240_000
const FIRST_SEED = Number(process.env['TROUPE_WALK_SEED'] ?? 1)
const SEEDS = Number(process.env['TROUPE_WALK_COUNT'] ?? 500)
const STEPS = Number(process.env['TROUPE_WALK_STEPS'] ?? 40)

type Plan = Omit<WildPlan, 'workspace'>

const PLANS: Readonly<Record<string, Plan>> = {
  'one slot, facts in flight': { concurrency: { background: 1 }, tasksMax: 2, inFlight: true, hooks: false },
  'one slot of three tasks, facts in flight, hooks': {
    concurrency: { background: 1 },
    tasksMax: 3,
    inFlight: true,
    hooks: true,
  },
  'six tasks, three slots, caps of agents, hooks': {
    concurrency: { background: 3, perAgent: { explorer: 1 }, queue: 3 },
    tasksMax: 6,
    inFlight: false,
    hooks: true,
  },
  'six tasks, two slots, facts in flight, refused at the cap': {
    concurrency: { background: 2, atCap: 'reject' },
    tasksMax: 6,
    inFlight: true,
    hooks: true,
  },
}

describe('whatever happens, in whatever order', () => {
  it.each(Object.entries(PLANS))(
    `%s: seeds ${FIRST_SEED} to ${FIRST_SEED + SEEDS - 1}`,
    async (_, plan) => {
      const workspace = await workspaceWith()
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const fraction = chanceFrom(seed)
        const deeds = Array.from({ length: STEPS }, () => drawn(fraction, { ...plan, workspace }))
        const why = await fault(deeds, { ...plan, workspace })
        if (why === null) continue
        const shown = await shortened(deeds, { ...plan, workspace })
        const told = shown.map((it) => JSON.stringify(it)).join('\n')
        const said = await fault(shown, { ...plan, workspace })
        throw new Error(`Seed ${seed}: ${said ?? why}\nThe way there:\n${told}`)
      }
      expect(SEEDS).toBeGreaterThan(0)
    },
    LIMIT_MS,
  )
})

async function fault(deeds: readonly Deed[], plan: WildPlan): Promise<string | null> {
  const wild = await openWild(plan)
  let why: string | null = null
  try {
    for (const deed of deeds) await wild.dare(deed)
    await wild.finish()
  } catch (error) {
    why = error instanceof Error ? error.message : String(error)
  }
  await wild.close().catch((error: unknown) => {
    why ??= error instanceof Error ? error.message : String(error)
  })
  return why
}

async function shortened(deeds: readonly Deed[], plan: WildPlan): Promise<readonly Deed[]> {
  let left = deeds
  for (let size = Math.floor(left.length / 2); size > 0; size = Math.floor(size / 2))
    for (let index = 0; index < left.length; ) {
      const less = left.filter((_, at) => at < index || at >= index + size)
      if (await fault(less, plan)) left = less
      else index += size
    }
  return left
}
