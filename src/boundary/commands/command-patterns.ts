import type { SimpleCommand } from './shell.ts'
import { matchText, wildcards } from '../wildcards.ts'

/**
 * Patterns of commands are words: `*` inside a word stands for any characters of that word, and at the
 * end of the last word, as `*` or `:*`, for any further words as well. `npm test*` is `npm test`,
 * alone, with arguments, or glued.
 */
export const COMMAND_PATTERN_CHARS_MAX = 256
/** A longer word of a command is never compared, and so never allowed by a pattern. */
export const COMMAND_WORD_CHARS_MAX = 1_024

/** Says in words why a pattern can't be used, or `null` when it can. */
export function flawOfCommandPattern(pattern: string): string | null {
  if (pattern.trim() === '') return 'is empty'
  if (pattern.length > COMMAND_PATTERN_CHARS_MAX)
    return `is longer than ${COMMAND_PATTERN_CHARS_MAX} characters`
  if (/[;&|<>(){}$`'"\\#!~\p{Cc}]/u.test(pattern))
    return 'has something in it that a shell reads; a pattern is plain words and *'
  if (pattern.includes('?') || pattern.includes('['))
    return 'has ? or [ in it; only * stands for something else'
  return null
}

/** Whether one of the patterns allows a simple command. Nothing that bash would still expand is allowed. */
export function matchesCommand(patterns: readonly string[], command: SimpleCommand): boolean {
  const words = command.words.map(({ value }) => value)
  if (words.length === 0 || !words.every((word) => word !== null && word.length <= COMMAND_WORD_CHARS_MAX))
    return false
  if (command.hasAssignments || command.hasRedirections) return false
  return patterns.some(
    (pattern) => !flawOfCommandPattern(pattern) && matchesWords(pattern, words as readonly string[]),
  )
}

function matchesWords(pattern: string, words: readonly string[]): boolean {
  const places = pattern.trim().replace(/:\*$/, ' *').split(/\s+/)
  const isOpen = places.at(-1)?.endsWith('*') ?? false
  if (places.at(-1) === '*') places.pop()
  if (words.length < places.length || (words.length > places.length && !isOpen)) return false
  return places.every((place, index) => matchText(wildcards(place), words[index] as string))
}
