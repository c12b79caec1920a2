import type { TaskEvent } from '../../protocol/journal.ts'
import type { Usage } from '../../protocol/model.ts'
import type { Slots } from './amounts.ts'
import { awake, checked, cleared, ended, endOf, openCalls, refused, waits, withSign } from './call-facts.ts'
import { type CallRow, changed, type Heard, type News, quiet, type TaskRow } from './task-row.ts'

/** All tasks of which anything was heard. */
export interface TaskRows {
  /** Takes an event in, and returns what it tells of its task. */
  hear(event: TaskEvent): readonly News[]
  all(): readonly TaskRow[]
  /** How many work in the background and how many wait to; `null`: nobody has said. */
  slots(): Slots | null
}

const SENTENCE_CHARACTERS_MAX = 2_000

/** Folds the events of all tasks into rows, one a task. */
export function createTaskRows(): TaskRows {
  const rows = new Map<string, TaskRow>()
  let slots: Slots | null = null
  return {
    hear(event) {
      if (event.type === 'slots') slots = event
      if (!('taskId' in event)) return []
      if (event.type === 'task.created') {
        rows.set(event.taskId, newRow(event))
        return []
      }
      const row = rows.get(event.taskId)
      if (!row) return []
      const { change, news } = heard(row, event)
      rows.set(row.id, changed(row, change))
      return news
    },
    all: () => [...rows.values()],
    slots: () => slots,
  }
}

type OfTask = Extract<TaskEvent, { taskId: string }>
type Event<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>

function newRow({ spec, at }: Event<'task.created'>): TaskRow {
  const { id, parent, title, agent, background } = spec
  return {
    id,
    parent,
    title,
    agent,
    isBackground: background,
    standing: 'queued',
    hasRun: false,
    hasSlot: false,
    isModelAsked: false,
    isRetrying: false,
    stopping: 'no',
    holders: [],
    sentence: '',
    todos: [],
    turns: 0,
    callCount: 0,
    refusedCount: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    startedAt: at,
    endedAt: null,
    isLate: false,
    calls: new Map<string, CallRow>(),
  }
}

function heard(row: TaskRow, event: OfTask): Heard {
  switch (event.type) {
    case 'task.started':
    case 'task.resumed':
      // Its time begins when it works for the first time, not when it began to wait for that.
      return quiet({
        ...going(row, event),
        ...begun(row, event),
        hasRun: true,
        holders: [],
        stopping: 'no',
        isRetrying: false,
      })
    case 'slot.given':
      return quiet(going(row, event))
    case 'task.turned':
      return quiet({ isBackground: true, hasSlot: true })
    case 'task.pauseAsked':
      return quiet({ holders: [...row.holders.filter((by) => by !== event.by), event.by] })
    case 'task.resumeAsked':
      return quiet({ holders: row.holders.filter((by) => by !== event.by) })
    case 'task.interrupted':
      return quiet({ holders: [...row.holders, 'interrupted'], isModelAsked: false, calls: new Map() })
    case 'task.cancelAsked':
      return quiet({ stopping: 'asked' })
    case 'limit.reached':
      return quiet(row.stopping === 'no' ? { stopping: 'limit' } : {})
    case 'task.ended':
      return quiet(atEnd(event))
    case 'task.lost':
      return quiet({ standing: 'lost', calls: new Map() })
    case 'stop.objected':
      return { change: {}, news: [{ kind: 'note', text: `Sent back to work: ${event.note}` }] }
    default:
      return heardOfWork(row, event)
  }
}

/** What the model and the calls are at. */
function heardOfWork(row: TaskRow, event: OfTask): Heard {
  switch (event.type) {
    case 'progress':
      return event.callId === null ? spoken(row, event.text) : withSign(row, event.callId, event.text)
    case 'model.replied':
      return replied(row, event)
    case 'model.failed':
      return failedModel(event)
    case 'retry.due':
      return quiet({ isRetrying: false })
    case 'conversation.summarised':
      return {
        change: { usage: plus(row.usage, event.usage), isModelAsked: false },
        news: [{ kind: 'note', text: 'The conversation became long; its beginning was summarised.' }],
      }
    case 'call.checked':
      return checked(row, event)
    case 'call.approved':
      return cleared(row, event)
    case 'call.refused':
      return refused(row, event)
    case 'call.told':
      return ended(row, event, { mark: 'ok', note: 'answered', why: '' })
    case 'call.waits':
      return waits(row, event)
    case 'call.ended':
    case 'call.reconciled': {
      const { change, news } = ended(row, event, endOf(event.result))
      return { change: 'todos' in event && event.todos ? { ...change, todos: event.todos } : change, news }
    }
    default:
      return quiet({})
  }
}

function begun({ hasRun }: TaskRow, { at }: { readonly at: number }): Partial<TaskRow> {
  return hasRun ? {} : { startedAt: at }
}

/** It works, with a slot if it needs one. */
function going(row: TaskRow, { at }: { readonly at: number }): Partial<TaskRow> {
  return { hasSlot: true, calls: awake(row, at) }
}

/** Whoever speaks has a slot and has not hit a limit, whatever its facts made us think. */
function alive({ stopping }: TaskRow): Partial<TaskRow> {
  return { hasSlot: true, stopping: stopping === 'asked' ? 'asked' : 'no' }
}

function spoken(row: TaskRow, text: string): Heard {
  return quiet({ ...alive(row), sentence: `${row.sentence}${text}`.slice(-SENTENCE_CHARACTERS_MAX) })
}

function replied(row: TaskRow, event: Event<'model.replied'>): Heard {
  const { turn, reply } = event
  const calls = openCalls(event)
  const change = {
    ...alive(row),
    turns: turn,
    usage: plus(row.usage, reply.usage),
    calls,
    isModelAsked: false,
    isRetrying: false,
    sentence: '',
    callCount: row.callCount + calls.size,
  }
  // A reply without calls is the last word, which is the result.
  return {
    change,
    news: calls.size > 0 && reply.text.trim() !== '' ? [{ kind: 'said', text: reply.text }] : [],
  }
}

function failedModel({ failure, retryInMs }: Event<'model.failed'>): Heard {
  const change = { isModelAsked: false, sentence: '' }
  if (retryInMs === null) return quiet(change)
  const wait = (retryInMs / 1_000).toFixed(1)
  const text = `${failure.code}, again in ${wait} s: ${failure.message}`
  return { change: { ...change, isRetrying: true }, news: [{ kind: 'note', text }] }
}

function atEnd({ outcome, at }: Event<'task.ended'>): Partial<TaskRow> {
  const isLate = 'late' in outcome && outcome.late === true
  return { standing: outcome.status, endedAt: at, isLate, calls: new Map() }
}

function plus(a: Usage, b: Usage): Usage {
  return { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens }
}
