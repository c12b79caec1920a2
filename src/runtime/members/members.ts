import { createActor } from 'xstate'
import { createInbox } from '../../actors/inbox.ts'
import type { LiveTasks } from '../../actors/effects/live-tasks.ts'
import { Bug, inWords, RuntimeError, toFailure } from '../../errors.ts'
import type { Wish } from '../../machines/slot-desk.ts'
import type { taskMachine } from '../../machines/task.ts'
import { createConversation } from '../../protocol/conversation.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { StopOrder } from '../../protocol/orders.ts'
import { EMPTY_TALLY } from '../../protocol/tally.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import { hear } from './hearing.ts'
import {
  type EndedTask,
  type House,
  type HousePlan,
  type Losses,
  type Row,
  type Rows,
  wakeRow,
} from './house.ts'
import { askStop, begin, launch } from './launch.ts'
import { createLineage } from './lineage.ts'
import type { Equipment, Member } from './member.ts'
import { tellQueued, whatFollowsLeaving } from './reactions.ts'
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
  /** What bodies have to say. A body may outlive its task's stay here: then it has nowhere to go. */
  post(taskId: string, fact: ChartFact): void
  /** Something in us broke its promise: the task cannot be trusted to go on. */
  broke(taskId: string, error: unknown): void
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
  const house: House = { ...plan, rows, losses, lineage }
  return {
    live: liveTasks(rows),
    get: (taskId) => rows.get(taskId)?.member ?? null,
    all: () => [...rows.values()].map(({ member }) => member),
    below: (taskId) => lineage.below(taskId).flatMap((id) => rows.get(id)?.member ?? []),
    isAwaited: (taskId) => rows.get(taskId)?.isAwaited ?? false,
    endedFor: (taskId) => rows.get(taskId)?.ended ?? [],
    admit: (given) => admit(house, given),
    post(taskId, fact) {
      rows
        .get(taskId)
        ?.member.inbox.post(fact)
        .catch(() => {})
    },
    broke: (taskId, cause) => lose(house, taskId, new Bug(`Task "${taskId}" broke its promise.`, { cause })),
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
  row.born = row.member.inbox.create(spec)
  row.born.catch(() => {})
  return { member: row.member, born: row.born }
}

async function until(rows: Rows, taskId: string, isSo: (member: Member) => boolean): Promise<void> {
  for (let row = rows.get(taskId); row && !isSo(row.member); row = rows.get(taskId)) {
    const { watchers } = row
    await new Promise<void>((resolve) => watchers.push(resolve))
  }
}

/** What a task is made of that was admitted. */
export interface NewMember {
  readonly machine: typeof taskMachine
  readonly spec: TaskSpec
  readonly equipment: Equipment
  /** Somebody waits in front of it. */
  readonly isAwaited: boolean
}

function newRow(house: House, { machine, spec, equipment, isAwaited }: NewMember): Row {
  const { store, clock, awake, supervisor } = house
  const { id } = spec
  const { promise, settle, fail } = settling()
  const parent = supervisor().actor
  const actor = createActor(machine, { input: spec, id, parent })
  const lost = (error: unknown) => lose(house, id, error)
  const inbox = createInbox({
    taskId: id,
    store,
    clock,
    awake,
    last: null,
    lost,
    hear: (entry) => hear(house, entry, (taskId, result) => release(house, taskId, result)),
  })
  const conversation = createConversation(spec)
  const member = { spec, equipment, actor, inbox, conversation, tally: EMPTY_TALLY, settled: promise }
  return {
    member,
    settle,
    fail,
    watchers: [],
    born: Promise.resolve(),
    isBorn: false,
    isPauseTold: false,
    isAwaited,
    inherits: [],
    launches: 0,
    runs: 0,
    launching: null,
    openRun: null,
    toldStop: null,
    ended: [],
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
  release(house, taskId, loss, 'lost')
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

/** What bodies may see of the tasks. */
function liveTasks(rows: Rows): LiveTasks {
  const found = (taskId: string): Member => {
    const row = rows.get(taskId)
    if (row) return row.member
    throw new RuntimeError('task/no-such-task', `Task "${taskId}" does not live here.`)
  }
  return {
    spec: (taskId) => found(taskId).spec,
    lines: (taskId) => found(taskId).conversation.lines,
    model: (taskId) => found(taskId).equipment.model,
    tools: (taskId) => found(taskId).equipment.tools,
    output: (taskId) => found(taskId).equipment.output,
    children: (taskId) => rows.get(taskId)?.member.actor.getSnapshot().context.children ?? {},
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

function settling() {
  let settle!: (result: TaskResult) => void
  let fail!: (bug: Bug) => void
  const promise = new Promise<TaskResult>((resolve, reject) => {
    settle = resolve
    fail = reject
  })
  // Whoever asks for the result hears of a bug; a task that nobody asked about must not end the process.
  promise.catch(() => {})
  return { promise, settle, fail }
}
