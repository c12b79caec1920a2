import type { LiveTasks } from '../../actors/effects/live-tasks.ts'
import type { KeepBegin } from '../../actors/effects/run-call.ts'
import { Bug, inWords, RuntimeError, toFailure } from '../../errors.ts'
import type { Wish } from '../../machines/slot-desk.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { StopOrder } from '../../protocol/orders.ts'
import {
  type EndedTask,
  type Fate,
  type House,
  type HousePlan,
  type Losses,
  type Rows,
  wakeRow,
} from './house.ts'
import { askerOf } from './asker.ts'
import { askStop, begin, launch } from './launch.ts'
import { createLineage } from './lineage.ts'
import type { Member } from './member.ts'
import { type AdoptedMember, type NewMember, newRow } from './new-row.ts'
import { wake, tellCutOff, whatFollowsLeaving } from './reactions.ts'
import { tellQueued } from './told.ts'
import { resultWithout, type TaskResult } from '../result.ts'

/** The tasks that live in this process. A fact reaches its task here, and only here. */
export interface Members {
  readonly live: LiveTasks
  get(taskId: string): Member | null
  all(): readonly Member[]
  /** The living tasks that work for this one, and for those. */
  below(taskId: string): readonly Member[]
  /** Gives a task a life: an actor of the chart and an inbox before it. Begins to write its birth. */
  admit(plan: NewMember): Admitted
  /** Gives a life to a task that was taken up again, and stands still. */
  adopt(plan: AdoptedMember): Member
  /** A task that stands in the queue, and for which nobody has wished for a slot since it was taken up. */
  wake(taskId: string): void
  /** Somebody waits in front of it from now on. */
  await(taskId: string): void
  /** What bodies have to say. A body may outlive its task's stay here: then it has nowhere to go. */
  post(taskId: string, fact: ChartFact): void
  /** Keeps that a process of a call is about to run. Rejects when it is not to run. */
  keepBegin: KeepBegin
  /** Something in us broke its promise: the task cannot be trusted to go on. */
  broke(taskId: string, error: unknown): void
  /** A task cannot be written any more: it does not go on here. */
  lose(taskId: string, error: unknown): void
  /** What became of a task that was lost here. */
  lossOf(taskId: string): TaskResult | null
  /** Lets go of a task without a word in its journal. */
  release(taskId: string, result: TaskResult): void
  /** Somebody waits in front of it. */
  isAwaited(taskId: string): boolean
  /** Those that worked for this one and have ended, the oldest first. */
  endedFor(taskId: string): readonly EndedTask[]
  /** A new task waits for a slot: whoever wants to know is told. */
  queued(taskId: string): void
  /** The supervisor has given a slot to a task that has waited for it. */
  given(wish: Wish): void
  /** Asks whether a task may complete. */
  askStop(order: StopOrder): Promise<string | null>
  /** The supervisor has given a slot, or none is needed: the run begins. */
  launch(taskId: string): Promise<void>
  /** Resolves once the task is as asked for, or lives here no longer. */
  until(taskId: string, isSo: (member: Member) => boolean): Promise<void>
}

/** A task that lives from now on, and is durable when `born` resolves. */
export interface Admitted {
  readonly member: Member
  readonly born: Promise<void>
}

export function createMembers(plan: HousePlan): Members {
  const rows: Rows = new Map()
  const losses: Losses = new Map()
  const lineage = createLineage()
  const fate: Fate = {
    lost: (taskId, error) => lose(house, taskId, error),
    over: (taskId, result) => release(house, taskId, result),
  }
  const house: House = { ...plan, rows, losses, lineage, fate }
  return {
    live: liveTasks(rows),
    get: (taskId) => rows.get(taskId)?.member ?? null,
    all: () => [...rows.values()].map(({ member }) => member),
    below: (taskId) => lineage.below(taskId).flatMap((id) => rows.get(id)?.member ?? []),
    isAwaited: (taskId) => rows.get(taskId)?.isAwaited ?? false,
    endedFor: (taskId) => rows.get(taskId)?.ended ?? [],
    admit: (given) => admit(house, given),
    adopt: (given) => adopt(house, given),
    wake(taskId) {
      const row = rows.get(taskId)
      if (row) wake(house, row)
    },
    await(taskId) {
      const row = rows.get(taskId)
      if (row) row.isAwaited = true
    },
    post(taskId, fact) {
      rows
        .get(taskId)
        ?.member.inbox.post(fact)
        .catch(() => {})
    },
    async keepBegin(taskId, callId, mark) {
      const isKept = await rows.get(taskId)?.member.inbox.post({ type: 'call.began', callId, process: mark })
      if (!isKept) throw new RuntimeError('task/stopped', `Task "${taskId}" does not go on here.`)
    },
    broke: (taskId, cause) => lose(house, taskId, new Bug(`Task "${taskId}" broke its promise.`, { cause })),
    lose: (taskId, error) => lose(house, taskId, error),
    lossOf: (taskId) => losses.get(taskId) ?? null,
    release: (taskId, result) => release(house, taskId, result),
    until: (taskId, isSo) => until(rows, taskId, isSo),
    ...begins(house),
  }
}

