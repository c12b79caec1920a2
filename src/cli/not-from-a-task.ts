import { UsageError } from '../errors.ts'
import { isFromATask, type Surroundings } from '../hosts/node/processes/from-a-task.ts'

/**
 * L13: refuses, with a `UsageError`, a command that steers tasks or answers for a person when a task has
 * started it.
 */
export function refuseFromWithinATask(command: string, surroundings: Surroundings): void {
  if (!isFromATask(surroundings)) return
  throw new UsageError(
    `troupe ${command} is for people: this process was started by a task, and no task may steer tasks or ` +
      'answer for the user. Type it in a terminal of your own.',
  )
}
