import { cutTo, piecesOf, widthOf } from './width.ts'

/** The few looks there are, by what they mean. */
const LOOKS = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  bad: '31',
  caution: '33',
  live: '36',
} as const

export type Look = keyof typeof LOOKS

/** A piece of a row: safe text and how it looks. */
export interface Span {
  readonly text: string
  readonly look: Look
}

export type Row = readonly Span[]

export function span(text: string, look: Look = 'plain'): Span {
  return { text, look }
}

/** What a terminal can show, as the person wants it. */
export interface Looks {
  readonly isColoured: boolean
  /** Whether the cursor may be moved about. */
  readonly isLive: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** FORCE_COLOR is the most exact wish, then NO_COLOR, then what the terminal is. */
export function looksOf(isTerminal: boolean, environment: Environment): Looks {
  const { TERM: term, NO_COLOR: no, FORCE_COLOR: force } = environment
  const isDumb = term === 'dumb'
  const isLive = isTerminal && !isDumb
  if (force !== undefined && force !== '') return { isLive, isColoured: force !== '0' && force !== 'false' }
  return { isLive, isColoured: isLive && !no }
}

export function painted(row: Row, isColoured: boolean): string {
  return row
    .map(({ text, look }) =>
      isColoured && look !== 'plain' && text !== '' ? `\x1b[${LOOKS[look]}m${text}\x1b[0m` : text,
    )
    .join('')
}

export function widthOfRow(row: Row): number {
  return row.reduce((sum, { text }) => sum + widthOf(text), 0)
}

/** As much of a row as fits. */
export function cutRow(row: Row, columns: number): Row {
  const kept: Span[] = []
  let left = columns
  for (const { text, look } of row) {
    if (left <= 0) break
    const fits = cutTo(text, left)
    kept.push({ text: fits, look })
    left = fits === text ? left - widthOf(text) : 0
  }
  return kept
}

/** Two rows on one line, the second at the right edge. What is in the way is cut from the first. */
export function spread(left: Row, right: Row, columns: number): Row {
  const room = columns - widthOfRow(right) - 2
  if (room < columns / 3) return cutRow(left, columns)
  const fits = cutRow(left, room)
  return [...fits, span(' '.repeat(Math.max(2, columns - widthOfRow(fits) - widthOfRow(right)))), ...right]
}

/** A row in rows that each fit, without losing a character. */
export function foldedRow(row: Row, columns: number): readonly Row[] {
  const rows: Span[][] = [[]]
  let left = columns
  for (const { text, look } of row) {
    const [first = '', ...rest] = piecesOf(text, columns, left)
    rows.at(-1)?.push({ text: first, look })
    for (const piece of rest) rows.push([{ text: piece, look }])
    left = columns - widthOfRow(rows.at(-1) ?? [])
  }
  return rows
}