/** How tasks come to run, and to stop. */
function begins(house: House): Pick<Members, 'queued' | 'given' | 'launch' | 'askStop'> {
  const { rows, supervisor } = house
  return {
    queued(taskId) {
      const row = rows.get(taskId)
      const ahead = supervisor().ahead(taskId)
      if (row && ahead !== null) tellQueued(house, row, ahead)
    },
    given(wish) {
      const row = rows.get(wish.taskId)
      if (row) begin(house, row, wish)
    },
    async launch(taskId) {
      const row = rows.get(taskId)
      if (row) await launch(house, row)
    },
    askStop: (order) => askStop(house, order),
  }
}

function admit(house: House, plan: NewMember): Admitted {
  const { spec } = plan
  const row = newRow(house, plan)
  house.rows.set(spec.id, row)
  if (spec.parent !== null) house.lineage.add(spec.id, spec.parent)
  row.member.actor.start()
  row.born = row.member.inbox.create(spec, plan.before)
  row.born.catch(() => {})
  return { member: row.member, born: row.born }
}

function adopt(house: House, plan: AdoptedMember): Member {
  const { spec } = plan.taken.folded
  house.losses.delete(spec.id)
  const row = newRow(house, { ...plan, spec })
  house.rows.set(spec.id, row)
  if (spec.parent !== null) house.lineage.add(spec.id, spec.parent)
  row.member.actor.start()
  if (plan.taken.wasCutOff) tellCutOff(house, row)
  return row.member
}

async function until(rows: Rows, taskId: string, isSo: (member: Member) => boolean): Promise<void> {
  for (let row = rows.get(taskId); row && !isSo(row.member); row = rows.get(taskId)) {
    const { watchers } = row
    await new Promise<void>((resolve) => watchers.push(resolve))
  }
}

/** The task does not go on here: its journal has refused us, or something in us broke its promise. */
function lose(house: House, taskId: string, error: unknown): void {
  const { rows, losses, listeners } = house
  const row = rows.get(taskId)
  if (!row) return
  const message = `The task does not go on here: ${inWords(error)}`
  if (error instanceof Bug) row.fail(error)
  const loss = resultWithout('failed', taskId, row.member.tally, { code: 'task/lost', message })
  // What was never born leaves nothing behind: whoever wanted it is told so, and nobody else.
  if (!row.isBorn && !(error instanceof Bug)) return release(house, taskId, loss, 'rejected')
  losses.set(taskId, loss)
  release(house, taskId, loss, error instanceof Bug ? 'broken' : 'lost')
  // It has not ended: as soon as nothing of it is under way, whoever wants it may take it up (L4).
  house.whenGone(taskId, () => void house.store.release(taskId))
  listeners.tell({ type: 'task.lost', taskId, code: toFailure(error).code, message })
}

function release(house: House, taskId: string, result: TaskResult, reason: string = result.status): void {
  const { rows } = house
  const row = rows.get(taskId)
  if (!row) return
  rows.delete(taskId)
  whatFollowsLeaving(house, row, { result, reason })
  row.settle(result)
  wakeRow(row)
}

const NOTHING: ReadonlyMap<string, string> = new Map()

/** What bodies may see of the tasks. */
function liveTasks(rows: Rows): LiveTasks {
  const found = (taskId: string): Member => {
    const row = rows.get(taskId)
    if (row) return row.member
    throw new RuntimeError('task/no-such-task', `Task "${taskId}" does not live here.`)
  }
  return {
    spec: (taskId) => found(taskId).spec,
    asker(taskId) {
      const { spec, actor } = found(taskId)
      const { isBackground } = actor.getSnapshot().context
      return askerOf(spec, isBackground, (above) => rows.get(above)?.member.spec ?? null)
    },
    lines: (taskId) => found(taskId).conversation.lines,
    model: (taskId) => found(taskId).equipment.model,
    tools: (taskId) => found(taskId).equipment.tools,
    output: (taskId) => found(taskId).equipment.output,
    children: (taskId) => rows.get(taskId)?.member.actor.getSnapshot().context.children ?? {},
    kept: (taskId) => rows.get(taskId)?.kept ?? NOTHING,
    wasAskedBefore(taskId, askedAt) {
      const takenUpAt = rows.get(taskId)?.takenUpAt ?? null
      return askedAt !== null && takenUpAt !== null && askedAt <= takenUpAt
    },
    isBackground: (taskId) => found(taskId).actor.getSnapshot().context.isBackground,
    hasTurned(taskId) {
      const row = rows.get(taskId)
      return row !== undefined && !row.isAwaited
    },
    watch(taskId, look) {
      let isWatching = true
      const again = () => {
        if (!isWatching) return
        rows.get(taskId)?.watchers.push(again)
        look()
      }
      rows.get(taskId)?.watchers.push(again)
      return () => void (isWatching = false)
    },
  }
}
