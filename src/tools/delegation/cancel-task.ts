import { z } from 'zod'
import type { Crew } from '../crew.ts'
import { strict } from '../strict.ts'
import { defineDelegation } from '../tool.ts'
import { INNER, noSuchTask } from './in-words.ts'

const TASK_ID_CHARACTERS_MAX = 200
const REASON_CHARACTERS_MAX = 1_000

/** Ends a task that works for one, and all that work for it. */
export const cancelTask = (crew: Crew) =>
  defineDelegation({
    name: 'cancel_task',
    description:
      'Ends a task that works for you, and all that work for it; also one that still waits for its turn. What it has changed stays. Use it ' +
      'when its result is no longer needed, or when it does the wrong thing. You are told when it has ended, with what it had until then. ' +
      'Cancelling a task that has ended changes nothing.',
    input: strict({
      task: z.string().min(1).max(TASK_ID_CHARACTERS_MAX).describe('The id of the task.'),
      reason: z
        .string()
        .trim()
        .min(1)
        .max(REASON_CHARACTERS_MAX)
        .optional()
        .describe('Why, in a sentence. It is kept with the task.'),
    }),
    effect: 'idempotent',
    access: () => INNER,
    async answer({ task, reason }, { taskId }) {
      const all = crew.descendants(taskId)
      const member = all.find((it) => it.taskId === task)
      if (!member) return noSuchTask([task], all)
      const problem = await crew.cancel(taskId, task, reason ?? `${taskId} no longer needs it.`)
      // It may end of itself in the moment in which it is cancelled.
      if (member.hasEnded && !problem) return { kind: 'ok', output: endedBefore(task, member.status) }
      if (problem?.code === 'task/has-ended') return { kind: 'ok', output: endedBefore(task, null) }
      if (problem) return { kind: 'failed', code: problem.code, message: problem.message }
      return { kind: 'ok', output: `${task} is being ended, and all that work for it.` }
    },
  })

function endedBefore(task: string, status: string | null): string {
  return `${task} had ended before${status === null ? '' : ` (${status})`}. What still worked for it is being ended.`
}
