import { RuntimeError } from '../../errors.ts'
import { lineEndingOf, onOneLine } from '../text/encoding.ts'
import { nearestLine } from '../text/nearest-line.ts'
import type { Hunk } from './parse.ts'

/** How many lines may be compared for one file: a patch must not keep the runtime busy for long. */
const COMPARISONS_MAX = 20_000_000
const PLACES_NAMED_MAX = 5
const SHOWN_CHARACTERS_MAX = 120

interface TextLine {
  readonly text: string
  /** As it was: `\n`, `\r\n`, or nothing at the end of a file without one. */
  readonly ending: string
}

/** How exactly a line must be there, in the order of trial. Models are careless with white space. */
const LIKENESSES: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
]

interface Search {
  readonly path: string
  readonly lines: readonly TextLine[]
  comparisonsLeft: number
}

/** Puts the hunks of one file into its text. Throws `patch/no-match` or `file/ambiguous`, naming the hunk. */
export function fit(path: string, text: string, hunks: readonly Hunk[]): string {
  const search: Search = { path, lines: linesOf(text), comparisonsLeft: COMPARISONS_MAX }
  const ending = lineEndingOf(text)
  const result: TextLine[] = []
  let from = 0
  for (const [index, hunk] of hunks.entries()) {
    const place = placeOf(search, hunk, { from, number: index + 1 })
    result.push(...search.lines.slice(from, place))
    from = place
    for (const { mark, text } of hunk.lines) {
      if (mark === '+') result.push({ text, ending })
      else {
        // Context stays as the file has it, also where the patch was careless with its white space.
        const kept = search.lines[from]
        if (mark === ' ' && kept) result.push(kept)
        from += 1
      }
    }
  }
  return ended([...result, ...search.lines.slice(from)], ending, text === '' || text.endsWith('\n'))
}

function linesOf(text: string): readonly TextLine[] {
  return [...text.matchAll(/([^\n]*?)(\r?\n|$)/g)]
    .map(([, line = '', ending = '']) => ({ text: line, ending }))
    .filter((line) => line.text !== '' || line.ending !== '')
}

/** A line that is no longer the last needs an ending; the last has one if the last had one. */
function ended(lines: readonly TextLine[], ending: string, endsWithLine: boolean): string {
  return lines
    .map((line, index) => {
      const isLast = index === lines.length - 1
      return line.text + (isLast ? (endsWithLine ? line.ending || ending : '') : line.ending || ending)
    })
    .join('')
}

function placeOf(search: Search, hunk: Hunk, { from, number }: { from: number; number: number }): number {
  const wanted = hunk.lines.filter(({ mark }) => mark !== '+').map((line) => line.text)
  let start = from
  for (const anchor of hunk.anchors) {
    const [found] = places(search, [anchor.trim()], { from: start, isAtEnd: false })
    if (found === undefined) throw noMatch(search, number, `"@@ ${anchor}" is`, anchor)
    start = found + 1
  }
  if (wanted.length === 0) return hunk.anchors.length > 0 && !hunk.isAtEnd ? start : search.lines.length

  const found = places(search, wanted, { from: start, isAtEnd: hunk.isAtEnd })
  const [place] = found
  if (place === undefined) {
    throw noMatch(search, number, 'these lines are', wanted.find((line) => line.trim() !== '') ?? '')
  }
  if (found.length > 1 && hunk.anchors.length === 0) {
    const where = found.slice(0, PLACES_NAMED_MAX).map((line) => line + 1)
    const more = found.length > PLACES_NAMED_MAX ? ', …' : ''
    const message = `Hunk ${number} of ${search.path} fits in ${found.length} places (lines ${where.join(', ')}${more}).`
    throw new RuntimeError(
      'file/ambiguous',
      `${message} Give more context, or "@@" and a line above it. Nothing was changed.`,
    )
  }
  return place
}

/** Where the lines stand, as exactly as they stand anywhere. */
function places(
  search: Search,
  wanted: readonly string[],
  part: { from: number; isAtEnd: boolean },
): readonly number[] {
  const last = search.lines.length - wanted.length
  for (const likeness of LIKENESSES) {
    const asked = wanted.map(likeness)
    const found: number[] = []
    for (let start = part.isAtEnd ? Math.max(part.from, last) : part.from; start <= last; start += 1) {
      if (isAt(search, start, asked, likeness)) found.push(start)
    }
    if (found.length > 0) return found
  }
  return []
}

function isAt(
  search: Search,
  start: number,
  asked: readonly string[],
  likeness: (line: string) => string,
): boolean {
  return asked.every((line, index) => {
    search.comparisonsLeft -= 1
    if (search.comparisonsLeft < 0) {
      const message = `The patch of ${search.path} takes too long to place. Use smaller hunks. Nothing was changed.`
      throw new RuntimeError('patch/no-match', message)
    }
    return likeness(search.lines[start + index]?.text ?? '') === line
  })
}

function noMatch(search: Search, number: number, what: string, line: string): RuntimeError {
  const found = nearestLine(
    line,
    search.lines.map(({ text }) => text),
  )
  const shown = found && JSON.stringify(onOneLine(found.text).slice(0, SHOWN_CHARACTERS_MAX))
  const hint = found ? `The closest line is ${found.line}: ${shown}.` : 'No line is like them.'
  const message = `Hunk ${number} of ${search.path} does not fit: ${what} not there below the hunk before. ${hint}`
  return new RuntimeError(
    'patch/no-match',
    `${message} Read the file and copy its lines exactly. Nothing was changed.`,
  )
}
