import { withoutOnce } from './bash/links.ts'
import { couldBeProtected, couldBeState, isState, protectionOf } from '../files/control-files.ts'
import { isOwn } from '../files/own-directories.ts'
import { joinPath } from '../files/paths.ts'
import { type KnownPlace, pathsNamed, piecesOf } from '../files/places.ts'
import { upward } from '../files/upward.ts'
import { TROUPE_DIRECTORY, type CommandLine, type Parsed, type Surroundings } from './command-line.ts'
import type { Leaf } from './leaves/leaf.ts'
import { reachesProcess } from './process-reach.ts'
import { runsTroupe } from './programs.ts'
import { seenFrom } from './standings.ts'
import { unseenReachOf } from './unseen-reach.ts'
import { goesThrough, isWideFind, takesAlong } from './unseen/wide-commands.ts'
import { shortened } from '../shortened.ts'

/** A line that could be parsed, as far as its words show what it reaches. */
export interface SeenLine extends Surroundings {
  readonly parsed: Parsed
  readonly command: CommandLine
  /** Every directory that one of its commands may run in. */
  readonly standings: readonly string[]
  /** What its commands run. */
  readonly leaves: readonly Leaf[]
  /** The words that name what it reads, when it is known to do nothing else. */
  readonly named: readonly string[] | null
}

/** Why no task may run a line that could not be parsed. */
export function deniedUnread({ line, cwd }: CommandLine): string | null {
  const isNamed = isState(cwd) || /\.troupe[\\/]+(\.?[\\/]+)*state/i.test(line)
  return isNamed ? NAMES_STATE : null
}

const NAMES_STATE = 'it names the state directory of Troupe'

/** The words that may name a file: those it reads, or all of them. */
function namesIn({ parsed, named }: SeenLine): readonly string[] {
  return named ?? parsed.mentions
}

/** The directories that the words of a line may be seen from. */
function basesOf({ standings, places }: SeenLine): readonly string[] {
  const real = standings.map((at) => places.get(at))
  return [
    ...new Set([
      ...standings,
      ...real.flatMap((place) => (place === undefined || place === 'outside' ? [] : [place.path])),
    ]),
  ]
}

/** Why no task may run a line, in any mode. */
export function deniedIn(seen: SeenLine): string | null {
  const { parsed, standings, places, own } = seen
  const bases = basesOf(seen)
  const pieces = [...new Set(namesIn(seen).flatMap(piecesOf))]
  // Whoever steps into `.troupe` sees the state directory under a shorter name.
  const isInside = [...pieces, ''].some((piece) =>
    bases.some((base) => /(^|\/)\.troupe\/*$/i.test(joinPath(base, piece))),
  )
  const seenFrom = isInside ? [...bases, '.troupe'] : bases
  const located = standings
    .flatMap((at) => [at, ...pieces.map((piece) => joinPath(at, piece))])
    .map((path) => places.get(path))
  const isNamed =
    bases.some(isState) ||
    pieces.some((piece) =>
      seenFrom.some((base) => isState(joinPath(base, piece)) || couldBeState(joinPath(base, piece))),
    ) ||
    located.some((place) => place !== undefined && place !== 'outside' && isState(place.path)) ||
    standings.some((at) => pieces.some((piece) => isState(upward(joinPath(at, piece), places)?.path ?? '')))
  if (isNamed) return NAMES_STATE
  if (seen.leaves.some((leaf) => takesState(leaf, seen)))
    return 'it goes through everything, the state directory of Troupe among it'
  if (own && bases.some((base) => pieces.some((piece) => isOwn(own, piece, base))))
    return "it names the directory where Troupe keeps what is the user's own"
  return troupeIn(parsed)
}

/** What `find` does to what it finds. */
const TAKES = /^-(delete|exec|execdir|ok|okdir)$/

/** Whether a command goes through everything below a directory that has the state directory in it. */
function takesState({ words, directories }: Leaf, { standings, places }: SeenLine): boolean {
  const said = words.map(({ value, shape }) => value ?? shape)
  const operands = goesThrough(said) ?? []
  // What is copied with all the workspace has secrets in it as well, which another rule asks about.
  const isCareful =
    takesAlong(said) ||
    (said[0] === 'find' && !(said.some((word) => TAKES.test(word)) && isWideFind(said.slice(1))))
  return seenFrom(standings, directories).some((from) =>
    operands.some((operand) => {
      const place = places.get(joinPath(from, operand)) ?? (operand === '.' ? places.get(from) : undefined)
      if (place === undefined || place === 'outside') return false
      if (place.path === TROUPE_DIRECTORY || isState(place.path)) return true
      const isRoot = place.path === '.' || place.path === ''
      return isRoot && !isCareful && isThere(places.get(TROUPE_DIRECTORY))
    }),
  )
}

function isThere(place: KnownPlace | 'outside' | undefined): boolean {
  return place !== undefined && place !== 'outside' && place.kind !== 'absent'
}

export function troupeIn(parsed: Parsed): string | null {
  return runsTroupe(parsed) ? 'it runs troupe itself' : null
}

/** Why a line must be asked for, in any mode. */
export function askedIn(seen: SeenLine): string | null {
  const { parsed, standings, places, named } = seen
  if (parsed.commands.some(({ words }) => words[0]?.value === null))
    return 'the name of a command in it is only known once it runs'
  const reaching = namesIn(seen).find((text) => standings.some((at) => reachesProcess(text, at)))
  if (reaching !== undefined)
    return `${shortened(reaching)} reaches other programs, or what is kept of them in memory`
  const leading = leadingOut(seen)
  if (leading !== null) return `${shortened(leading)} leads out of the workspace by a link`
  const spellings = new Set<string>()
  const paths = standings.flatMap((at) => pathsNamed(namesIn(seen), at) ?? [])
  for (const path of [...paths, ...basesOf(seen)]) {
    if (named === null && LOOKALIKE.test(path)) continue
    const place = places.get(path)
    spellings.add(path)
    if (place !== undefined && place !== 'outside') spellings.add(place.path)
  }
  for (const spelling of spellings) {
    const protection = protectionOf(spelling)
    if (protection && (protection.kind === 'secret' || named === null))
      return `it names ${spelling}: ${protection.why}`
  }
  if (named !== null) return null
  const shape = parsed.mentions.find((text) =>
    piecesOf(text).some((piece) => couldBeProtected(piece, parsed.expansions.has(text))),
  )
  return shape ? `${shape} could come out as a control file or a secret` : unseenReachOf(parsed)
}

/** What looks like a file of the workspace and is none. A program that lies elsewhere only runs there. */
function leadingOut(seen: SeenLine): string | null {
  const { standings, places, leaves } = seen
  const programs = leaves.flatMap(({ words }) => words[0]?.value ?? [])
  const pieces = new Set(withoutOnce(namesIn(seen), programs).flatMap(piecesOf).filter(isPlainlyInside))
  const inside = standings.filter((at) => places.get(at) !== 'outside' && !at.split('/').includes('..'))
  const leads = (piece: string) => inside.some((at) => places.get(joinPath(at, piece)) === 'outside')
  return [...pieces].find(leads) ?? null
}

function isPlainlyInside(piece: string): boolean {
  return !/^([/\\~-]|[a-zA-Z]:)/.test(piece) && !piece.split(/[/\\]/).includes('..')
}

/**
 * How programs spell their environment, git where it stands, and a program is called. They look like files
 * that are protected, and are none.
 */
const LOOKALIKE = /^(process\.env|import\.meta\.env|(HEAD|head|@)([~^]\d*)*)$/
