import { z } from 'zod'
import { issueInWords } from '../boundary/layer.ts'
import { parsePolicy } from '../boundary/policy/policy.ts'
import { UsageError } from '../errors.ts'
import { type Mode, MODES, type Policy } from '../protocol/boundary.ts'
import { DEFAULTS } from '../protocol/defaults.ts'
import type { Retention } from './keeping/retention.ts'
import { changesTheLine } from './node/environment/environment.ts'

/** A policy of which the mode may not have been said. */
export interface SaidPolicy extends Omit<Policy, 'mode'> {
  readonly mode: Mode | undefined
}

/** What a settings file says, and what of it does not count. */
export interface Settings {
  readonly policy: SaidPolicy
  /** What would count if the folder were trusted. */
  readonly ignored: readonly string[]
  /** What only the user's own settings can say, wherever it stands. */
  readonly notTheirs: readonly string[]
}

/** What only the user's own file can say, with what holds where it does not. */
export interface OwnSettings {
  readonly retention: Retention
  /** Whether what was interrupted goes on by itself when a runtime opens. */
  readonly autoResume: boolean
  /** Names of variables that commands inherit although they look like secrets. */
  readonly environment: readonly string[]
}

/** What holds where the user has said nothing. */
export const OWN_SETTINGS: OwnSettings = Object.freeze({
  retention: Object.freeze({ tasks: DEFAULTS.retentionTasks, days: DEFAULTS.retentionDays }),
  autoResume: false,
  environment: Object.freeze([]),
})

const TASKS_MAX = 1_000_000
const DAYS_MAX = 36_500
const count = (max: number) => z.int().min(1).max(max).optional()
const retentionSchema = z.strictObject({ tasks: count(TASKS_MAX), days: count(DAYS_MAX) })
const NAMES_MAX = 64
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const variable = z.string().superRefine((name, context) => {
  const flaw = flawOfVariable(name)
  if (flaw) context.addIssue({ code: 'custom', message: flaw })
})
const settingsSchema = z.strictObject({
  permissions: z.unknown().optional(),
  retention: retentionSchema.optional(),
  autoResume: z.boolean().optional(),
  environment: z.array(variable).max(NAMES_MAX).optional(),
})
const OWN_KEYS = ['retention', 'autoResume', 'environment'] as const
const KEYS = [settingsSchema, retentionSchema].flatMap(({ shape }) => Object.keys(shape))
/** An untrusted folder may say every mode that is no wider than what holds where nothing is said. */
const STRICT_MODES: readonly Mode[] = MODES.slice(0, MODES.indexOf('default') + 1)

/** Names only, one by one: a pattern would hand on what nobody thought of. */
function flawOfVariable(name: string): string | null {
  const shown = JSON.stringify(name.slice(0, 128))
  if (!NAME.test(name)) return `names ${shown}, which is no name of a variable`
  return changesTheLine(name)
    ? `names ${shown}, which changes what a command does and is never handed on`
    : null
}

/**
 * Reads a settings file. `where` names it in what is refused. From a folder that is not trusted only what
 * tightens counts. No file can say `bypassPermissions`: who starts the runtime says that, each time.
 */
export function readSettings(text: string | null, where: string, isTrusted: boolean): Settings {
  const read = settingsIn(text, where)
  const own = OWN_KEYS.filter((key) => read[key] !== undefined)
  const notTheirs = own.map((key) => `${where}: ${key}, which only your own settings can say`)
  const policy = policyIn(read, where)
  if (isTrusted) return { policy: withoutBypass(policy, where), ignored: [], notTheirs }
  return { ...tightened(policy, where), notTheirs }
}

/** Reads the user's own settings file: there is nothing in it that does not count. */
export function readOwnSettings(text: string | null, where: string): OwnSettings & Pick<Settings, 'policy'> {
  const { policy } = readSettings(text, where, true)
  const said = settingsIn(text, where)
  const {
    retention = {},
    autoResume = OWN_SETTINGS.autoResume,
    environment = OWN_SETTINGS.environment,
  } = said
  const { tasks = OWN_SETTINGS.retention.tasks, days = OWN_SETTINGS.retention.days } = retention
  return { policy, retention: { tasks, days }, autoResume, environment: Object.freeze([...environment]) }
}

function policyIn({ permissions = {} }: z.infer<typeof settingsSchema>, where: string): SaidPolicy {
  const { mode, allow, ask, deny } = parsePolicy(permissions, `${where}: permissions`)
  const isSaid = typeof permissions === 'object' && permissions !== null && 'mode' in permissions
  return Object.freeze({ mode: isSaid ? mode : undefined, allow, ask, deny })
}

function withoutBypass(policy: SaidPolicy, where: string): SaidPolicy {
  if (policy.mode === 'bypassPermissions')
    throw new UsageError(
      `${where}: permissions: the mode bypassPermissions can't be set in a file. Start with it instead: ` +
        '`policy: { mode }` of createRuntime.',
    )
  return policy
}

/** What is left of settings that nobody trusts. Where they want to be asked, or refused, they are. */
function tightened(policy: SaidPolicy, where: string): Pick<Settings, 'policy' | 'ignored'> {
  const ignored = policy.allow.map(({ text }) => `${where}: the rule that allows ${text}`)
  const isStrict = policy.mode === undefined || STRICT_MODES.includes(policy.mode)
  if (!isStrict) ignored.push(`${where}: the mode ${policy.mode}`)
  const mode = isStrict ? policy.mode : undefined
  return { policy: Object.freeze({ ...policy, mode, allow: Object.freeze([]) }), ignored }
}

/**
 * All of them together: the rules add up, and of the modes that were said the strictest counts. Where one of
 * them said that nobody is asked, a stricter mode of another makes no question of a refusal.
 */
export function joinPolicies(...policies: readonly SaidPolicy[]): Policy {
  const said = policies.map(({ mode }) => mode)
  const neverAsks = policies.some((policy) => policy.mode === 'dontAsk' || policy.neverAsks === true)
  return Object.freeze({
    mode: MODES.find((mode) => said.includes(mode)) ?? 'default',
    ...(neverAsks && { neverAsks }),
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
