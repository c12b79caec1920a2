import type { PolicyRule } from '../../protocol/boundary.ts'
import { COMMAND_TOOLS } from '../capabilities.ts'
import { coversLeaves } from '../commands/command-patterns.ts'
import type { CommandJudgement, CommandPart, Touched } from '../commands/judgement.ts'
import { coversDirectory, isMatch, compile } from '../files/patterns.ts'

/** Whether rules that allow speak for all of a command: what they do not cover is known to only read. */
export function coversCommand(rules: readonly PolicyRule[], command: CommandJudgement): boolean {
  const speaking = rules.filter(({ tool }) => COMMAND_TOOLS.includes(tool))
  if (speaking.some(({ spec }) => spec === null)) return true
  const patterns = speaking.flatMap(({ spec }) => spec ?? [])
  const { kind, isPlain, parts } = command
  if (kind === 'unreadable' || !isPlain || parts.length === 0 || patterns.length === 0) return false
  const other = parts.filter((part) => part.kind !== 'read')
  return other.every(runsSomething) && coversAll(patterns, other)
}

/** A part of which nothing is known would be covered by no rule at all. */
function runsSomething({ leaves }: CommandPart): boolean {
  return leaves.some(({ isWrapper }) => !isWrapper) && leaves.every(({ isHidden }) => !isHidden)
}

function coversAll(patterns: readonly string[], parts: readonly CommandPart[]): boolean {
  const leaves = parts.flatMap((part) => part.leaves).filter(({ isWrapper }) => !isWrapper)
  return leaves.length === 0 || coversLeaves(patterns, leaves)
}

/** Whether rules that allow a tool speak for all of these writes, by where they really lead. */
export function coversWrites(
  rules: readonly PolicyRule[],
  tool: string,
  writes: readonly Touched[],
): boolean {
  const speaking = rules.filter((rule) => rule.tool === tool)
  if (speaking.some(({ spec }) => spec === null)) return true
  const globs = speaking.flatMap(({ spec }) => spec ?? [])
  const compiled = compile(globs)
  return (
    writes.length > 0 &&
    writes.every(({ place }) => {
      if (place === 'outside') return false
      return place.kind === 'directory' ? coversDirectory(globs, place.path) : isMatch(compiled, place.path)
    })
  )
}
