/**
 * The one door through which words of a model, a tool or a file reach a terminal (L10). Whatever a terminal
 * would obey, reorder or leave out is shown as an escape instead: `\x1b`, `\u202e`.
 */

/** Controls, formats (bidi among them), halves of characters, what has no glyph, blanks unlike a space. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}\u2800]|(?![ \u3000])\p{Zs}|(?<=\p{M}{4})\p{M}|(?<=^|\s)\p{M}/gmu
/** A picture, perhaps one made of several: harmless, and common in prose. */
const PICTURE =
  /\p{Extended_Pictographic}(?:\ufe0f|\p{EMod})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{EMod})?)*/u
const JOINERS = /\u200d|\ufe0f/g
const PICTURE_OR_UNSEEN = new RegExp(`(${PICTURE.source})|${UNSEEN.source}`, 'gmu')
const UNSEEN_OR_LAST = new RegExp(`${UNSEEN.source}|(?<! ) +$`, 'gu')
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A piece of text that can be seen as it is, or the escape for a character that can't. */
export interface VisiblePart {
  readonly text: string
  readonly isEscape: boolean
}

/** Every character of one line as something that can be seen; blanks at its end, too. */
export function visibleParts(line: string): readonly VisiblePart[] {
  const parts: VisiblePart[] = []
  let seenTo = 0
  for (const { 0: unseen, index } of line.matchAll(UNSEEN_OR_LAST)) {
    if (index > seenTo) parts.push({ text: line.slice(seenTo, index), isEscape: false })
    parts.push({ text: Array.from(unseen, escapeOf).join(''), isEscape: true })
    seenTo = index + unseen.length
  }
  return seenTo < line.length ? [...parts, { text: line.slice(seenTo), isEscape: false }] : parts
}

/** The same as one text. Line breaks are escapes, too. */
export function everyCharacter(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join('')
}

/** Prose of several lines: pictures and tabs stay, every kind of blank is a space. */
export function safeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(PICTURE_OR_UNSEEN, (it, picture?: string) => {
    if (picture !== undefined || it === '\n' || it === '\t') return it
    return /\p{Zs}/u.test(it) ? ' ' : escapeOf(it)
  })
}

/** One line of prose, whatever it was before. What would make its width a matter of taste is left out. */
export function safeLine(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(PICTURE_OR_UNSEEN, (it, picture?: string) => picture?.replace(JOINERS, '') ?? escapeOf(it))
}

/** JSON of one line that means the same and holds nothing a terminal would obey. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSEEN, (it) =>
    Array.from({ length: it.length }, (_, unit) => `\\u${hex(it.charCodeAt(unit), 4)}`).join(''),
  )
}

function escapeOf(character: string): string {
  const named = NAMED[character]
  if (named) return named
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
