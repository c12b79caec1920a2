import type { Surroundings } from './commands.ts'
import { readsOf, type Reads } from './known-reads.ts'
import { joinPath } from '../paths.ts'
import type { KnownPlace, Places } from '../places.ts'
import type { ShellLine, SimpleCommand } from './shell.ts'

/** A line of bash and the directory it runs in. */
export interface CommandLine {
  readonly line: string
  readonly cwd: string
}

export type Parsed = Extract<ShellLine, { readonly kind: 'read' }>

/** What a line reads that does nothing else. */
export interface Reading {
  readonly places: readonly KnownPlace[]
  /** The words that name what is read; the others are text to it. */
  readonly words: readonly string[]
}

/** What names everything below the workspace must not name what is in here. */
export const TROUPE_DIRECTORY = '.troupe'

/** The places a line reads, or why it is not known to only read. */
export function readsIn(
  { commands, isPlain }: Parsed,
  { cwd }: CommandLine,
  { places, repository }: Surroundings,
): Reading | string {
  if (!isPlain) return 'it is more than simple commands joined by && || ; or |'
  if (commands.length === 0) return 'there is no command in it'
  const here = places.get(cwd)
  if (cwd.split('/').includes('..')) return `${cwd} leads up`
  if (here === undefined || here === 'outside' || here.kind !== 'directory')
    return `${cwd} is no directory of the workspace`
  const found: KnownPlace[] = []
  const named: string[] = []
  for (const command of commands) {
    const reading = readsOfCommand(command, { cwd, here, places, repository })
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
  readonly repository: string | null
}

function readsOfCommand(command: SimpleCommand, standing: Standing): Reading | string {
  const { here } = standing
  const words = command.words.map(({ value }) => value)
  const name = words[0] ?? 'a command'
  if (command.hasAssignments) return `${name} runs with a variable set`
  if (command.hasRedirections) return `${name} reads from or writes to a file`
  if (!words.every((word) => word !== null)) return `${name} has a word that the shell still expands`
  const found = readsOf(words)
  if (found === null) return `${name}, with these options, is not known to only read`
  const flaw = found.shows === 'repository' ? flawOfGit(found, standing) : null
  if (flaw !== null) return flaw

  const reads: KnownPlace[] = found.shows === 'repository' ? [here] : []
  for (const operand of found.operands) {
    const place = placeRead(operand, found, standing)
    if (typeof place === 'string') return place
    reads.push(place)
  }
  return { places: reads, words: found.shows === 'repository' ? words : found.operands }
}

/** Where an operand leads, or why it can't be read unasked. */
function placeRead(operand: string, found: Reads, { cwd, here, places }: Standing): KnownPlace | string {
  // bash resolves a link before the `..` behind it; whoever tidies paths as text would look somewhere else.
  if (operand.split('/').includes('..')) return `${operand} leads up`
  const place = operand === '.' ? here : places.get(joinPath(cwd, operand))
  if (place === undefined || place === 'outside') return `${operand} leads out of the workspace`
  if (place.kind === 'other') return `${operand} is neither a file nor a directory`
  if (place.kind !== 'directory' || found.shows === 'repository') return place
  if (found.shows === 'content') return `${operand} is a directory, which may hold secrets`
  if (found.shows === 'search' && isHidden(place.path)) return `${operand} is a hidden directory`
  const isTroupes = place.path === TROUPE_DIRECTORY
  if (isTroupes || (found.goesDown && isRoot(place.path) && isThere(places.get(TROUPE_DIRECTORY))))
    return `${operand} has the state directory of Troupe in it`
  return place
}

function isThere(place: KnownPlace | 'outside' | undefined): boolean {
  return place === undefined || place === 'outside' || place.kind !== 'absent'
}

/** Why git would do more than to read this workspace, or `null`. */
function flawOfGit({ patch }: Reads, { cwd, here, places, repository }: Standing): string | null {
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
