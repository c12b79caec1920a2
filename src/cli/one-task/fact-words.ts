import type { TaskEvent } from '../../protocol/journal.ts'
import type { Call, Result } from '../../protocol/model.ts'
import type { Holder, Outcome } from '../../protocol/task.ts'
import { counted, durationOf, shortCount } from '../terminal/amounts.ts'
import { argumentOf } from '../terminal/call-argument.ts'
import { endOf } from '../terminal/call-facts.ts'
import type { Look } from '../terminal/style.ts'
import { OUTCOME_WORDS } from '../terminal/task-row.ts'
import { cutTo } from '../terminal/width.ts'

/** What a call is about matters more than all of it. */
const ARGUMENT_COLUMNS_MAX = 60
const CLOCK_FROM_MS = 100

/** A fact in words, as they came: whoever prints them makes them safe. */
export interface Told {
  readonly sign: string
  readonly look: Look
  readonly text: string
}

/** Facts that can be told of. Others come and go between them. */
export type FactEvent = Extract<TaskEvent, { seq: number }>
type Fact<Type extends FactEvent['type']> = Extract<FactEvent, { type: Type }>

/** Remembers the calls of a task, so that what becomes of them can be told by name. */
export interface FactTeller {
  tell(event: FactEvent): Told
}

interface Known {
  readonly call: Call
  readonly startedAt: number
}

/** Tells the facts of one task, in their order. */
export function createFactTeller(): FactTeller {
  let calls = new Map<string, Known>()
  return {
    tell(event) {
      if (event.type === 'model.replied')
        calls = new Map(event.reply.calls.map((call) => [call.id, { call, startedAt: event.at }]))
      const told = 'callId' in event ? ofCall(event, calls.get(event.callId)) : ofTask(event)
      if (event.type === 'call.checked' || event.type === 'call.approved') begin(calls, event)
      return told
    },
  }
}

/** The time that a person took to answer is not the call's. */
function begin(calls: Map<string, Known>, { callId, at }: Fact<'call.checked' | 'call.approved'>): void {
  const known = calls.get(callId)
  if (known) calls.set(callId, { ...known, startedAt: at })
}

const plain = (text: string): Told => ({ sign: '·', look: 'faint', text })
const good = (text: string): Told => ({ sign: '✓', look: 'good', text })
const bad = (text: string): Told => ({ sign: '✗', look: 'bad', text })
const odd = (text: string): Told => ({ sign: '!', look: 'caution', text })
const live = (text: string): Told => ({ sign: '▸', look: 'live', text })

function ofTask(event: Exclude<FactEvent, { callId: string }>): Told {
  switch (event.type) {
    case 'task.created':
      return live(birthWords(event))
    case 'task.started':
      return live('begins to work')
    case 'task.resumed':
      return live(`goes on: run ${event.runId}`)
    case 'slot.given':
      return plain('has a slot, and goes on')
    case 'task.pauseAsked':
      return odd(pausedWords(event.by))
    case 'task.resumeAsked':
      return plain(event.by === 'user' ? 'you let it go on' : `is no longer held ${byWords(event.by)}`)
    case 'task.turned':
      return plain(
        event.together ? 'works in the background, together with its parent' : 'works in the background',
      )
    case 'task.cancelAsked':
      return odd(`is to end: ${event.reason}`)
    case 'task.interrupted':
      return odd('was interrupted: its process was gone')
    case 'task.messaged':
      return live(`was told: ${event.text}`)
    case 'child.ended': {
      const { agent, title, taskId, status, result, reason } = event.report
      const what = result === '' ? (reason?.message ?? '') : result
      const text = `${agent} "${title}" (${taskId}) ${OUTCOME_WORDS[status]}: ${what}`
      return status === 'completed' ? good(text) : bad(text)
    }
    case 'task.ended':
      return endWords(event.outcome)
    default:
      return ofModel(event)
  }
}

type OfModel = Exclude<
  FactEvent,
  | { callId: string }
  | Fact<
      | 'task.created'
      | 'task.started'
      | 'task.resumed'
      | 'slot.given'
      | 'task.pauseAsked'
      | 'task.resumeAsked'
      | 'task.turned'
      | 'task.cancelAsked'
      | 'task.interrupted'
      | 'task.messaged'
      | 'child.ended'
      | 'task.ended'
    >
>

