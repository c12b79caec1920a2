/**
 * Joins and tidies a path as text: `.` and empty parts go, `..` takes the part before it. `\` counts
 * as `/`.
 */
export function tidyPath(...pieces: readonly string[]): string {
  const isAbsolute = /^[/\\]/.test(pieces.find((piece) => piece !== '') ?? '')
  const parts: string[] = []
  for (const part of pieces.join('/').split(/[/\\]/)) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return (isAbsolute ? '/' : '') + parts.join('/')
}

/** A path as it stands, seen from a directory. */
export function joinPath(directory: string, path: string): string {
  if (/^([/\\]|[a-zA-Z]:)/.test(path)) return path
  return directory === '' || directory === '.' ? path : `${directory}/${path}`
}

/**
 * The spellings under which file systems may know a path: some ignore case, some invisible characters,
 * some the dots and spaces at the end of a name, what follows a colon, or the letter of a drive.
 */
export function spellingsOf(path: string): readonly string[] {
  const folded = foldCase(tidyPath(path).normalize('NFKC')).replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  const texts = [folded, folded.replace(/^[a-z]:/, '')]
  return [
    ...new Set(
      texts.flatMap((text) => {
        const parts = text.split(/[/\\]/)
        return [
          parts.map(withoutTail).join('/'),
          parts.map((part) => withoutTail(part.split(':')[0] ?? '')).join('/'),
        ]
      }),
    ),
  ]
}

/** Letters that some systems hold for one: `ſ` and `s`, `ß` and `ss`, the Turkish `ı` and `İ` and `i`. */
export function foldCase(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase()
  return text.toUpperCase().toLowerCase().normalize('NFKC').replaceAll('i\u0307', 'i')
}

/** A part without the dots and spaces at its end, unless it is nothing but dots. */
function withoutTail(part: string): string {
  // Not by a pattern: its time would grow with the square of a long run.
  let end = part.length
  while (end > 0 && (part[end - 1] === '.' || part[end - 1] === ' ')) end -= 1
  return end === 0 && !part.includes(' ') ? part : part.slice(0, end)
}
