/** What `--status` takes: what a task may be, and two ways in which it needs a person. */
export const STATUS_FILTERS = [
  'running',
  'queued',
  'paused',
  'interrupted',
  'waiting',
  'completed',
  'failed',
  'timedOut',
  'cancelled',
  'pausing',
  'cancelling',
  'lost',
] as const

export type StatusFilter = (typeof STATUS_FILTERS)[number]
