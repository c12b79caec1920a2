import type { TaskView } from '../../protocol/task.ts'

type Related = Pick<TaskView, 'id' | 'parent'>

/** The tasks that were named and all that work for them. Contract: `tasks` come the oldest first. */
export function familyOf<T extends Related>(tasks: readonly T[], rootIds: readonly string[]): readonly T[] {
  const family = new Set(rootIds)
  // A task is younger than its parent.
  return tasks.filter(({ id, parent }) => {
    if (parent !== null && family.has(parent)) family.add(id)
    return family.has(id)
  })
}

/** Those of the tasks that work for none of the others. */
export function topsOf<T extends Related>(tasks: readonly T[]): readonly T[] {
  const ids = new Set(tasks.map(({ id }) => id))
  return tasks.filter(({ parent }) => parent === null || !ids.has(parent))
}
