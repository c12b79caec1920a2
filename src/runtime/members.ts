import { createActor, type InspectionEvent } from 'xstate'
import { createInbox } from '../actors/inbox.ts'
import type { Listeners } from '../actors/listeners.ts'
import type { LiveTasks } from '../actors/effects/live-tasks.ts'
import { Bug, inWords, RuntimeError, toFailure } from '../errors.ts'
import type { Clock, Store } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import { createConversation } from '../protocol/conversation.ts'
import type { ChartFact, Entry } from '../protocol/journal.ts'
import { EMPTY_TALLY, tallied } from '../protocol/tally.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { Equipment, Member } from './member.ts'
import { isForChart } from './replay.ts'
import { resultOf, resultWithout, type TaskResult } from './result.ts'

export interface MembersPlan {
  readonly store: Store
  readonly clock: Clock
  readonly listeners: Listeners
  readonly inspect: ((event: InspectionEvent) => void) | null
}

/** The tasks that live in this process. A fact reaches its task here, and only here. */
export interface Members {
  readonly live: LiveTasks
  get(taskId: string): Member | null
  all(): readonly Member[]
  /** Gives a task a life: an actor of the chart and an inbox before it. Writes its birth. */
  adopt(machine: typeof taskMachine, spec: TaskSpec, equipment: Equipment): Promise<Member>
  /** What bodies have to say. A body may outlive its task's stay here: then it has nowhere to go. */
  post(taskId: string, fact: ChartFact): void
  /** Something in us broke its promise: the task cannot be trusted to go on. */
  broke(taskId: string, error: unknown): void
  /** What became of a task that was lost here. */
  lossOf(taskId: string): TaskResult | null
  /** Lets go of a task without a word in its journal. */
  release(taskId: string, result: TaskResult): void
  /** Begins the next run of a paused task. Two wishes at once are one run. */
  beginOnce(taskId: string): Promise<void>
  /** Resolves once the task is as asked for, or lives here no longer. */
  until(taskId: string, isSo: (member: Member) => boolean): Promise<void>
}

/** A member and what only this file may do to it. */
interface Row {
  member: Member
  readonly settle: (result: TaskResult) => void
  readonly fail: (bug: Bug) => void
  /** Who waits for the next change. */
  watchers: (() => void)[]
  beginning: Promise<void> | null
}

type Rows = Map<string, Row>
type Losses = Map<string, TaskResult>

/** What the functions below share. */
interface House extends MembersPlan {
  readonly rows: Rows
  readonly losses: Losses
}

export function createMembers(plan: MembersPlan): Members {
  const rows: Rows = new Map()
  const losses: Losses = new Map()
  const house: House = { ...plan, rows, losses }
  return {
    live: liveTasks(rows),
    get: (taskId) => rows.get(taskId)?.member ?? null,
    all: () => [...rows.values()].map(({ member }) => member),

    async adopt(machine, spec, equipment) {
      const row = newRow(house, { machine, spec, equipment })
      rows.set(spec.id, row)
      row.member.actor.start()
      await row.member.inbox.create(spec)
      return row.member
    },

    post(taskId, fact) {
      rows
        .get(taskId)
        ?.member.inbox.post(fact)
        .catch(() => {})
    },

    broke: (taskId, cause) => lose(house, taskId, new Bug(`A body of task "${taskId}" threw.`, { cause })),

    lossOf: (taskId) => losses.get(taskId) ?? null,

    release: (taskId, result) => release(rows, taskId, result),

    async beginOnce(taskId) {
      const row = rows.get(taskId)
      if (!row) return
      row.beginning ??= row.member.inbox.begin('task.resumed').finally(() => (row.beginning = null))
      await row.beginning
    },

    async until(taskId, isSo) {
      for (let row = rows.get(taskId); row && !isSo(row.member); row = rows.get(taskId)) {
        const { watchers } = row
        await new Promise<void>((resolve) => watchers.push(resolve))
      }
    },
  }
}

interface NewMember {
  readonly machine: typeof taskMachine
  readonly spec: TaskSpec
  readonly equipment: Equipment
}

function newRow(house: House, { machine, spec, equipment }: NewMember): Row {
  const { store, clock, inspect } = house
  const { id } = spec
  const { promise, settle, fail } = settling()
  const actor = createActor(machine, { input: spec, id, systemId: id, ...(inspect && { inspect }) })
  actor.subscribe({ error: (cause) => lost(new Bug(`Task "${id}" broke its own chart.`, { cause })) })
  const lost = (error: unknown) => lose(house, id, error)
  const inbox = createInbox({
    taskId: id,
    store,
    clock,
    last: null,
    lost,
    hear: (entry) => hear(house, entry),
  })
  const conversation = createConversation(spec)
  const member = { spec, equipment, actor, inbox, conversation, tally: EMPTY_TALLY, settled: promise }
  return { member, settle, fail, watchers: [], beginning: null }
}

/** A durable fact: the conversation and the chart hear it first, and only then whoever watches. */
function hear({ rows, listeners }: House, { taskId, seq, fact }: Entry): void {
  const row = rows.get(taskId)
  if (!row) return
  const { actor, conversation, inbox, tally } = row.member
  conversation.hear(fact)
  row.member = { ...row.member, tally: tallied(tally, fact) }
  // What was appended in the same batch as the end is in the journal too, and means nothing.
  if (isForChart(fact) && actor.getSnapshot().status === 'active') actor.send(fact)
  listeners.tell({ ...fact, taskId, seq })
  if (fact.type === 'task.ended')
    return release(rows, taskId, resultOf(taskId, fact.outcome, row.member.tally))

  const { status, output } = actor.getSnapshot()
  // Refused means that the task is lost, which has been said by then.
  if (status === 'done' && output) inbox.end(output).catch(() => {})
  wake(row)
}

/** The task does not go on here: its journal has refused us, or something in us broke its promise. */
function lose({ rows, losses, listeners }: House, taskId: string, error: unknown): void {
  const row = rows.get(taskId)
  if (!row) return
  const message = `The task does not go on here: ${inWords(error)}`
  if (error instanceof Bug) row.fail(error)
  const loss = resultWithout('failed', taskId, row.member.tally, { code: 'task/lost', message })
  losses.set(taskId, loss)
  release(rows, taskId, loss)
  listeners.tell({ type: 'task.lost', taskId, code: toFailure(error).code, message })
}

function release(rows: Rows, taskId: string, result: TaskResult): void {
  const row = rows.get(taskId)
  if (!row) return
  rows.delete(taskId)
  row.member.actor.stop()
  row.settle(result)
  wake(row)
}

function wake(row: Row): void {
  const { watchers } = row
  row.watchers = []
  for (const watcher of watchers) watcher()
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
