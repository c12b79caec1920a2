/**
 * Chains drawn by chance, the same ones for the same seed: two points, or instants at which they are killed.
 */
import { rmSync } from 'node:fs'
import type { LifePlan } from '../world/plan.ts'
import { type Chain, type ChainPlan, PLAN, runChain } from './chains.ts'
import { freshWorld, live } from './lives.ts'
import { pointsOf } from './points.ts'
import { recordOf } from './record.ts'

const SHOTS_MAX = 3

/** One way of working, looked at once while nobody kills it. */
interface Way {
  readonly name: string
  readonly plan: Omit<ChainPlan, 'kills'>
  readonly points: readonly string[]
  /** How long a life takes. */
  readonly spanMs: number
}

type Kind = Pick<LifePlan, 'background' | 'cap'>

/** The ways in which the lead works: in front of somebody, in the background alone, and beside a child. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'lead in the foreground': { background: false, cap: 1 },
  'lead in the background': { background: true, cap: 1 },
  'lead in the background, cap 2': { background: true, cap: 2 },
}

export async function wayOf(script: string, name: string, kind: Kind): Promise<Way> {
  const directory = freshWorld()
  const plan = { ...PLAN, ...kind, script }
  const since = performance.now()
  await live(script, { ...plan, directory, life: 1, kills: [] })
  const spanMs = performance.now() - since
  const points = pointsOf(await recordOf(directory))
  rmSync(directory, { recursive: true, force: true })
  return { name, plan, points, spanMs }
}

type Chains = readonly (() => Promise<Chain>)[]

export function alone({ plan, points }: Way): Chains {
  return points.map((point) => () => runChain({ ...plan, kills: [point] }))
}

export function pairs({ plan, points }: Way, count: number, fraction: () => number): Chains {
  const drawn = (all: readonly string[]) => all[Math.floor(fraction() * all.length)] ?? ''
  return Array.from({ length: count }, () => {
    const kills = [drawn(points), drawn([...points, ...AFTERWARDS])]
    return () => runChain({ ...plan, kills })
  })
}

/** What only a life writes that comes after a crash. */
const AFTERWARDS = ['lead', 'mailer', 'reader', 'stamper', 'helper'].flatMap((role) =>
  [
    'task.interrupted',
    'task.resumeAsked user',
    'task.resumed',
    'call.reconciled mail',
    'call.reconciled pay',
  ].flatMap((type) => ['before', 'inside', 'after'].map((when) => `${when} ${role} ${type}`)),
)

export function shots({ plan, spanMs }: Way, count: number, fraction: () => number): Chains {
  return Array.from({ length: count }, () => {
    const delays = Array.from({ length: 1 + Math.floor(fraction() * SHOTS_MAX) }, () => fraction() * spanMs)
    const shoot = (life: number, kill: () => void) => {
      const delay = delays[life - 1]
      if (delay !== undefined) setTimeout(kill, delay)
    }
    return () => runChain({ ...plan, kills: [], shoot })
  })
}
