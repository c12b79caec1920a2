import type { Store } from '../host.ts'
import type { TaskSpec, TaskStatus, TaskView } from '../protocol/task.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'
import { replay } from './replay.ts'
import { outcomeIn, pathOf, tallyOf, viewOf } from './result.ts'

export interface TaskFilter {
  readonly id?: string | undefined
  readonly status?: TaskStatus | undefined
  readonly parent?: string | null | undefined
}

/** Every task the store knows, the oldest first. */
export async function listTasks(
  members: Members,
  store: Store,
  filter: TaskFilter,
): Promise<readonly TaskView[]> {
  const records = await store.tasks()
  const { id, status, parent } = filter
  const asked = records.filter(({ spec }) => id === undefined || spec.id === id)
  const views = await Promise.all(
    asked.map(async ({ spec }) => {
      const member = members.get(spec.id)
      if (member) return viewOfMember(member)
      const view = await viewOfStored(store, spec)
      return members.lossOf(spec.id) ? { ...view, status: 'lost' as const, state: 'lost' } : view
    }),
  )
  return views.filter(
    (view) =>
      (status === undefined || view.status === status) && (parent === undefined || view.parent === parent),
  )
}

export function viewOfMember({ spec, actor, tally }: Member): TaskView {
  const { value, context } = actor.getSnapshot()
  return viewOf(spec, { state: pathOf(value), pausedBy: context.pausedBy, outcome: null }, tally)
}

async function viewOfStored(store: Store, spec: TaskSpec): Promise<TaskView> {
  const entries = await store.read(spec.id)
  const tally = tallyOf(entries)
  const outcome = outcomeIn(entries)
  if (outcome) return viewOf(spec, { state: outcome.status, pausedBy: null, outcome }, tally)
  const { value, context } = replay(entries).getSnapshot()
  return viewOf(spec, { state: pathOf(value), pausedBy: context.pausedBy, outcome: null }, tally)
}
