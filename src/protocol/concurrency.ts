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
