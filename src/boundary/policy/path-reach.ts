import type { Reach } from '../commands/patterns/could-match.ts'
import { foldCase, spellingsOf, tidyPath } from '../files/paths.ts'
import {
  compile,
  coversDirectory,
  flawOfPath,
  foldedGlob,
  isMatch,
  spelledOut,
  type Compiled,
} from '../files/patterns.ts'
import { couldMeet, matchCharacters, wildcards, type Token } from '../wildcards.ts'

/** A glob of a rule that asks or denies, read once, in every spelling that file systems may take for it. */
export interface Glob {
  readonly exact: Compiled
  readonly folded: Compiled
  /** As one text, for words of a shell that are compared before they are expanded. */
  readonly texts: readonly (readonly Token[])[]
  /** The same, for directories of which everything below is meant. */
  readonly patterns: readonly string[]
}

/** Reads a glob. */
export function readGlob(glob: string): Glob {
  const folded = foldedGlob(glob)
  const texts = (spelledOut(folded) ?? []).map((text) => wildcards(text.replace(/\[[^\]]*\]/g, '?')))
  return { exact: compile([glob]), folded: compile([folded]), texts, patterns: [glob, folded] }
}

/** Whether a path is what a glob names, by any spelling. */
export function pathReach(glob: Glob, path: string): Reach {
  if (flawOfPath(path) !== null) return 'maybe'
  const isNamed = isMatch(glob.exact, path) || spellingsOf(path).some((it) => isMatch(glob.folded, it))
  return isNamed ? 'yes' : 'no'
}

/**
 * The same for a directory: certainly if all below it is named, perhaps if something could be.
 * `isLoose`: also where that takes a `**`, which stands for any directory.
 */
export function directoryReach(glob: Glob, path: string, isLoose: boolean): Reach {
  const named = pathReach(glob, path)
  if (named !== 'no') return named
  const spellings = [path, ...spellingsOf(path)]
  if (spellings.some((spelling) => coversDirectory(glob.patterns, spelling))) return 'yes'
  return spellings.some((spelling) => isAbove(glob.folded, spelling, isLoose)) ? 'maybe' : 'no'
}

/** Whether a path is what a glob names, or a directory of which it names whatever is in it. */
export function isNamed(glob: Glob, path: string): boolean {
  if (pathReach(glob, path) !== 'no') return true
  // No name is like this one, so only what stands for every name reaches it.
  return (
    isMatch(glob.exact, `${path}/\0`) ||
    spellingsOf(path).some((it) => (it !== '' || tidyPath(path) === '') && isMatch(glob.folded, `${it}/\0`))
  )
}

/** Whether a glob names nothing below a directory but what lies behind a name that begins with a dot. */
export function isSkipped({ texts }: Glob, directory: string): boolean {
  return (
    !isHidden(directory) &&
    texts.length > 0 &&
    texts.every((text) =>
      isHidden(text.map((token) => (token.kind === 'one' ? token.character : '?')).join('')),
    )
  )
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => /^\.(?!\.?$)/.test(part))
}

/** Whether a word that a shell still expands could come out as what a glob names. */
export function shapeReach(glob: Glob, shape: string): Reach {
  const tokens = wildcards(foldCase(shape.normalize('NFKC')))
  return glob.texts.some((text) => couldMeet(tokens, text)) ? 'maybe' : 'no'
}

/**
 * The same of a directory: one of which a glob names whatever is in it, or with `isWalked` one that has
 * something of that below.
 */
export function couldBeBelow({ texts }: Glob, shape: string, isWalked: boolean): boolean {
  const tokens = wildcards(foldCase(shape.normalize('NFKC')))
  const below: readonly Token[] = [...tokens, { kind: 'one', character: '/' }, { kind: 'run' }]
  return texts.some((text) => {
    if (isWalked) return couldMeet(below, text)
    const end = text.findLastIndex((token) => token.kind === 'one' && token.character === '/')
    const isAll = end >= 0 && text.slice(end + 1).every(({ kind }) => kind === 'run')
    return isAll && couldMeet(tokens, text.slice(0, end))
  })
}

/** Whether a glob could name something below a directory. */
function isAbove(glob: Compiled, directory: string, isLoose: boolean): boolean {
  const parts = directory.split('/').filter((part) => part !== '' && part !== '.')
  return glob.some((places) => {
    let reached: ReadonlySet<number> = new Set([0])
    for (const part of parts) {
      const characters = Array.from(part)
      const next = new Set<number>()
      for (const at of withRunsSkipped(reached, places, isLoose)) {
        const place = places[at]
        if (place === '**' && isLoose) next.add(at)
        else if (place !== undefined && place !== '**' && matchCharacters(place, characters)) next.add(at + 1)
      }
      if (next.size === 0) return false
      reached = next
    }
    return [...reached].some((at) => at < places.length)
  })
}

/** A `**` stands for no directory as well. A set grows while it is walked. */
function withRunsSkipped(
  reached: ReadonlySet<number>,
  places: Compiled[number],
  isLoose: boolean,
): ReadonlySet<number> {
  const all = new Set(reached)
  for (const at of all) if (isLoose && places[at] === '**') all.add(at + 1)
  return all
}
