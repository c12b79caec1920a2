import { matchText, wildcards, type Token } from '../../wildcards.ts'
import { spend, type Effort } from './effort.ts'

/** A pattern of commands, read once. */
export interface CommandPattern {
  /** The words that must stand there, in order. None: any command. */
  readonly places: readonly Place[]
  /** Any further words may follow. */
  readonly isOpen: boolean
}

/** One word of a pattern. */
export interface Place {
  readonly text: string
  /** `null`: there is no `*` in it. */
  readonly tokens: readonly Token[] | null
}

/** Reads a pattern that has no flaw. */
export function readCommandPattern(pattern: string): CommandPattern {
  const words = pattern.trim().replace(/:\*$/, ' *').split(/\s+/)
  const isOpen = words.at(-1)?.endsWith('*') ?? false
  if (words.at(-1) === '*') words.pop()
  return { places: words.filter((word) => word !== '').map(placeOf), isOpen }
}

/** Reads one word of a pattern. */
export function placeOf(text: string): Place {
  return { text, tokens: text.includes('*') ? wildcards(text) : null }
}

/** What it costs to begin, in characters compared. */
const MATCH_COST = 16

/** Whether a word is, from its first character to its last, what a place says. */
export function fitsPlace({ text, tokens }: Place, word: string, effort: Effort): boolean {
  if (tokens === null) return spend(effort, 1) && text === word
  return spend(effort, MATCH_COST + tokens.length * word.length) && matchText(tokens, word)
}
