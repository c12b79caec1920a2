import type { Verdict } from './boundary.ts'
import type { Reply, Result, Usage } from './model.ts'
import type { Failure, Outcome, PauseReason, TaskSpec, Todo } from './task.ts'

/**
 * Everything that ever happens to a task. A fact and the event of the chart are the same object:
 * that is what makes state the fold of the journal. The first is the task's birth, the last its end.
 */
export type Fact = TaskCreated | ChartFact | TaskEnded

export interface TaskCreated {
  readonly type: 'task.created'
  readonly spec: TaskSpec
}

export interface TaskEnded {
  readonly type: 'task.ended'
  readonly outcome: Outcome
}

/** The facts that the task's chart hears. */
export type ChartFact =
  | { readonly type: 'task.started' | 'task.resumed'; readonly runId: number }
  | { readonly type: 'task.pauseAsked'; readonly by: PauseReason }
  | { readonly type: 'task.cancelAsked'; readonly reason: string }
  | { readonly type: 'task.interrupted' }
  | { readonly type: 'model.replied'; readonly turn: number; readonly reply: Reply }
  | {
      readonly type: 'model.failed'
      readonly turn: number
      readonly failure: Failure
      /** How long to wait before asking again, when asking again may help. */
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
  | { readonly type: 'limit.reached'; readonly limit: 'timeoutMs' }
  | { readonly type: 'grace.over' }
  | CallFact

/** The facts that one tool call's chart hears. */
export type CallFact =
  | { readonly type: 'call.checked'; readonly callId: string; readonly verdict: Verdict }
  | { readonly type: 'call.approved'; readonly callId: string; readonly note?: string }
  | { readonly type: 'call.refused'; readonly callId: string; readonly note: string }
  /** A human's words: the whole answer to a question. */
  | { readonly type: 'call.told'; readonly callId: string; readonly text: string }
  | {
      readonly type: 'call.ended'
      readonly callId: string
      readonly result: Result
      readonly todos?: readonly Todo[]
    }
  | { readonly type: 'call.reconciled'; readonly callId: string; readonly result: Result }

/** A fact with the time it was heard. Charts have no clock; this is how time comes in. */
export type Heard<F = Fact> = F & { readonly at: number }

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
  | (Heard & { readonly taskId: string; readonly seq: number })
  | {
      readonly type: 'progress'
      readonly taskId: string
      readonly callId: string | null
      readonly text: string
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
