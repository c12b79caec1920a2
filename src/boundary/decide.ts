import type { Action, Boundary, Policy, Verdict } from '../protocol/boundary.ts'
import { isInner, isNeeded } from './capabilities.ts'
import { globsOfCommand, judgeCommand, namesGit, pathsOfCommand } from './commands/commands.ts'
import type { CommandJudgement, Touched } from './commands/judgement.ts'
import { isState, protectionOf } from './files/control-files.ts'
import { isTooMuch } from './comparisons.ts'
import { ask, askFirmly, deny, nameOf, type Finding, type Subject } from './findings.ts'
import { layerFindings } from './layer-rules.ts'
import { allowing, isAnswered } from './policy/answers.ts'
import { modeFindings } from './policy/modes.ts'
import { policyFindings } from './policy/policy-findings.ts'
import { flawOfPath } from './files/patterns.ts'
import { isOwn, type OwnDirectories } from './files/own-directories.ts'
import type { Links, Places } from './files/places.ts'
import { suspicionOf } from './files/suspicions.ts'

/** A call, and all that has a say in whether it may be made. */
export interface Decision {
  readonly boundary: Boundary
  readonly policy: Policy
  readonly action: Action
  /** Where each path that `pathsOf` names leads. */
  readonly places: Places
  /** Which names are links in the directories that `globsOf` names. Absent: nobody looked. */
  readonly links?: Links
  /** Why git may not read the workspace unasked; `null`: nothing speaks against it. Absent: nobody looked. */
  readonly repository?: string | null
  /** Where Troupe keeps what is the user's own. */
  readonly own?: OwnDirectories
  /** The task works in the background: nobody stands in front of it. */
  readonly isBackground?: boolean
  /** Whether commands run by the bash that they are judged for. Absent: they do. */
  readonly hasBash?: boolean
}

/** Whether `repository` must be looked up before a call can be judged. */
export function asksGit({ access }: Action): boolean {
  return access !== null && access.command !== null && namesGit(access.command.line)
}

/** The paths that must be located before a call can be judged, as keys of `places`. */
export function pathsOf({ access }: Action, links?: Links): readonly string[] {
  if (access === null) return []
  const { reads, writes, command } = access
  const given = [...reads, ...writes].filter((path) => flawOfPath(path) === null)
  return [...new Set([...given, ...(command ? pathsOfCommand(command, links) : [])])]
}

/** The directories whose links must be known before `pathsOf` can tell all, as keys of `links`. */
export function globsOf({ access }: Action): readonly string[] {
  return access === null || access.command === null ? [] : globsOfCommand(access.command)
}

/** A verdict, and everything that was said on the way to it. */
export interface Explanation {
  readonly verdict: Verdict
  /** What every rule said, in the order in which they are heard. */
  readonly findings: readonly Finding[]
  readonly command: CommandJudgement | null
}

/**
 * Whether a call may be made, must be asked for, or not at all. Every layer and rule is heard, and the
 * strictest wins.
 */
export function decide(decision: Decision): Verdict {
  return explain(decision).verdict
}

/** What one call may touch. More, and none of it is looked at. */
const PATHS_MAX = 400

/** The same, with everything that was heard. */
export function explain(decision: Decision): Explanation {
  const { boundary, policy, action } = decision
  const { reads = [], writes = [] } = action.access ?? {}
  if (reads.length + writes.length > PATHS_MAX)
    return refused(`${action.tool} touches more than ${PATHS_MAX} files in one call`)
  const subject = lookUp(decision)
  if (isTooMuch(subject, boundary, policy))
    return refused('it names more, under more patterns, than can be compared: do it in smaller pieces')
  const findings = [
    ...ownRules(subject, decision),
    ...boundary.flatMap((layer, index) =>
      layerFindings(layer, `layer ${index + 1} of ${boundary.length}`, subject),
    ),
    ...policyFindings(policy, subject),
    ...modeFindings(policy, subject),
  ]
  const open = findings.filter((finding) => finding.isFirm || !isAnswered(finding, policy, subject))
  const { verdict, layer, rule, why } =
    open.find((finding) => finding.verdict === 'deny') ??
    open.find((finding) => finding.verdict === 'ask') ??
    allowing(findings, policy, subject)
  const said = { verdict, layer, rule, why }
  return { verdict: neverAsks(policy) ? unasked(said) : said, findings, command: subject.command }
}

/** The answer to what is too much to be looked at. */
function refused(why: string): Explanation {
  const crowd = deny('runtime', 'path limits', why)
  const { verdict, layer, rule } = crowd
  return { verdict: { verdict, layer, rule, why }, findings: [crowd], command: null }
}

function neverAsks({ mode, neverAsks: isSaid = false }: Policy): boolean {
  return mode === 'dontAsk' || isSaid
}

