import type { SnapshotFrom } from 'xstate'
import type { Store, TaskRecord } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import { EMPTY_TALLY } from '../protocol/tally.ts'
import type { TaskStatus, TaskView } from '../protocol/task.ts'
import type { Member } from './members/member.ts'
import type { Members } from './members/members.ts'
import { fold, type Folded } from './replay.ts'
import { endedView, outcomeIn, pathOf, type Standing, viewOf } from './result.ts'
import { isCutOff } from './taking/take-up.ts'

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
export async function listTasks(parts: ListParts, filter: TaskFilter): Promise<readonly TaskView[]> {
  const { id, status, parent } = filter
  const records = await parts.store.tasks()
  const asked = records.filter(
    ({ spec }) => (id === undefined || spec.id === id) && (parent === undefined || spec.parent === parent),
  )
  const views = await Promise.all(asked.map((record) => viewOfRecord(parts, record)))
  return views.filter((view) => status === undefined || view.status === status)
}

async function viewOfRecord({ members, store, aheadOf }: ListParts, record: TaskRecord): Promise<TaskView> {
  const { spec, view } = record
  const member = members.get(spec.id)
  if (member) return viewOfMember(member, aheadOf)
  const found = view ?? (await viewOfStored(store, record).catch(() => viewOfUnreadable(record)))
  return members.lossOf(spec.id) ? { ...found, status: 'lost', state: 'lost' } : found
}

export function viewOfMember({ spec, actor, tally }: Member, aheadOf: Ahead): TaskView {
  const standing = standingOf(actor.getSnapshot(), aheadOf(spec.id))
  return viewOf(spec, { ...standing, heldBy: 'here' }, tally)
}

type Snapshot = SnapshotFrom<typeof taskMachine>

function standingOf({ value, context }: Snapshot, ahead: number | null): Omit<Standing, 'heldBy'> {
  const { holders: pausedBy, isBackground: background } = context
  return { state: pathOf(value), pausedBy, background, ahead, outcome: null }
}

async function viewOfStored(store: Store, { spec, heldBy }: TaskRecord): Promise<TaskView> {
  const entries = await store.read(spec.id)
  const folded = fold(entries)
  const outcome = outcomeIn(entries)
  if (outcome) {
    const view = endedView(spec, outcome, folded)
    store.keepView(view)
    return view
  }
  if (heldBy === 'nobody' && isCutOff(folded)) putToRest(folded)
  const standing = standingOf(folded.actor.getSnapshot(), null)
  return viewOf(spec, { ...standing, heldBy }, folded.tally)
}

/** A task whose journal can't be read is shown as what it is. It never just disappears. */
function viewOfUnreadable({ spec, heldBy }: TaskRecord): TaskView {
  const nothing = { pausedBy: [], background: spec.background, ahead: null, outcome: null }
  return viewOf(spec, { state: 'lost', heldBy, ...nothing }, EMPTY_TALLY)
}

/** What whoever takes it up will find: a crash has cut it off, which nobody has written down yet. */
function putToRest({ actor, last }: Folded): void {
  actor.send({ type: 'task.interrupted', at: last.fact.at })
}
