import type { Leaf } from './leaves/leaf.ts'
import { readCommandPattern, type CommandPattern } from './patterns/command-pattern.ts'
import { couldMatch, readWidePattern, seenLeaf, type Reach } from './patterns/could-match.ts'
import { covers } from './patterns/covers.ts'
import { newEffort } from './patterns/effort.ts'

/**
 * Patterns of commands are words: `*` inside a word stands for any characters of that word, and at the
 * end of the last word, as `*` or `:*`, for any further words as well. `npm test*` is `npm test`,
 * alone, with arguments, or glued. A lone `*` is any command.
 */
export const COMMAND_PATTERN_CHARS_MAX = 256

/** Says in words why a pattern can't be used, or `null` when it can. */
export function flawOfCommandPattern(pattern: string): string | null {
  if (pattern.trim() === '') return 'is empty'
  if (pattern.length > COMMAND_PATTERN_CHARS_MAX)
    return `is longer than ${COMMAND_PATTERN_CHARS_MAX} characters`
  if (/[;&|<>(){}$`'"\\#!~\p{Cc}]/u.test(pattern))
    return 'has something in it that a shell reads; a pattern is plain words and *'
  if (pattern.includes('?') || pattern.includes('['))
    return 'has ? or [ in it; only * stands for something else'
  if (/\.\*|^\/.*\/$/.test(pattern))
    return 'looks like a regular expression; `*` alone stands for any characters'
  return null
}

/** Whether one of the patterns allows what a leaf runs, for certain. */
export function coversLeaf(patterns: readonly string[], leaf: Leaf): boolean {
  return coversLeaves(patterns, [leaf])
}

/** Whether each leaf is allowed by one of the patterns. No leaf at all is not. */
export function coversLeaves(patterns: readonly string[], leaves: readonly Leaf[]): boolean {
  const read = readAll(patterns)
  const effort = newEffort()
  return leaves.length > 0 && leaves.every((leaf) => read.some((pattern) => covers(pattern, leaf, effort)))
}

/**
 * Whether what a leaf runs is what a pattern names, or could be: for rules that ask or deny, as wide
 * as can be. Whatever follows the words that the pattern names, it is reached.
 */
export function couldMatchLeaf(pattern: string, leaf: Leaf): Reach {
  if (flawOfCommandPattern(pattern) !== null) return 'maybe'
  return couldMatch(readWidePattern(pattern), seenLeaf(leaf), newEffort())
}

function readAll(patterns: readonly string[]): readonly CommandPattern[] {
  return patterns.filter((pattern) => flawOfCommandPattern(pattern) === null).map(readCommandPattern)
}
