import type { TaskResult } from '../../runtime/result.ts'
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson, safeLine } from '../safe-text.ts'
import { painted, type Row, span } from '../terminal/style.ts'
import type { TaskRow } from '../terminal/task-row.ts'
import {
  codeOf,
  type Ending,
  resultObject,
  resultText,
  signOf,
  statusWords,
  summaryRows,
  toldResult,
  typed,
} from './ending.ts'
import { familyOf } from './family.ts'
import type { Outcome } from './outcome.ts'
import type { OpenSession } from './session.ts'

/** Tells the person and the script how one task ended, and gives the exit code. */
export function concludeOne(session: OpenSession, outcome: Outcome, isElsewhere = false): number {
  const { results, waitingCount } = outcome
  const [result] = results
  if (!result) return EXIT.failed
  const ending = { ...endingOf(session, result, waitingCount), isElsewhere }
  const code = codeOf(ending)
  const { options } = session
  const summary = textOf(session, options.isQuiet && code === EXIT.done ? [] : summaryRows(ending))
  if (options.format === 'text') {
    process.stderr.write(summary === '' ? '' : `\n${summary}\n`)
    if (result.status === 'completed') printResult(resultText(result))
  } else {
    process.stderr.write(summary)
    printResult(jsonLine(session, ending))
  }
  return code
}

/** The same for several tasks: one line each, and the exit code of the one that went worst. */
export function concludeAll(
  session: OpenSession,
  { results, waitingCount }: Outcome,
  titleOf: (taskId: string) => string,
): number {
  const endings = results.map((result) => endingOf(session, result, waitingCount))
  const { options, interruption } = session
  if (options.format === 'json')
    printResult(`${safeJson(endings.map((it) => resultObject(toldResult(it))))}\n`)
  if (options.format === 'stream-json') for (const ending of endings) printResult(jsonLine(session, ending))
  if (options.format === 'text' && !options.isQuiet)
    printResult(
      textOf(
        session,
        endings.map((ending) => lineOf(ending, titleOf)),
      ),
    )
  if (waitingCount > 0 && options.format === 'text')
    process.stderr.write(`${textOf(session, [waitingRow(session.place)])}`)
  if (interruption.by !== null && endings.some(({ result }) => result.status !== 'completed'))
    return exitCodeOfSignal(interruption.by)
  return worstOf(endings.map(codeOf))
}

function waitingRow(place: OpenSession['place']): Row {
  return [span('  → ', 'live'), span(`See what waits for you: ${typed('approvals', place)}`)]
}

/** From what needs nothing to what needs the most. */
const BADNESS: readonly number[] = [EXIT.done, EXIT.waiting, EXIT.interrupted, EXIT.limit, EXIT.failed]

/** The exit code that says the most about several. */
export function worstOf(codes: readonly number[]): number {
  const rank = (code: number) => (BADNESS.includes(code) ? BADNESS.indexOf(code) : BADNESS.length)
  return codes.reduce((worst, code) => (rank(code) > rank(worst) ? code : worst), EXIT.done)
}

function lineOf(ending: Ending, titleOf: (taskId: string) => string): Row {
  const { taskId } = ending.result
  return [
    signOf(ending),
    span(statusWords(ending).padEnd(16), 'strong'),
    span(`${safeLine(taskId)}  `, 'faint'),
    span(safeLine(titleOf(taskId))),
  ]
}

function jsonLine({ options }: OpenSession, ending: Ending): string {
  const type = options.format === 'stream-json' ? { type: 'result' } : {}
  return `${safeJson({ ...type, ...resultObject(toldResult(ending)) })}\n`
}

function textOf({ looks }: OpenSession, rows: readonly Row[]): string {
  return rows.map((row) => `${painted(row, looks.isColoured)}\n`).join('')
}

function endingOf(session: OpenSession, result: TaskResult, waitingCount: number): Ending {
  const { view, asksHere, parksHere, interruption, place } = session
  const rows = familyOf(view.tasks(), [result.taskId])
  const sum = (read: (row: TaskRow) => number) => rows.reduce((total, row) => total + read(row), 0)
  const [root] = rows
  const lastEnd = Math.max(...rows.map(({ endedAt }) => endedAt ?? 0))
  return {
    result,
    by: interruption.by,
    place: place.isKept ? place : null,
    waitingCount,
    taskCount: rows.length,
    turnCount: sum(({ turns }) => turns),
    callCount: sum(({ callCount }) => callCount),
    tokenCount: sum(({ usage }) => usage.inputTokens + usage.outputTokens),
    // What works for the task may go on after it has ended.
    durationMs: Math.max(result.durationMs, root ? lastEnd - root.startedAt : 0),
    isElsewhere: false,
    leftCount: rows.filter(({ id, endedAt }) => id !== result.taskId && endedAt === null).length,
    unaskedCount: asksHere || parksHere ? 0 : sum(({ refusedCount }) => refusedCount),
  }
}
