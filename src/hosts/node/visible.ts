/** Controls but for line breaks and tabs, formats (bidi among them), and what has no glyph. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** A text that no terminal obeys or reorders (L10): what it would is shown as an escape. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (it) => `\\u{${(it.codePointAt(0) ?? 0).toString(16)}}`)
}
