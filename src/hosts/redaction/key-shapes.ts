import { KEY_SHAPES } from '../../models/embedded/rules/secrets.ts'

/**
 * Where a key begins: not in the middle of a word. Behind `\n` in JSON stands an `n` that belongs to no word.
 */
const AT_BEGINNING = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf]))`
/** In a long text of parts, each of which might be the first, time would grow with its square. */
const AT_BEGINNING_OF_TOKEN = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[nrtbf]))`
const TOKEN = /^eyJ/

const KEYS = new RegExp(
  `(?:${KEY_SHAPES.map((shape) => `${TOKEN.test(shape) ? AT_BEGINNING_OF_TOKEN : AT_BEGINNING}${shape}`).join(
    '|',
  )})[A-Za-z0-9+/=_-]*`,
  'g',
)

const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/

/** The same without keys of known forms. A name in words with dashes between has the form, but no digit. */
export function withoutKeys(text: string): string {
  return text.replace(KEYS, (key) => (/\d/.test(key) ? '[redacted]' : key))
}

/** Whether there is a key of a known form in it. */
export function holdsKey(text: string): boolean {
  return PRIVATE_KEY.test(text) || withoutKeys(text) !== text
}
