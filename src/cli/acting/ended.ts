import { RuntimeError } from '../../errors.ts'
import type { TaskView } from '../../protocol/task.ts'
import { wordOf } from '../terminal/task-row.ts'
import { hasEnded } from '../tasks/standing.ts'

/** Says of a task that has ended what can still be done with it. */
export function refuseEnded(tasks: readonly TaskView[], id: string): void {
  const task = tasks.find((it) => it.id === id)
  if (!task || !hasEnded(task)) return
  throw new RuntimeError(
    'task/has-ended',
    `Task ${id} is over: ${wordOf(task.status)}. Go on from where it ended: troupe continue ${id} "…"`,
  )
}
