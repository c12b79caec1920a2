import { couldMeet, wildcards } from '../../wildcards.ts'
import type { Leaf } from '../leaves/leaf.ts'
import { baseOf } from '../programs.ts'
import type { ShellWord } from '../shell.ts'
import { fitsPlace, placeOf, readCommandPattern, type Place } from './command-pattern.ts'
import { COMMAND_WORD_CHARS_MAX } from './covers.ts'
import { spend, type Effort } from './effort.ts'
import { hasOption, isOption } from './options.ts'
import { otherNamesOf } from './other-names.ts'

/** How surely a rule that asks or denies reaches something. */
export type Reach = 'no' | 'maybe' | 'yes'

/** A leaf as rules that ask or deny look at it, prepared once for all of them. */
export interface SeenLeaf {
  /** What it runs, with everything in front that gives it other rights, and with less and less of that. */
  readonly runs: readonly (readonly SeenWord[])[]
  /** More words may follow. */
  readonly isOpen: boolean
  /** Nobody can say what runs. */
  readonly isHidden: boolean
}

/** One word of a leaf. */
export interface SeenWord {
  /** `null`: bash still expands it, or it is too long to be compared. */
  readonly value: string | null
  /** What its first word would begin with, or look like, once bash has expanded it; `*` for a run. */
  readonly shape: string
  /** It may come out as several words, and what follows the first one can be anything. */
  readonly splits: boolean
  /** The spellings of the program that it names; `null`: it names none. */
  readonly names: readonly string[] | null
}

/** More in front of a program, and it could be anything. */
const RIGHTS_MAX = 16
/** What it costs to look where a place may stand, in characters compared. */
const LOOK_COST = 32
/** More words in front of one that a pattern names, and they could be anything. */
const WORDS_MAX = 256

/** Words of one program that are looked at; behind them anything may stand. */
const SEEN_MAX = 256

/** Looks at a leaf for rules that ask or deny. */
export function seenLeaf(leaf: Leaf): SeenLeaf {
  const rights = leaf.rights.map(
    (right): SeenWord => ({
      value: right,
      shape: right,
      splits: false,
      names: namesOf(right),
    }),
  )
  const said = [leaf.words, ...(leaf.said === undefined ? [] : [leaf.said])].map((words) =>
    seenWords(words.slice(0, SEEN_MAX)),
  )
  const spelled = said.flatMap(inOtherWords)
  const starts = Array.from({ length: Math.min(rights.length, RIGHTS_MAX) + 1 }, (_, index) => index)
  return {
    runs: starts.flatMap((start) =>
      spelled.map((words) => [...rights.slice(rights.length - start), ...words]),
    ),
    isOpen: leaf.isOpen || leaf.words.length > SEEN_MAX,
    isHidden: leaf.isHidden || rights.length > RIGHTS_MAX,
  }
}

function seenWord(value: string, names: SeenWord['names']): SeenWord {
  return { value, shape: value, splits: false, names }
}

function seenWords(words: readonly ShellWord[]): readonly SeenWord[] {
  return words.map(({ value, shape, isGlob }, index): SeenWord => {
    const isCompared = value !== null && value.length <= COMMAND_WORD_CHARS_MAX
    if (isCompared) return { value, shape: value, splits: false, names: index === 0 ? namesOf(value) : null }
    const isShort = value === null && shape.length <= COMMAND_WORD_CHARS_MAX
    const first = isShort ? firstShape(shape, isGlob) : '*'
    return { value: null, shape: first, splits: value === null && !isGlob, names: null }
  })
}

/** The same with the other names of what npm is told to do, and with a part of git under its own name. */
function inOtherWords(words: readonly SeenWord[]): readonly (readonly SeenWord[])[] {
  const [name, verb, ...rest] = words
  const part = name?.names?.map((each) => /^git-([\w-]+)$/.exec(each)?.[1]).find((each) => each !== undefined)
  if (part !== undefined) return [words, [seenWord('git', ['git']), seenWord(part, null), ...words.slice(1)]]
  const isNpm = name?.names?.some((each) => each === 'npm' || each === 'pnpm') === true
  const said = verb?.value ?? null
  const others = isNpm && said !== null ? otherNamesOf(said) : []
  if (name === undefined || verb === undefined || others.length === 0) return [words]
  return [words, ...others.map((value) => [name, { ...verb, value, shape: value }, ...rest])]
}

/** An expansion that is not quoted may end the word where it stands, and begin others. */
function firstShape(shape: string, isGlob: boolean): string {
  return isGlob ? shape.replace(/\[[^\]]*\]?/g, '*') : shape.replace(/[*?[~$].*$/s, '*')
}

