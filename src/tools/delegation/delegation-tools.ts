import type { Agent } from '../../protocol/agent.ts'
import type { Crew } from '../crew.ts'
import type { Tool } from '../tool.ts'
import { cancelTask } from './cancel-task.ts'
import { listTasks } from './list-tasks.ts'
import { newTask } from './new-task.ts'
import { waitForTasks } from './wait-for-tasks.ts'

/**
 * The tools by which a task has others work for it, in the order of `DELEGATION_TOOLS`. `agents`: those that
 * `new_task` names to the model; whether a task may spawn one is the crew's to say.
 */
export function delegationTools(
  crew: Crew,
  agents: readonly Pick<Agent, 'name' | 'description'>[] = [],
): readonly Tool[] {
  return [newTask(crew, agents), listTasks(crew), waitForTasks(crew), cancelTask(crew)]
}
