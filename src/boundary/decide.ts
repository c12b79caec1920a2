import type { Action, Boundary, Policy, Verdict } from '../protocol/boundary.ts'
import { isInner, isNeeded, reaches } from './capabilities.ts'
import { judgeCommand, namesGit, pathsOfCommand } from './commands/commands.ts'
import { isState, protectionOf } from './control-files.ts'
import { askFirmly, deny, nameOf, type Finding, type Subject, type Touched } from './findings.ts'
import { deniedToolFindings, layerFindings } from './layer-rules.ts'
import { flawOfPath } from './patterns.ts'
import { isOwn, type OwnDirectories } from './own-directories.ts'
import type { Places } from './places.ts'

/** A call, and all that has a say in whether it may be made. */
export interface Decision {
  readonly boundary: Boundary
  readonly policy: Policy
  readonly action: Action
  /** Where each path that `pathsOf` names leads. */
  readonly places: Places
  /** Why git may not read the workspace unasked; `null`: nothing speaks against it. Absent: nobody looked. */
  readonly repository?: string | null
  /** Where Troupe keeps what is the user's own. */
  readonly own?: OwnDirectories
}

/** Whether `repository` must be looked up before a call can be judged. */
export function asksGit({ access }: Action): boolean {
  return access !== null && access.command !== null && namesGit(access.command.line)
}

/** The paths that must be located before a call can be judged, as keys of `places`. */
export function pathsOf({ access }: Action): readonly string[] {
  if (access === null) return []
  const { reads, writes, command } = access
  const given = [...reads, ...writes].filter((path) => flawOfPath(path) === null)
  return [...new Set([...given, ...(command ? pathsOfCommand(command) : [])])]
}

/**
 * Whether a call may be made, must be asked for, or not at all. Every layer and rule is heard, and the
 * strictest wins.
 */
export function decide(decision: Decision): Verdict {
  const { boundary, policy, own } = decision
  const subject = lookUp(decision)
  const findings = [
    ...ownRules(subject, own),
    ...boundary.flatMap((layer, index) =>
      layerFindings(layer, `layer ${index + 1} of ${boundary.length}`, subject),
    ),
    ...policyFindings(policy, subject),
    modeFinding(policy, subject),
  ]
  const open = findings.filter((finding) => finding.isFirm || !isAnswered(finding, policy, subject))
  const { isFirm: _, ...verdict } =
    open.find((finding) => finding.verdict === 'deny') ??
    open.find((finding) => finding.verdict === 'ask') ??
    allowing(findings, policy)
  return verdict
}

function lookUp({ action, places, repository = 'nobody looked at it', own }: Decision): Subject {
  const { reads = [], writes = [], command = null } = action.access ?? {}
  const touched = (given: string): Touched => ({ given, place: places.get(given) ?? 'outside' })
  return {
    action,
    reads: reads.map(touched),
    writes: writes.map(touched),
    command: command && judgeCommand(command, { places, repository, own }),
    cwd: command && touched(command.cwd),
    isUnknown:
      action.effect !== 'pure' &&
      !isInner(action) &&
      !isNeeded(action) &&
      writes.length === 0 &&
      command === null,
  }
}

/** The rules that nobody can change. */
function ownRules(subject: Subject, own: OwnDirectories | undefined): readonly Finding[] {
  const { action, reads, writes, command, cwd } = subject
  const findings = [
    ...reads.flatMap((touched) => pathRules(touched, false, own)),
    ...writes.flatMap((touched) => pathRules(touched, true, own)),
  ]
  if (command?.denied)
    findings.push(
      deny('runtime', 'own controls', `${action.tool}: ${command.denied}, which no task may reach`),
    )
  if (command?.asked)
    findings.push(
      askFirmly(
        'runtime',
        command.kind === 'unreadable' ? 'unreadable command' : 'control files and secrets',
        command.asked,
      ),
    )
  if (cwd?.place === 'outside')
    findings.push(
      deny('runtime', 'workspace', `the command would run in ${cwd.given}, outside the workspace`),
    )
  return findings
}

