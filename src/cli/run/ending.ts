import type { TaskResult } from '../../runtime/result.ts'
import { EXIT, exitCodeOf, exitCodeOfSignal, nextStep, type SignalName } from '../exit-codes.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { counted, durationOf, shortCount } from '../terminal/amounts.ts'
import { type Row, span } from '../terminal/style.ts'
import { OUTCOME_WORDS } from '../terminal/task-row.ts'
import type { Place } from './session.ts'

/** The one object that a script reads, in the order a person would. */
export function resultObject(result: TaskResult): Readonly<Record<string, unknown>> {
  const { taskId, status, turns, usage, durationMs } = result
  const detail = result.status === 'completed' ? dataOf(result.data) : { reason: result.reason }
  return { taskId, status, result: result.result, ...detail, turns, usage, durationMs }
}

function dataOf(data: unknown): { readonly data?: unknown } {
  return data === undefined ? {} : { data }
}

export interface Ending {
  readonly result: TaskResult
  readonly by: SignalName | null
  /** Where it can go on; `null`: nothing of it was kept. */
  readonly place: Pick<Place, 'named'> | null
  /** How many things wait for a person, where only that was left to do. */
  readonly waitingCount: number
  /** Of the task and all that worked for it. */
  readonly taskCount: number
  readonly turnCount: number
  readonly callCount: number
  readonly tokenCount: number
  /** Until the last of them had ended. */
  readonly durationMs: number
  readonly unaskedCount: number
  /** How many that work for it have not ended. */
  readonly leftCount: number
  /** Another process works on it, and was only followed. */
  readonly isElsewhere: boolean
}

export type HowItEnded = Pick<Ending, 'result' | 'by' | 'waitingCount' | 'isElsewhere'>

export function codeOf({ result, by, waitingCount }: Omit<HowItEnded, 'isElsewhere'>): number {
  if (result.status === 'completed') return EXIT.done
  if (by !== null) return exitCodeOfSignal(by)
  return result.status === 'paused' && waitingCount > 0 ? EXIT.waiting : exitCodeOf(result)
}

const STATUS: Readonly<Record<TaskResult['status'], string>> = {
  ...OUTCOME_WORDS,
  paused: 'interrupted',
  rejected: 'not started',
}

/** How a task came to its end, or to where it stands, in a word or three. */
export function statusWords({ result, by, waitingCount, isElsewhere }: HowItEnded): string {
  const { status } = result
  if (status !== 'paused') return STATUS[status]
  if (isElsewhere && by !== null) return 'going on in another process'
  return by !== null ? 'paused' : waitingCount > 0 ? 'waiting for you' : STATUS.paused
}

/** How it went, in a line, and what to type next where it did not go well. */
export function summaryRows(ending: Ending): readonly Row[] {
  const { taskCount, turnCount, callCount, tokenCount, durationMs, unaskedCount } = ending
  const amounts = [
    ...(taskCount > 1 ? [counted(taskCount, 'task')] : []),
    counted(turnCount, 'turn'),
    counted(callCount, 'call'),
    `${shortCount(tokenCount)} tokens`,
    durationOf(durationMs),
  ]
  const head = [
    signOf(ending),
    span(statusWords(ending), 'strong'),
    span(`  ${amounts.join(' · ')}`, 'faint'),
  ]
  return [head, ...reasonRows(ending), ...unaskedRows(unaskedCount), ...nextSteps(ending).map(nextRow)]
}

/** Paused is no failure: it can go on. */
export function signOf({ result: { status } }: Pick<Ending, 'result'>) {
  if (status === 'completed') return span('✓ ', 'good')
  return status === 'paused' ? span('‖ ', 'caution') : span('✗ ', 'bad')
}

function reasonRows({ result }: Ending): readonly Row[] {
  // Why a task is paused stands in the line above.
  if (result.status === 'completed' || result.status === 'paused') return []
  const { code, message } = result.reason
  return [[span('  '), span(safeLine(code), 'bad'), span(`  ${safeLine(message)}`)]]
}

function unaskedRows(count: number): readonly Row[] {
  if (count === 0) return []
  const text = `${counted(count, 'call')} needed a yes, and nobody could be asked. Run it in a terminal, allow more with --mode acceptEdits, or let it wait for you with --on-ask park.`
  return [nextRow(text)]
}

function nextRow(text: string): Row {
  return [span('  → ', 'live'), span(text)]
}

/** What to type next, each a sentence of its own. Nothing where it is done. */
export function nextSteps(ending: Ending): readonly string[] {
  const { result, place, by, waitingCount, leftCount, isElsewhere } = ending
  if (result.status === 'completed') {
    if (!place || leftCount === 0) return []
    if (waitingCount > 0) return [`Something that works for it waits for you: ${typed('approvals', place)}`]
    return [`${counted(leftCount, 'task')} of it can go on: ${typed('resume --all', place)}`]
  }
  const { code } = result.reason
  if (place === null || result.status === 'rejected') return [nextStep(code)]
  if (isElsewhere && by !== null && result.status === 'paused')
    return [`Follow it again: ${typed(`resume ${result.taskId}`, place)}`]
  const goOn = `Go on with it: ${typed(`resume ${result.taskId}`, place)}`
  if (result.status === 'paused')
    return waitingCount > 0 ? [`See what waits for you: ${typed('approvals', place)}`, goOn] : [goOn]
  if (code === 'task/lost') return [`See where it goes on: ${typed('tasks', place)}`, goOn]
  const again = `Or go on from where it ended: ${typed(`continue ${result.taskId} "…"`, place)}`
  return result.turns > 0 ? [nextStep(code), again] : [nextStep(code)]
}

const PLAIN_WORD = /^[\w./@:+-]+$/

/** A line that can be typed where this one was. */
export function typed(words: string, { named }: Pick<Place, 'named'>): string {
  if (named === null) return `troupe ${words}`
  const name = PLAIN_WORD.test(named) ? named : `'${safeLine(named).replaceAll("'", `'\\''`)}'`
  return `troupe ${words} --workspace ${name}`
}

/** The result for whoever reads only that: why it is paused, and what to do about it. */
export function toldResult(ending: Ending): TaskResult {
  const { result } = ending
  if (result.status !== 'paused') return result
  const message = [`It is ${statusWords(ending)}`, ...nextSteps(ending)].join('. ')
  return { ...result, reason: { ...result.reason, message } }
}

/** The result as text for a person: the last thing that was said, ending in a line break. */
export function resultText({ result }: TaskResult): string {
  return result.trim() === '' ? '' : `${safeText(result.trimEnd())}\n`
}
