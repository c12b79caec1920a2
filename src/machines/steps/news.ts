/** What comes in while a task works: messages, and the ends of tasks that work for it. */
import type { Change, TaskContext } from '../task-context.ts'

/** Something came in that the model has not seen, and it has a turn left to see it. */
export function mustReadOn({ news, turn, spec }: TaskContext): boolean {
  return news > 0 && turn < spec.limits.maxTurns
}

/** A call's result tells of tasks: their ends are no news any more. */
export function afterTelling({ news, children }: TaskContext, told: readonly string[] = []): Change {
  const fresh = told.filter((taskId) => children[taskId] === 'untold')
  const now = Object.fromEntries(fresh.map((taskId) => [taskId, 'told' as const]))
  return { news: news - fresh.length, children: { ...children, ...now } }
}

/** A turn begins: the model is shown all that came in. */
export function afterAsking({ turn, news, children }: TaskContext): Change {
  const counted = { turn: turn + 1 }
  if (news === 0) return counted
  const told = Object.fromEntries(Object.keys(children).map((taskId) => [taskId, 'told' as const]))
  return { ...counted, news: 0, children: told }
}

/** Something came in: the end of a task that worked for it, or a message. */
export function afterNews({ news, children }: TaskContext, childId: string | null): Change {
  return childId === null
    ? { news: news + 1 }
    : { news: news + 1, children: { ...children, [childId]: 'untold' } }
}
