import type { Boundary, Policy } from '../protocol/boundary.ts'
import type { Subject } from './findings.ts'

/** Characters of patterns times characters of what is compared with them: more takes too long. */
const COMPARISONS_MAX = 6_000_000

/** Whether a call has more paths in it than its patterns can be compared with in time. */
export function isTooMuch(subject: Subject, boundary: Boundary, { allow, ask, deny }: Policy): boolean {
  const patterns = [
    ...boundary.flatMap(({ filePatterns = [], writePatterns = [] }) => [...filePatterns, ...writePatterns]),
    ...[...allow, ...ask, ...deny].map(({ spec }) => spec ?? ''),
  ]
  return lengthOf(patterns) * lengthOf(comparedIn(subject)) > COMPARISONS_MAX
}

function comparedIn({ reads, writes, command }: Subject): readonly string[] {
  const touched = [...reads, ...writes, ...(command?.reads ?? []), ...(command?.writes ?? [])]
  const words = (command?.parts ?? []).flatMap(({ kind, leaves }) =>
    kind === 'other' ? (leaves[0]?.words ?? []).map(({ shape }) => shape) : [],
  )
  return [...touched.map(({ given }) => given), ...words]
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0)
}
