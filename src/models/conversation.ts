import type { AskedCall, Call, Line, Result } from '../protocol/model.ts'
import { renderResult } from './render.ts'

type ToolLine = Extract<Line, { role: 'tool' }>

const NO_RESULT: Result = {
  kind: 'unknown',
  message: 'No result of this call is known. It may have happened.',
}

/**
 * The lines in the only order that providers accept: right behind a reply come the results of its calls,
 * one for each and in their order, whatever was said in between. What has lost its call is told as a note;
 * what says nothing is left out.
 */
export function conversation(lines: readonly Line[]): readonly Line[] {
  const callIds = new Set<string>()
  // A call that was told of twice (lost, then found) counts as it was told last.
  const results = new Map<string, Result>()
  for (const line of lines) {
    if (line.role === 'tool') results.set(line.callId, line.result)
    else if (line.role === 'agent') for (const { id } of line.calls) callIds.add(id)
  }

  const told: Line[] = []
  for (const line of lines) {
    if (line.role === 'tool') {
      if (!callIds.has(line.callId)) told.push(orphan(line))
    } else if (line.role !== 'agent') {
      told.push(line)
    } else if (line.text !== '' || line.calls.length > 0) {
      told.push(line)
      for (const { id, tool } of line.calls) told.push(resultLine(id, tool, results.get(id)))
    }
  }
  return told
}

/** The input of a call as a provider may see it again: always an object, empty when it could not be read. */
export function inputOf({ input, malformed }: Call): Readonly<Record<string, unknown>> {
  if (malformed !== undefined) return readObject(malformed) ?? {}
  return isObject(input) ? input : {}
}

/** A call as a provider words it, its arguments as JSON text. */
export function askedCall(tool: string, json: string): AskedCall {
  // Many models say nothing, or null, for a tool that takes nothing.
  if (json.trim() === '' || json.trim() === 'null') return { tool, input: {} }
  const input = readObject(json)
  return input ? { tool, input } : { tool, input: null, malformed: json }
}

/** The object that a JSON text holds, or `null` when it holds none. */
export function readObject(json: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function resultLine(callId: string, tool: string, result = NO_RESULT): Line {
  return { role: 'tool', callId, tool, result }
}

/** Its call has been summarised away. A result without a call would have the whole request refused. */
function orphan({ callId, tool, result }: ToolLine): Line {
  const text = `Result of the earlier call ${callId} of ${tool}:\n${renderResult(result)}`
  return { role: 'note', source: 'runtime', text }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
