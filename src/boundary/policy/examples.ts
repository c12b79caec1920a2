import type { PolicyRule } from '../../protocol/boundary.ts'
import { COMMAND_TOOLS } from '../capabilities.ts'
import { couldMatchLeaf, coversLeaves } from '../commands/command-patterns.ts'
import { leavesOf } from '../commands/leaves/leaves.ts'
import { readLine } from '../commands/shell.ts'
import { flawOfPath, matchesAny } from '../files/patterns.ts'
import { pathReach, readGlob } from './path-reach.ts'

/** The list that a rule stands in: those that allow are compared exactly, the others as wide as can be. */
export type RuleList = 'allow' | 'ask' | 'deny'

/** What a rule says of itself: what it is meant to reach, and what not. */
export interface Examples {
  readonly match: readonly string[]
  readonly notMatch: readonly string[]
}

/** Why the examples of a rule do not hold, naming the first that does not, or `null`. */
export function flawOfExamples(
  rule: PolicyRule,
  list: RuleList,
  { match, notMatch }: Examples,
): string | null {
  if (match.length + notMatch.length === 0) return null
  const { spec, tool } = rule
  if (spec === null) return 'has examples, but speaks of every call of its tool'
  const isCommand = COMMAND_TOOLS.includes(tool)
  for (const example of [...match, ...notMatch]) {
    const flaw = isCommand ? flawOfLine(example) : flawOfPath(example)
    if (flaw !== null) return `has the example ${JSON.stringify(example)}, which can't be compared: ${flaw}`
  }
  const reaches = (example: string) =>
    isCommand ? reachesLine(spec, example, list) : reachesPath(spec, example, list)
  const missed = match.find((example) => !reaches(example))
  if (missed !== undefined) return `does not match ${JSON.stringify(missed)}, as it says under match`
  const caught = notMatch.find(reaches)
  return caught === undefined
    ? null
    : `matches ${JSON.stringify(caught)}, against what it says under not_match`
}

function flawOfLine(line: string): string | null {
  const read = readLine(line)
  if (read.kind === 'unreadable') return read.why
  return read.commands.length === 0 ? 'there is no command in it' : null
}

function reachesLine(pattern: string, line: string, list: RuleList): boolean {
  return list === 'allow' ? coversLine([pattern], line) : couldMatchLine(pattern, line) === 'yes'
}

function reachesPath(glob: string, path: string, list: RuleList): boolean {
  return list === 'allow' ? matchesAny([glob], path) : pathReach(readGlob(glob), path) === 'yes'
}

/** Whether patterns allow all of a line by themselves: it is plain, and each of its parts is covered. */
export function coversLine(patterns: readonly string[], line: string): boolean {
  const read = readLine(line)
  if (read.kind === 'unreadable' || !read.isPlain || read.commands.length === 0) return false
  return read.commands.every((command) =>
    coversLeaves(
      patterns,
      leavesOf(command).filter(({ isWrapper }) => !isWrapper),
    ),
  )
}

/** Whether a rule that asks or denies reaches anything in a line. */
export function couldMatchLine(pattern: string, line: string): 'no' | 'maybe' | 'yes' {
  const read = readLine(line)
  if (read.kind === 'unreadable') return 'maybe'
  const found = read.commands
    .flatMap((command) => leavesOf(command))
    .map((leaf) => couldMatchLeaf(pattern, leaf))
  return found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no'
}
