import type { ChartFact } from './journal.ts'
import type { Call } from './model.ts'

/** What the charts hand to the bodies they ask for. */

export interface ModelOrder {
  readonly taskId: string
  /** The turn that is asked for, or the last one to be summarised. */
  readonly turn: number
  readonly purpose: 'reply' | 'summary'
  /** How often this turn was asked for before, in vain. */
  readonly attempt: number
}

export interface AlarmOrder {
  readonly taskId: string
  readonly at: number
  /** What there is to say when it rings. */
  readonly fact: Extract<ChartFact, { type: 'limit.reached' | 'retry.due' | 'grace.over' }>
}

export interface CheckOrder {
  readonly taskId: string
  readonly call: Call
  /** Why the call may not be run now, whatever the boundary says. */
  readonly objection: string | null
}

export interface CallOrder {
  readonly taskId: string
  readonly call: Call
  /** Why a person was asked, if one was. What they said yes to is this, and nothing else. */
  readonly askedFor: string | null
  readonly isApproved: boolean
}
