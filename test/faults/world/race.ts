/** What two processes that race are told, and what each says. */
export interface RacePlan {
  readonly directory: string
  /** What it wishes for, of one task after the other. */
  readonly verbs: readonly ('resume' | 'cancel')[]
}

export type RaceReport = Record<
  string,
  { readonly verb: string; readonly answer: string; readonly status: string }
>
