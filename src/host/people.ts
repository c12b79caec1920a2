import type { Action, Boundary } from '../protocol/boundary.ts'
import type { Call } from '../protocol/model.ts'

/** The person who may be asked. Nothing a model says reaches this interface as an answer. */
export interface Human {
  /** Contract: `request` holds every byte of what would be done. Aborted when the task no longer asks. */
  approve(request: ApprovalRequest, signal: AbortSignal): Promise<Approval>
  /** Contract: `null` when the person would not answer. */
  ask(question: Question, signal: AbortSignal): Promise<string | null>
  /** Told how tasks in the background get on. While it is at one, what comes meanwhile waits. */
  notify(notice: Notice): unknown
}

/** One thing a person may want to know of a task in the background. */
export interface Notice {
  /** The same for the same thing, also when it is told twice. */
  readonly id: string
  readonly kind: 'ended' | 'progress'
  readonly taskId: string
  readonly agent: string
  readonly title: string
  /** How it ended, or what it is at: `completed`, `queued`, `running`, `paused`, `asking`. */
  readonly status: string
  /** One line: of its result, or why it stands still. */
  readonly text: string
  /** How many notices of progress were left out before this one, because they came too fast. */
  readonly dropped: number
}

/** A task, as a person may know it. */
export interface NamedTask {
  readonly taskId: string
  readonly agent: string
  readonly title: string
}

/** Who asks a person, and for whom it works. */
export interface Asker extends NamedTask {
  /** How many tasks stand above it. */
  readonly depth: number
  /** Those tasks, the nearest first, as far as they still live where this is told. */
  readonly parents: readonly NamedTask[]
  /** Nobody waits in front of it, or of the task it works for. */
  readonly background: boolean
}

/** A call that a person must allow. */
export interface ApprovalRequest extends Asker {
  /** `taskId/callId`: stable, also across restarts. */
  readonly id: string
  readonly callId: string
  /** All that the task may touch: every layer, the outermost first. */
  readonly boundary: Boundary
  readonly call: Call
  readonly action: Action
  readonly why: string
  /** What asks: the rule, and the layer or settings that it stands in. */
  readonly rule: string
  readonly layer: string
}

/** What a person says to an `ApprovalRequest`. */
export interface Approval {
  readonly allow: boolean
  readonly note?: string
}

/** A question of the model's. */
export interface Question extends Asker {
  readonly id: string
  readonly callId: string
  readonly text: string
  readonly options: readonly string[]
}
