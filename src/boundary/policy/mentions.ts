import type { CommandPart } from '../commands/judgement.ts'
import type { Leaf } from '../commands/leaves/leaf.ts'
import type { Reach } from '../commands/patterns/could-match.ts'
import { spend, type Effort } from '../commands/patterns/effort.ts'
import type { ShellWord } from '../commands/shell.ts'
import { isLost, seenFrom } from '../commands/standings.ts'
import type { Subject } from '../findings.ts'
import { joinPath, tidyPath } from '../files/paths.ts'
import { MENTIONS_MAX, piecesOf, type Places } from '../files/places.ts'
import { couldBeBelow, directoryReach, isNamed, isSkipped, shapeReach, type Glob } from './path-reach.ts'
import { isFoundBelow, takesNoFiles, walkOf, type Walk } from './walks.ts'

/** What the words of commands that are not known whole may name. */
export interface Mentions {
  readonly paths: readonly Mention[]
  /** Words that bash still expands, with `*` for a run. */
  readonly shapes: readonly Mention[]
  /** Nobody can say what else is touched. */
  readonly isOpen: boolean
}

/** A path or a shape, and whether the command goes through it with everything that is below. */
export interface Mention {
  readonly text: string
  readonly walk: Walk | null
}

interface Gathered {
  readonly paths: Map<string, Mention>
  readonly shapes: Map<string, Mention>
  readonly done: Set<string>
  readonly places: Places
}

const OPEN: Mentions = { paths: [], shapes: [], isOpen: true }

/** Gathers what the words of a call's commands may name, seen from wherever they may run. */
export function mentionsOf({ command, cwd, places }: Subject): Mentions {
  if (command === null) return { paths: [], shapes: [], isOpen: false }
  const into: Gathered = { paths: new Map(), shapes: new Map(), done: new Set(), places }
  const last = command.parts.length - 1
  let isOpen =
    command.kind === 'unreadable' ||
    command.parts.some((part, index) => (index < last || !command.isPlain) && losesWay(part))
  for (const part of command.parts.filter(isUnknown)) {
    const here = part.standings.length > 0 ? part.standings : [cwd?.given ?? '']
    const said = part.leaves.map(wordsOf)
    const isBelow = isFoundBelow(said)
    for (const [index, leaf] of part.leaves.entries()) {
      const [name = ''] = said[index] ?? []
      isOpen ||= leaf.isHidden && !isSource(leaf)
      isOpen ||= leaf.isOpen && !isBelow && !takesNoFiles(name)
      const own = isBelow && index > 0 ? { ...leaf, words: leaf.words.filter(isPlain) } : leaf
      const count = gather(own, here, walkOf(said[index] ?? []), into)
      if (into.paths.size + into.shapes.size > MENTIONS_MAX * count) return OPEN
    }
  }
  return { paths: [...into.paths.values()], shapes: [...into.shapes.values()], isOpen }
}

/** What `find` runs has its own words among those of `find`, and files in place of the others. */
function isPlain({ value }: ShellWord): boolean {
  return value !== null
}

function isUnknown({ kind }: CommandPart): boolean {
  return kind === 'other'
}

function wordsOf({ words }: Leaf): readonly string[] {
  return words.map(({ value, shape }) => value ?? shape)
}

/** Whether what follows runs where nobody knows. */
function losesWay({ leaves }: CommandPart): boolean {
  return leaves.some(({ words }, index) => {
    const isMove = /^(cd|pushd|popd)$/.test(words[0]?.value ?? '')
    return isMove && (index > 0 || isLost({ words, assignments: [], redirections: [], isOwnStep: true }))
  })
}

/** A file of commands that is named, as one that a shell is given: its words don't say what is in it. */
function isSource({ words }: Leaf): boolean {
  const [name, ...rest] = words.map(({ value }) => value)
  return (name === '.' || name === 'source') && rest.length > 0 && rest.every((word) => word !== null)
}

/** Adds what a leaf names. Returns from how many directories it was seen. */
function gather({ words, directories }: Leaf, here: readonly string[], walk: Walk | null, into: Gathered) {
  const { paths, shapes, done, places } = into
  const there = seenFrom(here, directories)
  const standing = [...new Set([...here, ...there])]
  const bases = [...new Set([...standing, ...standing.flatMap((at) => realOf(at, places))])]
  const put = (found: Map<string, Mention>, text: string, how: Walk | null) => {
    const before = found.get(text)
    if (before === undefined || before.walk === null) found.set(text, { text, walk: how })
    else if (how !== null && before.walk.skipsHidden) found.set(text, { text, walk: how })
  }
  const add = (piece: string, found: Map<string, Mention>, how: Walk | null) => {
    for (const base of bases) {
      const joined = joinPath(base, piece)
      const tidy = tidyPath(joined)
      put(found, tidy.startsWith('/') ? piece : tidy, how)
      if (found === paths) for (const real of realOf(joined, places)) put(paths, real, how)
    }
  }
  // What runs below what a rule names may touch all of that without a word.
  for (const at of there) for (const text of [tidyPath(at), ...realOf(at, places)]) put(paths, text, null)
  if (walk?.isHere === true) add('.', paths, walk)
  const [name] = words
  const named = name?.value !== null && takesNoFiles(name?.value ?? '') ? words.filter(isFileGlob) : words
  for (const { value, shape } of [...named, ...directories.map((path) => ({ value: path, shape: path }))]) {
    // A wrapper and what it runs have most of their words in common.
    const key = JSON.stringify([value === null, there, shape, walk])
    if (done.has(key)) continue
    done.add(key)
    for (const piece of piecesOf(value ?? shape)) add(piece, value === null ? shapes : paths, walk)
  }
  return bases.length
}

function isFileGlob({ value, isGlob, shape }: ShellWord): boolean {
  return value === null && isGlob && !shape.startsWith('*')
}

/** Where a path leads, when that is inside. */
function realOf(path: string, places: Places): readonly string[] {
  const place = places.get(path)
  return place === undefined || place === 'outside' ? [] : [tidyPath(place.path)]
}

/** Whether one of the words could be what a glob names: that a command mentions it is never certain. */
export function mentionReach(glob: Glob, { paths, shapes, isOpen }: Mentions, effort: Effort): Reach {
  if (isOpen) return 'maybe'
  const length = glob.patterns[0]?.length ?? 0
  const found =
    paths.some(({ text, walk }) => {
      if (!spend(effort, length + text.length) || isNamed(glob, text)) return true
      if (walk === null || (walk.skipsHidden && isSkipped(glob, text))) return false
      return directoryReach(glob, text, true) !== 'no'
    }) ||
    shapes.some(({ text, walk }) => {
      if (!spend(effort, 2 * length * text.length) || shapeReach(glob, text) !== 'no') return true
      return couldBeBelow(glob, text, walk !== null)
    })
  return found ? 'maybe' : 'no'
}
