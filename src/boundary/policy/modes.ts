import { isInner, isNeeded } from '../capabilities.ts'
import { ask, deny, nameOf, type Finding, type Subject } from '../findings.ts'
import type { CommandJudgement } from '../commands/judgement.ts'
import type { Mode, Policy, PolicyRule, Verdict } from '../../protocol/boundary.ts'
import { coversCommand } from './coverage.ts'

/** What a mode says where no rule speaks: what of a call must be asked for, or that nothing must. */
export function modeFindings(policy: Policy, subject: Subject): readonly Finding[] {
  const { mode } = policy
  const { action } = subject
  if (isInner(action) || isNeeded(action))
    return [allow(mode, `${action.tool} touches nothing but its own task`)]
  if (mode === 'plan') return inPlan(subject)
  const asks = asksOf(policy, subject)
  if (asks.length > 0) return asks
  const { writes } = writesOf(subject)
  return [
    allow(mode, writes.length > 0 ? 'it writes inside the workspace' : 'it only reads inside the workspace'),
  ]
}

function asksOf({ mode, allow: rules }: Policy, subject: Subject): readonly Finding[] {
  const { action, command, isUnknown } = subject
  const rule = ruleOf(mode)
  const { writes, who } = writesOf(subject)
  const findings: Finding[] = []
  if (command && command.kind !== 'read' && command.kind !== 'files')
    findings.push(ask('command', 'mode', rule, notARead(whyAsked(command, rules))))
  if (writes.length > 0 && mode !== 'acceptEdits')
    findings.push(ask('writes', 'mode', rule, `${who} writes ${writes.map(nameOf).join(', ')}`))
  if (isUnknown)
    findings.push(ask('call', 'mode', rule, `${action.tool} may change something, and does not say what`))
  return findings
}

function inPlan(subject: Subject): readonly Finding[] {
  const { action, command, isUnknown } = subject
  const { writes, who } = writesOf(subject)
  const refuse = (why: string) => [deny('mode', 'plan', `${why}, and a plan only reads`)]
  if (command && command.kind !== 'read') return refuse(notARead(command.why))
  if (writes.length > 0) return refuse(`${who} writes`)
  if (isUnknown) return refuse(`${action.tool} may change something`)
  return [allow('plan', 'it only reads inside the workspace')]
}

/** Of what a line runs, the first that no rule allows is what is asked about. */
function whyAsked(command: CommandJudgement, allow: readonly PolicyRule[]): string {
  const { isPlain, parts, why } = command
  if (!isPlain) return why
  const open = parts.find(
    (part) => part.kind === 'other' && !coversCommand(allow, { ...command, parts: [part] }),
  )
  return open?.why ?? why
}

/** The reason may say so itself. */
function notARead(why: string): string {
  return why.includes('known to only read') ? why : `the command is not known to only read: ${why}`
}

/** All that a call is known to write, by itself or by its command. */
function writesOf({ action, writes, command }: Subject) {
  return writes.length > 0
    ? { who: action.tool, writes }
    : { who: 'the command', writes: command?.writes ?? [] }
}

function allow(mode: Mode, why: string): Finding {
  const verdict: Verdict = { verdict: 'allow', layer: 'mode', rule: ruleOf(mode), why }
  return { ...verdict, isFirm: false, about: 'call' }
}

/** Who bypasses asks has what the default mode asks answered beforehand. */
function ruleOf(mode: Mode): string {
  return mode === 'bypassPermissions' ? 'default' : mode
}
