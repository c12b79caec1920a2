import { createActor } from 'xstate'
import { createInbox } from '../../actors/inbox.ts'
import type { Bug } from '../../errors.ts'
import type { taskMachine } from '../../machines/task.ts'
import { createConversation } from '../../protocol/conversation.ts'
import type { Line } from '../../protocol/model.ts'
import { EMPTY_TALLY } from '../../protocol/tally.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { TaskResult } from '../result.ts'
import type { TakenUp } from '../taking/take-up.ts'
import { hear, isHarmless } from './hearing.ts'
import { endedTask, type House, type Row } from './house.ts'
import type { Equipment, Member } from './member.ts'

/** What a task is made of that was admitted. */
export interface NewMember {
  readonly machine: typeof taskMachine
  readonly spec: TaskSpec
  readonly equipment: Equipment
  /** Somebody waits in front of it. */
  readonly isAwaited: boolean
  /** What was said in the task that this one continues. */
  readonly before?: readonly Line[]
  /** It was there before: where it stands. */
  readonly taken?: TakenUp
}

/** What a task is made of that was taken up again. */
export interface AdoptedMember extends Omit<NewMember, 'spec' | 'before'> {
  readonly taken: TakenUp
}

/** A place in the house for one task, with an actor that has not started yet. */
export function newRow(house: House, plan: NewMember): Row {
  const { lost, over: release } = house.fate
  const { spec, equipment, isAwaited, taken } = plan
  const { promise, settle, fail } = settling()
  const actor = actorOf(house, plan)
  const inbox = createInbox({
    taskId: spec.id,
    store: house.store,
    clock: house.clock,
    awake: house.awake,
    last: taken?.folded.last ?? null,
    ...(taken && { runId: taken.runId }),
    lost: (error) => lost(spec.id, error),
    hear: (entry, how) => hear(house, entry, { how, release }),
    isHarmless: (fact) => isHarmless(row, fact),
  })
  const conversation = taken?.folded.conversation ?? createConversation(spec, plan.before)
  const tally = taken?.folded.tally ?? EMPTY_TALLY
  const member: Member = { spec, equipment, actor, inbox, conversation, tally, settled: promise }
  const row: Row = {
    member,
    settle,
    fail,
    watchers: [],
    born: Promise.resolve(),
    isQueueTold: false,
    isAwaited,
    inherits: [],
    launching: null,
    openRun: null,
    toldStop: null,
    ...pastOf(taken),
  }
  return row
}

/** It goes on from where its journal leads, or from the beginning. */
function actorOf({ supervisor }: House, { machine, spec, taken }: NewMember) {
  const place = { input: spec, id: spec.id, parent: supervisor().actor }
  if (!taken) return createActor(machine, place)
  return createActor(machine, { ...place, snapshot: taken.folded.actor.getPersistedSnapshot() })
}

/** What a task has behind it. */
function pastOf(taken: TakenUp | undefined) {
  if (!taken)
    return {
      isBorn: false,
      isPauseTold: false,
      hadPlace: false,
      launches: 0,
      runs: 0,
      ended: [],
      kept: null,
      takenUpAt: null,
    }
  const { folded, runId } = taken
  return {
    isBorn: true,
    hadPlace: hadPlace(folded),
    isPauseTold: folded.background && folded.actor.getSnapshot().matches('paused'),
    // No launch of an earlier process has a number like that.
    launches: runId,
    runs: folded.begun,
    ended: folded.reports.map(endedTask),
    kept: folded.kept,
    takenUpAt: folded.last.fact.at,
  }
}

/** It stood in the queue, or was at work until its process went away. */
function hadPlace({ actor }: TakenUp['folded']): boolean {
  const snapshot = actor.getSnapshot()
  const { holders } = snapshot.context
  return snapshot.matches('queued') || holders.includes('interrupted') || holders.includes('shutdown')
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
