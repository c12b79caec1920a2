import { foldCase } from './paths.ts'
import { matchCharacters, matchRun, type Token } from '../wildcards.ts'

/**
 * Globs over the real path of a file: `*` and `?` and `[a-z]` within one part, `**` for any number of
 * parts, `{a,b}` for either. A pattern is compared with the whole path, part by part, so that no
 * pattern and no path is slow.
 */
export const PATTERN_CHARS_MAX = 256
export const PATTERNS_MAX = 64
/** What a list may come to once its braces are written out. */
export const LIST_CHARS_MAX = 8_192
export const ALTERNATIVES_MAX = 16
export const PATH_CHARS_MAX = 1_024
export const PART_CHARS_MAX = 255

/** Says in words why a pattern can't be used, or `null` when it can. */
export function flawOf(pattern: string): string | null {
  if (pattern === '') return 'is empty'
  if (pattern.length > PATTERN_CHARS_MAX) return `is longer than ${PATTERN_CHARS_MAX} characters`
  if (/[()|\\]/.test(pattern))
    return 'has one of ( ) | \\ in it, which mean nothing in a glob here; `?` stands for any one character'
  if (pattern.startsWith('!')) return 'begins with !, but a list can only name what is allowed'
  if (/^(\/|[a-zA-Z]:|~)/.test(pattern)) return 'is not relative to the workspace'
  if (/[\p{Cc}]/u.test(pattern)) return 'has a control character in it'
  const alternatives = spelledOut(pattern)
  if (alternatives === null)
    return `has braces that are open, nested, or come to more than ${ALTERNATIVES_MAX} alternatives`
  for (const alternative of alternatives) {
    const flaw = flawOfParts(alternative)
    if (flaw) return flaw
  }
  return null
}

function flawOfParts(alternative: string): string | null {
  if (alternative.endsWith('/')) return `ends with /; write "${alternative}**" for everything below`
  for (const part of alternative.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'has an empty part, a "." or a ".." in it'
    if (part !== '**' && part.includes('**')) return 'has ** beside other characters; it must be a whole part'
    if (part.length > PART_CHARS_MAX) return `has a part longer than ${PART_CHARS_MAX} characters`
    if (tokensOf(part) === null) return 'has a [ that is not a plain set of characters'
  }
  return null
}

/** Says in words why a list of patterns can't be used, naming the pattern, or `null` when it can. */
export function flawOfList(patterns: readonly string[]): string | null {
  if (patterns.length > PATTERNS_MAX) return `has more than ${PATTERNS_MAX} patterns`
  for (const pattern of patterns) {
    const flaw = flawOf(pattern)
    if (flaw) return `has a pattern that can't be used: ${shown(pattern)} ${flaw}`
  }
  const length = patterns.flatMap((pattern) => spelledOut(pattern) ?? []).join('').length
  return length > LIST_CHARS_MAX
    ? `comes to more than ${LIST_CHARS_MAX} characters with its braces written out`
    : null
}

function shown(pattern: string): string {
  return JSON.stringify(pattern.slice(0, PATTERN_CHARS_MAX))
}

/** Why a path is never compared with a pattern, or `null` when it may be. */
export function flawOfPath(path: string): string | null {
  if (path.length > PATH_CHARS_MAX) return `a path may have at most ${PATH_CHARS_MAX} characters`
  if (path.split('/').some((part) => part.length > PART_CHARS_MAX))
    return `a part of a path may have at most ${PART_CHARS_MAX} characters`
  return null
}

/** Patterns read once, for lists that many paths are compared with. */
export type Compiled = readonly (readonly Place[])[]

/** Reads patterns. One with a flaw allows nothing. */
export function compile(patterns: readonly string[]): Compiled {
  return patterns
    .filter((pattern) => !flawOf(pattern))
    .flatMap((pattern) => (spelledOut(pattern) ?? []).map(placesOf))
}

/** A pattern for the spellings of a path that `spellingsOf` gives. */
export function foldedGlob(pattern: string): string {
  return foldCase(pattern.normalize('NFKC'))
}

/** Whether one of the patterns allows the path. */
export function isMatch(compiled: Compiled, path: string): boolean {
  if (flawOfPath(path)) return false
  const parts = partsOf(path)
  return compiled.some((places) => matchRun(places, parts, partRules))
}

/** Whether one of the patterns allows the path. */
export function matchesAny(patterns: readonly string[], path: string): boolean {
  return isMatch(compile(patterns), path)
}

/** Whether everything below a directory, whatever it is called, is allowed by one of the patterns. */
export function coversDirectory(patterns: readonly string[], directory: string): boolean {
  return isDirectoryMatch(compile(patterns), directory)
}

/** The same for patterns that were read before. */
export function isDirectoryMatch(compiled: Compiled, directory: string): boolean {
  if (flawOfPath(directory)) return false
  const open = compiled.filter((places) => places.at(-1) === '**')
  // No name is like this one, so only what stands for every name allows it.
  const parts = [...partsOf(directory), ['\0']]
  return open.some((places) => matchRun(places, parts, partRules))
}

type Place = '**' | readonly Token[]

const partRules = {
  isRun: (place: Place) => place === '**',
  fits: (place: Place, part: readonly string[]) => place !== '**' && matchCharacters(place, part),
}

function placesOf(pattern: string): readonly Place[] {
  const parts = pattern.split('/')
  const places = parts.map((part): Place => (part === '**' ? '**' : (tokensOf(part) ?? [])))
  // At the end it stands for what is below, not for the directory itself.
  return parts.at(-1) === '**' ? [...places.slice(0, -1), [{ kind: 'run' }], '**'] : places
}

/** The parts of a path, each as its characters. */
function partsOf(path: string): readonly (readonly string[])[] {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => Array.from(part))
}

/** `null` when a set is open, empty, or more than single characters and ranges. */
function tokensOf(part: string): readonly Token[] | null {
  const characters = Array.from(part)
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string
    if (character === ']') return null
    if (character !== '[') {
      if (character === '*') tokens.push({ kind: 'run' })
      else tokens.push(character === '?' ? { kind: 'any' } : { kind: 'one', character })
      continue
    }
    const end = characters.indexOf(']', at + 1)
    const set = setOf(characters.slice(at + 1, end))
    if (end < 0 || set === null) return null
    tokens.push(set)
    at = end
  }
  return tokens
}

function setOf(characters: readonly string[]): Token | null {
  const isNegated = characters[0] === '!' || characters[0] === '^'
  const members = isNegated ? characters.slice(1) : characters
  if (members.length === 0 || members.some((member) => '[*?:='.includes(member))) return null
  const ranges: [string, string][] = []
  for (let at = 0; at < members.length; at += 1) {
    const from = members[at] as string
    const to = members[at + 1] === '-' ? members[at + 2] : undefined
    if (to !== undefined && to < from) return null
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return { kind: 'set', isNegated, ranges }
}

/** Writes out the braces of a pattern. `null` when they are open, nested, empty, or too many. */
export function spelledOut(pattern: string): readonly string[] | null {
  let made = ['']
  let rest = pattern
  while (rest !== '') {
    const open = rest.search(/[{}]/)
    if (open < 0) return made.map((text) => text + rest)
    const inner = /^\{([^{}]*)\}/.exec(rest.slice(open))?.[1]
    if (inner === undefined || !inner.includes(',')) return null
    const choices = inner.split(',')
    if (made.length * choices.length > ALTERNATIVES_MAX) return null
    const before = rest.slice(0, open)
    made = made.flatMap((text) => choices.map((choice) => text + before + choice))
    rest = rest.slice(open + inner.length + 2)
  }
  return made
}
