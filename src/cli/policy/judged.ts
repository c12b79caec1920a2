import { actionOf, decisionOn, unseen } from '../../actors/effects/judge.ts'
import type { CommandJudgement } from '../../boundary/commands/judgement.ts'
import { decide, explain, type Decision } from '../../boundary/decide.ts'
import { deny, type Finding } from '../../boundary/findings.ts'
import { UsageError } from '../../errors.ts'
import type { Access, Action, PolicyRule, Verdict } from '../../protocol/boundary.ts'
import { DELEGATION_TOOLS } from '../../protocol/names.ts'
import { suggestion } from '../../protocol/nearest.ts'
import type { Tool } from '../../tools/tool.ts'
import type { Ground } from './ground.ts'
import type { Asked } from './question.ts'

/** What is asked about one call. */
export type AskedCall = Exclude<Asked, { readonly kind: 'rules' }>

/** One call, and everything that was said of it. */
export interface Judged {
  readonly action: Action
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly command: CommandJudgement | null
  /** What it was decided from; `null` where something could not be looked at. */
  readonly decision: Decision | null
}

const COMMAND_TOOL = 'execute_command'
/** What a tool is given besides a path, so that it says itself what it would touch. */
const BESIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  list_files: {},
  read_file: {},
  search_files: { pattern: '.' },
  write_file: { content: '' },
  edit_file: { old_text: 'a', new_text: 'b' },
}
const PATCH_TOOL = 'apply_patch'

/** Judges a call the way the runtime would, now. Nothing of it is run. */
export async function judged(asked: AskedCall, ground: Ground): Promise<Judged> {
  const { task, policy, files } = ground
  const action = await actionFor(asked, ground)
  const lacking = task.tools.includes(action.tool) ? null : lackOf(action.tool, task.agent)
  try {
    const decision = await decisionOn(action, { task, policy, files, hasBash: process.platform !== 'win32' })
    const { verdict, findings, command } = explain(decision)
    // A tool that it has not is not there for it, whatever the rules say.
    if (lacking)
      return { action, verdict: verdictOf(lacking), findings: [lacking, ...findings], command, decision }
    return { action, verdict, findings, command, decision }
  } catch (error) {
    if (UsageError.is(error)) throw error
    return { action, verdict: unseen(error), findings: [], command: null, decision: null }
  }
}

/** Whether these rules that allow, besides those that there are, would be enough for it to run unasked. */
export function wouldRunWith({ decision }: Judged, rules: readonly PolicyRule[]): boolean {
  if (decision === null) return false
  const { policy } = decision
  return (
    decide({ ...decision, policy: { ...policy, allow: [...policy.allow, ...rules] } }).verdict === 'allow'
  )
}

function lackOf(tool: string, agent: string): Finding {
  return deny(`agent ${agent}`, 'tools', `${agent} has no tool ${tool}`)
}

function verdictOf({ verdict, layer, rule, why }: Finding): Verdict {
  return { verdict, layer, rule, why }
}

async function actionFor(asked: AskedCall, { tools }: Ground): Promise<Action> {
  if (asked.kind === 'command') {
    const tool = tools.find(({ name }) => name === COMMAND_TOOL)
    return accessOf(tool, { command: asked.line, cwd: asked.cwd })
  }
  const { tool: name, path } = asked
  const tool = toolNamed(name, tools)
  // What a patch touches stands in its text, where a path may not hold everything that a path can.
  if (name === PATCH_TOOL) return actionWith(tool, { reads: [path], writes: [path], command: null })
  return accessOf(tool, { path, ...BESIDES[name] })
}

async function accessOf(tool: Tool | undefined, input: Readonly<Record<string, string>>): Promise<Action> {
  if (!tool) throw new Error(`There is no ${COMMAND_TOOL}.`)
  const prepared = await tool.prepare(input)
  if (prepared.kind === 'prepared') return actionWith(tool, prepared.access)
  throw new UsageError(prepared.kind === 'failed' ? prepared.message : `${tool.name} can't be given that.`)
}

function actionWith({ name, effect }: Tool, access: Access | null): Action {
  return actionOf({ id: 'policy', tool: name, input: {}, effect }, access)
}

function toolNamed(name: string, tools: readonly Tool[]): Tool {
  if (name === COMMAND_TOOL)
    throw new UsageError('For a command give the line itself: troupe policy check "<command>"')
  const taking = [...Object.keys(BESIDES), PATCH_TOOL]
  const tool = tools.find((it) => it.name === name)
  if (tool && taking.includes(name)) return tool
  if (tool || DELEGATION_TOOLS.includes(name))
    throw new UsageError(`${name} takes no path. Those that do: ${taking.join(', ')}.`)
  throw new UsageError(
    `--tool: there is no tool "${name}".${suggestion(name, taking)} Those that take a path: ${taking.join(', ')}.`,
  )
}
