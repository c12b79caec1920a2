import { z } from 'zod'
import { issueInWords, parseLayer } from '../boundary/layer.ts'
import { UsageError } from '../errors.ts'
import type { Agent } from '../protocol/agent.ts'

export const AGENT_NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/
const INSTRUCTION_CHARACTERS_MAX = 64_000
const TIMEOUT_MS_MAX = 7 * 24 * 3_600_000

const name = z.string().regex(AGENT_NAME, 'a name is letters, digits, _ and -, at most 64')
const names = z.array(name).max(256)

const agentSchema = z.strictObject({
  name,
  description: z.string().max(1_024),
  instructions: z.string().trim().min(1, 'an agent needs instructions').max(INSTRUCTION_CHARACTERS_MAX),
  tools: names.optional(),
  disallowedTools: names.optional(),
  model: z.string().min(1).max(256).optional(),
  maxTurns: z.number().int().min(1).max(10_000).optional(),
  timeoutMs: z.number().int().min(1).max(TIMEOUT_MS_MAX).optional(),
  background: z.boolean().optional(),
  spawns: names.optional(),
  boundary: z.unknown().optional(),
})

const KEYS = Object.keys(agentSchema.shape)

/** Declares an agent. Throws a `UsageError` that names the key when the declaration cannot work. */
export function defineAgent(agent: Omit<Agent, 'description'> & { readonly description?: string }): Agent {
  const where = `Agent "${String((agent as { name?: unknown } | null)?.name).slice(0, 64)}"`
  const read = agentSchema.safeParse(
    typeof agent === 'object' && agent !== null ? { description: '', ...agent } : agent,
  )
  if (!read.success) throw new UsageError(`${where}: ${issueInWords(read.error.issues[0], KEYS)}`)

  const { boundary, ...rest } = read.data
  const layer = boundary === undefined ? {} : { boundary: parseLayer(boundary, `${where}: boundary`) }
  const kept = Object.entries(rest).filter(([, value]) => value !== undefined)
  const frozen = kept.map(([key, value]) => [key, Array.isArray(value) ? Object.freeze(value) : value])
  return Object.freeze({ ...(Object.fromEntries(frozen) as Agent), ...layer })
}
