import type { Boundary } from './boundary.ts'
import type { Usage } from './model.ts'

/** One goal for one agent, fixed when it is admitted: nothing that changes later reaches a running task. */
export interface TaskSpec {
  readonly id: string
  readonly agent: string
  readonly message: string
  readonly title: string
  readonly parent: string | null
  readonly depth: number
  /** Nobody waits in front of it, or of the task it works for: it takes a slot while it works. */
  readonly background: boolean
  /** Somebody is asked before it may complete, and can send it back to work. */
  readonly asksToStop: boolean
  readonly instructions: string
  /** The workspace's own notes (AGENTS.md), shown to the model as data. */
  readonly notes: string | null
  readonly tools: readonly string[]
  readonly model: { readonly name: string; readonly contextWindow: number }
  readonly boundary: Boundary
  readonly limits: Limits
  /** What `data` of the answer must be, as a JSON schema, where the caller wants some. */
  readonly dataSchema: Readonly<Record<string, unknown>> | null
}

/** What a task may spend. `null` is no limit of its own. */
export interface Limits {
  readonly maxTurns: number
  /** Running time: waiting for people and being paused count in nobody's. */
  readonly timeoutMs: number | null
  /** How long its model may show no sign of life. */
  readonly idleMs: number | null
  readonly toolTimeoutMs: number
  /** For one reply of the model. */
  readonly modelTimeoutMs: number
  /** How long a person may take to answer. */
  readonly approvalTimeoutMs: number | null
  /** How often one model call is tried again. */
  readonly retries: number
}

/** An error made plain: it survives JSON, a crash, and a trip between processes. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly retry: 'never' | 'later'
}

/** How a task ends. Exactly one of these, exactly once. `result` is the last thing it said. */
export type Outcome =
  | { readonly status: 'completed'; readonly result: string; readonly data?: unknown }
  | {
      readonly status: 'failed' | 'timedOut' | 'cancelled'
      readonly result: string
      readonly reason: Failure
      /** The result came after the task was told to end, and was kept. */
      readonly late?: true
    }

/**
 * Who holds a task still. It goes on when the last one lets go. `parent/<id>`: it is held together with that
 * task. A host may hold it under a word of its own.
 */
export type Holder =
  | 'user'
  | 'quota'
  | 'shutdown'
  | 'interrupted'
  | 'no-slot'
  | `parent/${string}`
  | (string & {})

/** A step of work the model has set itself. */
export interface Todo {
  readonly text: string
  readonly status: 'open' | 'doing' | 'done'
}

/**
 * The outermost state of a task. `lost`: its journal has refused this process. `rejected`: it was never
 * admitted.
 */
export type TaskStatus =
  | 'queued'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'cancelling'
  | Outcome['status']
  | 'lost'
  | 'rejected'

/** How a task stands, for whoever asks from outside. */
export interface TaskView {
  readonly id: string
  readonly agent: string
  readonly title: string
  readonly parent: string | null
  readonly status: TaskStatus
  /** The whole path: `running.asking`. */
  readonly state: string
  readonly turns: number
  readonly usage: Usage
  readonly todos: readonly Todo[]
  readonly pausedBy: readonly Holder[]
  readonly background: boolean
  /** How many wait for a slot before it, if it waits for one. */
  readonly ahead: number | null
  readonly createdAt: number
  readonly durationMs: number
  /** Who has it: this runtime, another process of the workspace, or nobody, so that it stands still. */
  readonly heldBy: 'here' | 'elsewhere' | 'nobody'
  readonly outcome: Outcome | null
}