function pathRules(touched: Touched, isWrite: boolean, own: OwnDirectories | undefined): readonly Finding[] {
  const { given, place } = touched
  const spellings = place === 'outside' ? [given] : [given, place.path]
  if (spellings.some(isState))
    return [
      deny(
        'runtime',
        'own controls',
        `${given} lies in the state directory of Troupe, which no task may reach`,
      ),
    ]
  if (own && spellings.some((spelling) => isOwn(own, spelling, '')))
    return [deny('runtime', 'own controls', `${given} lies where Troupe keeps what is the user's own`)]
  const flaw = spellings.map(flawOfPath).find((words) => words !== null)
  if (flaw) return [deny('runtime', 'path limits', flaw)]
  if (place === 'outside') return [deny('runtime', 'workspace', `${given} leads out of the workspace`)]

  const findings: Finding[] = []
  const protection = spellings.map(protectionOf).find((row) => row && (isWrite || row.kind === 'secret'))
  if (protection)
    findings.push(askFirmly('runtime', 'control files and secrets', `${nameOf(touched)}: ${protection.why}`))
  if (place.kind === 'other')
    findings.push(askFirmly('runtime', 'workspace', `${nameOf(touched)} is neither a file nor a directory`))
  if (isWrite && place.isHardLinked)
    findings.push(askFirmly('runtime', 'workspace', `${nameOf(touched)} has another name, perhaps outside`))
  return findings
}

function policyFindings(policy: Policy, subject: Subject): readonly Finding[] {
  const { action } = subject
  const asks = !isNeeded(action) && reaches(policy.ask, action)
  return [
    ...deniedToolFindings(policy.deny, 'policy', 'deny', subject),
    ...(asks
      ? [soft('ask', 'policy', 'ask', `${action.tool} is to be asked for, or does what such a tool does`)]
      : []),
  ]
}

/** What a mode says where no rule speaks. */
function modeFinding({ mode }: Policy, subject: Subject): Finding {
  const { action, writes, command, isUnknown } = subject
  const say = (verdict: Verdict['verdict'], why: string) =>
    soft(verdict, 'mode', mode === 'bypassPermissions' ? 'default' : mode, why)
  if (isInner(action) || isNeeded(action))
    return say('allow', `${action.tool} touches nothing but its own task`)
  if (command && command.kind !== 'read')
    return say('ask', `the command is not known to only read: ${command.why}`)
  if (writes.length > 0 && mode !== 'acceptEdits')
    return say('ask', `${action.tool} writes ${writes.map(nameOf).join(', ')}`)
  if (isUnknown) return say('ask', `${action.tool} may change something, and does not say what`)
  return say(
    'allow',
    writes.length > 0 ? 'it writes inside the workspace' : 'it only reads inside the workspace',
  )
}

function soft(verdict: Verdict['verdict'], layer: string, rule: string, why: string): Finding {
  return { verdict, layer, rule, why, isFirm: false }
}

/**
 * Whether an ask that is not firm has been answered beforehand: by a mode, or by a rule that no ask
 * rule outweighs.
 */
function isAnswered(finding: Finding, { mode, allow }: Policy, { action }: Subject): boolean {
  if (finding.verdict !== 'ask') return false
  return mode === 'bypassPermissions' || (finding.layer === 'mode' && allow.includes(action.tool))
}

function allowing(findings: readonly Finding[], { mode }: Policy): Finding {
  const byMode = findings.find((finding) => finding.layer === 'mode' && finding.verdict === 'allow')
  if (byMode && findings.every((finding) => finding.verdict === 'allow')) return byMode
  if (mode === 'bypassPermissions')
    return soft('allow', 'mode', 'bypassPermissions', 'asks are answered beforehand')
  return soft('allow', 'policy', 'allow', 'the user allows the tool')
}
