/** Characters that take two columns of a terminal: those of East Asia, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const PLAIN = /^[\x20-\x7e]*$/
const ELLIPSIS = '…'

/** How many columns a text takes. It must be safe already: a control has no width. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

function widthOfCharacter(character: string): number {
  // A mark that takes room of its own (\p{Mc}) is no mark that stands on another character.
  if (/[\p{Mn}\p{Me}]/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** As much of a text as fits, with an ellipsis where something is missing. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns <= 0) return ''
  let width = 0
  let kept = ''
  for (const character of text) {
    width += widthOfCharacter(character)
    if (width > columns - 1) break
    kept += character
  }
  return `${kept}${ELLIPSIS}`
}

export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** A line in pieces that each fit, without losing a character. The first may have less room. */
export function piecesOf(text: string, columns: number, firstColumns = columns): readonly string[] {
  const room = Math.max(2, columns)
  if (widthOf(text) <= firstColumns) return [text]
  const pieces: string[] = []
  let piece = ''
  let left = firstColumns
  for (const character of text) {
    const width = widthOfCharacter(character)
    if (width > left) {
      pieces.push(piece)
      piece = ''
      left = room
    }
    piece += character
    left -= width
  }
  return [...pieces, piece]
}

/** Prose in lines that fit, broken between words where there are any. */
export function wrapped(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.split(' ')) {
      const longer = current === '' ? word : `${current} ${word}`
      if (widthOf(longer) <= columns) {
        current = longer
        continue
      }
      if (current !== '') lines.push(current)
      const pieces = piecesOf(word, columns)
      lines.push(...pieces.slice(0, -1))
      current = pieces.at(-1) ?? ''
    }
    return [...lines, current]
  })
}
