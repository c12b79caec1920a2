import type { TaskResult } from '../../runtime/result.ts'
import { EXIT, exitCodeOf, exitCodeOfSignal, nextStep, type SignalName } from '../exit-codes.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { counted, durationOf, shortCount } from '../terminal/amounts.ts'
import { type Row, span } from '../terminal/style.ts'
import { OUTCOME_WORDS } from '../terminal/task-row.ts'

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
  /** Of the task and all that worked for it. */
  readonly taskCount: number
  readonly turnCount: number
  readonly callCount: number
  readonly tokenCount: number
  /** Until the last of them had ended. */
  readonly durationMs: number
  readonly unaskedCount: number
}

export function codeOf({ result, by }: Ending): number {
  return by === null || result.status === 'completed' ? exitCodeOf(result) : exitCodeOfSignal(by)
}

const STATUS: Readonly<Record<TaskResult['status'], string>> = {
  ...OUTCOME_WORDS,
  paused: 'interrupted',
  rejected: 'not started',
}

/** How it went, in a line, and what to type next where it did not go well. */
export function summaryRows(ending: Ending): readonly Row[] {
  const { taskCount, turnCount, callCount, tokenCount, durationMs, unaskedCount } = ending
  const { status } = ending.result
  const isDone = status === 'completed'
  const amounts = [
    ...(taskCount > 1 ? [counted(taskCount, 'task')] : []),
    counted(turnCount, 'turn'),
    counted(callCount, 'call'),
    `${shortCount(tokenCount)} tokens`,
    durationOf(durationMs),
  ]
  const head = [
    span(isDone ? '✓ ' : '✗ ', isDone ? 'good' : 'bad'),
    span(STATUS[status], 'strong'),
    span(`  ${amounts.join(' · ')}`, 'faint'),
  ]
  return [head, ...(isDone ? [] : reasonRows(ending)), ...unaskedRows(unaskedCount)]
}

function reasonRows(ending: Ending): readonly Row[] {
  const { result } = ending
  if (result.status === 'completed') return []
  const { code, message } = result.reason
  const next = codeOf(ending) === EXIT.interrupted ? nextStep('task/stopped') : nextStep(code)
  return [
    [span('  '), span(safeLine(code), 'bad'), span(`  ${safeLine(message)}`)],
    [span('  → ', 'live'), span(next)],
  ]
}

function unaskedRows(count: number): readonly Row[] {
  if (count === 0) return []
  const text = `${counted(count, 'call')} needed a yes, and nobody could be asked. Run it in a terminal, or allow more with --mode acceptEdits.`
  return [[span('  → ', 'live'), span(text)]]
}

/** The result as text for a person: the last thing that was said, ending in a line break. */
export function resultText({ result }: TaskResult): string {
  return result.trim() === '' ? '' : `${safeText(result.trimEnd())}\n`
}
