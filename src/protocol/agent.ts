import type { Layer } from './boundary.ts'

/** Who does the work: instructions, tools, limits, a boundary, and whom it may spawn. */
export interface Agent {
  readonly name: string
  readonly description: string
  readonly instructions: string
  /** Names of the tools it has. Absent: all. */
  readonly tools?: readonly string[]
  readonly disallowedTools?: readonly string[]
  readonly model?: string
  readonly maxTurns?: number
  readonly timeoutMs?: number
  /** Spawned by another task, it works in the background unless the call says otherwise. */
  readonly background?: boolean
  /** Agents it may spawn. Absent: none, but for `lead`. */
  readonly spawns?: readonly string[]
  readonly boundary?: Layer
}
