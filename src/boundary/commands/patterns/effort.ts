/**
 * What comparing may still cost. Patterns and lines are bounded each, but a list of the one times a list of
 * the other is not quick; who runs out of it treats what is left as the worse of the two answers.
 */
export interface Effort {
  left: number
}

/** Characters compared for one question. */
export const EFFORT_MAX = 1_500_000

/** Enough for one question. */
export function newEffort(): Effort {
  return { left: EFFORT_MAX }
}

/** Takes the cost of one comparison. False: there is no more to take. */
export function spend(effort: Effort, cost: number): boolean {
  effort.left -= cost
  return effort.left >= 0
}
