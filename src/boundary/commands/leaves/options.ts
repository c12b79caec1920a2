import type { ShellWord } from '../shell.ts'
import { CHOOSERS, GIT_CHOOSERS, type Chooser } from './choosers.ts'

/** What is wrong with the words of a program, and whether it could run anything by them. */
export interface WordFlaw {
  readonly flaw: string
  readonly isHidden: boolean
}

const SHOWN_CHARS_MAX = 60
/** More words than these are not looked at one by one. */
const WORDS_MAX = 4_096
/** A program has few rows; they are found by its name. */
const ROWS: ReadonlyMap<string, readonly Chooser[]> = grouped()

function grouped(): ReadonlyMap<string, readonly Chooser[]> {
  const rows = new Map<string, Chooser[]>()
  for (const row of [...GIT_CHOOSERS, ...CHOOSERS])
    for (const program of row.programs) rows.set(program, [...(rows.get(program) ?? []), row])
  return rows
}

/** What in the words behind a program chooses what runs, or `null`. */
export function flawOfWords(program: string, words: readonly ShellWord[], isOpen: boolean): WordFlaw | null {
  const rows = (ROWS.get(program) ?? []).filter(
    ({ behind }) => behind === undefined || behind.includes(words[0]?.value ?? ''),
  )
  if (rows.length === 0) return null
  if (words.length > WORDS_MAX)
    return { flaw: `${program} has more than ${WORDS_MAX} words`, isHidden: false }
  const whole = rows.find(({ always }) => always)
  const named = whole?.behind === undefined ? program : `${program} ${words[0]?.value ?? ''}`
  if (whole) return { flaw: `${named} ${whole.why}`, isHidden: whole.runs === true }

  let isOver = false
  for (const [at, word] of words.entries()) {
    const text = word.value
    if (text === null && !isOver && /^[-*?[+]/.test(word.shape))
      return { flaw: `${unknownWord(word)} may come out as an option of ${program}`, isHidden: false }
    const found = rows.find((row) => meets(row, text ?? word.shape, isOver, program === 'tar' && at === 0))
    if (found && found.why !== '')
      return { flaw: `${program} ${shown(text ?? word.shape)} ${found.why}`, isHidden: found.runs === true }
    isOver ||= text === '--'
  }
  return isOpen && !isOver
    ? { flaw: `words from its input may be options of ${program}`, isHidden: false }
    : null
}

/** A word that is expanded whole has no text of its own. */
function unknownWord({ shape }: ShellWord): string {
  return /^\*+$/.test(shape) ? 'a word that is only known once it runs' : shown(shape)
}

function meets(row: Chooser, word: string, isOver: boolean, isBundle: boolean): boolean {
  if (row.word?.test(word)) return true
  if (isOver) return false
  if (isBundle && /^[a-z\d]+$/i.test(word)) return [...word].some((letter) => row.short?.includes(letter))
  if (word.startsWith('--')) return meetsLong(row, word)
  return /^-./.test(word) && meetsShort(row, word)
}

/** GNU programs, git and npm take any beginning of an option that is no other's. */
function meetsLong({ long = [], not = [] }: Chooser, word: string): boolean {
  const name = /^--([^=]*)/.exec(word)?.[1] ?? ''
  return name !== '' && !not.includes(name) && long.some((each) => each.startsWith(name))
}

function meetsShort({ short = '', values = '' }: Chooser, word: string): boolean {
  for (const letter of word.slice(1)) {
    if (short.includes(letter)) return true
    if (values.includes(letter)) return false
  }
  return false
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`
}
