import type { PolicyRule } from '../../protocol/boundary.ts'
import { COMMAND_TOOLS, isInner, isNeeded, LIST_TOOLS, READ_TOOLS, WRITE_TOOLS } from '../capabilities.ts'
import type { CommandPart, Touched } from '../commands/judgement.ts'
import {
  couldMatch,
  readWidePattern,
  seenLeaf,
  type Reach,
  type SeenLeaf,
} from '../commands/patterns/could-match.ts'
import { newEffort, type Effort } from '../commands/patterns/effort.ts'
import type { Subject } from '../findings.ts'
import { mentionsOf, mentionReach, type Mentions } from './mentions.ts'
import { directoryReach, isNamed, pathReach, readGlob, type Glob } from './path-reach.ts'

/** A call, looked at once for all rules that ask or deny. */
interface Seen {
  readonly subject: Subject
  readonly leaves: readonly SeenLeaf[]
  readonly mentions: Mentions
  readonly effort: Effort
  /** Of a directory that a tool goes through it shows nothing that these rules reach. */
  readonly isLeftOut: boolean
}

/** Whether a rule that asks or denies, and has a spec, reaches a call. One without a spec is not for here. */
export function reachOf(rule: PolicyRule, subject: Subject): Reach {
  return reachesOf([rule], subject)[0] ?? 'no'
}

/** The same for many rules, with the call looked at once. */
export function reachesOf(
  rules: readonly PolicyRule[],
  subject: Subject,
  isLeftOut = false,
  effort = newEffort(),
): readonly Reach[] {
  const { command, action } = subject
  if (isInner(action) || isNeeded(action) || rules.every(({ spec }) => spec === null))
    return rules.map(() => 'no')
  const leaves = command?.parts.flatMap((part) => part.leaves) ?? []
  const seen: Seen = {
    subject,
    leaves: leaves.map(seenLeaf),
    mentions: rules.some(isAboutPaths) ? mentionsOf(subject) : NO_MENTIONS,
    effort,
    isLeftOut,
  }
  return rules.map((rule) => reachOfOne(rule, seen))
}

function isAboutPaths({ tool, spec }: PolicyRule): boolean {
  return spec !== null && !COMMAND_TOOLS.includes(tool)
}

const NO_MENTIONS: Mentions = { paths: [], shapes: [], isOpen: false }

function reachOfOne({ tool, spec }: PolicyRule, seen: Seen): Reach {
  if (spec === null) return 'no'
  if (COMMAND_TOOLS.includes(tool)) return commandReach(spec, seen)
  const { action, command } = seen.subject
  const changes = seen.subject.isUnknown
  const glob = readGlob(spec)
  if (WRITE_TOOLS.includes(tool)) {
    const isSilent = action.access === null && (changes || WRITE_TOOLS.includes(action.tool))
    return strictest([isSilent ? 'maybe' : 'no', ...writesReach(glob, seen), mentioned(glob, seen)])
  }
  const isSilent = action.access === null ? 'maybe' : 'no'
  if (READ_TOOLS.includes(tool) || LIST_TOOLS.includes(tool)) {
    return strictest([isSilent, ...readsReach(glob, tool, seen), mentioned(glob, seen)])
  }
  if (action.tool !== tool) return 'no'
  const own = [...readsReach(glob, null, seen), ...writesReach(glob, seen), mentioned(glob, seen)]
  return strictest([isSilent, command?.kind === 'unreadable' ? 'maybe' : 'no', ...own])
}

function commandReach(pattern: string, { subject, leaves, effort }: Seen): Reach {
  const { command, isUnknown, action } = subject
  if (command === null) return action.access === null && isUnknown ? 'maybe' : 'no'
  const read = readWidePattern(pattern)
  const unread: Reach = command.kind === 'unreadable' ? 'maybe' : 'no'
  return strictest([unread, ...leaves.map((leaf) => couldMatch(read, leaf, effort))])
}

function writesReach(glob: Glob, { subject: { writes, command } }: Seen): readonly Reach[] {
  const byCommand = command?.writes ?? []
  return [
    ...writes.map((touched) => touchedReach(glob, touched)),
    ...byCommand.map((touched) => strictest([touchedReach(glob, touched), madeReach(glob, touched)])),
  ]
}

/**
 * What is read. Who denies reading has said nothing about names: neither `list_files` nor a command
 * that is known to only read shows more of a directory than those.
 */
function readsReach(
  glob: Glob,
  tool: string | null,
  { subject: { action, reads, command }, isLeftOut }: Seen,
): readonly Reach[] {
  const isContent = tool !== null && READ_TOOLS.includes(tool)
  const isNames = tool !== null && LIST_TOOLS.includes(tool)
  const listed = LIST_TOOLS.includes(action.tool)
  const shown =
    isLeftOut && action.access?.isFiltered === true ? reads.filter((it) => !isDirectory(it)) : reads
  const own = isContent && listed ? [] : shown.filter((it) => !isNames || listed || isDirectory(it))
  return [
    ...own.map((touched) => touchedReach(glob, touched)),
    ...(command?.parts ?? []).flatMap((part) => readsOfPart(glob, part, isContent)),
  ]
}

/** What one part of a line is known to read. Of one that is not known whole, its words say where it goes. */
function readsOfPart(glob: Glob, { reads, kind }: CommandPart, isContent: boolean): readonly Reach[] {
  const isNamesOnly = isContent && kind === 'read'
  const shown = isNamesOnly ? reads.filter((it) => !isDirectory(it)) : reads
  return shown.map((touched) =>
    kind === 'other' && isDirectory(touched)
      ? strictest(pathsOf(touched).map((path) => (isNamed(glob, path) ? 'yes' : 'no')))
      : touchedReach(glob, touched),
  )
}

function touchedReach(glob: Glob, touched: Touched): Reach {
  return strictest(
    pathsOf(touched).map((path) =>
      isDirectory(touched) ? directoryReach(glob, path, true) : pathReach(glob, path),
    ),
  )
}

/** What is not there yet may become a directory, with everything below it that is moved there. */
function madeReach(glob: Glob, touched: Touched): Reach {
  if (touched.place === 'outside' || touched.place.kind !== 'absent') return 'no'
  return directoryReach(glob, touched.place.path, false) === 'no' ? 'no' : 'maybe'
}

function pathsOf({ given, place }: Touched): readonly string[] {
  return place === 'outside' ? [given] : [...new Set([given, place.path])]
}

function isDirectory({ place }: Touched): boolean {
  return place !== 'outside' && place.kind === 'directory'
}

function mentioned(glob: Glob, { mentions, effort }: Seen): Reach {
  return mentionReach(glob, mentions, effort)
}

function strictest(found: readonly Reach[]): Reach {
  return found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no'
}
