import { foldCase, joinPath } from '../../files/paths.ts'
import { flawOfPath } from '../../files/patterns.ts'
import type { Links, Places } from '../../files/places.ts'
import { upward } from '../../files/upward.ts'
import { couldMeet, wildcards } from '../../wildcards.ts'
import type { Parsed } from '../command-line.ts'
import type { Leaf } from '../leaves/leaf.ts'
import { spend, type Effort } from '../patterns/effort.ts'
import type { ShellWord } from '../shell.ts'

/** More directories are not listed, and nobody knows what is in them. */
const DIRECTORIES_MAX = 32

/** Characters compared for one line; beyond that, every link counts as met. */
const COMPARED_MAX = 500_000

/** A way in which a word may come out, as bash looks it up: by the names in one directory. */
interface Glob {
  /** In front of the first part with a wildcard, as it was said. */
  readonly directory: string
  readonly name: string
  /** More follows, which is looked up in whatever the name comes out as. */
  readonly goesOn: boolean
}

/** The directories in which bash looks up names for a line, from wherever its commands may run. */
export function globDirectories(globs: readonly string[], standings: readonly string[]): readonly string[] {
  const said = new Set(globs.map((way) => globOf(way).directory))
  const all = new Set([...said].flatMap((directory) => standings.map((at) => seenAt(at, directory))))
  return [...all].filter((path) => flawOfPath(path) === null).slice(0, DIRECTORIES_MAX)
}

/** Every word of a line that comes out as names of files, wherever it stands, in each of its ways. */
export function globsIn(
  { mentions, expansions, commands }: Parsed,
  leaves: readonly Leaf[],
): readonly string[] {
  const plain = commands.flatMap(({ words, redirections }) =>
    [...words, ...redirections.map(({ target }) => target)].flatMap(({ value }) => value ?? []),
  )
  // Behind `for … in`, say: what is no word of a command may come out likewise.
  const others = withoutOnce(mentions, plain).filter((text) => !expansions.has(text) && !/\s/.test(text))
  const ways = leaves.flatMap(({ words }) => words.filter(({ isGlob }) => isGlob).flatMap(waysOf))
  return [...new Set([...ways, ...others])].filter(isWild)
}

/** Without one occurrence for each of those taken away. */
export function withoutOnce(texts: readonly string[], taken: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const text of taken) counts.set(text, (counts.get(text) ?? 0) + 1)
  return texts.filter((text) => {
    const count = counts.get(text) ?? 0
    if (count > 0) counts.set(text, count - 1)
    return count === 0
  })
}

/** The links that such words may come out as, each as if the line named it. */
export function linkedWords(
  globs: readonly string[],
  standings: readonly string[],
  links: Links | undefined,
): readonly string[] {
  if (links === undefined) return []
  const effort = { left: COMPARED_MAX }
  const words = new Set<string>()
  for (const way of globs) {
    const { directory, name } = globOf(way)
    for (const at of standings)
      for (const link of links.get(seenAt(at, directory)) ?? [])
        if (mayBe(name, link, effort)) words.add(directory === '' ? link : joinPath(directory, link))
  }
  return [...words]
}

/** Why no rule that allows can cover a word that bash looks up: nobody knows what links there are. */
export function flawOfGlobs(
  { words }: Leaf,
  standings: readonly string[],
  { links, places }: { readonly links?: Links | undefined; readonly places: Places },
): string | null {
  const isKnown = (way: string) => {
    const { directory, goesOn } = globOf(way)
    if (goesOn) return false
    return standings.every((at) => {
      const path = seenAt(at, directory)
      return (
        Array.isArray(links?.get(path)) && (!path.includes('..') || upward(path, places)?.isPlain === true)
      )
    })
  }
  const unknown = words.find((word) => {
    const ways = word.isGlob ? waysOf(word) : null
    return ways !== null && (ways.length === 0 || !ways.filter(isWild).every(isKnown))
  })
  return unknown ? `${unknown.shape} may come out as a link` : null
}

/** None: nobody knows. */
function waysOf({ shape, ways }: ShellWord): readonly string[] {
  return ways ?? [shape]
}

function isWild(way: string): boolean {
  return /[*?]/.test(way)
}

function globOf(way: string): Glob {
  const parts = way.split('/')
  const first = parts.findIndex(isWild)
  const before = parts.slice(0, first).join('/')
  return {
    directory: before === '' && first > 0 ? '/' : before.replace(/(?<=[^/])\/+$/, ''),
    name: parts[first] ?? '',
    goesOn: parts.slice(first + 1).some((part) => part !== ''),
  }
}

function seenAt(at: string, directory: string): string {
  return directory === '' || directory === '.' ? at : joinPath(at, directory)
}

/** Whether a name may be what a part with wildcards comes out as, whatever options the shell has. */
function mayBe(name: string, link: string, effort: Effort): boolean {
  if (!spend(effort, name.length * link.length)) return true
  // To a shell without a locale one character is one byte.
  const shape = /^[ -~]*$/.test(link) ? name : name.replaceAll('?', '*')
  const literal = Array.from(foldCase(link), (character) => ({ kind: 'one', character }) as const)
  return couldMeet(wildcards(foldCase(shape)), literal)
}
