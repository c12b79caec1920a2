import { inWords, RuntimeError } from '../../errors.ts'
import type { AskedCall, ModelReply, Usage } from '../../protocol/model.ts'
import { plainCopy } from '../../protocol/plain.ts'

/** More calls in one reply are a runaway, not a plan. */
const CALLS_MAX = 128
const TOOL_NAME_CHARACTERS_MAX = 128
const STOPS: readonly unknown[] = ['done', 'length', 'refused', 'filtered']

/**
 * What a model answered, read once where it comes in: a copy of it that is data, or a failure in words.
 * Adapters are written by many, and what is not data could not be kept.
 */
export function readReply(given: unknown): ModelReply {
  const { text, calls, stop, usage } = asRecord(given, 'The reply')
  if (typeof text !== 'string') throw unreadable('its `text` is no string')
  if (!Array.isArray(calls)) throw unreadable('its `calls` are no list')
  if (calls.length > CALLS_MAX)
    throw unreadable(`it holds ${calls.length} calls, and ${CALLS_MAX} are the most`)
  if (!STOPS.includes(stop)) throw unreadable(`its \`stop\` is ${JSON.stringify(stop)}`)
  return { text, calls: calls.map(readCall), stop: stop as ModelReply['stop'], usage: readUsage(usage) }
}

function readCall(given: unknown): AskedCall {
  const { tool, input, malformed } = asRecord(given, 'A call')
  if (typeof tool !== 'string' || tool.length > TOOL_NAME_CHARACTERS_MAX)
    throw unreadable('a call names no tool')
  if (typeof malformed === 'string') return { tool, input: null, malformed }
  try {
    return { tool, input: plainCopy(input) }
  } catch (error) {
    throw unreadable(`the input of a call of ${tool} is no data, ${inWords(error)}`)
  }
}

function readUsage(given: unknown): Usage {
  const { inputTokens, outputTokens } = asRecord(given, 'Its `usage`')
  return { inputTokens: count(inputTokens), outputTokens: count(outputTokens) }
}

/** A provider that cannot count is no reason to lose a reply. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  throw unreadable(`${what} is no object`)
}

function unreadable(why: string): RuntimeError {
  return new RuntimeError('model/unreadable-reply', `The model's reply could not be read: ${why}.`)
}
