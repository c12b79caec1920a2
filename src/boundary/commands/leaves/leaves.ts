import { readLine, type ShellWord, type SimpleCommand } from '../shell.ts'
import { flawOfBuiltin, hidesInBuiltin } from './builtins.ts'
import type { Leaf } from './leaf.ts'
import { nameOf, type Name } from './names.ts'
import { stripGit, stripNpm } from './own-options.ts'
import { flawOfWords } from './options.ts'
import { flawOfScript } from './scripts.ts'
import { unwrap } from './unwrap.ts'
import type { Inner } from './unwrapped.ts'
import { choosesProgram, flawOfAssignments } from './variables.ts'

/** How many wrappers are seen through, one inside the other. */
export const WRAPPERS_MAX = 16
/** How many lines inside lines are read, and how much text in all: more is hidden. */
export const LINES_INSIDE_MAX = 4
export const INSIDE_CHARS_MAX = 4_096

/** What is left of that for the commands of one line, which share it. */
export interface InsideBudget {
  charsLeft: number
  /** A text in the line around it would be a substitution if it were worked out. */
  readonly holdsCode?: boolean
}

/** What is known on the way in, from the wrappers that were taken off. */
interface Standing extends Omit<Leaf, 'words'> {
  readonly wrappersLeft: number
  readonly linesLeft: number
  readonly budget: InsideBudget
}

/** What a simple command runs, wrappers seen through: at least one leaf. */
export function leavesOf(
  command: SimpleCommand,
  budget: InsideBudget = { charsLeft: INSIDE_CHARS_MAX },
): readonly Leaf[] {
  return leavesUnder(command, {
    rights: [],
    isOpen: false,
    directories: [],
    flaw: null,
    isHidden: false,
    isWrapper: false,
    wrappersLeft: WRAPPERS_MAX,
    linesLeft: LINES_INSIDE_MAX,
    budget,
  })
}

function leavesUnder({ words, assignments }: SimpleCommand, standing: Standing): readonly Leaf[] {
  const flaw = standing.flaw ?? flawOfAssignments(assignments)
  const isRun = words.length > 0
  const isHidden =
    standing.isHidden || assignments.some(({ name, value }) => choosesProgram(name, value, isRun))
  return isRun ? walk(words, { ...standing, flaw, isHidden }) : [leafOf([], { ...standing, flaw, isHidden })]
}

function walk(words: readonly ShellWord[], standing: Standing): readonly Leaf[] {
  const name = nameOf(words[0])
  if (name === null)
    return [unseen(words, standing, 'the name of a command in it is only known once it runs')]
  const said = [name.word, ...words.slice(1)]
  const found = unwrap(name.program, said.slice(1), standing.isOpen)
  if (found === null) return [finish(said, name, standing)]

  // What only looks like a wrapper may be any program: rules must name it, and what is inside is seen, too.
  const isCarrier = found.isCarrier || !name.isSystem
  const own =
    isCarrier || found.countsItself === true
      ? finish(said, name, standing)
      : leafOf(said, { ...standing, isWrapper: true, flaw: null, isHidden: false })
  const within: Standing = {
    ...standing,
    isWrapper: standing.isWrapper || isCarrier,
    rights: found.right === undefined ? standing.rights : [...standing.rights, found.right],
    wrappersLeft: standing.wrappersLeft - 1,
  }
  return [own, ...found.inner.flatMap((inner) => enter(inner, said, within))]
}

