import type { Concurrency, Elsewhere, Slot } from '../protocol/concurrency.ts'
import type { Entry } from '../protocol/journal.ts'
import type { RemoteOrder } from '../protocol/remote.ts'
import type { TaskSpec, TaskView } from '../protocol/task.ts'

/** Keeps journals. The one contract suite in `troupe/testing` says what that means. */
export interface Store {
  /**
   * Contract: durable when it resolves; the task is held by this store from then on. Rejects with
   * `task/duplicate-id` when the id was ever used. `entry` is the task's birth: `seq` 1, `runId` 0.
   */
  create(entry: Entry): Promise<void>
  /**
   * Contract: all or nothing, durable when it resolves, and appends to one task resolve in the order they
   * were made.
   * Rejects with `store/conflict` when `seq` is not the next, with `store/stale-writer` when `entry.runId` is
   * not the task's or another holds it, and with `task/no-such-task`. `previousRunId` given: the entry begins
   * a run, and the token moves to it together with the entry, or neither does. With `task.ended` the task is
   * let go of.
   */
  append(entry: Entry, previousRunId?: number): Promise<void>
  /** Contract: in order of `seq`, from `after` on (exclusive); nothing for an unknown task. */
  read(taskId: string, after?: number): Promise<readonly Entry[]>
  /**
   * Contract: entries of all tasks in the order in which they became durable, after `cursor`; 0 is before
   * all.
   */
  since(cursor: number, max: number): Promise<readonly Kept[]>
  /** Contract: the oldest first. `unfinished`: without those that have ended, however many there are. */
  tasks(which?: 'all' | 'unfinished'): Promise<readonly TaskRecord[]>
  /**
   * Takes a task that nobody holds, or whose holder is known to live no more. The token moves on.
   * Contract: rejects with `store/held` while somebody else holds it, and with `task/no-such-task`.
   */
  acquire(taskId: string): Promise<Lease>
  /** Lets go of a task. Contract: never rejects; one that is another's by now is left alone. */
  release(taskId: string): Promise<void>
  /**
   * Keeps how an ended task stood, so that its journal need not be folded to list it. A cache, and no more.
   */
  keepView(view: TaskView): void
  /** Forgets ended tasks and their journals. Their ids stay used. Contract: what has not ended stays. */
  forget(taskIds: readonly string[]): Promise<void>
  /**
   * Contract: what was asked before is done first; afterwards everything rejects with `store/closed`. Tasks
   * that were not released stay held as long as the process lives.
   */
  close(): Promise<void>
  /** Where other processes work on the same tasks; `null` where there can be none. */
  readonly workplace: Workplace | null
}

/** An entry, and the place it has among those of all tasks. */
export interface Kept {
  readonly cursor: number
  readonly entry: Entry
}

/** What a store knows of a task without folding its journal. */
export interface TaskRecord {
  readonly spec: TaskSpec
  readonly hasEnded: boolean
  /** How it stood when it had ended, if that was kept. */
  readonly view: TaskView | null
  /**
   * `here`: this store. `elsewhere`: another process, which lives. `nobody`: whoever wants it may take it.
   */
  readonly heldBy: 'here' | 'elsewhere' | 'nobody'
}

/** The right to write a task's journal. */
export interface Lease {
  /** The token that everything is written under from now on. */
  readonly runId: number
  /** By the wall clock: when the former holder was last seen alive. 0: never. */
  readonly seenAt: number
}

/** Several processes that work on the tasks of one store. */
export interface Workplace {
  /** Takes part from now on: answers the others, and hears of what they change. Called once. */
  enter(part: Part): void
  /**
   * Asked right before an effect. `null`: certainly still ours. Else it resolves when that is certain again,
   * and rejects when it is not: then another may have our tasks by now.
   */
  mayAct(): Promise<void> | null
  /**
   * Takes a slot of the workspace, if there is one under the smallest cap of all that take part, and under
   * the caps of its agent and model. `null`: it is ours; else what stands in the way. Slots of processes that
   * live no more do not count.
   */
  takeSlot(slot: Slot, limits: Concurrency): Promise<Elsewhere | null>
  /** Contract: in order with `takeSlot`; never fails. */
  leaveSlot(taskId: string): void
  /** How many wait here, for the others to know. */
  waits(count: number): void
  elsewhere(): Promise<Elsewhere>
  /**
   * Has the process that holds a task do something with it. Rejects with what that process answered.
   * `nobody`: nobody holds it (any more), or its holder has shown no sign of life for the time of a lease.
   */
  ask(order: RemoteOrder): Promise<'done' | 'nobody'>
}

export interface Part {
  /** How many may work in the background, as far as this process is concerned. */
  readonly cap: number
  /** Another process asks for something. What it rejects with is told to whoever asked. */
  readonly serve: (order: RemoteOrder) => Promise<void>
  /** Another process has written something. Called a few times a second at most. */
  readonly changed: () => void
  /** This process could not show that it lives: what it holds is another's now. Called once. */
  readonly lost: (error: unknown) => void
}
