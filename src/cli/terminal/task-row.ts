import type { Notice } from '../../host.ts'
import type { Wait } from '../../protocol/delegation.ts'
import type { Call, Usage } from '../../protocol/model.ts'
import type { Holder, Outcome, Todo } from '../../protocol/task.ts'
import { counted, type Slots } from './amounts.ts'

/** What a person is shown of one call that is under way. */
export interface CallRow {
  readonly call: Call
  /** `cleared`: it may run as soon as its task may. `waiting`: it is answered when other tasks have ended. */
  readonly stage: 'open' | 'asking' | 'cleared' | 'running' | 'waiting'
  readonly wait: Wait | null
  readonly startedAt: number
  /** The last line that it has shown as a sign of life. */
  readonly sign: string
}

/** How a task stands, as a person would say it. */
export type Standing =
  | 'queued'
  | 'thinking'
  | 'working'
  | 'asking'
  | 'retrying'
  | 'delegating'
  | 'returning'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'lost'
  | Outcome['status']

/** What a person is shown of one task. Texts are as they came: whoever draws them makes them safe. */
export interface TaskRow {
  readonly id: string
  readonly parent: string | null
  readonly title: string
  readonly agent: string
  readonly isBackground: boolean
  readonly standing: Standing
  readonly hasRun: boolean
  /** Whether it has a slot, as far as its facts tell. A task in the foreground needs none. */
  readonly hasSlot: boolean
  readonly isModelAsked: boolean
  readonly isRetrying: boolean
  /** A limit may turn out not to have been reached; somebody's wish stands. */
  readonly stopping: 'no' | 'limit' | 'asked'
  readonly holders: readonly Holder[]
  /** What the model says, as far as it has come. */
  readonly sentence: string
  readonly todos: readonly Todo[]
  readonly turns: number
  readonly callCount: number
  /** Calls and questions that a person said no to, or nobody could be asked about. */
  readonly refusedCount: number
  readonly usage: Usage
  readonly startedAt: number
  readonly endedAt: number | null
  /** Its result came after it was told to end. */
  readonly isLate: boolean
  readonly calls: ReadonlyMap<string, CallRow>
}

/** What happened once and for all, to be told in a line. */
export type News =
  | { readonly kind: 'said'; readonly text: string }
  | {
      readonly kind: 'call'
      readonly tool: string
      readonly argument: string
      readonly end: CallEnd
      readonly tookMs: number
    }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'slots'; readonly slots: Slots }

/** How a call ended, in few words. */
export interface CallEnd {
  readonly mark: 'ok' | 'odd' | 'failed'
  readonly note: string
  readonly why: string
}

/** What an event changes of a row, and what there is to tell of it. */
export interface Heard {
  readonly change: Partial<TaskRow>
  readonly news: readonly News[]
}

/** An event that changes a row and is not told in a line of its own. */
export function quiet(change: Partial<TaskRow>): Heard {
  return { change, news: [] }
}

/** Whether what is cleared runs at once. */
export function mayRun({ holders, isBackground, hasSlot }: TaskRow): boolean {
  return holders.length === 0 && (!isBackground || hasSlot)
}

/** How a task stands when it has given its slot back. */
const RESTS: readonly Standing[] = ['asking', 'delegating', 'retrying', 'paused']

/** The row after a change, with everything that follows from it. */
export function changed(row: TaskRow, change: Partial<TaskRow>): TaskRow {
  const next = { ...row, ...change }
  const standing = standingOf(next)
  const rests = RESTS.includes(standing) && !has(next, 'running')
  return {
    ...next,
    standing,
    hasSlot: next.hasSlot && !(next.isBackground && rests),
    isModelAsked: next.isModelAsked || standing === 'thinking',
  }
}

function standingOf(row: TaskRow): Standing {
  if (row.endedAt !== null || row.standing === 'lost') return row.standing
  if (row.stopping !== 'no') return 'stopping'
  if (row.holders.length > 0) return row.isModelAsked || has(row, 'running') ? 'pausing' : 'paused'
  if (!row.hasRun) return 'queued'
  const wanted = wantedStanding(row)
  const needsSlot = row.isBackground && !row.hasSlot
  return needsSlot && (wanted === 'thinking' || wanted === 'working') ? 'returning' : wanted
}

/** What it is at, or would be if there is a slot for it. */
function wantedStanding(row: TaskRow): Standing {
  if (has(row, 'asking')) return 'asking'
  if (has(row, 'running')) return 'working'
  if (has(row, 'waiting')) return 'delegating'
  if (row.calls.size > 0) return 'working'
  return row.isRetrying ? 'retrying' : 'thinking'
}

function has({ calls }: TaskRow, stage: CallRow['stage']): boolean {
  return [...calls.values()].some((call) => call.stage === stage)
}

const WORDS: Readonly<Partial<Record<Standing, string>>> = {
  retrying: 'waiting for the model…',
  returning: 'waiting for a slot…',
  lost: 'goes on in another process, or nowhere',
}

/** What a live task is at, in words. Not safe: a holder may be called anything. */
export function standingWords(row: TaskRow): string {
  if (row.standing === 'paused') return `paused: ${[...new Set(row.holders.map(holderWords))].join(', ')}`
  if (row.standing === 'delegating') return `waiting for ${awaited(row)}…`
  return WORDS[row.standing] ?? `${row.standing}…`
}

const HOLDER_WORDS: ReadonlyMap<string, string> = new Map([
  ['user', 'by you'],
  ['quota', 'by its quota'],
  ['shutdown', 'by the shutdown'],
  ['interrupted', 'interrupted'],
  ['no-slot', 'no slot is free'],
])

function holderWords(by: Holder): string {
  return HOLDER_WORDS.get(by) ?? (by.startsWith('parent/') ? 'with its parent' : `by ${by}`)
}

function awaited({ calls }: TaskRow): string {
  const waits = [...calls.values()].flatMap(({ wait }) => wait ?? [])
  const [first] = waits
  if (!first || waits.length > 1) return counted(new Set(waits.flatMap(({ tasks }) => tasks)).size, 'task')
  const { tasks, until } = first
  if (until === 'all' || tasks.length === 1) return counted(tasks.length, 'task')
  return `${until === 'any' ? 'one' : until.quorum} of ${tasks.length} tasks`
}

/** How a task ended, in words. */
export const OUTCOME_WORDS = {
  completed: 'done',
  failed: 'failed',
  timedOut: 'out of time',
  cancelled: 'cancelled',
} as const satisfies Record<Outcome['status'], string>

/** An outcome in words; whatever else may stand there, as it is. */
export function wordOf(status: string): string {
  return new Map<string, string>(Object.entries(OUTCOME_WORDS)).get(status) ?? status
}
