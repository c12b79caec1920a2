import { joinPath, tidyPath } from '../files/paths.ts'
import { touchedAt } from '../files/upward.ts'
import type { Seen } from './command-reads.ts'
import type { Touched } from './judgement.ts'
import { filesOf } from './known/file-commands.ts'

/** What a command touches that does nothing but read and write the files that it names. */
export interface Touching {
  readonly reads: readonly Touched[]
  readonly writes: readonly Touched[]
  readonly named: readonly string[]
  /** Why it is not known what it touches after all, or `null`. */
  readonly objection: string | null
}

/** To these a directory is one name, whatever lies in it. */
const DIRECTORIES_ALONE: ReadonlySet<string> = new Set(['mkdir', 'rmdir', 'touch'])

/** `null`: it is not known to touch nothing but what it names. */
export function filesTouchedBy(words: readonly string[], { standings, surroundings }: Seen): Touching | null {
  const files = filesOf(words)
  if (files === null) return null
  const touched = (paths: readonly string[]) =>
    standings.flatMap((from) => paths.map((path) => touchedAt(joinPath(from, path), surroundings.places)))
  const reads = touched(files.reads)
  const writes = withoutTargets(touched(files.writes))
  const takesAlong = DIRECTORIES_ALONE.has(words[0] ?? '') ? [] : [...reads, ...writes]
  return {
    reads,
    writes,
    named: [...files.reads, ...files.writes],
    objection:
      [
        ...reads.map(objectionToRead),
        ...takesAlong.map(objectionToDirectory),
        ...touched(files.named).map(objectionToLink),
      ].find((objection) => objection !== null) ?? null,
  }
}

/**
 * What is copied into a directory is written there: the directory itself stays. Into a file nothing is
 * copied.
 */
function withoutTargets(writes: readonly Touched[]): readonly Touched[] {
  const targets = writes.filter(({ given }) => writes.some((other) => other.given.startsWith(`${given}/`)))
  return writes.filter((touched) => {
    if (targets.includes(touched)) return !isDirectory(touched)
    const target = targets.find(({ given }) => touched.given.startsWith(`${given}/`))
    return target === undefined || isDirectory(target) || target.place === 'outside'
  })
}

function isDirectory({ place }: Touched): boolean {
  return place !== 'outside' && place.kind === 'directory'
}

function objectionToRead({ given, place }: Touched): string | null {
  return place === 'outside' ? `${given} leads out of the workspace` : null
}

function objectionToDirectory(touched: Touched): string | null {
  return isDirectory(touched) ? `${touched.given} is a directory, with everything below it` : null
}

/** What takes a name away takes the link itself, and not what it leads to. */
function objectionToLink({ given, place }: Touched): string | null {
  if (place === 'outside') return null
  return place.path === tidyPath(given) ? null : `${given} is a link`
}
