import { joinPath } from '../files/paths.ts'
import type { KnownPlace, Places } from '../files/places.ts'
import { touchedAt } from '../files/upward.ts'
import { TROUPE_DIRECTORY, type Surroundings } from './command-line.ts'
import type { Touched } from './judgement.ts'
import { readsOf, type Reads } from './known/known-reads.ts'

/** From where a command is seen, and in what world. */
export interface Seen {
  readonly standings: readonly string[]
  readonly surroundings: Surroundings
}

/** What a known command reads. */
export interface Reading {
  readonly reads: readonly Touched[]
  /** The words that name what is read; the others are text to it. */
  readonly named: readonly string[]
  /** Why it is not known to only read here after all, or `null`. */
  readonly objection: string | null
}

/** What a command reads that is known to do nothing else; `null` for any other. */
export function readsOfCommand(words: readonly string[], { standings, surroundings }: Seen): Reading | null {
  const found = readsOf(words)
  if (found === null) return null
  const { places, repository } = surroundings
  const isGit = found.shows === 'repository'
  const seen = standings.map((cwd) => readFrom(found, { cwd, places, repository }))
  return {
    reads: seen.flatMap(({ reads }) => reads),
    named: isGit ? words : found.operands,
    objection: seen.map(({ objection }) => objection).find((it) => it !== null) ?? null,
  }
}

interface Standing {
  readonly cwd: string
  readonly places: Places
  readonly repository: string | null
}

function readFrom(found: Reads, standing: Standing): Omit<Reading, 'named'> {
  const { cwd, places } = standing
  const { place: here } = touchedAt(cwd, places)
  if (here === 'outside' || here.kind !== 'directory')
    return { reads: [], objection: `${cwd} is no directory of the workspace` }
  const isGit = found.shows === 'repository'
  const touched = found.operands.map((operand): Touched => {
    const given = joinPath(cwd, operand)
    return operand === '.' ? { given, place: here } : touchedAt(given, places)
  })
  const objections = [
    isGit ? flawOfGit(found, here, standing) : null,
    ...touched.map(({ place }, index) => objectionTo(found.operands[index] ?? '', place, { found, places })),
  ]
  return {
    reads: isGit ? [{ given: cwd, place: here }, ...touched] : touched,
    objection: objections.find((it) => it !== null) ?? null,
  }
}

interface Wanted {
  readonly found: Reads
  readonly places: Places
}

/** Why an operand can't be read unasked, or `null`. */
function objectionTo(
  operand: string,
  place: KnownPlace | 'outside',
  { found, places }: Wanted,
): string | null {
  if (place === 'outside') return `${operand} leads out of the workspace`
  if (place.kind === 'other') return `${operand} is neither a file nor a directory`
  if (place.kind !== 'directory' || found.shows === 'repository') return null
  if (found.shows === 'content') return `${operand} is a directory, which may hold secrets`
  if (found.shows === 'search' && isHidden(place.path)) return `${operand} is a hidden directory`
  const isTroupes = place.path === TROUPE_DIRECTORY
  const goesThere = found.goesDown && isRoot(place.path) && isThere(places.get(TROUPE_DIRECTORY))
  return isTroupes || goesThere ? `${operand} has the state directory of Troupe in it` : null
}

function isThere(place: KnownPlace | 'outside' | undefined): boolean {
  return place === undefined || place === 'outside' || place.kind !== 'absent'
}

/** Why git would do more than to read this workspace, or `null`. */
function flawOfGit({ patch }: Reads, here: KnownPlace, { cwd, places, repository }: Standing): string | null {
  // A directory made to look like a repository would have git run what its own configuration says.
  if (!isRoot(here.path)) return 'git runs somewhere else than at the root of the workspace'
  if (repository !== null) return `git is not known to only read here: ${repository}`
  if (patch === null) return null
  const kindOf = (word: string) => {
    const place = places.get(joinPath(cwd, word))
    return place === undefined || place === 'outside' ? 'outside' : place.kind
  }
  // Any other name, and a number above all, may stand for a file that nobody named.
  const others = patch.filter((word) => kindOf(word) !== 'file')
  return others.length < patch.length && others.every((word) => /^(HEAD|@)([~^]\d*)*$/.test(word))
    ? null
    : 'git shows every changed file, secrets among them, unless files are named'
}

function isRoot(path: string): boolean {
  return path === '' || path === '.'
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') && part !== '.')
}
