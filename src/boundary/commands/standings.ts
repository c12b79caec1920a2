import type { CommandLine, Parsed } from './command-line.ts'
import type { Leaf } from './leaves/leaf.ts'
import { joinPath } from '../files/paths.ts'
import type { SimpleCommand } from './shell.ts'

/** Where the commands of a line may run: a `cd` moves those behind it, unless it fails. */
export interface Standings {
  /** For each command of the line, in its order. */
  readonly each: readonly (readonly string[])[]
  /** All of them together. */
  readonly all: readonly string[]
}

/** More places that a command may run in, and nobody keeps track. */
const STANDINGS_MAX = 8

/** Where commands run of which it is known what they run. `null`: in too many places. */
export function standingsOf(
  { commands, isPlain, isChain }: Parsed,
  leaves: readonly (readonly Leaf[])[],
  { cwd }: CommandLine,
): Standings | null {
  let here: readonly string[] = [cwd]
  const each: (readonly string[])[] = []
  const all = new Set([cwd])
  for (const [index, command] of commands.entries()) {
    each.push(here)
    for (const { directories } of leaves[index] ?? [])
      for (const at of seenFrom(here, directories)) all.add(at)
    const target = directoryOf(command)
    if (target === null) continue
    const there = here.map((at) => joinPath(at, target))
    // Where every command needs the one before it, nothing behind a `cd` runs unless it went well.
    here = isChain && command.isOwnStep ? there : [...new Set([...here, ...there])]
    for (const at of there) all.add(at)
    if (all.size > STANDINGS_MAX) return null
  }
  if (all.size > STANDINGS_MAX) return null
  // In a loop or a function the last may come first.
  return { each: isPlain ? each : each.map(() => [...all]), all: [...all] }
}

/** Directories that follow one another: `git -C a -C b` runs in `a/b`. */
export function seenFrom(standings: readonly string[], directories: readonly string[]): readonly string[] {
  return standings.map((at) => directories.reduce((from, to) => joinPath(from, to), at))
}

/** Where a `cd` leads, or `null` where a command is none, or nobody knows where it leads. */
export function directoryOf({ words }: SimpleCommand): string | null {
  const [name, ...rest] = words.map(({ value }) => value)
  if (name !== 'cd' && name !== 'pushd') return null
  const operands = rest.filter((word) => word !== '-P' && word !== '-L' && word !== '--')
  const [target] = operands
  return operands.length === 1 && typeof target === 'string' && !/^[-+]/.test(target) && target !== ''
    ? target
    : null
}

/** Whether a command moves those behind it to where nobody knows. */
export function isLost(command: SimpleCommand): boolean {
  const name = command.words[0]?.value
  return (name === 'cd' || name === 'pushd' || name === 'popd') && directoryOf(command) === null
}
