import { printResult } from '../output.ts'
import { looksOf, painted, type Row, span } from '../terminal/style.ts'
import { wrapped } from '../terminal/width.ts'

const COLUMNS_DEFAULT = 80
/** On a wider terminal the eye would lose the row on its way to the right edge. */
const COLUMNS_MAX = 120

/** How many columns there are on standard output. The last one stays free: some terminals wrap there. */
export function pageColumns(): number {
  return Math.min(COLUMNS_MAX, process.stdout.columns || COLUMNS_DEFAULT) - 1
}

/** Prints rows to standard output, in colours where they are wished for. */
export function printRows(rows: readonly Row[]): void {
  const { isColoured } = looksOf(process.stdout.isTTY, process.env)
  printResult(rows.map((row) => `${painted(row, isColoured).trimEnd()}\n`).join(''))
}

/** Safe prose below a label that stands once at its left. */
export function labelledRows(label: string, lines: readonly string[], columns: number): readonly Row[] {
  const head = label.padEnd(LABEL_COLUMNS)
  const room = columns - LABEL_COLUMNS
  return lines
    .flatMap((line) => wrapped(line, room))
    .map((line, at) => [span(at === 0 ? head : ' '.repeat(LABEL_COLUMNS), 'faint'), span(line)])
}

/** Where what stands behind a label begins. */
export const LABEL_COLUMNS = 11

/** What to type next. */
export function nextRow(what: string, command: string): Row {
  return [span('→ ', 'live'), span(what === '' ? '' : `${what}: `), span(command, 'strong')]
}
