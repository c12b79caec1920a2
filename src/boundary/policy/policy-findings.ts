import { COMMAND_TOOLS, isNeeded, isOf, reaches, READ_TOOLS, WRITE_TOOLS } from '../capabilities.ts'
import { couldMatchLeaf } from '../commands/command-patterns.ts'
import type { Leaf } from '../commands/leaves/leaf.ts'
import { ask, askFirmly, deny, type Finding, type Subject } from '../findings.ts'
import { deniedToolFindings } from '../layer-rules.ts'
import type { Policy, PolicyRule } from '../../protocol/boundary.ts'
import type { Reach } from '../commands/patterns/could-match.ts'
import { reachesOf } from './reach.ts'
import { shortened } from '../shortened.ts'

/** What the user's own rules say of a call, as far as they make it stricter. */
export function policyFindings({ ask: asking, deny: denying }: Policy, subject: Subject): readonly Finding[] {
  const { action } = subject
  if (isNeeded(action)) return []
  const denied = reachesOf(denying, subject, true)
  const asked = reachesOf(asking, subject)
  const doubtful = doubtfulParts(
    denying.filter((_, index) => denied[index] === 'maybe'),
    subject,
  )
  return [
    ...denying.flatMap((rule, index) => denialsBy(rule, denied[index] ?? 'maybe', subject, doubtful)),
    ...asking.flatMap((rule, index) => asksBy(rule, asked[index] ?? 'maybe', subject)),
  ]
}

/** More parts, and nobody looks which of them a rule may reach. */
const LOOKED_MAX = 16
const LOOK_EFFORT = 300_000

/** Which part of a line each of some rules may reach, in its own words, as far as that is quick to say. */
function doubtfulParts(rules: readonly PolicyRule[], subject: Subject): ReadonlyMap<PolicyRule, string> {
  const found = new Map<PolicyRule, string>()
  const { command } = subject
  if (command === null || rules.length === 0 || command.parts.length > LOOKED_MAX) return found
  const effort = { left: LOOK_EFFORT }
  for (const part of command.parts) {
    const { reads, writes, redirected } = part
    const alone = { ...command, parts: [part], reads, writes: [...writes, ...redirected] }
    const reached = reachesOf(rules, { ...subject, command: alone }, true, effort)
    if (effort.left < 0) return found
    for (const [index, rule] of rules.entries())
      if (reached[index] !== 'no' && !found.has(rule)) found.set(rule, inWords(part.leaves[0]))
  }
  return found
}

function inWords(leaf: Leaf | undefined): string {
  return JSON.stringify(shortened((leaf?.words ?? []).map(({ value, shape }) => value ?? shape).join(' ')))
}

function denialsBy(
  rule: PolicyRule,
  reach: Reach,
  subject: Subject,
  doubtful: ReadonlyMap<PolicyRule, string>,
): readonly Finding[] {
  const name = `deny ${rule.text}`
  if (rule.spec === null) return deniedToolFindings([rule.tool], 'policy', name, subject)
  if (reach === 'yes') return [deny('policy', name, `${deniedPart(rule, subject)} is what the user denies`)]
  return reach === 'maybe'
    ? [
        askFirmly(
          'policy',
          name,
          `${doubtful.get(rule) ?? subject.action.tool} may do what the user denies: that is only known once it runs`,
        ),
      ]
    : []
}

function asksBy(rule: PolicyRule, reach: Reach, subject: Subject): readonly Finding[] {
  const { action } = subject
  const isReached = rule.spec === null ? reachesAny(rule.tool, subject) : reach !== 'no'
  return isReached
    ? [
        ask(
          'call',
          'policy',
          `ask ${rule.text}`,
          `${action.tool} is to be asked for, or does what such a tool does`,
        ),
      ]
    : []
}

/** Whether naming a tool reaches a call, or the command in it, by what it is known to do. */
function reachesAny(tool: string, { action, command }: Subject): boolean {
  if (reaches([tool], action)) return true
  if (command === null) return false
  const showsFiles = command.reads.some(({ place }) => place !== 'outside' && place.kind === 'file')
  return (isOf(WRITE_TOOLS)(tool) && command.writes.length > 0) || (isOf(READ_TOOLS)(tool) && showsFiles)
}

/** What of a call a rule reaches, in its own words where it is a command. */
function deniedPart({ tool, spec }: PolicyRule, { action, command }: Subject): string {
  const leaves = command?.parts.flatMap((part) => part.leaves) ?? []
  const isCommands = isOf(COMMAND_TOOLS)(tool) && spec !== null
  const found = isCommands ? leaves.find((leaf) => couldMatchLeaf(spec, leaf) === 'yes') : undefined
  if (found === undefined) return `what ${action.tool} does`
  return inWords(found)
}