/** The leaves of what a wrapper runs. */
function enter(inner: Inner, wrapper: readonly ShellWord[], outer: Standing): readonly Leaf[] {
  const standing: Standing = {
    ...outer,
    flaw: outer.flaw ?? inner.flaw ?? null,
    isHidden: outer.isHidden || inner.isHidden === true,
    directories: [...outer.directories, ...(inner.directories ?? [])],
    isOpen: inner.kind === 'line' ? false : outer.isOpen || inner.isOpen === true,
  }
  if (inner.kind === 'hidden') return [unseen(wrapper, standing, inner.why)]
  if (outer.wrappersLeft < 0)
    return [unseen(wrapper, standing, `it is wrapped more than ${WRAPPERS_MAX} times`)]
  if (inner.kind === 'line') return readInside(inner.text, wrapper, standing)
  return inner.words.length > 0
    ? walk(inner.words, standing)
    : [unseen(wrapper, standing, 'what it runs is only known once it runs')]
}

function readInside(text: string, wrapper: readonly ShellWord[], standing: Standing): readonly Leaf[] {
  const { budget, linesLeft } = standing
  budget.charsLeft -= text.length
  if (linesLeft === 0 || budget.charsLeft < 0)
    return [unseen(wrapper, standing, 'too much in it stands inside a text')]
  const line = readLine(text)
  if (line.kind === 'unreadable')
    return [unseen(wrapper, standing, `a text in it could not be parsed: ${line.why}`)]
  if (line.commands.length === 0) return [unseen(wrapper, standing, 'there is no command in a text in it')]
  const { commands, isPlain } = line
  const goes = commands.length > 1 && commands.some(({ words }) => words[0]?.value === 'cd')
  const why = !isPlain
    ? 'a text in it is more than simple commands joined by && || ; or |'
    : goes
      ? 'a text in it goes to another directory'
      : null
  const evaluates = line.evaluates === true || (line.reckons === true && budget.holdsCode === true)
  const worked = evaluates
    ? [unseen([], standing, 'bash works out a text in it, which may run something')]
    : []
  const inside = commands.flatMap((command) =>
    leavesUnder(command, {
      ...standing,
      flaw:
        standing.flaw ??
        why ??
        (command.redirections.length > 0 ? 'a text in it reads or writes files' : null),
      linesLeft: linesLeft - 1,
    }),
  )
  return [...inside, ...worked]
}

/** A leaf with nothing inside it: its options in front taken off, and its words looked at. */
function finish(words: readonly ShellWord[], { program, isSystem }: Name, standing: Standing): Leaf {
  const stripped =
    program === 'git'
      ? stripGit(words, standing.isOpen)
      : /^(npm|pnpm|yarn|bun)$/.test(program)
        ? stripNpm(words)
        : { words, directories: [], flaw: null, isHidden: false }
  const rest = stripped.words.slice(1)
  const found =
    program === 'git'
      ? null
      : (flawOfWords(program, rest, standing.isOpen) ?? flawOfScript(program, rest, standing.isOpen))
  // Whoever follows where a line goes looks at what stands there, and not behind a wrapper.
  const isBehind = standing.wrappersLeft < WRAPPERS_MAX
  const strays = isBehind && program === 'cd' ? 'it goes to another directory by way of a wrapper' : null
  const flaw = strays ?? stripped.flaw ?? found?.flaw ?? (isSystem ? flawOfBuiltin(program, rest) : null)
  const isHidden = stripped.isHidden || found?.isHidden === true || hidesInBuiltin(program, rest)
  const leaf = leafOf(stripped.words, {
    ...standing,
    flaw: standing.flaw ?? flaw ?? (isHidden ? `nobody can say what ${program} runs` : null),
    isHidden: standing.isHidden || isHidden,
    directories: [...standing.directories, ...stripped.directories],
  })
  return stripped.words.length === words.length ? leaf : { ...leaf, said: words }
}

function unseen(words: readonly ShellWord[], standing: Standing, why: string): Leaf {
  return leafOf(words, { ...standing, flaw: standing.flaw ?? why, isHidden: true })
}

function leafOf(words: readonly ShellWord[], standing: Standing): Leaf {
  const { rights, isOpen, directories, flaw, isHidden, isWrapper } = standing
  return { words, rights, isOpen, directories, flaw, isHidden, isWrapper }
}