/** Where nobody is to be asked, what would be asked for is refused. */
function unasked(verdict: Verdict): Verdict {
  if (verdict.verdict !== 'ask') return verdict
  const why = `it would have to be asked for (${verdict.rule}, ${verdict.layer}): ${verdict.why}`
  return { verdict: 'deny', layer: 'mode', rule: 'dontAsk', why }
}

function lookUp({
  action,
  places,
  links,
  repository = 'nobody looked at it',
  own,
  isBackground = false,
}: Decision): Subject {
  const { reads = [], writes = [], command = null } = action.access ?? {}
  const touched = (given: string): Touched => ({ given, place: places.get(given) ?? 'outside' })
  return {
    action,
    reads: reads.map(touched),
    writes: writes.map(touched),
    command: command && judgeCommand(command, { places, links, repository, own }),
    cwd: command && touched(command.cwd),
    places,
    isUnknown:
      action.effect !== 'pure' &&
      !isInner(action) &&
      !isNeeded(action) &&
      writes.length === 0 &&
      command === null,
    isBackground,
  }
}

/** The rules that nobody can change. */
function ownRules(subject: Subject, { own, hasBash = true }: Decision): readonly Finding[] {
  const { action, reads, writes, command, cwd } = subject
  const findings = [
    ...reads.flatMap((touched) => pathRules(touched, false, own)),
    ...writes.flatMap((touched) => pathRules(touched, true, own)),
  ]
  if (command?.denied)
    findings.push(
      deny('runtime', 'own controls', `${action.tool}: ${command.denied}, which no task may reach`),
    )
  // Another shell may take the line for something else than bash does.
  else if (!hasBash && /troupe/i.test(action.access?.command?.line ?? ''))
    findings.push(
      deny('runtime', 'own controls', `${action.tool}: it names troupe, and there is no bash to read it`),
    )
  if (command?.asked)
    findings.push(
      askFirmly(
        'runtime',
        command.kind === 'unreadable' ? 'unreadable command' : 'control files and secrets',
        command.asked,
      ),
    )
  if (command && !hasBash)
    findings.push(askFirmly('runtime', 'bash', 'there is no bash here, by which it was judged'))
  if (cwd?.place === 'outside')
    findings.push(
      deny('runtime', 'workspace', `the command would run in ${cwd.given}, outside the workspace`),
    )
  return [...findings, ...(command ? commandFileRules(command, own) : [])]
}

/** What a command reads outside the workspace a person may allow; what it writes, it writes inside. */
function commandFileRules(
  { reads, writes }: CommandJudgement,
  own: OwnDirectories | undefined,
): readonly Finding[] {
  const outside = reads.find(({ place }) => place === 'outside')
  return [
    ...writes.flatMap((touched) => pathRules(touched, true, own)),
    ...reads.flatMap((touched) => (touched.place === 'outside' ? [] : pathRules(touched, false, own))),
    ...(outside
      ? [ask('outside', 'runtime', 'workspace', `it reads ${outside.given}, outside the workspace`)]
      : []),
  ]
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
  // Where a drive leads inside, its letter is only another way to say so.
  const asText =
    place === 'outside' ? spellings : spellings.map((path) => path.replace(/^[a-zA-Z]:(?=[\\/])/, ''))
  const suspicion = suspicionIn(asText, isWrite)
  if (suspicion?.verdict === 'deny') return [suspicion]
  if (place === 'outside') return [deny('runtime', 'workspace', `${given} leads out of the workspace`)]

  const findings: Finding[] = suspicion === null ? [] : [suspicion]
  const protection = spellings.map(protectionOf).find((row) => row && (isWrite || row.kind === 'secret'))
  if (protection)
    findings.push(askFirmly('runtime', 'control files and secrets', `${nameOf(touched)}: ${protection.why}`))
  if (place.kind === 'other')
    findings.push(askFirmly('runtime', 'workspace', `${nameOf(touched)} is neither a file nor a directory`))
  if (isWrite && place.isHardLinked)
    findings.push(askFirmly('runtime', 'workspace', `${nameOf(touched)} has another name, perhaps outside`))
  return findings
}

/**
 * What is wrong with a path as text. What is there may be read, whatever it looks like; what nobody can see
 * may not.
 */
function suspicionIn(spellings: readonly string[], isWrite: boolean): Finding | null {
  const found = spellings.flatMap((spelling) => {
    const suspicion = suspicionOf(spelling)
    return suspicion ? [{ ...suspicion, said: `${JSON.stringify(spelling)} ${suspicion.why}` }] : []
  })
  const bad = found.find(({ verdict }) => verdict === 'deny')
  if (bad) return deny('runtime', 'path limits', bad.said)
  const [doubtful] = isWrite ? found : []
  return doubtful ? askFirmly('runtime', 'path limits', doubtful.said) : null
}
