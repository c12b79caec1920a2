import type { ApprovalRequest, Asker } from '../../host.ts'
import { safeLine } from '../safe-text.ts'
import { counted } from '../terminal/amounts.ts'
import { foldedRow, type Row, span } from '../terminal/style.ts'
import { cutTo, wrapped } from '../terminal/width.ts'
import { boundaryLines } from './boundary-words.ts'
import { certainText } from './certain-text.ts'

/** How far what stands in a request is from the left edge. Nothing of a model's begins further left. */
export const INDENT = '  '
const LABEL_COLUMNS = 9
const TITLE_COLUMNS = 40
const BOUNDARY_ROWS_MAX = 8

/** The task that asks: what it is, for whom it works, and whether anybody waits in front of it. */
export function askerRows(asker: Asker, columns: number): readonly Row[] {
  const place = [
    ...(asker.depth > 0 ? [forWhom(asker), `depth ${asker.depth}`] : []),
    ...(asker.background ? ['in the background'] : []),
  ]
  return [
    ...labelled('task', asker.title, columns),
    ...(place.length > 0 ? labelled('works', place.join(' · '), columns) : []),
  ]
}

function forWhom({ depth, parents }: Asker): string {
  const known = parents.map(({ agent, title }) => `for ${safeLine(agent)} ${titleWords(title)}`)
  const unknown = depth - known.length
  const rest =
    unknown > 0 ? [`for ${counted(unknown, 'task')} that ${unknown === 1 ? 'is' : 'are'} gone`] : []
  return [...known, ...rest].join(', which works ')
}

/** A title in quotes that it can't end. */
function titleWords(title: string): string {
  return `"${cutTo(certainText(safeLine(title)).replaceAll('"', "'"), TITLE_COLUMNS)}"`
}

/** All that the task may touch: as much of it as leaves room for what it wants to do. */
export function boundaryRows(
  { boundary }: Pick<ApprovalRequest, 'boundary'>,
  columns: number,
): readonly Row[] {
  const rows = boundaryLines(boundary).flatMap((line) =>
    wrapped(certainText(line), columns - LABEL_COLUMNS).map((text): Row => [span(text)]),
  )
  if (rows.length <= BOUNDARY_ROWS_MAX) return underLabel('bounds', rows)
  const shown = rows.slice(0, BOUNDARY_ROWS_MAX - 1)
  const left = `… ${counted(rows.length - shown.length, 'more row')}: troupe approvals --json`
  return underLabel('bounds', [...shown, [span(cutTo(left, columns - LABEL_COLUMNS), 'faint')]])
}

/** Prose below a label that stands once at its left. */
export function labelled(label: string, text: string, columns: number): readonly Row[] {
  const lines = wrapped(certainText(text), columns - LABEL_COLUMNS)
  return underLabel(
    label,
    lines.map((line) => [span(line)]),
  )
}

/** The same for what must be shown exactly as it is, to the last blank. */
export function exactly(label: string, row: Row, columns: number): readonly Row[] {
  return underLabel(label, foldedRow(row, columns - LABEL_COLUMNS))
}

function underLabel(label: string, rows: readonly Row[]): readonly Row[] {
  const head = `${INDENT}${label}`.padEnd(LABEL_COLUMNS)
  return rows.map((row, at) => [span(at === 0 ? head : ' '.repeat(LABEL_COLUMNS), 'faint'), ...row])
}
