/** Where a process can be killed: at every entry of every journal, and around every effect. */
import type { Record } from './record.ts'
import { createLabels } from '../world/labels.ts'

const WHEN = ['before', 'inside', 'after'] as const
const EFFECTS = ['mail', 'deploy', 'stamp', 'pay'].flatMap((name) => [
  `effect before ${name}`,
  `effect after ${name}`,
])

/** Every boundary of the journals that a life without a crash has written. */
export function pointsOf({ entries }: Record): readonly string[] {
  const labels = createLabels()
  const found = [...new Set(entries.map((entry) => labels.of(entry)))]
  const boundaries = found.flatMap((label) => WHEN.map((when) => `${when} ${label}`))
  return [...boundaries, ...EFFECTS, 'effect before execute_command']
}

/** Deals the points out, so that those of one hand are far apart. */
export function dealt<T>(points: readonly T[], hands: number): readonly (readonly T[])[] {
  return Array.from({ length: hands }, (_, hand) => points.filter((_point, n) => n % hands === hand))
}