function ofModel(event: OfModel): Told {
  switch (event.type) {
    case 'model.replied':
      return replyWords(event)
    case 'model.failed': {
      const { failure, retryInMs, turn } = event
      const again = retryInMs === null ? 'not asked again' : `asked again in ${durationOf(retryInMs)}`
      return bad(`turn ${turn}: ${failure.code}, ${again}: ${failure.message}`)
    }
    case 'conversation.summarised':
      return plain(`turns up to ${event.turn} are told in short from now on`)
    case 'retry.due':
      return plain('asks its model again')
    case 'limit.reached':
      return odd(
        event.limit === 'idleMs' ? 'its model was silent for too long' : 'its running time is used up',
      )
    case 'grace.over':
      return odd('did not come to rest in time')
    case 'stop.allowed':
      return plain('may complete')
    case 'stop.objected':
      return odd(`was sent back to work: ${event.note}`)
  }
}

function birthWords({ spec, before }: Fact<'task.created'>): string {
  const { agent, title, parent, background, model } = spec
  return [
    `is asked for: ${title}`,
    `agent ${agent}`,
    `model ${model.name}`,
    ...(background ? ['in the background'] : []),
    ...(parent === null ? [] : [`for ${parent}`]),
    ...(before ? ['with an earlier conversation'] : []),
  ].join(', ')
}

function pausedWords(by: Holder): string {
  if (by === 'shutdown') return 'is held still: its process is about to end'
  return `is held still ${byWords(by)}`
}

function byWords(by: Holder): string {
  if (by === 'user') return 'by you'
  return by.startsWith('parent/') ? 'with its parent' : `by ${by}`
}

function endWords(outcome: Outcome): Told {
  if (outcome.status === 'completed') return good(`done: ${outcome.result}`)
  const late = outcome.late ? ' (it still said something)' : ''
  return bad(`${OUTCOME_WORDS[outcome.status]}${late}: ${outcome.reason.code}: ${outcome.reason.message}`)
}

function replyWords({ turn, reply }: Fact<'model.replied'>): Told {
  const tokens = shortCount(reply.usage.inputTokens + reply.usage.outputTokens)
  const wants = reply.calls.length > 0 ? ` → ${namesOf(reply.calls)}` : ''
  const said = reply.text.trim() === '' ? '' : ` ${reply.text.trim()}`
  return live(`turn ${turn}${wants} (${tokens} tokens)${said}`)
}

/** A tool that is called several times is named once. */
function namesOf(calls: readonly Call[]): string {
  const counts = new Map<string, number>()
  for (const { tool } of calls) counts.set(tool, (counts.get(tool) ?? 0) + 1)
  return [...counts].map(([tool, count]) => (count === 1 ? tool : `${tool} ×${count}`)).join(', ')
}

type CallEvent = Extract<FactEvent, { callId: string }>

function ofCall(event: CallEvent, known: Known | undefined): Told {
  const what = known ? nameOf(known.call) : `call ${event.callId}`
  const by = 'by' in event && event.by ? ` (${event.by})` : ''
  switch (event.type) {
    case 'call.checked': {
      const { verdict, why, rule, layer } = event.verdict
      if (verdict === 'deny') return bad(`${what}: denied by ${rule} (${layer}): ${why}`)
      return verdict === 'ask'
        ? { ...odd(`${what}: waits for you: ${why}`), sign: '?' }
        : plain(`${what}: may run`)
    }
    case 'call.approved':
      return good(`${what}: you said yes${by}${event.note ? `: ${event.note}` : ''}`)
    case 'call.refused':
      return bad(`${what}: refused${by}: ${event.note}`)
    case 'call.told':
      return good(`${what}: answered${by}: ${event.text}`)
    case 'call.began':
      return plain(`${what}: runs as process group ${event.process.group}`)
    case 'call.waits':
      return plain(`${what}: waits for ${counted(event.wait.tasks.length, 'task')}`)
    case 'call.ended':
      return resultWords(what, event.result, known ? event.at - known.startedAt : null)
    case 'call.reconciled': {
      const told = resultWords(what, event.result, null)
      return { ...told, text: `${told.text}, found out after an interruption` }
    }
  }
}

function nameOf(call: Call): string {
  const argument = argumentOf(call).replace(/\s+/g, ' ')
  return `${call.tool} ${cutTo(argument, ARGUMENT_COLUMNS_MAX)}`.trim()
}

function resultWords(what: string, result: Result, tookMs: number | null): Told {
  const { mark, note, why } = endOf(result)
  const took = tookMs === null || tookMs < CLOCK_FROM_MS ? '' : ` (${durationOf(tookMs)})`
  const detail = [note, why].filter((it) => it !== '').join(': ')
  const text = `${what}${took}${detail === '' ? '' : `: ${detail}`}`
  return mark === 'ok' ? good(text) : mark === 'odd' ? odd(text) : bad(text)
}
