import { RuntimeError } from '../../errors.ts'

/**
 * The patch format that models of OpenAI's know:
 *
 *   *** Begin Patch
 *   *** Add File: path            then lines with +
 *   *** Delete File: path
 *   *** Update File: path
 *   *** Move to: path             at most one, right below Update
 *   @@ a line above the place     begins a hunk; the line may be missing, or several may lead there
 *    context, -old, +new
 *   *** End of File               the hunk is at the end
 *   *** End Patch
 */
export type FilePatch =
  | { readonly kind: 'add'; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update'
      readonly path: string
      readonly moveTo: string | null
      readonly hunks: readonly Hunk[]
    }

/** One place of a file and what becomes of it. */
export interface Hunk {
  /** Lines that stand above the place, in order, however far. */
  readonly anchors: readonly string[]
  readonly lines: readonly { readonly mark: ' ' | '-' | '+'; readonly text: string }[]
  readonly isAtEnd: boolean
}

const FILES_MAX = 100
const HUNKS_MAX = 500
const SHOWN_CHARACTERS_MAX = 80

const BEGIN = '*** Begin Patch'
const END = '*** End Patch'
const END_OF_FILE = '*** End of File'
const SECTION = /^\*\*\* (Add|Delete|Update) File:(.*)$/
const MOVE = /^\*\*\* Move to:(.*)$/

interface Cursor {
  readonly lines: readonly string[]
  at: number
}

/** Reads a patch. Throws `patch/malformed`, naming the line. */
export function parsePatch(patch: string): readonly FilePatch[] {
  const lines = patch.trim().split(/\r?\n/)
  if (lines[0]?.trim() !== BEGIN) throw malformed(lines, 0, `a patch begins with "${BEGIN}"`)
  if (lines.length < 2 || lines.at(-1)?.trim() !== END) {
    throw malformed(lines, lines.length - 1, `a patch ends with "${END}"`)
  }
  const cursor: Cursor = { lines: lines.slice(0, -1), at: 1 }
  const files: FilePatch[] = []
  while (cursor.at < cursor.lines.length) {
    if (here(cursor).trim() === '') cursor.at += 1
    else files.push(section(cursor))
    if (files.length > FILES_MAX)
      throw malformed(lines, cursor.at, `a patch changes at most ${FILES_MAX} files`)
  }
  if (files.length === 0) throw malformed(lines, 1, 'the patch names no file')
  if (files.reduce((count, it) => count + (it.kind === 'update' ? it.hunks.length : 0), 0) > HUNKS_MAX) {
    throw malformed(lines, lines.length - 1, `a patch has at most ${HUNKS_MAX} hunks`)
  }
  return files
}

function here({ lines, at }: Cursor): string {
  return lines[at] ?? ''
}

function section(cursor: Cursor): FilePatch {
  const [, kind, name = ''] = SECTION.exec(here(cursor).trimEnd()) ?? []
  const path = name.trim()
  if (!kind) {
    throw malformed(
      cursor.lines,
      cursor.at,
      'expected "*** Add File: …", "*** Update File: …" or "*** Delete File: …"',
    )
  }
  if (path === '') throw malformed(cursor.lines, cursor.at, 'the path is missing')
  cursor.at += 1
  if (kind === 'Delete') return { kind: 'delete', path }
  return kind === 'Add' ? { kind: 'add', path, lines: added(cursor, path) } : update(cursor, path)
}

function isSection(line: string): boolean {
  return SECTION.test(line.trimEnd())
}

function added(cursor: Cursor, path: string): readonly string[] {
  const lines: string[] = []
  while (cursor.at < cursor.lines.length && !isSection(here(cursor))) {
    const line = here(cursor)
    if (!line.startsWith('+')) {
      // An empty line between two sections belongs to neither.
      if (line.trim() !== '')
        throw malformed(cursor.lines, cursor.at, `each line of the new file ${path} begins with +`)
      if (!isGap(cursor))
        throw malformed(cursor.lines, cursor.at, 'an empty line of a new file is written as +')
    } else lines.push(line.slice(1))
    cursor.at += 1
  }
  return lines
}

function isGap({ lines, at }: Cursor): boolean {
  const next = lines.slice(at).find((line) => line.trim() !== '')
  return next === undefined || isSection(next)
}

function update(cursor: Cursor, path: string): FilePatch {
  const move = MOVE.exec(here(cursor).trimEnd())
  const moveTo = move ? (move[1] ?? '').trim() : null
  if (moveTo === '') throw malformed(cursor.lines, cursor.at, 'the path to move to is missing')
  if (move) cursor.at += 1

  const hunks: Hunk[] = []
  while (cursor.at < cursor.lines.length && !isSection(here(cursor))) {
    if (here(cursor).trim() === '' && isGap(cursor)) cursor.at += 1
    else hunks.push(hunk(cursor, path, hunks.length + 1))
  }
  if (hunks.length === 0 && moveTo === null)
    throw malformed(cursor.lines, cursor.at - 1, `nothing is said to change in ${path}`)
  return { kind: 'update', path, moveTo, hunks }
}

function hunk(cursor: Cursor, path: string, number: number): Hunk {
  const anchors: string[] = []
  for (; here(cursor).startsWith('@@'); cursor.at += 1) {
    const anchor = here(cursor).slice(2).trim()
    if (anchor !== '') anchors.push(anchor)
  }
  const lines: { mark: ' ' | '-' | '+'; text: string }[] = []
  let isAtEnd = false
  for (; cursor.at < cursor.lines.length && !isAtEnd; cursor.at += 1) {
    const line = here(cursor)
    const mark = line[0] ?? ' '
    if (isSection(line) || line.startsWith('@@') || (line.trim() === '' && isGap(cursor))) break
    if (line.trimEnd() === END_OF_FILE) isAtEnd = true
    else if (mark === ' ' || mark === '-' || mark === '+') lines.push({ mark, text: line.slice(1) })
    else
      throw malformed(
        cursor.lines,
        cursor.at,
        `in hunk ${number} of ${path} each line begins with a space, - or +`,
      )
  }
  if (!lines.some(({ mark }) => mark !== ' ')) {
    throw malformed(cursor.lines, cursor.at - 1, `hunk ${number} of ${path} changes nothing`)
  }
  return { anchors, lines, isAtEnd }
}

function malformed(lines: readonly string[], at: number, why: string): RuntimeError {
  const shown = JSON.stringify((lines[at] ?? '').slice(0, SHOWN_CHARACTERS_MAX))
  return new RuntimeError(
    'patch/malformed',
    `Line ${at + 1} of the patch, ${shown}: ${why}. Nothing was changed.`,
  )
}
