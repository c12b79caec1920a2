import type { Policy, PolicyRule } from '../../protocol/boundary.ts'
import type { CommandJudgement } from '../commands/judgement.ts'
import type { Finding, Subject } from '../findings.ts'
import { coversCommand, coversWrites } from './coverage.ts'

/**
 * Whether an ask that is not firm has been answered beforehand: by the mode, or by a rule about just that,
 * which no ask rule outweighs.
 */
export function isAnswered(
  finding: Finding,
  { mode, allow }: Policy,
  subject: Pick<Subject, 'action' | 'command' | 'writes'>,
): boolean {
  if (finding.verdict !== 'ask' || finding.isFirm) return false
  if (mode === 'bypassPermissions') return true
  return finding.layer !== 'policy' && isAllowed(finding.about, allow, subject)
}

function isAllowed(
  about: Finding['about'],
  allow: readonly PolicyRule[],
  subject: Parameters<typeof isAnswered>[2],
): boolean {
  const { action, command, writes } = subject
  // A rule that names a tool and nothing of what it does speaks of all that it does.
  if (allow.some(({ tool, spec }) => spec === null && tool === action.tool)) return true
  if (about === 'command') return command !== null && coversOthers(allow, command)
  if (about !== 'writes') return false
  return (
    (command === null || coversFiles(allow, command)) &&
    (writes.length === 0 || coversWrites(allow, action.tool, writes))
  )
}

/** Whether rules allow every part of a line of which nobody knows what it does. */
function coversOthers(allow: readonly PolicyRule[], command: CommandJudgement): boolean {
  const others = command.parts.filter(({ kind }) => kind === 'other')
  return others.length > 0 && coversCommand(allow, { ...command, parts: others })
}

/** Whether rules allow what a line writes: the command by which it does, or the file itself. */
function coversFiles(allow: readonly PolicyRule[], command: CommandJudgement): boolean {
  return command.parts.every(
    (part) =>
      (part.writes.length === 0 ||
        coversCommand(allow, { ...command, parts: [part] }) ||
        coversWrites(allow, 'write_file', part.writes)) &&
      (part.redirected.length === 0 || coversWrites(allow, 'write_file', part.redirected)),
  )
}

/** Why a call runs unasked, when nothing speaks against it. */
export function allowing(findings: readonly Finding[], policy: Policy, subject: Subject): Finding {
  const byMode = findings.find(({ layer, verdict }) => layer === 'mode' && verdict === 'allow')
  if (byMode && findings.every(({ verdict }) => verdict === 'allow')) return byMode
  const said = { verdict: 'allow', isFirm: false, about: 'call' } as const
  if (policy.mode === 'bypassPermissions')
    return { ...said, layer: 'mode', rule: 'bypassPermissions', why: 'asks are answered beforehand' }
  const rules = policy.allow.filter((rule) => speaksOf(rule, subject)).map(({ text }) => text)
  return { ...said, layer: 'policy', rule: `allow ${rules.join(', ')}`, why: 'the user allows it' }
}

/** Whether a rule had a part in allowing a call. */
function speaksOf(rule: PolicyRule, { action, command, writes }: Subject): boolean {
  if (rule.spec === null) return rule.tool === action.tool
  if (rule.tool === action.tool && writes.length > 0) return coversWrites([rule], action.tool, writes)
  if (command === null) return false
  return (
    command.parts.some(
      (part) =>
        part.kind !== 'read' &&
        part.leaves.some(
          (leaf) =>
            !leaf.isWrapper && coversCommand([rule], { ...command, parts: [{ ...part, leaves: [leaf] }] }),
        ),
    ) ||
    (command.writes.length > 0 && rule.tool === 'write_file')
  )
}
