import type { Verdict } from './boundary.ts'
import type { ChartFact } from './journal.ts'
import type { Wait } from './delegation.ts'
import type { Call } from './model.ts'
import type { Outcome } from './task.ts'

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
  /** When it rings by the clock, or after how much time in which the machine was awake. */
  readonly when: { readonly at: number } | { readonly afterMs: number }
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
  /** Which rule of which layer asked. */
  readonly askedBy: Pick<Verdict, 'layer' | 'rule'> | null
  /** The mark of everything they are shown. */
  readonly shown: string | null
  /** Since when they are asked: what limits their time counts from then on, also after a crash. */
  readonly askedAt: number | null
  readonly isApproved: boolean
}

export interface WaitOrder {
  readonly taskId: string
  readonly call: Call
  readonly wait: Wait
}

export interface StopOrder {
  readonly taskId: string
  /** What it would end with. */
  readonly outcome: Outcome
  /** How often it was sent back before. */
  readonly timesSentBack: number
}
