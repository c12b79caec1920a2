/**
 * What holds unless said otherwise. The same table stands in docs/reference/defaults.md; a test compares
 * them.
 */
export const DEFAULTS = {
  agent: 'lead',
  maxTurns: 200,
  maxTurnsChild: 50,
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
} as const
