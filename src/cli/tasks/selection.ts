import type { TaskView } from '../../protocol/task.ts'
import { hasEnded, isInterrupted } from './standing.ts'
import type { StatusFilter } from './status-filters.ts'

/** Which tasks are asked for. */
export interface Selection {
  readonly status: StatusFilter | null
  readonly agent: string | null
  /** Only those that work for it, directly or not. */
  readonly parent: string | null
  readonly isUnfinished: boolean
}

/** The tasks that are asked for, in the order in which they came. `asking`: those that wait for a person. */
export function selected(
  tasks: readonly TaskView[],
  selection: Selection,
  asking: ReadonlySet<string>,
): readonly TaskView[] {
  const { status, agent, parent, isUnfinished } = selection
  const family = parent === null ? null : below(tasks, parent)
  return tasks.filter(
    (task) =>
      (family === null || family.has(task.id)) &&
      (agent === null || task.agent === agent) &&
      (!isUnfinished || !hasEnded(task)) &&
      (status === null || isSo(task, status, asking)),
  )
}

function isSo(task: TaskView, status: StatusFilter, asking: ReadonlySet<string>): boolean {
  if (status === 'waiting') return asking.has(task.id)
  if (status === 'interrupted') return isInterrupted(task)
  return task.status === status
}

/** The ids of all that work for a task, directly or not. They come the oldest first: after their parents. */
export function below(tasks: readonly TaskView[], taskId: string): ReadonlySet<string> {
  const family = new Set<string>()
  for (const { id, parent } of tasks)
    if (parent !== null && (parent === taskId || family.has(parent))) family.add(id)
  return family
}

/**
 * What is shown where not everything is: all that has not ended, the newest of what has, and the tasks for
 * which those work.
 */
export function bounded(tasks: readonly TaskView[], endedMax: number): readonly TaskView[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const newest = tasks
    .filter(hasEnded)
    .toSorted((a, b) => endOf(b) - endOf(a))
    .slice(0, endedMax)
  const shown = new Set<string>()
  for (const task of [...tasks.filter((it) => !hasEnded(it)), ...newest]) {
    let next: TaskView | undefined = task
    while (next && !shown.has(next.id)) {
      shown.add(next.id)
      next = next.parent === null ? undefined : byId.get(next.parent)
    }
  }
  return tasks.filter(({ id }) => shown.has(id))
}

function endOf({ createdAt, durationMs }: TaskView): number {
  return createdAt + durationMs
}
