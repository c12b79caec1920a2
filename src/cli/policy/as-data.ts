import type { Finding } from '../../boundary/findings.ts'
import type { Exposure } from '../../hosts/node/environment/exposure.ts'
import type { SaidPolicy } from '../../hosts/settings.ts'
import type { Verdict } from '../../protocol/boundary.ts'
import type { Ground } from './ground.ts'
import type { Judged } from './judged.ts'

/** What a script is told by `check`: this and nothing more. */
export function verdictObject({ verdict, rule, layer, why }: Verdict) {
  return { verdict, rule, layer, why }
}

/** What a script is told by `explain` of one call. */
export function explainObject(
  { verdict, action, findings, command }: Judged,
  ground: Ground,
  exposure: Exposure,
) {
  return {
    ...verdictObject(verdict),
    ...groundObject(ground),
    action: { tool: action.tool, effect: action.effect, access: action.access },
    findings: findings.map(findingObject),
    command,
    exposure,
  }
}

/** What a script is told by `explain` of the rules. */
export function rulesObject(ground: Ground, exposure: Exposure) {
  const { said, trust } = ground.found
  return {
    ...groundObject(ground),
    rules: { user: saidObject(said.user), workspace: saidObject(said.workspace) },
    isTrusted: trust.isTrusted,
    ignored: trust.ignored,
    exposure,
  }
}

function groundObject({ task, policy, origins }: Ground) {
  const { mode, neverAsks = false } = policy
  return {
    agent: task.agent,
    background: task.background,
    mode,
    neverAsks,
    boundary: task.boundary.map((layer, at) => ({ from: origins[at] ?? null, layer })),
  }
}

function findingObject({ verdict, rule, layer, why, isFirm }: Finding) {
  return { verdict, rule, layer, why, isFirm }
}

function saidObject({ mode, allow, ask, deny }: SaidPolicy) {
  const texts = (rules: SaidPolicy['allow']) => rules.map(({ text }) => text)
  return { mode: mode ?? null, allow: texts(allow), ask: texts(ask), deny: texts(deny) }
}
