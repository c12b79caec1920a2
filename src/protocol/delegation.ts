import type { Usage } from './model.ts'
import type { Failure, Outcome } from './task.ts'

/** What a task hands back to the one it worked for. Data for its model, never an instruction. */
export interface ChildReport {
  readonly taskId: string
  readonly agent: string
  readonly title: string
  readonly status: Outcome['status']
  /** The last thing it said, cut to what a model can read. */
  readonly result: string
  readonly data?: unknown
  readonly reason?: Failure
  /** The result came after the task was told to end. */
  readonly late?: true
  readonly turns: number
  readonly usage: Usage
  readonly durationMs: number
}

/** What a call waits for. */
export interface Wait {
  readonly tasks: readonly string[]
  readonly until: Until
  /** When to give up waiting; the tasks go on. */
  readonly deadlineAt: number | null
}

/** How many of the tasks must have ended. */
export type Until = 'any' | 'all' | { readonly quorum: number }

/** Whether enough of the tasks have ended. */
export function isWaitOver({ tasks, until }: Wait, hasEnded: (taskId: string) => boolean): boolean {
  const needed = until === 'all' ? tasks.length : until === 'any' ? 1 : until.quorum
  return tasks.filter(hasEnded).length >= Math.min(needed, tasks.length)
}
