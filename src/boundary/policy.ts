import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { MODES, type Policy } from '../protocol/boundary.ts'
import { issueInWords } from './layer.ts'

const RULES_MAX = 256

const rules = z.array(z.string().min(1).max(256)).max(RULES_MAX)

/** What a person may say about tools, and nothing else. */
export const policySchema = z
  .strictObject({ mode: z.enum(MODES), allow: rules, ask: rules, deny: rules })
  .partial()

/**
 * Reads what the user allows, asks and denies. Refuses what it does not understand: a rule that is
 * passed over protects nobody.
 */
export function parsePolicy(value: unknown, where: string): Policy {
  const read = policySchema.safeParse(value)
  if (!read.success)
    throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], Object.keys(policySchema.shape))}`)
  const { mode = 'default', allow = [], ask = [], deny = [] } = read.data
  for (const [list, given] of Object.entries({ allow, ask, deny })) {
    for (const rule of given) refuseUnlessToolName(rule, `${where}: ${list}`)
  }
  return Object.freeze({
    mode,
    allow: Object.freeze(allow),
    ask: Object.freeze(ask),
    deny: Object.freeze(deny),
  })
}

function refuseUnlessToolName(rule: string, where: string): void {
  if (/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/.test(rule)) return
  const tool = /^([a-zA-Z][a-zA-Z0-9_-]*)\s*\(/.exec(rule)?.[1]
  throw new UsageError(
    tool
      ? `${where}: the rule "${rule}" is not supported yet; a rule is the plain name of a tool: "${tool}".`
      : `${where}: "${rule}" is no rule; a rule is the plain name of a tool, such as "read_file".`,
  )
}
