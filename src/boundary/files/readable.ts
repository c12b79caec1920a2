import type { Boundary, Policy } from '../../protocol/boundary.ts'
import { isOf, LIST_TOOLS, READ_TOOLS } from '../capabilities.ts'
import { spellingsOf } from './paths.ts'
import { compile, foldedGlob, isMatch } from './patterns.ts'

/** Whether a file may be shown; to show text of it, say whether it has more names than one. */
export type Readable = (path: string, isHardLinked?: () => boolean) => boolean

/**
 * Which files a task may be shown that goes through a directory: those that every layer lets it read, and
 * that the user does not deny. Read once, for many files. Where there is any limit, the text of a file with
 * more names than one is not shown: another of its names may be one that may not be read.
 */
export function readable(boundary: Boundary, { deny }: Pick<Policy, 'deny'>): Readable {
  const layers = boundary.flatMap(({ filePatterns }) => (filePatterns ? [compile(filePatterns)] : []))
  const globs = deny
    .filter(({ tool }) => isOf([...READ_TOOLS, ...LIST_TOOLS])(tool))
    .flatMap(({ spec }) => spec ?? [])
  const exact = compile(globs)
  // A set of letters can mean less once it is folded, so neither stands for the other.
  const folded = compile(globs.map(foldedGlob))
  const isLimited = layers.length + globs.length > 0
  return (path, isHardLinked) =>
    layers.every((patterns) => isMatch(patterns, path)) &&
    !isMatch(exact, path) &&
    !spellingsOf(path).some((spelling) => isMatch(folded, spelling)) &&
    !(isLimited && isHardLinked?.() === true)
}
