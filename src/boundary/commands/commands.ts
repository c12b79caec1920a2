import { readsIn, TROUPE_DIRECTORY, type CommandLine, type Parsed, type Reading } from './command-reads.ts'
import { couldBeProtected, couldBeState, isState, protectionOf } from '../control-files.ts'
import { isOwn, type OwnDirectories } from '../own-directories.ts'
import { joinPath } from '../paths.ts'
import { pathsNamed, piecesOf, type KnownPlace, type Places } from '../places.ts'
import { runsTroupe } from './programs.ts'
import { readLine, type SimpleCommand } from './shell.ts'
import { unseenReachOf } from './unseen-reach.ts'

/** What is known of the world that a line runs in. */
export interface Surroundings {
  readonly places: Places
  /** Why git may not read the workspace unasked; `null`: nothing speaks against it. */
  readonly repository: string | null
  readonly own: OwnDirectories | undefined
}

/** What is known of a line before anyone's rules are asked. */
export interface CommandJudgement {
  /** `read`: it is known to do nothing but read `reads`. `unreadable`: it could not be parsed. */
  readonly kind: 'read' | 'other' | 'unreadable'
  /** Why it is not known to only read. */
  readonly why: string
  readonly reads: readonly KnownPlace[]
  readonly commands: readonly SimpleCommand[]
  /** Nothing but simple commands, joined plainly. */
  readonly isPlain: boolean
  /** What must not be, and what must be asked for, whatever the mode. */
  readonly denied: string | null
  readonly asked: string | null
}

/** The paths that must be located before a line can be judged. */
export function pathsOfCommand({ line, cwd }: CommandLine): readonly string[] {
  const parsed = readLine(line)
  return [cwd, TROUPE_DIRECTORY, ...(parsed.kind === 'read' ? (pathsNamed(parsed.mentions, cwd) ?? []) : [])]
}

/** Whether git runs in a line, so that its repository must be looked at. */
export function namesGit(line: string): boolean {
  const parsed = readLine(line)
  return parsed.kind === 'read' && parsed.commands.some(({ words }) => words[0]?.value === 'git')
}

/** Says what a line does, as far as its words show it. */
export function judgeCommand(command: CommandLine, surroundings: Surroundings): CommandJudgement {
  const parsed = readLine(command.line)
  if (parsed.kind === 'unreadable') return judgedUnreadable(command, parsed.why)

  const found = readsIn(parsed, command, surroundings)
  const crowd = 'it mentions more paths than can be looked at'
  if (typeof found === 'string' && pathsNamed(parsed.mentions, command.cwd) === null) {
    const { denied } = judgedUnreadable(command, crowd)
    return {
      ...parsed,
      kind: 'other',
      why: crowd,
      reads: [],
      denied: denied ?? troupeIn(parsed),
      asked: crowd,
    }
  }
  const seen = { ...surroundings, parsed, command, reads: typeof found === 'string' ? null : found }
  const known = {
    commands: parsed.commands,
    isPlain: parsed.isPlain,
    denied: deniedIn(seen),
    asked: askedIn(seen),
  }
  if (typeof found === 'string') return { kind: 'other', why: found, reads: [], ...known }
  return { kind: 'read', why: 'it only reads', reads: found.places, ...known }
}

function judgedUnreadable({ line, cwd }: CommandLine, why: string): CommandJudgement {
  const isNamed = isState(cwd) || /\.troupe[\\/]+(\.?[\\/]+)*state/i.test(line)
  return {
    kind: 'unreadable',
    why: `the line could not be parsed: ${why}`,
    reads: [],
    commands: [],
    isPlain: false,
    denied: isNamed ? 'it names the state directory of Troupe' : null,
    asked: `the line could not be parsed: ${why}`,
  }
}

interface Seen extends Surroundings {
  readonly parsed: Parsed
  readonly command: CommandLine
  /** What it reads, when it is known to do nothing else. */
  readonly reads: Reading | null
}

/** The words that may name a file: those it reads, or all of them. */
function namesIn({ parsed, reads }: Seen): readonly string[] {
  return reads ? reads.words : parsed.mentions
}

/** The directories that the words of a line may be seen from. */
function basesOf({ command: { cwd }, places }: Seen): readonly string[] {
  const place = places.get(cwd)
  return place === undefined || place === 'outside' ? [cwd] : [cwd, place.path]
}

function deniedIn(seen: Seen): string | null {
  const { parsed, command, places, own } = seen
  const bases = basesOf(seen)
  const pieces = [...new Set(namesIn(seen).flatMap(piecesOf))]
  // Whoever steps into `.troupe` sees the state directory under a shorter name.
  const isInside = [...pieces, ''].some((piece) =>
    bases.some((base) => /(^|\/)\.troupe\/*$/i.test(joinPath(base, piece))),
  )
  const seenFrom = isInside ? [...bases, '.troupe'] : bases
  const located = [command.cwd, ...pieces.map((piece) => joinPath(command.cwd, piece))].map((path) =>
    places.get(path),
  )
  const isNamed =
    bases.some(isState) ||
    pieces.some((piece) =>
      seenFrom.some((base) => isState(joinPath(base, piece)) || couldBeState(joinPath(base, piece))),
    ) ||
    located.some((place) => place !== undefined && place !== 'outside' && isState(place.path))
  if (isNamed) return 'it names the state directory of Troupe'
  if (own && bases.some((base) => pieces.some((piece) => isOwn(own, piece, base))))
    return "it names the directory where Troupe keeps what is the user's own"
  return troupeIn(parsed)
}

function troupeIn(parsed: Parsed): string | null {
  return runsTroupe(parsed) ? 'it runs troupe itself' : null
}

function askedIn(seen: Seen): string | null {
  const { parsed, command, places, reads } = seen
  if (parsed.commands.some(({ words }) => words[0]?.value === null))
    return 'the name of a command in it is only known once it runs'
  const spellings = new Set<string>()
  for (const path of [...(pathsNamed(namesIn(seen), command.cwd) ?? []), ...basesOf(seen)]) {
    if (!reads && LOOKALIKE.test(path)) continue
    const place = places.get(path)
    spellings.add(path)
    if (place !== undefined && place !== 'outside') spellings.add(place.path)
  }
  for (const spelling of spellings) {
    const protection = protectionOf(spelling)
    if (protection && (protection.kind === 'secret' || !reads))
      return `it names ${spelling}: ${protection.why}`
  }
  if (reads) return null
  const shape = parsed.mentions.find((text) => piecesOf(text).some(couldBeProtected))
  return shape ? `${shape} could come out as a control file or a secret` : unseenReachOf(parsed)
}

/**
 * How programs spell their environment, and git where it stands. They look like files that are
 * protected, and are none.
 */
const LOOKALIKE = /^(process\.env|import\.meta\.env|HEAD)$/
