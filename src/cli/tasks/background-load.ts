import { readConcurrency } from '../../hosts/concurrency.ts'
import type { Elsewhere } from '../../protocol/concurrency.ts'
import type { TaskView } from '../../protocol/task.ts'
import type { Slots } from '../terminal/amounts.ts'

const QUEUED = 'queued'
const RETURNING = 'running.returning'

/**
 * How much goes on in the background of the workspace: slots and caps are those of the processes that work.
 */
export function backgroundLoad({ cap, held, waiting }: Elsewhere): Slots {
  return {
    running: held.length,
    // Nobody works here now: what would hold for whoever begins to.
    cap: cap ?? readConcurrency({}, process.env, () => {}).background,
    queued: waiting,
  }
}

/**
 * The tasks with their places in the queue, the oldest first. How many stand before it only the process knows
 * that has a task; as far as can be seen from outside, those that have worked before go first.
 */
export function withPlaces(tasks: readonly TaskView[]): readonly TaskView[] {
  const isWaiting = (task: TaskView, state: string) =>
    task.background && task.heldBy === 'elsewhere' && task.state === state
  let before = tasks.filter((task) => isWaiting(task, RETURNING)).length
  return tasks.map((task) => {
    if (task.ahead !== null || !isWaiting(task, QUEUED)) return task
    before += 1
    return { ...task, ahead: before - 1 }
  })
}
