import type { Layer } from '../protocol/boundary.ts'
import {
  COMMAND_TOOLS,
  isInner,
  isNeeded,
  isOf,
  LIST_TOOLS,
  reaches,
  READ_TOOLS,
  WRITE_TOOLS,
} from './capabilities.ts'
import { coversLeaf } from './commands/command-patterns.ts'
import type { CommandJudgement, Touched } from './commands/judgement.ts'
import type { Leaf } from './commands/leaves/leaf.ts'
import { askFirmly, deny, nameOf, type Finding, type Subject } from './findings.ts'
import { compile, type Compiled, isDirectoryMatch, isMatch } from './files/patterns.ts'
import { shortened } from './shortened.ts'

/** What one layer of a boundary says about a call. Every rule can only make it stricter. */
export function layerFindings(layer: Layer, name: string, subject: Subject): readonly Finding[] {
  if (isNeeded(subject.action)) return []
  return [
    ...toolRules(layer, name, subject),
    ...readOnlyRule(layer, name, subject),
    ...fileRules(layer, name, subject),
    ...commandRules(layer, name, subject),
  ]
}

function toolRules({ allowedTools, deniedTools }: Layer, name: string, subject: Subject): readonly Finding[] {
  const { tool } = subject.action
  const findings: Finding[] = []
  if (allowedTools && !allowedTools.includes(tool)) {
    findings.push(deny(name, 'allowedTools', `${tool} is not among the tools that it allows`))
  }
  if (deniedTools) findings.push(...deniedToolFindings(deniedTools, name, 'deniedTools', subject))
  return findings
}

/**
 * What a list of denied tools says: to the tools in it, to their siblings, and to what may do the same
 * unseen.
 */
export function deniedToolFindings(
  denied: readonly string[],
  name: string,
  rule: string,
  subject: Subject,
): readonly Finding[] {
  const { action, command } = subject
  if (isNeeded(action)) return []
  if (reaches(denied, action))
    return [deny(name, rule, `${action.tool} is denied, or does what a denied tool does`)]

  const deniesWrites = denied.some(isOf(WRITE_TOOLS))
  const deniesReads = denied.some(isOf([...READ_TOOLS, ...LIST_TOOLS]))
  if (command && deniesWrites && command.writes.length > 0)
    return [
      deny(name, rule, `the command writes ${command.writes.map(nameOf).join(', ')}, as a denied tool does`),
    ]
  if (command && (deniesReads || (deniesWrites && command.kind !== 'read')))
    return [askFirmly(name, rule, 'a command may do what a denied tool does')]
  const deniesChange = deniesWrites || denied.some(isOf(COMMAND_TOOLS))
  const isSilent = action.access === null && (deniesReads || (deniesChange && subject.isUnknown))
  return isSilent
    ? [askFirmly(name, rule, `${action.tool} does not say what it touches, and tools are denied`)]
    : []
}

function readOnlyRule(
  { readOnly }: Layer,
  name: string,
  { action, writes, command, isUnknown }: Subject,
): readonly Finding[] {
  if (!readOnly || isInner(action)) return []
  if (writes.length > 0) return [deny(name, 'readOnly', `${action.tool} writes`)]
  if (command && command.kind !== 'read')
    return [deny(name, 'readOnly', `the command is not known to only read: ${command.why}`)]
  return isUnknown ? [deny(name, 'readOnly', `${action.tool} does not say what it touches`)] : []
}

