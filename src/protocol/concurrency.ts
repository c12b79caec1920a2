/** How much may go on at the same time in the background. */
export interface Concurrency {
  /** Tasks that may have a live body at once. */
  readonly background: number
  /** The same for single agents and models, by name; each holds besides the one for all. */
  readonly perAgent: Readonly<Record<string, number>>
  readonly perModel: Readonly<Record<string, number>>
  /** How many may wait for a slot. */
  readonly queue: number
  /** What becomes of a launch when there is no slot for it. */
  readonly atCap: 'queue' | 'reject'
}

/** A slot that is taken. */
export interface Slot {
  readonly taskId: string
  readonly agent: string
  readonly model: string
}

/** What other processes do in the background of the same workspace. */
export interface Elsewhere {
  /** The smallest cap among them; `null` where there are none. */
  readonly cap: number | null
  readonly held: readonly Slot[]
  /** How many wait for a slot there. */
  readonly waiting: number
}

/** Nobody else is there. */
export const NOBODY_ELSEWHERE: Elsewhere = { cap: null, held: [], waiting: 0 }