/** The base name of a program, whatever its path and case, with its ending and without. */
function namesOf(name: string): readonly string[] {
  // One character at a time: the lower case of some depends on what follows, which may be a wildcard.
  const base = Array.from(baseOf(name), (character) => character.toLowerCase()).join('')
  return [base, base.replace(/\.(exe|cmd|bat|com|ps1)$/, '')]
}

/** A pattern of a rule that asks or denies, read once. */
export interface WidePattern {
  readonly places: readonly Place[]
  /** The first of them, as the spellings of a program. */
  readonly program: readonly Place[]
}

/** Reads a pattern that has no flaw. Whether it is open makes no difference: further words always count. */
export function readWidePattern(pattern: string): WidePattern {
  const { places } = readCommandPattern(pattern)
  return { places, program: namesOf(places[0]?.text ?? '').map(placeOf) }
}

/** Whether what a leaf runs could be what a pattern names. */
export function couldMatch({ places, program }: WidePattern, leaf: SeenLeaf, effort: Effort): Reach {
  if (places.length === 0) return 'yes'
  if (!spend(effort, 1)) return 'maybe'
  let found: Reach = leaf.isHidden ? 'maybe' : 'no'
  for (const words of leaf.runs) {
    const name = words[0]
    if (name === undefined) continue
    if (name.names === null) found = 'maybe'
    else if (isProgram(program, name.names, effort)) {
      if (isExactly(places, words, effort)) return 'yes'
      if (couldCome(places, words, leaf.isOpen, effort)) found = 'maybe'
    }
    if (effort.left < 0) return 'maybe'
  }
  return found
}

function isProgram(program: readonly Place[], names: readonly string[], effort: Effort): boolean {
  return program.some((place, index) => fitsPlace(place, names[index] ?? '', effort))
}

/** Whether a word is what a place names, for certain. */
function isWord(place: Place, { value, names }: SeenWord, effort: Effort): boolean {
  if (value === null) return false
  if (fitsPlace(place, value, effort)) return true
  return names !== null && isProgram(namesOf(place.text).map(placeOf), names, effort)
}

function isExactly(places: readonly Place[], words: readonly SeenWord[], effort: Effort): boolean {
  // The name has been compared.
  return places.every((place, index) => {
    const word = words[index]
    return index === 0 || (word !== undefined && isWord(place, word, effort))
  })
}

/**
 * The same with everything that could be otherwise: words that bash expands, words that follow, options in
 * between, with or without a value, and the options of the pattern wherever they stand.
 */
function couldCome(
  places: readonly Place[],
  words: readonly SeenWord[],
  isOpen: boolean,
  effort: Effort,
): boolean {
  if (!spend(effort, LOOK_COST)) return true
  const rest = places.slice(1)
  const isLong = words.length > WORDS_MAX
  const looked = words.slice(1, WORDS_MAX)
  const isUncertain = isOpen || isLong || looked.some(couldBeOption)
  const options = rest.filter(({ text }) => isOption(text))
  if (!isUncertain && !options.every((option) => hasOption(option, looked, effort))) return false
  const others = rest.filter(({ text }) => !isOption(text))
  return couldFollow(others, looked, isOpen || isLong, effort)
}

function couldBeOption({ value, shape, splits }: SeenWord): boolean {
  return value === null && (splits || /^[-*]/.test(shape))
}

function couldFollow(
  places: readonly Place[],
  words: readonly SeenWord[],
  isOpen: boolean,
  effort: Effort,
): boolean {
  /** Where the next place may stand. */
  let starts: ReadonlySet<number> = new Set([0])
  for (const place of places) {
    if (!spend(effort, LOOK_COST)) return true
    const next = new Set<number>()
    for (const start of withOptionsSkipped(starts, words)) {
      const word = words[start]
      if (word === undefined) {
        if (isOpen) return true
      } else if (word.value === null) {
        // It may come out as all that the pattern still names.
        if ((word.splits && isOption(word.shape)) || couldBe(place, word, effort)) return true
      } else if (isWord(place, word, effort)) next.add(start + 1)
    }
    if (next.size === 0) return effort.left < 0
    starts = next
  }
  return true
}

/** A set grows while it is walked: what is added last is walked as well. */
function withOptionsSkipped(starts: ReadonlySet<number>, words: readonly SeenWord[]): ReadonlySet<number> {
  const all = new Set(starts)
  for (const start of all) {
    const word = words[start]
    if (word === undefined || !isOption(word.shape)) continue
    all.add(start + 1)
    if (start + 1 < words.length) all.add(start + 2)
  }
  return all
}

function couldBe({ text }: Place, { shape }: SeenWord, effort: Effort): boolean {
  if (/^[*]+$/.test(shape)) return true
  return !spend(effort, 1 + text.length * shape.length) || couldMeet(wildcards(text), wildcards(shape))
}
