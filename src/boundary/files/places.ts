import { joinPath } from './paths.ts'
import { flawOfPath } from './patterns.ts'

/** Where a path really leads. What the host found; `decide` looks at nothing itself. */
export interface KnownPlace {
  /** Relative to the workspace, links resolved. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other' | 'absent'
  readonly isHardLinked: boolean
}

/** Every path that `pathsOf` named, and where it leads. One that is missing counts as outside. */
export type Places = ReadonlyMap<string, KnownPlace | 'outside'>

/**
 * Which names in a directory are links, by its path as `globsOf` names it. `null`: it is none, or nobody
 * knows.
 */
export type Links = ReadonlyMap<string, readonly string[] | null>

/** A line that mentions more than this is asked for, whatever it does. */
export const MENTIONS_MAX = 400

/**
 * Everything in some words that might be a path, seen from a directory. `null`: more than can be
 * looked at.
 */
export function pathsNamed(words: readonly string[], cwd: string): readonly string[] | null {
  const pieces = new Set<string>()
  for (const word of words) {
    for (const piece of piecesOf(word)) pieces.add(piece)
    if (pieces.size > MENTIONS_MAX) return null
  }
  return [...pieces].map((piece) => joinPath(cwd, piece))
}

/** A word, and the parts of it that an option, a script or a revision may hold. */
export function piecesOf(text: string): readonly string[] {
  const parts = text.split(/[\s'"`;|&<>(){}=:,@$!#^]+/)
  const behindOption = [text, ...parts].filter((part) => /^-[^-]/.test(part)).map((part) => part.slice(2))
  return [text, ...parts, ...behindOption].filter((piece) => piece !== '' && !flawOfPath(piece))
}
