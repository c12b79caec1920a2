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
import { matchesCommand } from './commands/command-patterns.ts'
import { askFirmly, deny, nameOf, type Finding, type Subject, type Touched } from './findings.ts'
import { coversDirectory, matchesAny } from './patterns.ts'
import type { KnownPlace } from './places.ts'

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
  if (command && (deniesReads || (deniesWrites && command.kind !== 'read'))) {
    return [askFirmly(name, rule, 'a command may do what a denied tool does')]
  }
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
  const { reads, writes, command, action } = subject
  const findings: Finding[] = []
  if (filePatterns) {
    const commandReads = command?.reads.map((place): Touched => ({ given: place.path, place })) ?? []
    for (const touched of [...reads, ...writes, ...commandReads]) {
      if (!isCovered(filePatterns, touched))
        findings.push(deny(name, 'filePatterns', outside(touched, filePatterns)))
      else if (isHardLinked(touched))
        findings.push(askFirmly(name, 'filePatterns', `${nameOf(touched)} has another name, perhaps outside`))
    }
  }
  for (const touched of writePatterns ? writes : []) {
    if (!isCovered(writePatterns ?? [], touched))
      findings.push(deny(name, 'writePatterns', outside(touched, writePatterns ?? [])))
  }
  const rule = filePatterns ? 'filePatterns' : 'writePatterns'
  if ((filePatterns || writePatterns) && command && command.kind !== 'read') {
    findings.push(askFirmly(name, rule, `nobody can say which files the command touches: ${command.why}`))
  }
  const isSilent =
    action.access === null &&
    (filePatterns !== undefined || (writePatterns !== undefined && subject.isUnknown))
  if (isSilent) findings.push(askFirmly(name, rule, `${action.tool} does not say which files it touches`))
  return findings
}

function isCovered(patterns: readonly string[], { place }: Touched): boolean {
  if (place === 'outside') return false
  return place.kind === 'directory' ? coversDirectory(patterns, place.path) : matchesAny(patterns, place.path)
}

function isHardLinked({ place }: { readonly place: KnownPlace | 'outside' }): boolean {
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
  if (commandPatterns && !isCommandCovered(commandPatterns, command)) {
    const allowed =
      commandPatterns.length === 0 ? 'no command is allowed' : `allowed: ${commandPatterns.join(' | ')}`
    findings.push(
      deny(
        name,
        'commandPatterns',
        `a command of the line is outside the patterns, or can't be compared with them (${allowed})`,
      ),
    )
  }
  if (command.kind !== 'read' && allowedTools && !allowedTools.some(isOf(WRITE_TOOLS))) {
    findings.push(
      askFirmly(name, 'allowedTools', 'no tool that writes is allowed, and the command may write'),
    )
  }
  return findings
}

function isCommandCovered(
  patterns: readonly string[],
  { kind, isPlain, commands }: NonNullable<Subject['command']>,
): boolean {
  return (
    kind !== 'unreadable' &&
    isPlain &&
    commands.length > 0 &&
    commands.every((command) => matchesCommand(patterns, command))
  )
}
