import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import type { GivenRule, Policy, PolicyRule } from '../../protocol/boundary.ts'
import { DELEGATION_TOOLS, ESSENTIAL_TOOLS } from '../../protocol/names.ts'
import { suggestion } from '../../protocol/nearest.ts'
import { COMMAND_TOOLS, LIST_TOOLS, READ_TOOLS, WRITE_TOOLS } from '../capabilities.ts'
import { flawOfCommandPattern } from '../commands/command-patterns.ts'
import { issueInWords } from '../layer.ts'
import { flawOf, foldedGlob } from '../files/patterns.ts'
import { flawOfExamples, type RuleList } from './examples.ts'

/** A whole rule: a name of a tool, parentheses, a pattern. */
export const RULE_CHARS_MAX = 512
/** Examples of each kind in one rule. */
export const EXAMPLES_MAX = 32
export const EXAMPLE_CHARS_MAX = 1_024

/** Every key that a rule written as an object may have. */
export const RULE_KEYS: readonly string[] = ['rule', 'match', 'not_match']

const examples = z
  .array(z.string().min(1).max(EXAMPLE_CHARS_MAX))
  .max(EXAMPLES_MAX)
  .readonly()
  .exactOptional()
const ruleText = z
  .string()
  .min(1, 'a rule is empty')
  .max(RULE_CHARS_MAX, `a rule has more than ${RULE_CHARS_MAX} characters`)

const SHAPE =
  'a rule is a text, or an object with a text under rule, and under match and not_match up to ' +
  `${EXAMPLES_MAX} texts of ${EXAMPLE_CHARS_MAX} characters`

/** A rule as a person writes it. */
export const givenRuleSchema = z.union(
  [ruleText, z.strictObject({ rule: ruleText, match: examples, not_match: examples })],
  { error: () => SHAPE },
)

/** Names that other products give to what our tools do. A rule about them would speak of nothing here. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  bash: 'execute_command',
  shell: 'execute_command',
  exec: 'execute_command',
  read: 'read_file',
  write: 'write_file',
  edit: 'edit_file',
  multiedit: 'edit_file',
  grep: 'search_files',
  glob: 'list_files',
  ls: 'list_files',
}

const OWN_NAMES: readonly string[] = [
  ...READ_TOOLS,
  ...LIST_TOOLS,
  ...WRITE_TOOLS,
  ...COMMAND_TOOLS,
  ...ESSENTIAL_TOOLS,
  ...DELEGATION_TOOLS,
]

/** What a name was meant to be that is no tool here, or `null`. */
function meantBy(tool: string): string | null {
  const folded = foldedName(tool)
  if (Object.hasOwn(FOREIGN_NAMES, folded)) return FOREIGN_NAMES[folded] ?? null
  if (OWN_NAMES.includes(tool)) return null
  return OWN_NAMES.find((name) => foldedName(name) === folded) ?? null
}

function foldedName(tool: string): string {
  return tool.toLowerCase().replace(/[_-]/g, '')
}

/** The rules that ask or deny of which no tool has the name: they reach nothing. */
export function rulesOfNoTool(
  { ask, deny }: Pick<Policy, 'ask' | 'deny'>,
  tools: readonly string[],
): readonly string[] {
  const known: ReadonlySet<string> = new Set([...tools, ...OWN_NAMES])
  const said = [
    ...ask.map((rule) => ({ rule, list: 'ask' })),
    ...deny.map((rule) => ({ rule, list: 'deny' })),
  ]
  return said.flatMap(({ rule: { tool, text }, list }) =>
    known.has(tool)
      ? []
      : [
          `${list}: the rule "${text}" reaches nothing: no tool here is called "${tool}".${suggestion(tool, [...known])}`,
        ],
  )
}

/**
 * Reads one rule: `Tool`, or `Tool(spec)` with a pattern of commands or a glob of paths. Refuses, by
 * name, what it does not understand, and a rule whose own examples do not hold.
 */
export function parseRule(given: GivenRule, where: string, list: RuleList = 'allow'): PolicyRule {
  const read = givenRuleSchema.safeParse(given)
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], RULE_KEYS)}`)
  const { rule: text, match = [], not_match = [] } = typeof given === 'string' ? { rule: given } : given
  const rule = readRule(text, where)
  const flaw = flawOfRule(rule) ?? flawOfExamples(rule, list, { match, notMatch: not_match })
  if (flaw !== null)
    throw new UsageError(`${where}: the rule "${text}" ${flaw}${flaw.endsWith('?') ? '' : '.'}`)
  return Object.freeze(rule)
}

function readRule(text: string, where: string): PolicyRule {
  const [, tool, spec] = /^([a-zA-Z][a-zA-Z0-9_-]{0,63})(?:\((.*)\))?$/s.exec(text) ?? []
  if (tool === undefined)
    throw new UsageError(
      `${where}: "${text}" is no rule; a rule is the name of a tool, such as "read_file", with or without ` +
        'what it is about: "execute_command(git status:*)", "write_file(src/**)".',
    )
  return { text, tool, spec: spec ?? null }
}

function flawOfRule({ tool, spec }: PolicyRule): string | null {
  const meant = meantBy(tool)
  if (meant !== null) return `names "${tool}", which is no tool here. Did you mean "${meant}"?`
  if (spec === null) return null
  if (spec.trim() === '')
    return `has nothing in its parentheses; "${tool}" alone speaks of every call of that tool`
  if (ESSENTIAL_TOOLS.includes(tool) || DELEGATION_TOOLS.includes(tool))
    return `names some calls of ${tool}, which touches no file and runs no command; write "${tool}" alone`
  if (COMMAND_TOOLS.includes(tool)) return flawInWords(flawOfCommandPattern(spec))
  return flawInWords(flawOf(spec) ?? flawOf(foldedGlob(spec)))
}

function flawInWords(flaw: string | null): string | null {
  return flaw === null ? null : `has a pattern that can't be used: it ${flaw}`
}
