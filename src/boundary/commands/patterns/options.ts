import { fitsPlace, type Place } from './command-pattern.ts'
import type { SeenWord } from './could-match.ts'
import type { Effort } from './effort.ts'

/** Whether a word looks like an option. */
export function isOption(text: string): boolean {
  return text.startsWith('-') && text !== '-'
}

/**
 * Whether an option that a pattern names is somewhere among the words: as it stands, cut short (`--forc`),
 * with a value, or as letters that stand together in another way (`-fr` or `-r -f` for `-rf`).
 */
export function hasOption(option: Place, words: readonly SeenWord[], effort: Effort): boolean {
  const given = words.map(({ shape }) => shape).filter(isOption)
  if (given.some((word) => fitsPlace(option, word, effort))) return true
  if (option.text.startsWith('--')) {
    const name = option.text.split(/[=*]/)[0] ?? ''
    return given.some((word) => isCutShort(word.split('=')[0] ?? '', name))
  }
  const letters = new Set(given.filter((word) => !word.startsWith('--')).flatMap((word) => Array.from(word)))
  return Array.from(option.text).every((letter) => letters.has(letter))
}

function isCutShort(word: string, name: string): boolean {
  return word.length > '--'.length && name.startsWith(word)
}
