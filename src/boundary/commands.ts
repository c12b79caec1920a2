import { couldBeProtected, couldBeState, isState, protectionOf } from './control-files.ts'
import { joinPath } from './paths.ts'
import { pathsNamed, piecesOf, type KnownPlace, type Places } from './places.ts'
import { readsOf } from './known-reads.ts'
import { readLine, type ShellLine, type SimpleCommand } from './shell.ts'

/** A line of bash and the directory it runs in. */
export interface CommandLine {
  readonly line: string
  readonly cwd: string
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
  return [cwd, ...(parsed.kind === 'read' ? (pathsNamed(parsed.mentions, cwd) ?? []) : [])]
}

/** Says what a line does, as far as its words show it. */
export function judgeCommand(command: CommandLine, places: Places): CommandJudgement {
  const parsed = readLine(command.line)
  if (parsed.kind === 'unreadable') return judgedUnreadable(command, parsed.why)

  const found = readsIn(parsed, command, places)
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
  const seen = { parsed, command, places, reads: typeof found === 'string' ? null : found }
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

type Parsed = Extract<ShellLine, { readonly kind: 'read' }>

interface Seen {
  readonly parsed: Parsed
  readonly command: CommandLine
  readonly places: Places
  /** What it reads, when it is known to do nothing else. */
  readonly reads: Reading | null
}

interface Reading {
  readonly places: readonly KnownPlace[]
  /** The words that name what is read; the others are text to it. */
  readonly words: readonly string[]
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
  const { parsed, command, places } = seen
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
  const shape = reads ? undefined : parsed.mentions.find((text) => piecesOf(text).some(couldBeProtected))
  return shape ? `${shape} could come out as a control file or a secret` : null
}

/**
 * How programs spell their environment, and git where it stands. They look like files that are
 * protected, and are none.
 */
const LOOKALIKE = /^(process\.env|import\.meta\.env|HEAD)$/

/** The places a line reads, or why it is not known to only read. */
function readsIn({ commands, isPlain }: Parsed, { cwd }: CommandLine, places: Places): Reading | string {
  if (!isPlain) return 'it is more than simple commands joined by && || ; or |'
  if (commands.length === 0) return 'there is no command in it'
  const here = places.get(cwd)
  if (cwd.split('/').includes('..')) return `${cwd} leads up`
  if (here === undefined || here === 'outside' || here.kind !== 'directory')
    return `${cwd} is no directory of the workspace`
  const found: KnownPlace[] = []
  const named: string[] = []
  for (const command of commands) {
    const reading = readsOfCommand(command, { cwd, here, places })
    if (typeof reading === 'string') return reading
    found.push(...reading.places)
    named.push(...reading.words)
  }
  return { places: found, words: named }
}

interface Standing {
  readonly cwd: string
  readonly here: KnownPlace
  readonly places: Places
}

function readsOfCommand(command: SimpleCommand, { cwd, here, places }: Standing): Reading | string {
  const words = command.words.map(({ value }) => value)
  const name = words[0] ?? 'a command'
  if (command.hasAssignments) return `${name} runs with a variable set`
  if (command.hasRedirections) return `${name} reads from or writes to a file`
  if (!words.every((word) => word !== null)) return `${name} has a word that the shell still expands`
  const found = readsOf(words)
  if (found === null) return `${name}, with these options, is not known to only read`
  // A directory made to look like a repository would have git run what its own configuration says.
  if (found.shows === 'repository' && !isRoot(here.path))
    return 'git runs somewhere else than at the root of the workspace'

  const reads: KnownPlace[] = found.shows === 'repository' ? [here] : []
  for (const operand of found.operands) {
    // bash resolves a link before the `..` behind it; whoever tidies paths as text would look somewhere else.
    if (operand.split('/').includes('..')) return `${operand} leads up`
    const place = operand === '.' ? here : places.get(joinPath(cwd, operand))
    if (place === undefined || place === 'outside') return `${operand} leads out of the workspace`
    if (place.kind === 'other') return `${operand} is neither a file nor a directory`
    if (found.shows === 'content' && place.kind === 'directory') return `${operand} is a directory`
    if (found.shows === 'search' && place.kind === 'directory' && isHidden(place.path))
      return `${operand} is a hidden directory`
    reads.push(place)
  }
  return { places: reads, words: found.shows === 'repository' ? words : found.operands }
}

function isRoot(path: string): boolean {
  return path === '' || path === '.'
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') && part !== '.')
}

/** Programs that run what their words or their input say. */
const RUNNERS = new RegExp(
  `^(${[
    'npx|npm|pnpm|pnpx|yarn|bunx?|deno|node|nodejs|tsx|python[\\d.]*|perl|ruby',
    'env|sudo|doas|su|nohup|time|timeout|nice|ionice|setsid|stdbuf|watch|script|strace|busybox',
    'xargs|find|parallel|exec|command|builtin|alias|trap',
  ].join('|')})$`,
)
const SHELLS = /^(sh|bash|dash|zsh|ksh|fish|eval|source|\.)$/

function runsTroupe({ commands, mentions }: Parsed): boolean {
  const named = commands.map(({ words }) => ({
    name: baseOf(words[0]?.value ?? ''),
    rest: words.slice(1).map(({ value, shape }) => value ?? shape),
  }))
  if (mentions.some((text) => /\.bin[\\/]+troupe/i.test(text))) return true
  if (named.some(({ name, rest }) => isTroupe(name) || (RUNNERS.test(name) && rest.some(namesTroupe))))
    return true
  return named.some(({ name }) => SHELLS.test(name)) && mentions.some(namesTroupe)
}

function namesTroupe(text: string): boolean {
  return piecesOf(text).some(
    (piece) => isTroupe(baseOf(piece)) || /node_modules[\\/]+troupe([\\/]|$)/i.test(piece),
  )
}

function isTroupe(name: string): boolean {
  return /^troupe(@.*)?(\.(cmd|ps1|exe|js|mjs|cjs))?$/i.test(name)
}

function baseOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? ''
}
