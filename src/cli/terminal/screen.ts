import { painted, type Row, widthOfRow } from './style.ts'

/** What there is of a terminal. */
export interface Terminal {
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): boolean
}

/** A few rows at the bottom that are drawn anew in place, and lines that scroll away above them. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Prints lines above, then the rows. Writes nothing when nothing has changed. */
  draw(lines: readonly string[], rows: readonly Row[]): void
  /** Takes the rows away and gives the cursor back. Lines stay. */
  clear(): void
}

const COLUMNS_DEFAULT = 80
const ROWS_DEFAULT = 24
const COLUMNS_MIN = 20

/** The terminal shows everything between these at once, if it knows them. */
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** A row that is wider than was thought is cut off by the terminal, not wrapped. */
const NO_WRAP = '\x1b[?7l'
const WRAP = '\x1b[?7h'
const TO_LINE_END = '\x1b[K'
const TO_SCREEN_END = '\x1b[J'

export function createScreen(terminal: Terminal, isColoured: boolean): Screen {
  let drawn: readonly Row[] = []
  let last = ''
  let isHidden = false
  const columns = () => Math.max(COLUMNS_MIN, terminal.columns || COLUMNS_DEFAULT)

  /** Back to the first of the rows. A terminal that became narrower has broken them into more. */
  function toTop(): string {
    const height = drawn.reduce((sum, row) => sum + Math.max(1, Math.ceil(widthOfRow(row) / columns())), 0)
    return height === 0 ? '' : `\r\x1b[${height}A`
  }

  return {
    get columns() {
      return columns()
    },
    get rows() {
      return terminal.rows || ROWS_DEFAULT
    },
    draw(lines, rows) {
      const text = rows.map((row) => `${painted(row, isColoured)}${TO_LINE_END}\n`).join('')
      if (lines.length === 0 && text === last) return
      const above = lines.map((line) => `${line}${TO_LINE_END}\n`).join('')
      const hide = isHidden ? '' : HIDE_CURSOR
      terminal.write(`${BEGIN}${hide}${toTop()}${WRAP}${above}${NO_WRAP}${text}${TO_SCREEN_END}${WRAP}${END}`)
      drawn = rows
      last = text
      isHidden = true
    },
    clear() {
      if (!isHidden) return
      terminal.write(`${toTop()}${TO_SCREEN_END}${WRAP}${SHOW_CURSOR}`)
      drawn = []
      last = ''
      isHidden = false
    },
  }
}
