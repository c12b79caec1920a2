import { createActor, type InspectionEvent } from 'xstate'
import { createInbox } from '../actors/inbox.ts'
import type { LiveTasks } from '../actors/live-tasks.ts'
import type { Listeners } from '../actors/listeners.ts'
import { Bug, RuntimeError, toFailure } from '../errors.ts'
import type { Clock, Store } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import { createConversation } from '../protocol/conversation.ts'
import type { ChartFact, Entry } from '../protocol/journal.ts'
import { EMPTY_TALLY, tallied } from '../protocol/tally.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { Equipment, Member } from './member.ts'
import { isForChart } from './replay.ts'
import { lostResult, resultOf, type TaskResult } from './result.ts'

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
  /** Lets go of a task without a word in its journal. */
  release(taskId: string, result: TaskResult): void
  /** Begins the next run of a paused task. Two wishes at once are one run. */
  beginOnce(taskId: string): Promise<void>
  /** Resolves once the task is as asked for, or lives here no longer. */
  until(taskId: string, isSo: (member: Member) => boolean): Promise<void>
}

interface Row {
  member: Member
  readonly settle: (result: TaskResult) => void
  readonly fail: (bug: Bug) => void
  watchers: (() => void)[]
  beginning: Promise<void> | null
}

export function createMembers({ store, clock, listeners, inspect }: MembersPlan): Members {
  const rows = new Map<string, Row>()

  function hear(taskId: string, { seq, fact }: Entry): void {
    const row = rows.get(taskId)
    if (!row) return
    const { actor, conversation, inbox, tally } = row.member
    conversation.hear(fact)
    row.member = { ...row.member, tally: tallied(tally, fact) }
    if (isForChart(fact)) actor.send(fact)
    listeners.tell({ ...fact, taskId, seq })
    if (fact.type === 'task.ended') return release(taskId, resultOf(taskId, fact.outcome, row.member.tally))

    const { status, output } = actor.getSnapshot()
    // Refused means that the task is lost, which has been said by then.
    if (status === 'done' && output) inbox.end(output).catch(() => {})
    wake(row)
  }

  function release(taskId: string, result: TaskResult): void {
    const row = rows.get(taskId)
    if (!row) return
    rows.delete(taskId)
    row.member.actor.stop()
    row.settle(result)
    wake(row)
  }

  function lose(taskId: string, error: unknown): void {
    const row = rows.get(taskId)
    if (row) release(taskId, lostResult(taskId, row.member.tally, toFailure(error)))
  }

  function newMember(machine: typeof taskMachine, spec: TaskSpec, equipment: Equipment): Row {
    const watched = inspect ? { inspect } : {}
    const actor = createActor(machine, { input: spec, id: spec.id, systemId: spec.id, ...watched })
    const { promise, settle, fail } = settling()
    const inbox = createInbox({
      taskId: spec.id,
      store,
      clock,
      last: null,
      hear: (entry) => hear(spec.id, entry),
      lost: (error) => lose(spec.id, error),
    })
    actor.subscribe({ error: (cause) => fail(new Bug(`Task "${spec.id}" broke its own chart.`, { cause })) })
    const conversation = createConversation(spec)
    const member = { spec, equipment, actor, inbox, conversation, tally: EMPTY_TALLY, settled: promise }
    return { member, settle, fail, watchers: [], beginning: null }
  }

  const found = (taskId: string): Member => {
    const row = rows.get(taskId)
    if (row) return row.member
    throw new RuntimeError('task/no-such-task', `Task "${taskId}" does not live here.`)
  }

  return {
    live: {
      spec: (taskId) => found(taskId).spec,
      lines: (taskId) => found(taskId).conversation.lines,
      model: (taskId) => found(taskId).equipment.model,
      tools: (taskId) => found(taskId).equipment.tools,
      output: (taskId) => found(taskId).equipment.output,
    },
    get: (taskId) => rows.get(taskId)?.member ?? null,
    all: () => [...rows.values()].map(({ member }) => member),

    async adopt(machine, spec, equipment) {
      const row = newMember(machine, spec, equipment)
      rows.set(spec.id, row)
      row.member.actor.start()
      await row.member.inbox.create(spec)
      return row.member
    },

    post(taskId, fact) {
      rows.get(taskId)?.member.inbox.post(fact).catch(() => {})
    },

    release,

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

function wake(row: Row): void {
  const { watchers } = row
  row.watchers = []
  for (const watcher of watchers) watcher()
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
