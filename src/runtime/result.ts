import type { Entry } from '../protocol/journal.ts'
import { EMPTY_TALLY, type Tally, tallied } from '../protocol/tally.ts'
import type { Holder, Outcome, TaskSpec, TaskStatus, TaskView } from '../protocol/task.ts'

/** What a host is told of a task that has ended, or does not go on here. */
export type TaskResult<Data = unknown> =
  | (Told & { readonly status: 'completed'; readonly data: Data })
  | (Told & { readonly status: NotDone; readonly reason: Reason })

/** `paused`: it can go on, but not here and now. `rejected`: it was never admitted. */
export type NotDone = 'failed' | 'timedOut' | 'cancelled' | 'paused' | 'rejected'

interface Told {
  readonly taskId: string
  /** The last thing it said. */
  readonly result: string
  /** It said so after it was told to end. */
  readonly late?: true
  readonly turns: number
  readonly usage: Tally['usage']
  readonly durationMs: number
}

export interface Reason {
  readonly code: string
  readonly message: string
}

export function resultOf(taskId: string, outcome: Outcome, tally: Tally): TaskResult {
  const told = { ...toldOf(taskId, tally), result: outcome.result }
  if (outcome.status === 'completed') return { ...told, status: 'completed', data: outcome.data }
  const { code, message } = outcome.reason
  const ending = { ...told, status: outcome.status, reason: { code, message } }
  return outcome.late ? { ...ending, late: true } : ending
}

/** The result of a task that has no outcome of its own: held, lost or rejected. */
export function resultWithout(
  status: NotDone,
  taskId: string,
  tally: Tally,
  { code, message }: Reason,
): TaskResult {
  return { ...toldOf(taskId, tally), result: '', status, reason: { code, message } }
}

function toldOf(taskId: string, { turns, usage, createdAt, lastAt }: Tally) {
  return { taskId, turns, usage, durationMs: lastAt - createdAt }
}

export interface Standing {
  readonly heldBy: TaskView['heldBy']
  readonly state: string
  readonly pausedBy: readonly Holder[]
  readonly background: boolean
  readonly ahead: number | null
  readonly outcome: Outcome | null
}

/** How a task stands, for whoever asks. */
export function viewOf({ id, agent, title, parent }: TaskSpec, standing: Standing, tally: Tally): TaskView {
  const { state, ...held } = standing
  const { turns, usage, todos, createdAt, lastAt } = tally
  const status = statusOf(state)
  return {
    id,
    agent,
    title,
    parent,
    status,
    state,
    turns,
    usage,
    todos,
    createdAt,
    durationMs: lastAt - createdAt,
    ...held,
  }
}

/** How a task stands that has ended. */
export function endedView(
  spec: TaskSpec,
  outcome: Outcome,
  { tally, background }: { readonly tally: Tally; readonly background: boolean },
): TaskView {
  const standing = { heldBy: 'nobody', pausedBy: [], background, ahead: null, outcome } as const
  return viewOf(spec, { state: outcome.status, ...standing }, tally)
}

export function tallyOf(entries: readonly Entry[]): Tally {
  return entries.reduce((tally, { fact }) => tallied(tally, fact), EMPTY_TALLY)
}

export function outcomeIn(entries: readonly Entry[]): Outcome | null {
  const last = entries.at(-1)?.fact
  return last?.type === 'task.ended' ? last.outcome : null
}

/** A state as one word: `running.asking`. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value
  const [[outer, inner] = ['', '']] = Object.entries(value as Record<string, unknown>)
  return `${outer}.${pathOf(inner)}`
}

/** The outermost state of a path. */
export function statusOf(path: string): TaskStatus {
  return (path.split('.', 1)[0] ?? path) as TaskStatus
}
