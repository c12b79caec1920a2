import type { Action, Verdict } from '../protocol/boundary.ts'
import type { CommandJudgement } from './commands/commands.ts'
import type { KnownPlace } from './places.ts'

/** What one rule says about a call. The strictest of all of them is the verdict. */
export interface Finding extends Verdict {
  /** Neither a mode nor an allow rule answers it. */
  readonly isFirm: boolean
}

/** A path a tool was given, and where it leads. */
export interface Touched {
  readonly given: string
  readonly place: KnownPlace | 'outside'
}

/** A call with everything in it looked up, as every rule gets to see it. */
export interface Subject {
  readonly action: Action
  readonly reads: readonly Touched[]
  readonly writes: readonly Touched[]
  readonly command: CommandJudgement | null
  /** Where the command would run. */
  readonly cwd: Touched | null
  /** The call does not say what it touches, and may change something. */
  readonly isUnknown: boolean
}

export function deny(layer: string, rule: string, why: string): Finding {
  return { verdict: 'deny', layer, rule, why, isFirm: true }
}

/** An ask that only a person answers. */
export function askFirmly(layer: string, rule: string, why: string): Finding {
  return { verdict: 'ask', layer, rule, why, isFirm: true }
}

/** Where a path leads, for a sentence: as it was given when it leads nowhere inside. */
export function nameOf({ given, place }: Touched): string {
  return place === 'outside' ? given : place.path || '.'
}
