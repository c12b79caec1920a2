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
 * some the dots and spaces at the end of a name or what follows a colon.
 */
export function spellingsOf(path: string): readonly string[] {
  const folded = tidyPath(path)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  const parts = folded.split(/[/\\]/).map((part) => (/^\.+$/.test(part) ? part : part.replace(/[ .]+$/, '')))
  return [...new Set([parts.join('/'), parts.map((part) => part.split(':')[0] ?? '').join('/')])]
}
