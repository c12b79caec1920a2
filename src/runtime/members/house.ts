import { contained } from '../../actors/contained.ts'
import type { Awake } from '../../actors/awake.ts'
import type { HookCaller } from '../../actors/hooks.ts'
import type { Listeners } from '../../actors/listeners.ts'
import type { Notices } from '../../actors/notices.ts'
import type { Bug } from '../../errors.ts'
import type { Clock, Store } from '../../host.ts'
import type { ChildReport } from '../../protocol/delegation.ts'
import type { Lineage } from './lineage.ts'
import type { Member } from './member.ts'
import type { TaskResult } from '../result.ts'
import type { Supervisor } from '../supervisor.ts'

/** What reaches those of a task's family that another process has. Contract: returns at once, never fails. */
export interface FamilyElsewhere {
  /** A task has ended here that works for one there. */
  reportEnd(parentId: string, report: ChildReport): void
  cancelBelow(taskId: string, reason: string): void
  /** Nobody holds a task here still any more. */
  letGoBelow(taskId: string): void
}

/** What the tasks of one runtime live with. */
export interface HousePlan {
  readonly store: Store
  readonly clock: Clock
  readonly awake: Awake
  readonly listeners: Listeners
  readonly hooks: HookCaller
  readonly notices: Notices
  readonly elsewhere: FamilyElsewhere
  /** Calls back once no body of a task is under way any more. */
  readonly whenGone: (taskId: string, call: () => void) => void
  /** The supervisor and the tasks know each other: it is there once the first task is. */
  readonly supervisor: () => Supervisor
}

/** A member and what only the house may do to it. */
export interface Row {
  member: Member
  readonly settle: (result: TaskResult) => void
  readonly fail: (bug: Bug) => void
  /** Who waits for the next change. */
  watchers: (() => void)[]
  /** Its birth is durable. */
  born: Promise<void>
  isBorn: boolean
  /** How often it was about to run. */
  launches: number
  /** How many of its runs have begun. */
  runs: number
  /** Hooks were told that it is paused, and not yet that it goes on. */
  isPauseTold: boolean
  /** Whoever wants to know was told that it waits for the slot that it wants now. */
  isQueueTold: boolean
  /** Somebody waits in front of it. */
  isAwaited: boolean
  /** It was taken up, and had a slot or waited for one before: it is not refused one now. */
  hadPlace: boolean
  /** Slots of tasks that it has waited for, until it goes on. */
  inherits: readonly string[]
  /** The launch under way. A later one takes its place. */
  launching: object | null
  /** The run that hooks were told the start of, and not yet the stop. */
  openRun: number | null
  /** The run whose completion hooks were told of when they were asked. */
  toldStop: number | null
  /** The tasks that worked for it and have ended, as its model may be shown them. */
  ended: EndedTask[]
  /** When the last thing happened to it before it was taken up here. */
  readonly takenUpAt: number | null
  /** What its tools want to know again, by key. */
  kept: Map<string, string> | null
}

/** What is remembered of a task that has ended, as long as the one it worked for lives. */
export interface EndedTask {
  readonly taskId: string
  readonly agent: string
  readonly title: string
  readonly status: string
  readonly turns: number
  readonly background: boolean
}

export function endedTask({ taskId, agent, title, status, turns }: ChildReport): EndedTask {
  return { taskId, agent, title, status, turns, background: true }
}

export type Rows = Map<string, Row>
export type Losses = Map<string, TaskResult>

/** What becomes of a task that does not go on here. */
export interface Fate {
  readonly lost: (taskId: string, error: unknown) => void
  readonly over: (taskId: string, result: TaskResult) => void
}

/** What the functions around the members share. */
export interface House extends HousePlan {
  readonly rows: Rows
  readonly losses: Losses
  readonly lineage: Lineage
  readonly fate: Fate
}

/** Whoever waits for the next change of a task looks again. */
export function wakeRow(row: Row): void {
  const { watchers } = row
  row.watchers = []
  for (const watcher of watchers) contained(watcher, () => {})
}
