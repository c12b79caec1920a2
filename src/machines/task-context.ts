/** What the chart of a task remembers. */
import type { Call } from '../protocol/model.ts'
import type { Holder, Outcome, TaskSpec } from '../protocol/task.ts'

/** How an open call stands, as far as its task must know. `checking` and `running` have a live body. */
export type Standing = 'unchecked' | 'checking' | 'asking' | 'cleared' | 'running' | 'delegating'

/**
 * Kept in few keys, because it is copied on each change: an object of twenty or more is copied some thirty
 * times as slowly as one of nineteen.
 */
export interface TaskContext {
  readonly spec: TaskSpec
  readonly turn: number
  /** Whether it takes a slot while it works. */
  readonly isBackground: boolean
  /** What is asked of the one body that is not a call, if there is one. */
  readonly asked: 'nothing' | 'reply' | 'summary' | 'leave'
  readonly isGoing: boolean
  /** The calls of the last reply that have a chart of their own and no answer yet. */
  readonly calls: Readonly<Record<string, Standing>>
  /** Those that were not begun yet, in the order in which they will be. */
  readonly fresh: readonly Call[]
  readonly openCalls: readonly Call[]
  readonly completion: Call | null
  readonly said: Said
  readonly tries: Tries
  readonly ran: Ran
  /** When the last fact was heard: the only clock a chart has. */
  readonly now: number
  readonly ending: Outcome | null
  readonly holders: readonly Holder[]
  /** How many messages and reports came in since the model was last asked. */
  readonly news: number
  /** Tasks that worked for it and have ended, and whether its model was shown what they came to. */
  readonly children: Readonly<Record<string, 'untold' | 'told'>>
}

/** What the replies so far say about how to go on. */
export interface Said {
  readonly lastWords: string
  /** A call of the last reply failed or was refused. */
  readonly hasFailedCall: boolean
  readonly openTodos: number
  readonly windowUsed: number
  /** The model has said that the conversation is too long for it. */
  readonly isOverflown: boolean
  readonly summarisedTo: number
}

/** How often what was tried. */
export interface Tries {
  readonly nudges: number
  readonly objections: number
  readonly badResults: number
  /** Attempts at the model call under way. */
  readonly attempts: number
  readonly retryAt: number | null
  readonly lostReplies: number
  /** How often it was sent back to work when it meant to complete. */
  readonly sentBack: number
  /** Whoever is asked before it may complete has said yes. */
  readonly isLeaveGiven: boolean
}

/** Running time: how much was counted, since when more is, if it is, and how much sleep is known of. */
export interface Ran {
  readonly ms: number
  readonly since: number | null
  readonly asleepMs: number
}

export type Change = Partial<TaskContext>

export function newTask(spec: TaskSpec): TaskContext {
  return {
    spec,
    turn: 0,
    isBackground: spec.background,
    asked: 'nothing',
    isGoing: false,
    calls: {},
    fresh: [],
    openCalls: [],
    completion: null,
    said: {
      lastWords: '',
      hasFailedCall: false,
      openTodos: 0,
      windowUsed: 0,
      isOverflown: false,
      summarisedTo: 0,
    },
    tries: {
      nudges: 0,
      objections: 0,
      badResults: 0,
      attempts: 0,
      retryAt: null,
      lostReplies: 0,
      sentBack: 0,
      isLeaveGiven: false,
    },
    ran: { ms: 0, since: null, asleepMs: 0 },
    now: 0,
    ending: null,
    holders: [],
    news: 0,
    children: {},
  }
}
