import { z } from 'zod'
import { issueInWords } from '../boundary/layer.ts'
import { parsePolicy, policySchema } from '../boundary/policy.ts'
import { UsageError } from '../errors.ts'
import { type Mode, MODES, type Policy } from '../protocol/boundary.ts'

/** A policy of which the mode may not have been said. */
export interface SaidPolicy extends Omit<Policy, 'mode'> {
  readonly mode: Mode | undefined
}

/** What a settings file says, and what of it does not count. */
export interface Settings {
  readonly policy: SaidPolicy
  readonly ignored: readonly string[]
}

const settingsSchema = z.strictObject({ permissions: policySchema.optional() })
const KEYS = [...Object.keys(settingsSchema.shape), ...Object.keys(policySchema.shape)]

/**
 * Reads a settings file. `where` names it in what is refused. From a folder that is not trusted only what
 * tightens counts. No file can say `bypassPermissions`: who starts the runtime says that, each time.
 */
export function readSettings(text: string | null, where: string, isTrusted: boolean): Settings {
  const said = text === null ? {} : permissionsIn(text, where)
  const parsed = parsePolicy(said, text === null ? where : `${where}: permissions`)
  const policy: SaidPolicy = Object.freeze({ ...parsed, mode: 'mode' in said ? parsed.mode : undefined })
  if (!isTrusted) return tightened(policy, where)
  if (policy.mode === 'bypassPermissions')
    throw new UsageError(
      `${where}: permissions: the mode bypassPermissions can't be set in a file. Start with it instead: ` +
        '`policy: { mode }` of createRuntime.',
    )
  return { policy, ignored: [] }
}

/** What is left of settings that nobody trusts. Where they want to be asked, they are. */
function tightened(policy: SaidPolicy, where: string): Settings {
  const ignored = policy.allow.map((rule) => `${where}: the rule that allows ${rule}`)
  const isStrict = policy.mode === undefined || policy.mode === MODES[0]
  if (!isStrict) ignored.push(`${where}: the mode ${policy.mode}`)
  const mode = isStrict ? policy.mode : undefined
  return { policy: Object.freeze({ ...policy, mode, allow: Object.freeze([]) }), ignored }
}

/** Both together: the rules add up, and of the modes that were said the strictest counts. */
export function joinPolicies(...policies: readonly SaidPolicy[]): Policy {
  const said = policies.map(({ mode }) => mode)
  return Object.freeze({
    mode: MODES.find((mode) => said.includes(mode)) ?? 'default',
    allow: Object.freeze(policies.flatMap(({ allow }) => allow)),
    ask: Object.freeze(policies.flatMap(({ ask }) => ask)),
    deny: Object.freeze(policies.flatMap(({ deny }) => deny)),
  })
}

function permissionsIn(text: string, where: string): object {
  const read = settingsSchema.safeParse(parsedJson(text, where))
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], KEYS)}`)
  return read.data.permissions ?? {}
}

/** Says where a text is no JSON, and nothing of what stands there: it may be a secret in the wrong file. */
function parsedJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
    const line = position === undefined ? null : text.slice(0, Number(position)).split('\n').length
    throw new UsageError(`${where} is not JSON${line === null ? '' : `: look at line ${line}`}.`)
  }
}
