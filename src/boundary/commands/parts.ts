import { flawOfGlobs } from './bash/links.ts'
import { joinPath } from '../files/paths.ts'
import { touchedAt } from '../files/upward.ts'
import type { Surroundings } from './command-line.ts'
import { filesTouchedBy } from './command-files.ts'
import { readsOfCommand, type Seen } from './command-reads.ts'
import type { CommandPart, Touched } from './judgement.ts'
import { codeRunBy } from './known/code-runners.ts'
import { straysIn } from './known/strays.ts'
import { unknownInWords } from './known/unknown.ts'
import type { Leaf } from './leaves/leaf.ts'
import type { ShellWord, SimpleCommand } from './shell.ts'
import { directoryOf, isLost, seenFrom } from './standings.ts'

/** One simple command, with everything that is known of what it touches. */
export interface JudgedPart extends CommandPart {
  /** The words that name what it touches; the others are text to it. Only of one that is known whole. */
  readonly named: readonly string[]
}

type LeafJudgement = Omit<JudgedPart, 'leaves' | 'redirected' | 'standings'>

/** Says what one simple command does, seen from every directory that it may run in. */
export function judgePart(command: SimpleCommand, runs: readonly Leaf[], seen: Seen): JudgedPart {
  const flaw = flawOf(command)
  const leaves = runs.map((leaf) => ({
    ...leaf,
    flaw: leaf.flaw ?? flaw ?? flawOfPlace(leaf, seen) ?? flawOfWild(leaf, seen),
  }))
  const judged = leaves.filter(({ isWrapper }) => !isWrapper).map((leaf) => judgeLeaf(leaf, command, seen))
  const opened = openedBy(command, seen)
  const all = [...judged, opened]
  const widest = all.find(({ kind }) => kind === 'other') ?? all.find(({ kind }) => kind === 'files')
  return {
    leaves,
    kind: flaw === null ? (widest?.kind ?? 'read') : 'other',
    why: flaw ?? widest?.why ?? 'it only reads',
    reads: all.flatMap(({ reads }) => reads),
    writes: judged.flatMap(({ writes }) => writes),
    redirected: opened.writes,
    standings: seen.standings,
    named: all.flatMap(({ named }) => named),
  }
}

/** Why nobody knows what files a command opens, or where the next one runs. */
function flawOf(command: SimpleCommand): string | null {
  if (command.redirections.some(({ target }) => target.value === null))
    return 'the file it opens is only known once it runs'
  return isLost(command) ? 'where it leads is only known once it runs' : null
}

/** Why what runs elsewhere than where it stands is nothing that a rule had in mind. */
function flawOfPlace(
  { directories, words }: Leaf,
  { standings, surroundings: { places } }: Seen,
): string | null {
  if (directories.length === 0) return null
  const isInside = (at: string) => {
    const place = places.get(at)
    return place !== undefined && place !== 'outside' && place.kind === 'directory'
  }
  return seenFrom(standings, directories).every(isInside)
    ? null
    : `${words[0]?.shape ?? 'it'} is sent to ${directories.join(', ')}, which is no directory of the workspace`
}

function flawOfWild(leaf: Leaf, { standings, surroundings }: Seen): string | null {
  const all = [...new Set([...standings, ...seenFrom(standings, leaf.directories)])]
  return flawOfGlobs(leaf, all, surroundings)
}

