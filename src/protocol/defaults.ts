/**
 * What holds unless said otherwise. The same table stands in docs/reference/defaults.md; a test compares
 * them.
 */
export const DEFAULTS = {
  agent: 'lead',
  maxTurns: 200,
  maxTurnsChild: 50,
  /** Tasks that may work in the background at the same time. */
  background: 10,
  /** Tasks that may wait for their turn to. */
  queue: 100,
  /** Running time of a task in the background. */
  backgroundTimeoutMs: 300_000,
  /** How long the model of a task in the background may show no sign of life. */
  idleMs: 120_000,
  /** How deep tasks may spawn tasks. */
  depth: 3,
  /** How many tasks one task may spawn. */
  children: 50,
  /** How often a hook may send a task back to work. */
  sentBack: 8,
  hookTimeoutMs: 60_000,
  /** The part of a task's result that the model of its parent is shown, in bytes. */
  reportBytes: 16_000,
  toolTimeoutMs: 120_000,
  modelTimeoutMs: 600_000,
  retries: 5,
  /** The part of a tool's output that the model is shown, in bytes. */
  toolOutputBytes: 30_000,
  notesBytes: 32_000,
  /** How long `close` waits for what runs to come to rest. */
  closeGraceMs: 10_000,
  /** Events a listener of all tasks may be behind before it is told that some were lost. */
  eventsBuffered: 10_000,
  /** Ended tasks that are kept. */
  retentionTasks: 1_000,
  /** How long an ended task is kept. */
  retentionDays: 30,
} as const
