import type { TaskView } from '../../protocol/task.ts'

/** A task as a script reads it: the object of `run`, and how it stands. The keys and their order are kept. */
export function taskObject(view: TaskView): Readonly<Record<string, unknown>> {
  const { id, status, state, turns, usage, durationMs, parent, agent, title, background, pausedBy, heldBy } =
    view
  const { outcome, createdAt } = view
  const reason = outcome && 'reason' in outcome ? outcome.reason : null
  return {
    taskId: id,
    status,
    state,
    result: outcome?.result ?? '',
    ...(outcome && 'data' in outcome && outcome.data !== undefined ? { data: outcome.data } : {}),
    ...(reason ? { reason: { code: reason.code, message: reason.message } } : {}),
    turns,
    usage,
    durationMs,
    parent,
    agent,
    title,
    background,
    pausedBy,
    heldBy,
    createdAt,
  }
}
