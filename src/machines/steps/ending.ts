/** How a task ends, and what may still stand in the way. */
import { DEFAULTS } from '../../protocol/defaults.ts'
import type { Call } from '../../protocol/model.ts'
import type { Failure, Outcome } from '../../protocol/task.ts'
import type { Change, TaskContext } from '../task-context.ts'

export function completed({ input }: Call): Extract<Outcome, { status: 'completed' }> {
  const { result, data } = input as { result?: unknown; data?: unknown }
  const text = typeof result === 'string' ? result : ''
  return data === undefined
    ? { status: 'completed', result: text }
    : { status: 'completed', result: text, data }
}

export function late({ ending }: TaskContext, result: string): Outcome | null {
  return ending === null || ending.status === 'completed' ? ending : { ...ending, result, late: true }
}

/** It does not end after all. */
export function reopened({ tries }: TaskContext, sentBack = tries.sentBack): Change {
  return { ending: null, completion: null, tries: { ...tries, isLeaveGiven: false, sentBack } }
}

/** It is sent back to work. Without a turn left it cannot go, so its result stands. */
export function afterObjection(context: TaskContext): Change {
  const { spec, turn, tries } = context
  if (turn >= spec.limits.maxTurns) return { tries: { ...tries, isLeaveGiven: true } }
  return reopened(context, tries.sentBack + 1)
}

/** Nothing stands between the task and its end. Completing may need leave; every other end needs none. */
export function mayEnd({ ending, spec, tries }: TaskContext): boolean {
  if (ending === null) return false
  if (ending.status !== 'completed' || !spec.asksToStop) return true
  return tries.isLeaveGiven || tries.sentBack >= DEFAULTS.sentBack
}

export function endOf(
  { said, ending }: TaskContext,
  status: 'failed' | 'timedOut' | 'cancelled',
  reason: Failure,
): Outcome {
  return { status, result: ending?.result ?? said.lastWords, reason }
}