function judgeLeaf(leaf: Leaf, command: SimpleCommand, { standings, surroundings }: Seen): LeafJudgement {
  const seen = { standings: seenFrom(standings, leaf.directories), surroundings }
  const nothing = { kind: 'other', ...straysOf(leaf, seen), named: [] } as const
  const words = leaf.words.map(({ value }) => value)
  const [name] = words
  const objection = objectionTo(leaf)
  if (objection !== null) return { ...nothing, why: objection }
  if (words.length === 0)
    return { ...nothing, kind: 'read', why: 'it only sets variables that choose nothing' }
  if (!areKnown(words)) {
    const unknown = `${name ?? 'a command'} has a word that the shell still expands`
    const led = leaf.words.map((word) => word.value ?? pathFromHome(word, surroundings))
    const files = areKnown(led) ? filesTouchedBy(led, seen) : null
    return { ...nothing, ...(files && { writes: files.writes, reads: files.reads }), why: unknown }
  }

  const target = directoryOf(command)
  if (name === 'cd' && target !== null) {
    const there = standings.map((from) => touching(from, target, surroundings))
    const isInside = there.every(({ place }) => place !== 'outside' && place.kind === 'directory')
    const why = isInside ? 'it only changes the directory' : `${target} is no directory of the workspace`
    // To stand in a directory reads nothing of it; to stand outside the workspace is for a person to say.
    const outside = there.filter(({ place }) => place === 'outside')
    return { ...nothing, kind: isInside ? 'read' : 'other', why, reads: outside, named: [target] }
  }
  const reading = readsOfCommand(words, seen)
  if (reading !== null) {
    const { objection: why, ...rest } = reading
    return { ...nothing, ...rest, kind: why === null ? 'read' : 'other', why: why ?? 'it only reads' }
  }
  const files = filesTouchedBy(words, seen)
  if (files !== null) {
    const { objection: why, ...rest } = files
    return { ...rest, kind: why === null ? 'files' : 'other', why: why ?? `${name} writes` }
  }
  const code = codeRunBy(words)
  return { ...nothing, why: code === null ? unknownInWords(words) : `${words[0]} ${code}` }
}

/** What leads out of the workspace among the words of a program that is known, by whatever option. */
function straysOf({ words }: Leaf, { standings, surroundings }: Seen) {
  const said = words.map((word) => word.value ?? pathFromHome(word, surroundings) ?? '')
  const { reads, writes } = straysIn(said)
  const outside = (paths: readonly string[]) =>
    paths
      .flatMap((path) => standings.map((from) => touching(from, path, surroundings)))
      .filter(({ place }) => place === 'outside')
  return { reads: outside(reads), writes: outside(writes) }
}

function objectionTo({ flaw, isHidden, isOpen, rights, words }: Leaf): string | null {
  if (flaw !== null) return flaw
  if (isHidden) return 'what it runs is only known once it runs'
  if (rights.length > 0) return `${rights[0]} gives it other rights`
  return isOpen ? `${words[0]?.shape ?? 'it'} gets words that are only known once it runs` : null
}

function areKnown(words: readonly (string | null)[]): words is readonly string[] {
  return words.every((word) => word !== null)
}

function openedBy({ redirections }: SimpleCommand, { standings, surroundings }: Seen): LeafJudgement {
  const opened = (wanted: 'read' | 'write') =>
    redirections
      .filter(({ access }) => access === wanted)
      .flatMap(({ target }) => {
        const path = target.value ?? pathFromHome(target, surroundings)
        return path === null ? [] : standings.map((from) => touching(from, path, surroundings))
      })
  const writes = opened('write')
  const reads = opened('read')
  const isOut = reads.some(({ place }) => place === 'outside')
  return {
    kind: isOut ? 'other' : writes.length > 0 ? 'files' : 'read',
    why: isOut ? 'it reads from outside the workspace' : 'it writes to a file',
    reads,
    writes,
    named: redirections.flatMap(({ target }) => target.value ?? []),
  }
}

function touching(from: string, path: string, { places }: Surroundings): Touched {
  return touchedAt(joinPath(from, path), places)
}

/** Where a word that begins with `~` leads, as far as that is known: out of the workspace. */
function pathFromHome({ shape }: ShellWord, { own }: Surroundings): string | null {
  if (!shape.startsWith('~') || /[*?]/.test(shape)) return null
  const path = own?.home === undefined ? `/home/${shape}` : shape.replace(/^~(?=\/|$)/, () => own.home ?? '')
  const isInside = own !== undefined && `${path}/`.startsWith(`${own.root}/`)
  return isInside ? null : path.startsWith('/') ? path : `/home/${path.slice(1)}`
}
