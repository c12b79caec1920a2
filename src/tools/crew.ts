import type { Failure } from '../protocol/task.ts'

/** What a task may do with the tasks that work for it. Every answer is data; nothing here rejects. */
export interface Crew {
  /** Contract: durable when it resolves; the same `key` twice is one task. */
  spawn(parentId: string, order: SpawnOrder): Promise<Spawned | { readonly refusal: Failure }>
  /** The tasks that work for this one, and for those, the oldest first. */
  descendants(parentId: string): readonly CrewMember[]
  /** Ends a descendant and all that work for it. */
  cancel(parentId: string, taskId: string, reason: string): Promise<null | Failure>
  /** How much room there is, as the model should know it before it spawns. */
  capacity(): { readonly running: number; readonly cap: number; readonly queued: number }
  /** What `until` and a time limit come to, when waiting begins now. */
  deadline(timeoutMs: number | null): number | null
}

export interface SpawnOrder {
  /** The same for every attempt at the same call. */
  readonly key: string
  readonly agent: string
  readonly message: string
  readonly title?: string | undefined
  /** Unsaid, the agent's own way. */
  readonly background?: boolean | undefined
  /** One layer more for its boundary, as the model gave it. */
  readonly permissions?: unknown
}

export interface Spawned {
  readonly taskId: string
  readonly background: boolean
  /** How many wait for a slot before it; `null`: it runs. */
  readonly ahead: number | null
}

export interface CrewMember {
  readonly taskId: string
  readonly parent: string
  readonly agent: string
  readonly title: string
  /** `queued`, `running`, `paused`… */
  readonly status: string
  readonly background: boolean
  readonly ahead: number | null
  readonly turns: number
  readonly hasEnded: boolean
  /** The parent's model has been told of its end. */
  readonly isTold: boolean
}
