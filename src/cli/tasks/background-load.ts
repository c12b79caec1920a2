import { readConcurrency } from '../../hosts/concurrency.ts'
import type { Elsewhere } from '../../protocol/concurrency.ts'
import type { TaskView } from '../../protocol/task.ts'
import type { Slots } from '../terminal/amounts.ts'

const QUEUED = 'queued'
const RETURNING = 'running.returning'

/**
 * How much goes on in the background of the workspace: slots and caps are those of the processes that work,
 * and who waits is seen by the tasks, a moment sooner than those processes say it.
 */
export function backgroundLoad({ cap, held }: Elsewhere, tasks: readonly TaskView[]): Slots {
  return {
    running: held.length,
    // Nobody works here now: what would hold for whoever begins to.
    cap: cap ?? readConcurrency({}, process.env, () => {}).background,
    queued: tasks.filter(isWaiting).length,
  }
}

/**
 * The tasks with their places in the queue, the oldest first. How many stand before it only the process knows
 * that has a task; as far as can be seen from outside, those that have worked before go first.
 */
export function withPlaces(tasks: readonly TaskView[]): readonly TaskView[] {
  let before = tasks.filter((task) => isWaiting(task) && task.state === RETURNING).length
  return tasks.map((task) => {
    if (task.ahead !== null || !isWaiting(task) || task.state === RETURNING) return task
    before += 1
    return { ...task, ahead: before - 1 }
  })
}

/** Another process has it, and no slot for it. */
function isWaiting({ background, heldBy, state }: TaskView): boolean {
  return background && heldBy === 'elsewhere' && (state === QUEUED || state === RETURNING)
}
