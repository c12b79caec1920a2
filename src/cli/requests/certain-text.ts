import { type VisiblePart, visibleParts } from '../safe-text.ts'

/**
 * What terminals draw in different widths: marks with room of their own, parts of syllables, flags, tones
 * of skin. Counted wrongly, a row would take two, and what stands above it would scroll away.
 */
const UNCERTAIN = /[\p{Mc}\u1160-\u11ff\u4dc0-\u4dff\ud7b0-\ud7ff\p{RI}\p{EMod}]/gu

/** Every character of a line in a form of which the width is known. */
export function certainParts(line: string): readonly VisiblePart[] {
  return visibleParts(line).flatMap((part) => {
    if (part.isEscape) return [part]
    const parts: VisiblePart[] = []
    let seenTo = 0
    for (const { 0: character, index } of part.text.matchAll(UNCERTAIN)) {
      if (index > seenTo) parts.push({ text: part.text.slice(seenTo, index), isEscape: false })
      parts.push({ text: escapeOf(character), isEscape: true })
      seenTo = index + character.length
    }
    return seenTo < part.text.length ? [...parts, { text: part.text.slice(seenTo), isEscape: false }] : parts
  })
}

/** The same as one text. */
export function certainText(text: string): string {
  return certainParts(text)
    .map((part) => part.text)
    .join('')
}

function escapeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}
