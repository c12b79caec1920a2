import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { MODES, type GivenRule, type Policy, type PolicyRule } from '../../protocol/boundary.ts'
import { COMMAND_TOOLS } from '../capabilities.ts'
import { issueInWords } from '../layer.ts'
import { PATTERN_CHARS_MAX, spelledOut } from '../files/patterns.ts'
import { givenRuleSchema, parseRule, RULE_KEYS } from './rule.ts'

/** Rules in one list. */
export const RULES_MAX = 256
/** What the globs of one list may come to once their braces are written out, in characters. */
export const RULE_GLOBS_CHARS_MAX = 8_192

const rules = z.array(givenRuleSchema).max(RULES_MAX)

/** What a person may say about tools, and nothing else. */
export const policySchema = z
  .strictObject({ mode: z.enum(MODES), allow: rules, ask: rules, deny: rules })
  .partial()

const LISTS = ['allow', 'ask', 'deny'] as const

/**
 * Reads what the user allows, asks and denies. Refuses what it does not understand: a rule that is
 * passed over protects nobody.
 */
export function parsePolicy(value: unknown, where: string): Policy {
  const read = policySchema.safeParse(value)
  const known = [...Object.keys(policySchema.shape), ...RULE_KEYS]
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], known)}`)
  const [allow, ask, deny] = LISTS.map((list) => parseList(read.data[list] ?? [], list, `${where}: ${list}`))
  return Object.freeze({
    mode: read.data.mode ?? 'default',
    allow: allow ?? [],
    ask: ask ?? [],
    deny: deny ?? [],
  })
}

function parseList(
  given: readonly GivenRule[],
  list: (typeof LISTS)[number],
  where: string,
): readonly PolicyRule[] {
  const parsed = given.map((rule) => parseRule(rule, where, list))
  const length = parsed
    .filter(({ tool, spec }) => spec !== null && !COMMAND_TOOLS.includes(tool))
    .flatMap(({ spec }) => spelledOut(spec ?? '') ?? [])
    .join('').length
  if (length > RULE_GLOBS_CHARS_MAX)
    throw new UsageError(
      `${where}: its globs come to more than ${RULE_GLOBS_CHARS_MAX} characters with their braces written out ` +
        `(a glob may have ${PATTERN_CHARS_MAX}).`,
    )
  return Object.freeze(parsed)
}
