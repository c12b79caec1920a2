import { hasHashComments } from './kinds.ts'

/** Where in a line of code something stands. */
export type Standing = 'code' | 'text' | 'comment'

const QUOTES = '\'"`'

/**
 * Tells code from quoted text and comments, looking at one line alone. A guess, made so that it errs towards
 * silence: what may be inside a quotation is not reported as code.
 */
export function standingAt(line: string, index: number, path: string): Standing {
  if (/^\s*(\/\*|\*|<!--)/.test(line)) return 'comment'
  const comment = hasHashComments(path) ? '#' : '//'
  let quote: string | null = null
  for (let at = 0; at < index; at += 1) {
    const character = line[at] ?? ''
    if (character === '\\') at += 1
    else if (quote !== null) quote = character === quote ? null : quote
    else if (QUOTES.includes(character)) quote = character
    else if (line.startsWith(comment, at) || line.startsWith('/*', at)) return 'comment'
  }
  return quote === null ? 'code' : 'text'
}
