import { joinPath, spellingsOf, tidyPath } from './paths.ts'
import { couldMeet, wildcards } from '../wildcards.ts'

/** Where Troupe keeps what is the user's own: their settings, and which folders they trust. */
export interface OwnDirectories {
  /** The real path of the workspace, from which other paths are seen. */
  readonly root: string
  /** Where `~` leads. */
  readonly home?: string
  /** As they are called, and where they really are. */
  readonly directories?: readonly string[]
}

/** More in one part of a path, and it counts as whatever is feared. */
const WILDCARDS_MAX = 6

/**
 * Whether a path, seen from a directory of the workspace, leads to one of them. In a path that bash has yet
 * to expand, `*` and `?` stand for anything, and at its beginning for the home directory.
 */
export function isOwn(own: OwnDirectories, path: string, cwd: string): boolean {
  const { root, home, directories = [] } = own
  if (directories.length === 0) return false
  const isHome = home !== undefined && /^(~[^/]*|\*|\{?HOME\}?)(?=\/|$)/.test(path)
  const given = isHome ? path.replace(/^[^/]*/, () => home) : path
  const seen = joinPath(tidyPath(joinPath(root, cwd)), given)
  return spellingsOf(seen).some((spelling) =>
    directories.some((directory) => spellingsOf(directory).some((kept) => isBelow(kept, spelling))),
  )
}

function isBelow(directory: string, path: string): boolean {
  if (!/[*?]/.test(path)) return path === directory || path.startsWith(`${directory}/`)
  const parts = path.split('/')
  return directory.split('/').every((name, index) => {
    const part = parts[index]
    // Nothing but wildcards names nothing, and none of them stands for a dot that begins a name.
    if (part === undefined || (part !== name && /^[*?]*$/.test(part))) return false
    if (!/[*?]/.test(part)) return part === name
    if ((part.match(/[*?]/g)?.length ?? 0) > WILDCARDS_MAX) return true
    return !(name.startsWith('.') && /^[*?]/.test(part)) && couldMeet(wildcards(part), wildcards(name))
  })
}
