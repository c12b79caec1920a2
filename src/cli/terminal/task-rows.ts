import type { TaskEvent } from '../../protocol/journal.ts'
import type { Call, Result, Usage } from '../../protocol/model.ts'
import { COMPLETION_TOOL } from '../../protocol/names.ts'
import type { Todo } from '../../protocol/task.ts'
import { argumentOf } from './call-argument.ts'

/** What a person is shown of one call that is under way. */
export interface CallRow {
  readonly call: Call
  readonly isRunning: boolean
  readonly startedAt: number
  /** The last line that it has shown as a sign of life. */
  readonly sign: string
}

/** What a person is shown of one task. Texts are as they came: whoever draws them makes them safe. */
export interface TaskRow {
  readonly id: string
  readonly parent: string | null
  readonly title: string
  readonly agent: string
  readonly status: string
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

export interface CallEnd {
  readonly mark: 'ok' | 'odd' | 'failed'
  readonly note: string
  readonly why: string
}

export interface TaskRows {
  /** Takes an event in, and returns what it tells of its task. */
  hear(event: TaskEvent): readonly News[]
  all(): readonly TaskRow[]
}

const SENTENCE_CHARACTERS_MAX = 2_000
const SIGN_CHARACTERS_MAX = 500

/** Folds the events of all tasks into rows, one a task. */
export function createTaskRows(): TaskRows {
  const rows = new Map<string, TaskRow>()
  return {
    hear(event) {
      if (event.type === 'events.lost') return []
      if (event.type === 'task.created') {
        rows.set(event.taskId, newRow(event))
        return []
      }
      const row = rows.get(event.taskId)
      if (!row) return []
      const { change, news } = heard(row, event)
      rows.set(row.id, { ...row, ...change })
      return news
    },
    all: () => [...rows.values()],
  }
}

interface Heard {
  readonly change: Partial<TaskRow>
  readonly news: readonly News[]
}

function newRow({ spec, at }: Extract<TaskEvent, { type: 'task.created' }>): TaskRow {
  const { id, parent, title, agent } = spec
  const usage = { inputTokens: 0, outputTokens: 0 }
  const counts = {
    turns: 0,
    callCount: 0,
    refusedCount: 0,
    usage,
    todos: [],
    calls: new Map<string, CallRow>(),
  }
  return { id, parent, title, agent, status: 'queued', sentence: '', startedAt: at, endedAt: null, ...counts }
}

function heard(row: TaskRow, event: TaskEvent): Heard {
  switch (event.type) {
    case 'task.started':
    case 'task.resumed':
      return quiet({ status: 'thinking' })
    case 'progress':
      return quiet(withSign(row, event.callId, event.text))
    case 'model.replied':
      return replied(row, event)
    case 'model.failed':
      return failedModel(event)
    case 'conversation.summarised':
      return {
        change: {},
        news: [{ kind: 'note', text: 'The conversation became long; its beginning was summarised.' }],
      }
    case 'call.checked':
      return checked(row, event)
    case 'call.approved':
      return quiet({ status: 'working', calls: running(row, event.callId, event.at) })
    case 'call.refused':
      return refused(row, event)
    case 'call.told':
      return ended(row, event, { mark: 'ok', note: 'answered', why: '' })
    case 'call.ended':
    case 'call.reconciled': {
      const todos = 'todos' in event && event.todos ? { todos: event.todos } : {}
      return ended({ ...row, ...todos }, event, endOf(event.result), todos)
    }
    case 'task.pauseAsked':
      return quiet({ status: 'pausing' })
    case 'task.cancelAsked':
      return quiet({ status: 'stopping' })
    case 'task.ended':
      return quiet({ status: event.outcome.status, endedAt: event.at, calls: new Map() })
    default:
      return quiet({})
  }
}

function quiet(change: Partial<TaskRow>): Heard {
  return { change, news: [] }
}

function withSign(row: TaskRow, callId: string | null, text: string): Partial<TaskRow> {
  if (callId === null) return { sentence: `${row.sentence}${text}`.slice(-SENTENCE_CHARACTERS_MAX) }
  const call = row.calls.get(callId)
  const sign = text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.slice(0, SIGN_CHARACTERS_MAX)
  return call && sign !== undefined ? { calls: new Map(row.calls).set(callId, { ...call, sign }) } : {}
}

function replied(row: TaskRow, event: Extract<TaskEvent, { type: 'model.replied' }>): Heard {
  const { turn, reply, at } = event
  const calls = new Map(
    reply.calls.map((call) => [call.id, { call, isRunning: false, startedAt: at, sign: '' }]),
  )
  const usage = {
    inputTokens: row.usage.inputTokens + reply.usage.inputTokens,
    outputTokens: row.usage.outputTokens + reply.usage.outputTokens,
  }
  const status = calls.size > 0 ? 'working' : 'thinking'
  const change = { turns: turn, usage, calls, status, sentence: '', callCount: row.callCount + calls.size }
  // A reply without calls is the last word, which is the result.
  return {
    change,
    news: calls.size > 0 && reply.text.trim() !== '' ? [{ kind: 'said', text: reply.text }] : [],
  }
}

function failedModel({ failure, retryInMs }: Extract<TaskEvent, { type: 'model.failed' }>): Heard {
  if (retryInMs === null) return quiet({ sentence: '' })
  const wait = (retryInMs / 1_000).toFixed(1)
  const text = `${failure.code}, again in ${wait} s: ${failure.message}`
  return { change: { status: 'waiting for the model', sentence: '' }, news: [{ kind: 'note', text }] }
}

function checked(row: TaskRow, event: Extract<TaskEvent, { type: 'call.checked' }>): Heard {
  const { verdict, why } = event.verdict
  if (verdict === 'deny') return ended(row, event, { mark: 'failed', note: 'call/denied', why })
  if (verdict === 'ask') return quiet({ status: 'asking' })
  return quiet({ calls: running(row, event.callId, event.at) })
}

function refused(row: TaskRow, event: Extract<TaskEvent, { type: 'call.refused' }>): Heard {
  const more = { refusedCount: row.refusedCount + 1 }
  return ended(row, event, { mark: 'failed', note: 'refused', why: '' }, more)
}

function running(row: TaskRow, callId: string, at: number): TaskRow['calls'] {
  const found = row.calls.get(callId)
  return found ? new Map(row.calls).set(callId, { ...found, isRunning: true, startedAt: at }) : row.calls
}

function ended(
  row: TaskRow,
  { callId, at }: { readonly callId: string; readonly at: number },
  end: CallEnd,
  more: Partial<TaskRow> = {},
): Heard {
  const found = row.calls.get(callId)
  const calls = new Map(row.calls)
  calls.delete(callId)
  const status = row.status === 'stopping' ? row.status : calls.size > 0 ? 'working' : 'thinking'
  const change = { ...more, calls, status }
  // That the task ends is told by its result.
  if (!found || (found.call.tool === COMPLETION_TOOL && end.mark === 'ok')) return { change, news: [] }
  const { tool } = found.call
  return {
    change,
    news: [{ kind: 'call', tool, argument: argumentOf(found.call), end, tookMs: at - found.startedAt }],
  }
}

function endOf(result: Result): CallEnd {
  if (result.kind === 'failed') return { mark: 'failed', note: result.code, why: result.message }
  if (result.kind === 'unknown') return { mark: 'odd', note: 'outcome unknown', why: result.message }
  // A command that ran and said no is an answer, but one worth seeing.
  const [, exit] = typeof result.output === 'string' ? (/^exit code (\d+) /.exec(result.output) ?? []) : []
  return exit !== undefined && exit !== '0'
    ? { mark: 'odd', note: `exit ${exit}`, why: '' }
    : { mark: 'ok', note: '', why: '' }
}
