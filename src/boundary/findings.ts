import type { Action, Verdict } from '../protocol/boundary.ts'
import type { CommandJudgement, Touched } from './commands/judgement.ts'
import type { Places } from './files/places.ts'

/** What one rule says about a call. The strictest of all of them is the verdict. */
export interface Finding extends Verdict {
  /** Neither a mode nor an allow rule answers it. */
  readonly isFirm: boolean
  /**
   * What of a call an ask is about, so that only a rule about that answers it: what it runs, what it writes,
   * what it reads outside the workspace, or all of it.
   */
  readonly about: 'command' | 'writes' | 'outside' | 'call'
}

/** A call with everything in it looked up, as every rule gets to see it. */
export interface Subject {
  readonly action: Action
  readonly reads: readonly Touched[]
  readonly writes: readonly Touched[]
  readonly command: CommandJudgement | null
  /** Where the command would run. */
  readonly cwd: Touched | null
  /** Where each path that the call names leads. */
  readonly places: Places
  /** The call does not say what it touches, and may change something. */
  readonly isUnknown: boolean
  /** Nobody stands in front of its task. */
  readonly isBackground: boolean
}

export function deny(layer: string, rule: string, why: string): Finding {
  return { verdict: 'deny', layer, rule, why, isFirm: true, about: 'call' }
}

/** An ask that only a person answers. */
export function askFirmly(layer: string, rule: string, why: string): Finding {
  return { verdict: 'ask', layer, rule, why, isFirm: true, about: 'call' }
}

/** An ask that a mode or a rule may have answered beforehand. */
export function ask(about: Finding['about'], layer: string, rule: string, why: string): Finding {
  return { verdict: 'ask', layer, rule, why, isFirm: false, about }
}

/** Where a path leads, for a sentence: as it was given when it leads nowhere inside. */
export function nameOf({ given, place }: Touched): string {
  return place === 'outside' ? given : place.path || '.'
}
