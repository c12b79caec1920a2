import type { Line, Result } from '../protocol/model.ts'

/** What a model reads as the result of a call: the same words from every provider. */
export function renderResult(result: Result): string {
  if (result.kind === 'failed') return `Error ${result.code}: ${result.message}`
  if (result.kind === 'unknown') return result.message
  return typeof result.output === 'string' ? result.output : (JSON.stringify(result.output) ?? 'null')
}

/** A note as the model sees it: marked as data, in a tag that nothing inside it can close or open again. */
export function renderNote({
  source,
  text,
}: Pick<Extract<Line, { role: 'note' }>, 'source' | 'text'>): string {
  return `<troupe-note source="${source}">\n${text.replace(NOTE_TAG, '&lt;')}\n</troupe-note>`
}

// The runs of blanks are bounded, so that a hostile text cannot make the search slow.
const NOTE_TAG = /<(?=\s{0,8}\/?\s{0,8}troupe-note)/gi

const CHARS_PER_TOKEN = 4

/** How many tokens a text is likely to be, for when a provider does not say. */
export function estimateTokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN)
}
