/** The middle of the numbers there are; NaN of none. */
export function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** More than this much of a core used by others, and a sample says little. */
const NOISY_CORES = 0.5
const QUIET_PAIRS_MIN = 3

/** The pairs worth reading: the quiet ones if there are enough of them, else all. */
export function readable(pairs) {
  const quiet = pairs.filter(isQuiet)
  return quiet.length >= QUIET_PAIRS_MIN ? quiet : pairs
}

export function isQuiet(pair) {
  return Object.values(pair).every(({ foreignCores }) => !(foreignCores > NOISY_CORES))
}

/**
 * The medians of both sides, and of the ratio within each pair: what slows the machine for a while slows
 * both, so a ratio holds where a time does not.
 */
export function compared(pairs, field, [base, other]) {
  const of = (side) => median(pairs.map((pair) => pair[side][field]))
  const ratio = median(pairs.map((pair) => pair[other][field] / pair[base][field]))
  return { base: of(base), other: of(other), ratio }
}