function fileRules(layer: Layer, name: string, subject: Subject): readonly Finding[] {
  const { filePatterns, writePatterns } = layer
  const { command, action } = subject
  const reads = [...subject.reads, ...(command?.reads ?? [])]
  const writes = [...subject.writes, ...(command?.writes ?? [])]
  const findings: Finding[] = []
  const shown = action.access?.isFiltered === true ? reads.filter((touched) => !isDirectory(touched)) : reads
  const allowed = compile(filePatterns ?? [])
  for (const touched of filePatterns ? [...shown, ...writes] : []) {
    if (!isCovered(allowed, touched))
      findings.push(deny(name, 'filePatterns', outside(touched, filePatterns ?? [])))
    else if (isHardLinked(touched))
      findings.push(askFirmly(name, 'filePatterns', `${nameOf(touched)} has another name, perhaps outside`))
  }
  const written = compile(writePatterns ?? [])
  for (const touched of writePatterns ? writes : []) {
    if (!isCovered(written, touched))
      findings.push(deny(name, 'writePatterns', outside(touched, writePatterns ?? [])))
  }
  const rule = filePatterns ? 'filePatterns' : 'writePatterns'
  if ((filePatterns || writePatterns) && command && isUnknown(command))
    findings.push(
      unknownFiles(name, rule, `nobody can say which files the command touches: ${command.why}`, subject),
    )
  const isSilent =
    action.access === null &&
    (filePatterns !== undefined || (writePatterns !== undefined && subject.isUnknown))
  if (isSilent)
    findings.push(unknownFiles(name, rule, `${action.tool} does not say which files it touches`, subject))
  return findings
}

/** A person can look at what nobody knows; behind a task in the background stands none. */
function unknownFiles(name: string, rule: string, why: string, { isBackground }: Subject): Finding {
  return isBackground
    ? deny(name, rule, `${why}; in the background that is refused`)
    : askFirmly(name, rule, why)
}

/** Whether it may touch more files than those that it names. */
function isUnknown({ kind }: CommandJudgement): boolean {
  return kind === 'other' || kind === 'unreadable'
}

function isCovered(patterns: Compiled, { place }: Touched): boolean {
  if (place === 'outside') return false
  return place.kind === 'directory' ? isDirectoryMatch(patterns, place.path) : isMatch(patterns, place.path)
}

/** Of a directory that is gone through only those files are shown that may be read. */
function isDirectory({ place }: Touched): boolean {
  return place !== 'outside' && place.kind === 'directory'
}

function isHardLinked({ place }: Touched): boolean {
  return place !== 'outside' && place.isHardLinked
}

function outside(touched: Touched, patterns: readonly string[]): string {
  const isDirectory = touched.place !== 'outside' && touched.place.kind === 'directory'
  const allowed = patterns.length === 0 ? 'nothing is allowed' : `allowed: ${patterns.join(', ')}`
  return `${nameOf(touched)} is ${isDirectory ? 'not wholly inside' : 'outside'} the patterns (${allowed})`
}

function commandRules(layer: Layer, name: string, { command }: Subject): readonly Finding[] {
  const { commandPatterns, allowedTools } = layer
  if (!command) return []
  const findings: Finding[] = []
  const flaw = commandPatterns ? uncoveredIn(commandPatterns, command) : null
  if (commandPatterns && flaw !== null) {
    const allowed =
      commandPatterns.length === 0 ? 'no command is allowed' : `allowed: ${commandPatterns.join(' | ')}`
    findings.push(deny(name, 'commandPatterns', `${flaw} (${allowed})`))
  }
  if (command.kind !== 'read' && allowedTools && !allowedTools.some(isOf(WRITE_TOOLS))) {
    findings.push(
      askFirmly(name, 'allowedTools', 'no tool that writes is allowed, and the command may write'),
    )
  }
  return findings
}

/** What of a line the patterns don't cover, in words, or `null` when they cover all of it. */
function uncoveredIn(
  patterns: readonly string[],
  { kind, isPlain, parts, why }: CommandJudgement,
): string | null {
  if (kind === 'unreadable') return why
  if (!isPlain) return `the line is more than simple commands joined by && || ; or |, which no pattern covers`
  const leaves = parts.flatMap((part) => part.leaves.filter((leaf) => !leaf.isWrapper))
  if (leaves.length === 0) return 'there is no command in the line'
  const open = leaves.find((leaf) => !isStep(leaf) && !coversLeaf(patterns, leaf))
  if (open === undefined) return null
  const said = open.words.map(({ shape }) => shape).join(' ')
  return `${JSON.stringify(shortened(said))} is outside the patterns${open.flaw === null ? '' : `: ${open.flaw}`}`
}

/** A `cd` does nothing but say where the next command runs, which is judged from there. */
function isStep({ words, flaw }: Leaf): boolean {
  return words[0]?.value === 'cd' && words.every(({ value }) => value !== null) && flaw === null
}
