/**
 * Reads what the tools answer, as any model would: from their words. A line that does not look as it should
 * is
 * left alone, because a tool may add notes of its own; what a note may have cut off is told as such.
 */

/** One file of the workspace, as `list_files` tells it. */
export interface ListedFile {
  readonly path: string
  readonly bytes: number
}

export interface Listed {
  readonly files: readonly ListedFile[]
  readonly isCut: boolean
  /** What the tool said besides, in its own words. */
  readonly notes: readonly string[]
}

const FILE_ROW = /^(\S.*?) {2,}(\d+)$/
const CUT_NOTE = /\bcut\b|left out|truncated|omitted|…/i

/** Reads the answer of `list_files`. */
export function readListing(text: string): Listed {
  const files: ListedFile[] = []
  const notes: string[] = []
  for (const row of text.split('\n')) {
    const [, path, bytes] = FILE_ROW.exec(row) ?? []
    if (path !== undefined && !path.startsWith('…')) files.push({ path, bytes: Number(bytes) })
    else if (row.trim() !== '' && row !== 'No files.') notes.push(row)
  }
  return { files, notes, isCut: notes.some((note) => CUT_NOTE.test(note)) }
}

/** A stretch of one text file. */
export interface Page {
  readonly path: string
  readonly linesTotal: number
  readonly lines: readonly PageLine[]
  /** Every line of the file is there, from its first to its last character. */
  readonly isWhole: boolean
}

/** No line is looked at beyond this, so that no file can cost more than its size. */
const LINE_CHARS_MAX = 4_000

export interface PageLine {
  readonly number: number
  readonly text: string
}

const PAGE_HEAD = /^(.*) \((?:lines (\d+)-(\d+) of (\d+)|empty)(?:, [\w ]+)?\)$/
/** How the tool ends a line that it shortened. */
const CUT_LINE = /… \(line cut; \d+ more characters\)$/
const PAGE_ROW = /^ *(\d+)\t(.*)$/

/** Reads the answer of `read_file`; `null` when it is none. `path` is the one that was asked for. */
export function readPage(path: string, text: string): Page | null {
  const rows = text.split('\n')
  const head = PAGE_HEAD.exec((rows[0] ?? '').trimEnd())
  if (!head) return null
  const lines = rows.slice(1).flatMap((row) => {
    const [, number, content = ''] = PAGE_ROW.exec(row.replace(/\r$/, '')) ?? []
    return number === undefined ? [] : [{ number: Number(number), text: content }]
  })
  const linesTotal = Number(head[4] ?? 0)
  return {
    path,
    linesTotal,
    lines: lines.map(({ number, text: line }) => ({ number, text: line.slice(0, LINE_CHARS_MAX) })),
    isWhole:
      lines.length >= linesTotal &&
      lines.every((line) => line.text.length <= LINE_CHARS_MAX && !CUT_LINE.test(line.text.slice(-60))),
  }
}

/** One line that a search found. */
export interface Hit {
  readonly path: string
  readonly line: number
  readonly text: string
}

export interface Found {
  readonly hits: readonly Hit[]
  readonly isCut: boolean
  readonly notes: readonly string[]
}

const HIT_ROW = /^(.+?):(\d+): ?(.*)$/
const HITS_HEAD = /^(?:at least )?([\d,]+)\+? match(?:es)?\b/i

/** Reads the answer of `search_files`. */
export function readHits(text: string): Found {
  const rows = text.split('\n')
  const told = Number((HITS_HEAD.exec(rows[0] ?? '')?.[1] ?? '0').replaceAll(',', ''))
  const hits: Hit[] = []
  const notes: string[] = []
  for (const row of rows.slice(1)) {
    const [, path, line, content = ''] = HIT_ROW.exec(row) ?? []
    if (path !== undefined && !row.startsWith('…'))
      hits.push({ path, line: Number(line), text: content.slice(0, LINE_CHARS_MAX) })
    else if (row.trim() !== '') notes.push(row)
  }
  return { hits, notes, isCut: told > hits.length || notes.some((note) => CUT_NOTE.test(note)) }
}
