import { flawOfPath } from './patterns.ts'

/**
 * The short names that Windows gives to long ones: the first six characters, `~` and a number, three
 * characters of what follows the last dot. `GIT~1` is `.git`, `PACKAG~1.JSO` is `package.json`. When there
 * are many alike, two characters and four of a checksum: `GI7EBA~1`.
 */
const SHORT = /^([^~.]{1,6})~\d{1,3}(?:\.([^.]{0,3}))?$/
/** More ways that a path may be meant, and only these are looked at. */
const WAYS_MAX = 64

/** Spells paths in lower case out with the names that their short parts may stand for. */
export function longNames(names: readonly string[]): (path: string) => readonly string[] {
  const long = names.filter((name) => /[^*?]/.test(name)).map(readName)
  return (path) => {
    // A path that is too long is compared with nothing.
    if (!path.includes('~') || flawOfPath(path)) return [path]
    let made = ['']
    for (const part of path.split('/')) {
      const meant = [part, ...meantBy(part, long)].slice(0, WAYS_MAX)
      made = made.flatMap((before) => meant.map((name) => `${before}${name}/`)).slice(0, WAYS_MAX)
    }
    return made.map((text) => text.slice(0, -1))
  }
}

interface LongName {
  readonly name: string
  readonly base: string
  readonly extension: string
  /** It begins or ends with anything. */
  readonly isOpenBefore: boolean
  readonly isOpenBehind: boolean
}

function readName(pattern: string): LongName {
  const name = pattern.replace(/[*?]/g, '')
  const inner = name.replace(/^\.+/, '')
  const dot = inner.lastIndexOf('.')
  return {
    name: pattern.startsWith('*') ? `x${name}` : name,
    base: (dot < 0 ? inner : inner.slice(0, dot)).replace(/[. ]/g, ''),
    extension: dot < 0 ? '' : inner.slice(dot + 1),
    isOpenBefore: pattern.startsWith('*'),
    isOpenBehind: pattern.endsWith('*'),
  }
}

function meantBy(part: string, names: readonly LongName[]): readonly string[] {
  const found = SHORT.exec(part)
  if (!found) return []
  const [, base = '', extension = ''] = found
  return names.filter((name) => fits(name, base, extension)).map(({ name }) => name)
}

function fits(long: LongName, base: string, extension: string): boolean {
  if (long.isOpenBefore) {
    const ends = (long.extension || long.base).slice(0, 3)
    return extension !== '' && extension === ends
  }
  if (!long.isOpenBehind && extension !== long.extension.slice(0, 3)) return false
  const isCounted = base === long.base.slice(0, 6)
  const isSummed =
    base.length === 6 && base.slice(0, 2) === long.base.slice(0, 2) && /[0-9a-f]{4}$/.test(base)
  const goesOn = long.isOpenBehind && base.startsWith(long.base)
  return isCounted || isSummed || goesOn
}
