import { couldMeet, wildcards } from '../wildcards.ts'

/** What belongs to a process, under its number or `self`: its keys, its memory, its files. */
const OF_PROCESS = ['environ', 'mem', 'fd', 'fdinfo', 'root', 'cwd', 'map_files', 'auxv', 'pagemap', 'task']
const ITSELF = /^(self|thread-self|\d+)$/
/** Other ways to the memory of whatever runs. */
const MEMORY: readonly (readonly string[])[] = [
  ['dev', 'mem'],
  ['dev', 'kmem'],
  ['dev', 'port'],
  ['sys', 'kernel', 'debug'],
]
/** Where a path leads that nobody can follow as text. */
const SOMEWHERE = '..'

/**
 * Whether a word of a command, or a text in it, reaches `/proc` or the memory of the machine. `*` and `?` in
 * it stand for anything. The directory is the one that it is seen from.
 */
export function reachesProcess(text: string, cwd: string): boolean {
  return waysToRead(text).some((way) =>
    piecesIn(way).some((piece) =>
      /^[/~]/.test(piece)
        ? leadsThere(piece)
        : leadsThere(`${cwd}/${piece}`) || leadsThere(piece.replace(/^(\.{1,2}\/+)+/, '')),
    ),
  )
}

/** The text, and what a shell or a program that reads addresses would make of it. */
function waysToRead(text: string): readonly string[] {
  const bare = text.replace(ADDRESS, (address) => (address.includes('..') ? address : ' '))
  // Cheap to say first: every way there has one of these in it.
  if (!/[/\\]/.test(bare)) return []
  const local = bare.replace(/\bfile:\/\/[^/\s'"]*/gi, ' ')
  const ways = [bare, local]
  if (/[\\'"]/.test(bare)) ways.push(bare.replace(/[\\'"]/g, ''), bare.replaceAll('\\', '/'))
  if (/file:/i.test(bare) && bare.includes('%')) ways.push(unescaped(local))
  return [...new Set(ways)]
}

const ADDRESS = /\b(?:https?|wss?|ftps?|ssh|git(?:\+[a-z]+)?):\/\/[^\s'"`;|&<>()]*/gi

function unescaped(text: string): string {
  return text.replace(/%([0-7][\da-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** Whatever in a text might be a path: sets and braces come out as wildcards. */
function piecesIn(text: string): readonly string[] {
  const pieces = text
    .replace(/\[[^\][/\s]{1,64}\]/g, '?')
    .replace(/\{[^{}/\s]{0,64}\}/g, '*')
    .split(/[\s'"`;|&<>(){}=:,@$!#^[\]]+/)
    .filter((piece) => piece.includes('/'))
  // `-f/proc/1/mem`: the path begins somewhere in the word.
  const behindOptions = pieces
    .filter((piece) => piece.startsWith('-'))
    .map((piece) => piece.slice(piece.indexOf('/')))
  return [...new Set([...pieces, ...behindOptions])]
}

function leadsThere(piece: string): boolean {
  const isAbsolute = piece.startsWith('/')
  const parts: string[] = []
  let isAfterUp = false
  for (const part of piece.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      const last = parts.at(-1)
      // Behind a link, or what is only known later, `..` leads somewhere else than the text.
      if (isAbsolute && parts.length === 2 && parts[0] === 'dev' && meets(last ?? '', 'fd')) return true
      if (last === undefined ? !isAbsolute : isOpen(last)) parts.push(SOMEWHERE)
      else parts.pop()
      isAfterUp = true
      continue
    }
    if (isAfterUp && isAbsolute && named(part, 'proc')) return true
    isAfterUp = false
    parts.push(part)
  }
  return isThere(parts, isAbsolute)
}

function isOpen(part: string): boolean {
  return part === SOMEWHERE || part.startsWith('~') || /[*?]/.test(part)
}

/** Whether the parts, none of them `..` but as an unknown beginning, are those of a process or of memory. */
function isThere(parts: readonly string[], isAbsolute: boolean): boolean {
  const up = parts.lastIndexOf(SOMEWHERE)
  const rest = parts.slice(up + 1)
  const isAtRoot = isAbsolute || up >= 0
  const [first = '', second = ''] = rest
  if (isAtRoot && named(first, 'proc')) return true
  if (isAtRoot && MEMORY.some((path) => path.every((name, index) => named(rest[index] ?? '', name))))
    return true
  // What comes first may be nothing but a variable: `$ROOT/proc/self`.
  const start = rest.findIndex((part) => !/^[*?]+$/.test(part))
  const [head = '', next = ''] = rest.slice(Math.max(start, 0))
  if (named(head, 'proc') && isProcess(next)) return true
  if (ITSELF.test(first) && OF_PROCESS.some((name) => named(second, name))) return true
  return isAtRoot && start > 0 && ITSELF.test(head)
}

function isProcess(part: string): boolean {
  if (ITSELF.test(part)) return true
  if (!/[*?]/.test(part)) return false
  return /^[\d*?]+$/.test(part) || meets(part, 'self') || meets(part, 'thread-self')
}

/** Whether a part that is more than wildcards is, or could come out as, a name. */
function named(part: string, name: string): boolean {
  return part === name || (/[*?]/.test(part) && /[^*?]/.test(part) && meets(part, name))
}

function meets(part: string, name: string): boolean {
  return part === name || (/[*?]/.test(part) && couldMeet(wildcards(part), wildcards(name)))
}
