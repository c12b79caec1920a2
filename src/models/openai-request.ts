import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import type { Call, Line, ModelRequest } from '../protocol/model.ts'
import { conversation, inputOf, readObject } from './conversation.ts'
import { renderNote, renderResult } from './render.ts'

const TOOL_NAME_MAX = 64

/** Puts conversations in the words of Chat Completions. */
export interface ChatWriter {
  messages(request: ModelRequest): ChatCompletionMessageParam[]
}

/**
 * A conversation grows by a turn and is sent again as a whole, so what was worded once is kept, for as long
 * as what it says is kept. Only of what is frozen all through, which is so in a runtime: it says the same for
 * ever.
 */
export function chatWriter(): ChatWriter {
  const callsOf = remembered((calls: readonly Call[]) => calls.map(toolCall))
  const textOf = remembered(renderResult)

  const message = (line: Line): ChatCompletionMessageParam => {
    if (line.role === 'user') return { role: 'user', content: line.text }
    // Never as system: what the runtime or the workspace says has not even the user's weight.
    if (line.role === 'note') return { role: 'user', content: renderNote(line) }
    if (line.role === 'tool') return { role: 'tool', tool_call_id: line.callId, content: textOf(line.result) }
    if (line.calls.length === 0) return { role: 'assistant', content: line.text }
    return {
      role: 'assistant',
      content: line.text === '' ? null : line.text,
      tool_calls: callsOf(line.calls),
    }
  }
  return {
    messages({ instructions, lines }) {
      const system = instructions === '' ? [] : [{ role: 'system', content: instructions } as const]
      return [...system, ...conversation(lines).map(message)]
    },
  }
}

/** What the model may call. A summary is asked for without tools. */
export function chatTools({ purpose, tools }: ModelRequest): ChatCompletionTool[] | undefined {
  if (purpose === 'summary' || tools.length === 0) return undefined
  return tools.map(({ name, description, input }) => ({
    type: 'function',
    function: { name, description, parameters: { ...input } },
  }))
}

function toolCall(call: Call) {
  // A name that the model made up may have letters for which the whole conversation would be refused.
  const name = call.tool.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, TOOL_NAME_MAX) || 'unnamed'
  const { malformed } = call
  const json = malformed !== undefined && readObject(malformed) ? malformed : JSON.stringify(inputOf(call))
  return { id: call.id, type: 'function' as const, function: { name, arguments: json } }
}

/** The same function, which keeps what it has found of things that can change no more. */
function remembered<Thing extends object, Found>(find: (thing: Thing) => Found): (thing: Thing) => Found {
  const known = new WeakMap<Thing, { readonly found: Found }>()
  return (thing) => {
    const kept = known.get(thing)
    if (kept) return kept.found
    const found = find(thing)
    if (isSettled(thing)) known.set(thing, { found })
    return found
  }
}

/** Whether it is data, and frozen all through. */
function isSettled(thing: unknown): boolean {
  const parts = [thing]
  for (const part of parts) {
    if (typeof part === 'function') return false
    if (typeof part !== 'object' || part === null) continue
    if (!Object.isFrozen(part) || !isPlain(part)) return false
    for (const value of Object.values(part)) parts.push(value)
  }
  return true
}

function isPlain(thing: object): boolean {
  const kind: unknown = Object.getPrototypeOf(thing)
  return kind === Object.prototype || kind === Array.prototype || kind === null
}
