import { withoutSystemPath } from '../programs.ts'
import type { ShellWord } from '../shell.ts'
import type { Leaf } from '../leaves/leaf.ts'
import { fitsPlace, placeOf, type CommandPattern, type Place } from './command-pattern.ts'
import type { Effort } from './effort.ts'

/** A longer word of a command is never compared, and so never allowed by a pattern. */
export const COMMAND_WORD_CHARS_MAX = 1_024

/**
 * Whether a pattern allows what a leaf runs, for certain: what bash would still expand stands nowhere
 * but where any word may, and can't come out as an option.
 */
export function covers(pattern: CommandPattern, leaf: Leaf, effort: Effort): boolean {
  if (leaf.flaw !== null || leaf.isHidden || leaf.isWrapper || leaf.words.length === 0) return false
  // A pattern may spell the options that say only where or how loud.
  return [leaf.words, leaf.said ?? []].some((words) => coversWords(pattern, { ...leaf, words }, effort))
}

function coversWords({ places, isOpen }: CommandPattern, leaf: Leaf, effort: Effort): boolean {
  const { rights, words } = leaf
  if (words.length === 0) return false
  if (leaf.isOpen && !isOpen) return false
  const count = rights.length + words.length
  if (count < places.length || (count > places.length && !isOpen)) return false
  if (!rights.every((right, index) => namesRight(places[index], right))) return false
  const named = places.slice(rights.length)
  return (
    isNameKnown(words[0]) &&
    named.every((place, index) => isNamed(place, words[index], index === 0, effort)) &&
    words.slice(named.length).every(mayFollow)
  )
}

/** Other rights are never given by a wildcard. */
function namesRight(place: Place | undefined, right: string): boolean {
  return place !== undefined && place.tokens === null && withoutSystemPath(place.text) === right
}

function isNameKnown(name: ShellWord | undefined): boolean {
  return name !== undefined && name.value !== null && name.value.length <= COMMAND_WORD_CHARS_MAX
}

function isNamed(place: Place, word: ShellWord | undefined, isName: boolean, effort: Effort): boolean {
  const value = word?.value ?? null
  if (value === null || value.length > COMMAND_WORD_CHARS_MAX) return false
  return isName ? isProgram(place, value, effort) : fitsPlace(place, value, effort)
}

/** A program with a path is another one than that of the system: no wildcard stands for a part of a path. */
function isProgram(place: Place, name: string, effort: Effort): boolean {
  const said = withoutSystemPath(place.text)
  if (place.tokens === null) return said === name
  const saidParts = said.split('/')
  const parts = name.split(/[\\/]/)
  return (
    saidParts.length === parts.length &&
    saidParts.every((part, index) => {
      const given = parts[index] ?? ''
      return part === given || (!/^\.{0,2}$/.test(given) && fitsPlace(placeOf(part), given, effort))
    })
  )
}

/** Whether a word may stand where any word may. */
function mayFollow({ value, shape, isGlob }: ShellWord): boolean {
  if (value !== null) return value.length <= COMMAND_WORD_CHARS_MAX
  return isGlob && shape.length <= COMMAND_WORD_CHARS_MAX && /^[^-*?[~$]/.test(shape)
}
