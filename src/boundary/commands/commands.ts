import { joinPath } from '../files/paths.ts'
import { type Links, pathsNamed } from '../files/places.ts'
import { beforeUp } from '../files/upward.ts'
import { globDirectories, globsIn, linkedWords } from './bash/links.ts'
import { TROUPE_DIRECTORY, type CommandLine, type Parsed, type Surroundings } from './command-line.ts'
import { inOrder } from './in-order.ts'
import type { CommandJudgement } from './judgement.ts'
import { filesOf } from './known/file-commands.ts'
import type { Leaf } from './leaves/leaf.ts'
import { INSIDE_CHARS_MAX, leavesOf } from './leaves/leaves.ts'
import { judgePart, type JudgedPart } from './parts.ts'
import { askedIn, deniedIn, deniedUnread, troupeIn } from './protected.ts'
import { readLine } from './shell.ts'
import { seenFrom, standingsOf, type Standings } from './standings.ts'

const CROWD = 'it mentions more paths, or runs in more places, than can be looked at'

/** The paths that must be located before a line can be judged. */
export function pathsOfCommand({ line, cwd }: CommandLine, links?: Links): readonly string[] {
  const read = readLine(line)
  const always = [cwd, TROUPE_DIRECTORY]
  if (read.kind === 'unreadable') return always
  const leaves = runsOf(read)
  const standings = standingsOf(read, leaves, { line, cwd })
  const parsed = withLinks(read, { leaves, standings, links })
  const targets = leaves.flat().flatMap((leaf) => targetsOf(leaf, standings?.all ?? []))
  const paths = [...(standings?.all ?? []), ...(named(parsed, standings) ?? []), ...targets]
  return [...new Set([...always, ...paths, ...paths.flatMap(beforeUp)])]
}

/** The directories in which bash looks up names for a line. */
export function globsOfCommand({ line, cwd }: CommandLine): readonly string[] {
  const parsed = readLine(line)
  if (parsed.kind === 'unreadable') return []
  const leaves = runsOf(parsed)
  const standings = standingsOf(parsed, leaves, { line, cwd })
  return globDirectories(globsIn(parsed, leaves.flat()), standings?.all ?? [])
}

interface Wild {
  readonly leaves: readonly (readonly Leaf[])[]
  readonly standings: Standings | null
  readonly links: Links | undefined
}

/** A line as if it named every link that a word of it may come out as. */
function withLinks(parsed: Parsed, { leaves, standings, links }: Wild): Parsed {
  const found = linkedWords(globsIn(parsed, leaves.flat()), standings?.all ?? [], links)
  return found.length === 0 ? parsed : { ...parsed, mentions: [...parsed.mentions, ...found] }
}

/** Every path that a line may name, from wherever its commands may run. `null`: they are too many. */
function named({ mentions }: Parsed, standings: Standings | null): readonly string[] | null {
  if (standings === null) return null
  const paths = new Set<string>()
  for (const at of standings.all) {
    const found = pathsNamed(mentions, at)
    if (found === null) return null
    for (const path of found) paths.add(path)
    if (paths.size > PATHS_MAX) return null
  }
  return [...paths]
}

/** What each command of a line runs. */
function runsOf({ commands, holdsCode = false }: Parsed): readonly (readonly Leaf[])[] {
  const budget = { charsLeft: INSIDE_CHARS_MAX, holdsCode }
  return commands.map((command) => leavesOf(command, budget))
}

/** What a command writes below a directory that it names, under the name of what it is given. */
function targetsOf({ words, directories }: Leaf, standings: readonly string[]): readonly string[] {
  const values = words.map(({ value }) => value)
  if (!values.every((value) => value !== null)) return []
  const writes = filesOf(values)?.writes ?? []
  return seenFrom(standings, directories).flatMap((from) => writes.map((path) => joinPath(from, path)))
}

/** A line may run in several places, and each of its words is looked at from all of them. */
const PATHS_MAX = 1_200

/** Whether git runs in a line, so that its repository must be looked at. */
export function namesGit(line: string): boolean {
  const parsed = readLine(line)
  return (
    parsed.kind === 'read' &&
    runsOf(parsed).some((leaves) => leaves.some(({ words }) => words[0]?.value === 'git'))
  )
}

/** Says what a line does, as far as its words show it. */
export function judgeCommand(command: CommandLine, surroundings: Surroundings): CommandJudgement {
  const read = readLine(command.line)
  if (read.kind === 'unreadable') {
    const why = `the line could not be parsed: ${read.why}`
    return { ...UNREADABLE, why, denied: deniedUnread(command), asked: why }
  }
  const leaves = runsOf(read)
  const standings = standingsOf(read, leaves, command)
  const parsed = withLinks(read, { leaves, standings, links: surroundings.links })
  if (standings === null || named(parsed, standings) === null)
    return { ...UNREADABLE, why: CROWD, denied: deniedUnread(command) ?? troupeIn(parsed), asked: CROWD }

  const seenParts = parsed.commands.map((one, index) =>
    judgePart(one, leaves[index] ?? [], { standings: standings.each[index] ?? [], surroundings }),
  )
  const parts = [...inOrder(seenParts), ...(parsed.evaluates === true ? [EVALUATED] : [])]
  const objection = objectionTo(parsed)
  const widest = parts.find(({ kind }) => kind === 'other') ?? parts.find(({ kind }) => kind === 'files')
  const kind = objection === null ? (widest?.kind ?? 'read') : 'other'
  const named_ = kind === 'read' ? parts.flatMap(({ named: words }) => words) : null
  const seen = {
    ...surroundings,
    parsed,
    command,
    standings: standings.all,
    leaves: leaves.flat(),
    named: named_,
  }
  return {
    kind,
    why: objection ?? widest?.why ?? 'it only reads',
    parts,
    isPlain: parsed.isPlain,
    reads: parts.flatMap(({ reads }) => reads),
    writes: parts.flatMap(({ writes, redirected }) => [...writes, ...redirected]),
    denied: deniedIn(seen),
    asked: askedIn(seen),
  }
}

const EVALUATES = 'bash works out a text in it, which may run something'
/** What such a text runs. */
const EVALUATED: JudgedPart = {
  leaves: [
    {
      words: [],
      rights: [],
      isOpen: false,
      directories: [],
      flaw: EVALUATES,
      isHidden: true,
      isWrapper: false,
    },
  ],
  kind: 'other',
  why: EVALUATES,
  reads: [],
  writes: [],
  redirected: [],
  standings: [],
  named: [],
}

const UNREADABLE = { kind: 'unreadable', parts: [], isPlain: false, reads: [], writes: [] } as const

function objectionTo({ isPlain, commands }: Parsed): string | null {
  if (!isPlain) return 'it is more than simple commands joined by && || ; or |'
  const isEmpty = commands.every(
    ({ words, assignments, redirections }) => words.length + assignments.length + redirections.length === 0,
  )
  return isEmpty ? 'there is no command in it' : null
}
