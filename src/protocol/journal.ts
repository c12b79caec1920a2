import type { Verdict } from './boundary.ts'
import type { Line, Reply, Result, Usage } from './model.ts'
import type { ChildReport, Wait } from './delegation.ts'
import type { Failure, Holder, Outcome, TaskSpec, Todo } from './task.ts'

/**
 * Everything that ever happens to a task. A fact and the event of the chart are the same object:
 * that is what makes state the fold of the journal. The first is the task's birth, the last its end.
 */
export type Fact = TaskCreated | ChartFact | TaskEnded

export interface TaskCreated {
  readonly type: 'task.created'
  readonly spec: TaskSpec
  /** What was said in the task that this one continues. */
  readonly before?: readonly Line[]
}

export interface TaskEnded {
  readonly type: 'task.ended'
  readonly outcome: Outcome
}

/** The facts that the task's chart hears. */
export type ChartFact =
  | { readonly type: 'task.started' | 'task.resumed'; readonly runId: number }
  /** It may work again after it has waited: its slot was given back meanwhile. */
  | { readonly type: 'slot.given' }
  | { readonly type: 'task.pauseAsked'; readonly by: Holder }
  /** Somebody no longer holds it still. */
  | { readonly type: 'task.resumeAsked'; readonly by: Holder }
  /** From now on it works in the background, with a slot that it has been given. */
  | {
      readonly type: 'task.turned'
      /** Together with the one that waits in front of it, which goes on doing so. */
      readonly together?: true
    }
  | { readonly type: 'task.cancelAsked'; readonly reason: string }
  | { readonly type: 'task.interrupted' }
  /** Somebody has said something to it, to be read before its next turn. */
  | { readonly type: 'task.messaged'; readonly text: string }
  /** A task that works for it has ended. Its model is told of this once. */
  | { readonly type: 'child.ended'; readonly report: ChildReport }
  | { readonly type: 'model.replied'; readonly turn: number; readonly reply: Reply }
  | {
      readonly type: 'model.failed'
      readonly turn: number
      readonly failure: Failure
      /** How long to wait before asking again, if it is asked again. */
      readonly retryInMs: number | null
    }
  | {
      /** Turns up to and with `turn` are from now on told in short. */
      readonly type: 'conversation.summarised'
      readonly turn: number
      readonly text: string
      readonly usage: Usage
    }
  | { readonly type: 'retry.due' }
  | { readonly type: 'limit.reached'; readonly limit: 'timeoutMs' | 'idleMs' }
  | { readonly type: 'grace.over' }
  /** Whoever is asked before it may complete has nothing against it. */
  | { readonly type: 'stop.allowed' }
  /** … or sends it back to work. */
  | { readonly type: 'stop.objected'; readonly note: string }
  | CallFact

/** The facts that one tool call's chart hears. */
export type CallFact =
  | {
      readonly type: 'call.checked'
      readonly callId: string
      readonly verdict: Verdict
      /**
       * Where a person is asked: the mark of everything they are shown. A yes holds for that and nothing
       * else.
       */
      readonly shown?: string
    }
  | { readonly type: 'call.approved'; readonly callId: string; readonly note?: string; readonly by?: string }
  | { readonly type: 'call.refused'; readonly callId: string; readonly note: string; readonly by?: string }
  /** A human's words: the whole answer to a question. */
  | { readonly type: 'call.told'; readonly callId: string; readonly text: string; readonly by?: string }
  /** A process of the call is about to run. Whoever comes after a crash ends it first. */
  | { readonly type: 'call.began'; readonly callId: string; readonly process: ProcessMark }
  /** The call is answered when tasks have ended; there is nothing to do until then. */
  | { readonly type: 'call.waits'; readonly callId: string; readonly wait: Wait }
  | {
      readonly type: 'call.ended'
      readonly callId: string
      readonly result: Result
      readonly todos?: readonly Todo[]
      /** Tasks of which the result tells. */
      readonly told?: readonly string[]
      /** What its tool wants to know again in later calls of this task, by key. */
      readonly kept?: Readonly<Record<string, string>>
    }
  | { readonly type: 'call.reconciled'; readonly callId: string; readonly result: Result }

/** By what a group of processes is found again after a crash, and told from all others. */
export interface ProcessMark {
  readonly group: number
  /** Of which boot of the machine, and when in it: no later group of that number has the same. */
  readonly startedAt: string
  /** Stands in the environment of all its processes, where the system shows that. */
  readonly mark: string
}

/**
 * A fact with the time it was heard. Charts have no clock; this is how time comes in. `asleepMs`: how
 * much the machine has slept since the task was born, as far as it is known and if it has.
 */
export type Heard<F = Fact> = F & { readonly at: number; readonly asleepMs?: number }

/**
 * One record of the journal. `seq` counts from 1 without gaps; `runId` is the fencing token it was written
 * under; `v` is the version of the fact's form.
 */
export interface Entry {
  readonly v: 1
  readonly taskId: string
  readonly seq: number
  readonly runId: number
  readonly fact: Heard
}

/** What listeners hear: the facts, and between them signs of life that are not kept. */
export type TaskEvent =
  | (Heard & {
      readonly taskId: string
      readonly seq: number
      readonly runId: number
      readonly cursor?: number
    })
  /** All that was there when it was asked for has been told; what follows happens now. */
  | { readonly type: 'caught_up'; readonly cursor: number }
  | {
      readonly type: 'progress'
      readonly taskId: string
      readonly callId: string | null
      readonly text: string
    }
  /** How many tasks work in the background, how many may, and how many wait for a slot. */
  | {
      readonly type: 'slots'
      readonly running: number
      readonly cap: number
      readonly queued: number
    }
  /**
   * The journal has refused this process: the task does not go on here. Not a fact, and nothing follows it.
   */
  | {
      readonly type: 'task.lost'
      readonly taskId: string
      readonly code: string
      readonly message: string
    }
  /**
   * A listener of many tasks fell too far behind. Ask `tasks()`, or a task's own `events`, for what it
   * missed.
   */
  | { readonly type: 'events.lost'; readonly count: number }
