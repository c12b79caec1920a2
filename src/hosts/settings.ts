import { z } from 'zod'
import { issueInWords } from '../boundary/layer.ts'
import { parsePolicy, policySchema } from '../boundary/policy.ts'
import { UsageError } from '../errors.ts'
import { type Mode, MODES, type Policy } from '../protocol/boundary.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import type { Retention } from './keeping/retention.ts'

/** A policy of which the mode may not have been said. */
export interface SaidPolicy extends Omit<Policy, 'mode'> {
  readonly mode: Mode | undefined
}

/** What a settings file says, and what of it does not count. */
export interface Settings {
  readonly policy: SaidPolicy
  readonly ignored: readonly string[]
}

/** What only the user's own file can say, with what holds where it does not. */
export interface OwnSettings {
  readonly retention: Retention
  /** Whether what was interrupted goes on by itself when a runtime opens. */
  readonly autoResume: boolean
}

/** What holds where the user has said nothing. */
export const OWN_SETTINGS: OwnSettings = Object.freeze({
  retention: Object.freeze({ tasks: DEFAULTS.retentionTasks, days: DEFAULTS.retentionDays }),
  autoResume: false,
})

const TASKS_MAX = 1_000_000
const DAYS_MAX = 36_500
const count = (max: number) => z.int().min(1).max(max).optional()
const retentionSchema = z.strictObject({ tasks: count(TASKS_MAX), days: count(DAYS_MAX) })
const settingsSchema = z.strictObject({
  permissions: policySchema.optional(),
  retention: retentionSchema.optional(),
  autoResume: z.boolean().optional(),
})
const OWN_KEYS = ['retention', 'autoResume'] as const
const KEYS = [settingsSchema, policySchema, retentionSchema].flatMap(({ shape }) => Object.keys(shape))

/**
 * Reads a settings file. `where` names it in what is refused. From a folder that is not trusted only what
 * tightens counts. No file can say `bypassPermissions`: who starts the runtime says that, each time.
 */
export function readSettings(text: string | null, where: string, isTrusted: boolean): Settings {
  const read = settingsIn(text, where)
  const own = OWN_KEYS.filter((key) => read[key] !== undefined)
  const notOwn = own.map((key) => `${where}: ${key}, which only your own settings can say`)
  const policy = policyIn(read, text === null ? where : `${where}: permissions`)
  if (isTrusted) return { policy: withoutBypass(policy, where), ignored: notOwn }
  const { policy: strict, ignored } = tightened(policy, where)
  return { policy: strict, ignored: [...ignored, ...notOwn] }
}

/** Reads the user's own settings file: there is nothing in it that does not count. */
export function readOwnSettings(text: string | null, where: string): OwnSettings & Pick<Settings, 'policy'> {
  const { policy } = readSettings(text, where, true)
  const { retention = {}, autoResume = OWN_SETTINGS.autoResume } = settingsIn(text, where)
  const { tasks = OWN_SETTINGS.retention.tasks, days = OWN_SETTINGS.retention.days } = retention
  return { policy, retention: { tasks, days }, autoResume }
}

function policyIn({ permissions = {} }: z.infer<typeof settingsSchema>, where: string): SaidPolicy {
  const parsed = parsePolicy(permissions, where)
  return Object.freeze({ ...parsed, mode: 'mode' in permissions ? parsed.mode : undefined })
}

function withoutBypass(policy: SaidPolicy, where: string): SaidPolicy {
  if (policy.mode === 'bypassPermissions')
    throw new UsageError(
      `${where}: permissions: the mode bypassPermissions can't be set in a file. Start with it instead: ` +
        '`policy: { mode }` of createRuntime.',
    )
  return policy
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

function settingsIn(text: string | null, where: string): z.infer<typeof settingsSchema> {
  const read = settingsSchema.safeParse(text === null ? {} : parsedJson(text, where))
  if (read.success) return read.data
  throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], KEYS)}`)
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
