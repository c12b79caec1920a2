/**
 * Tells a key, which chance has made, from words, paths and numbers. In what chance has made, kinds of
 * characters change all the time; in what people write, they come in runs.
 */

/** Numbers in hexadecimal digits of that length are keys, or sums of what somebody would call so. */
const HEX = /^[0-9a-f]{32,}$/i
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Begins with the name of a directory, as no chance would: an absolute path, or one from home. */
const PATH = /^(~|\.{1,2}|[A-Za-z]:)?[/\\][A-Za-z][\w.-]{0,30}([/\\]|$)|^(~|\.{1,2})[/\\]/
const BETWEEN_PIECES = /[\s,;:@&?|"'()<>{}[\]=]+/
const NAME_BEFORE = /^[\w.-]{1,60}[=:]/
/** With a sign or a key of letters and digits, the least that somebody would make of it. */
const CHARACTERS_MIN = 16
const MIXED_CHARACTERS_MIN = 20
const LOWER_CHARACTERS_MIN = 24
/** Of a longer value only the beginning is looked at. */
const CHARACTERS_MAX = 16_384
/** How often the kind changes from one character to the next: by chance 0.6 of the times; 0.4 in one case. */
const SHORT_CHANGES_MIN = 0.5
const CHANGES_MIN = 0.33
const LETTERS_ONLY_CHANGES_MIN = 0.42
const ONE_CASE_CHANGES_MIN = 0.2

/** Whether there is something in a text that only chance writes so. */
export function looksRandom(text: string): boolean {
  const given = text.slice(0, CHARACTERS_MAX).trim()
  // All of it may be one key, with the signs in it that elsewhere stand between pieces.
  return [given, ...given.split(BETWEEN_PIECES)].some((piece) => isRandom(piece.replace(NAME_BEFORE, '')))
}

function isRandom(piece: string): boolean {
  if (UUID.test(piece) || PATH.test(piece)) return false
  if (HEX.test(piece)) return true
  if (!/^[A-Za-z0-9+/_.~=-]+$/.test(piece)) return false
  return piece.split('.').some(isRandomPart)
}

function isRandomPart(part: string): boolean {
  const characters = part.replace(/[^A-Za-z0-9]/g, '')
  if (characters.length < CHARACTERS_MIN) return false
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(characters)).length
  const hasDigit = /\d/.test(characters)
  const changes = changesIn(characters)
  const { length } = characters
  if (kinds === 3) {
    return changes >= (length < MIXED_CHARACTERS_MIN ? SHORT_CHANGES_MIN : CHANGES_MIN)
  }
  if (!hasDigit) return kinds === 2 && length >= MIXED_CHARACTERS_MIN && changes >= LETTERS_ONLY_CHANGES_MIN
  return kinds === 2 && length >= LOWER_CHARACTERS_MIN && changes >= ONE_CASE_CHANGES_MIN
}

/** How many of a hundred steps from one character to the next lead to another kind, as a part of 1. */
function changesIn(characters: string): number {
  let changes = 0
  for (let at = 1; at < characters.length; at += 1)
    if (kindOf(characters, at) !== kindOf(characters, at - 1)) changes += 1
  return changes / (characters.length - 1)
}

function kindOf(characters: string, at: number): 'digit' | 'upper' | 'lower' {
  const code = characters.charCodeAt(at)
  return code < 58 ? 'digit' : code < 91 ? 'upper' : 'lower'
}
