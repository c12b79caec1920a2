import type { SnapshotFrom } from 'xstate'
import type { Store } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import type { TaskSpec, TaskStatus, TaskView } from '../protocol/task.ts'
import type { Member } from './members/member.ts'
import type { Members } from './members/members.ts'
import { replay } from './replay.ts'
import { outcomeIn, pathOf, type Standing, tallyOf, viewOf } from './result.ts'

export interface TaskFilter {
  readonly id?: string | undefined
  readonly status?: TaskStatus | undefined
  readonly parent?: string | null | undefined
}

/** How many wait for a slot before a task, if it waits for one. */
export type Ahead = (taskId: string) => number | null

export interface ListParts {
  readonly members: Members
  readonly store: Store
  readonly aheadOf: Ahead
}

/** Every task the store knows, the oldest first. */
export async function listTasks(
  { members, store, aheadOf }: ListParts,
  filter: TaskFilter,
): Promise<readonly TaskView[]> {
  const records = await store.tasks()
  const { id, status, parent } = filter
  const asked = records.filter(({ spec }) => id === undefined || spec.id === id)
  const views = await Promise.all(
    asked.map(async ({ spec }) => {
      const member = members.get(spec.id)
      if (member) return viewOfMember(member, aheadOf)
      const view = await viewOfStored(store, spec)
      return members.lossOf(spec.id) ? { ...view, status: 'lost' as const, state: 'lost' } : view
    }),
  )
  return views.filter(
    (view) =>
      (status === undefined || view.status === status) && (parent === undefined || view.parent === parent),
  )
}

export function viewOfMember({ spec, actor, tally }: Member, aheadOf: Ahead): TaskView {
  const standing = standingOf(actor.getSnapshot(), aheadOf(spec.id))
  return viewOf(spec, standing, tally)
}

type Snapshot = SnapshotFrom<typeof taskMachine>

function standingOf({ value, context }: Snapshot, ahead: number | null): Standing {
  const { holders: pausedBy, isBackground: background } = context
  return { state: pathOf(value), pausedBy, background, ahead, outcome: null }
}

async function viewOfStored(store: Store, spec: TaskSpec): Promise<TaskView> {
  const entries = await store.read(spec.id)
  const tally = tallyOf(entries)
  const outcome = outcomeIn(entries)
  const background = spec.background || entries.some(({ fact }) => fact.type === 'task.turned')
  const ended = { pausedBy: [], background, ahead: null, outcome }
  if (outcome) return viewOf(spec, { state: outcome.status, ...ended }, tally)
  return viewOf(spec, standingOf(replay(entries).getSnapshot(), null), tally)
}
