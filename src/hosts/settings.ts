import { z } from 'zod'
import { issueInWords } from '../boundary/layer.ts'
import { parsePolicy, policySchema } from '../boundary/policy.ts'
import { UsageError } from '../errors.ts'
import type { Policy } from '../protocol/boundary.ts'

/** What a settings file says, and what of it does not count. */
export interface Settings {
  readonly policy: Policy
  readonly ignored: readonly string[]
}

const settingsSchema = z.strictObject({ permissions: policySchema.optional() })
const KEYS = [...Object.keys(settingsSchema.shape), ...Object.keys(policySchema.shape)]

/**
 * Reads a settings file. `where` names it in what is refused. From a folder that is not trusted only what
 * tightens counts.
 */
export function readSettings(text: string | null, where: string, isTrusted: boolean): Settings {
  const policy =
    text === null ? parsePolicy({}, where) : parsePolicy(permissionsIn(text, where), `${where}: permissions`)
  if (isTrusted) return { policy, ignored: [] }

  const ignored = policy.allow.map((rule) => `${where}: the rule that allows ${rule}`)
  if (policy.mode !== 'default') ignored.push(`${where}: the mode ${policy.mode}`)
  return { policy: Object.freeze({ ...policy, mode: 'default', allow: Object.freeze([]) }), ignored }
}

/** Both together. A mode that was said, in the order given, the last one wins; the rules add up. */
export function joinPolicies(...policies: readonly Policy[]): Policy {
  return Object.freeze({
    mode: policies.findLast(({ mode }) => mode !== 'default')?.mode ?? 'default',
    allow: Object.freeze(policies.flatMap(({ allow }) => allow)),
    ask: Object.freeze(policies.flatMap(({ ask }) => ask)),
    deny: Object.freeze(policies.flatMap(({ deny }) => deny)),
  })
}

function permissionsIn(text: string, where: string): unknown {
  const read = settingsSchema.safeParse(parsed(text, where))
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], KEYS)}`)
  return read.data.permissions ?? {}
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${where} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
