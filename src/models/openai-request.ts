import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import type { Call, Line, ModelRequest } from '../protocol/model.ts'
import { conversation, inputOf, readObject } from './conversation.ts'
import { renderNote, renderResult } from './render.ts'

const TOOL_NAME_MAX = 64

/** The conversation in the words of Chat Completions. */
export function chatMessages({ instructions, lines }: ModelRequest): ChatCompletionMessageParam[] {
  const system = instructions === '' ? [] : [{ role: 'system', content: instructions } as const]
  return [...system, ...conversation(lines).map(chatMessage)]
}

/** What the model may call. A summary is asked for without tools. */
export function chatTools({ purpose, tools }: ModelRequest): ChatCompletionTool[] | undefined {
  if (purpose === 'summary' || tools.length === 0) return undefined
  return tools.map(({ name, description, input }) => ({
    type: 'function',
    function: { name, description, parameters: { ...input } },
  }))
}

function chatMessage(line: Line): ChatCompletionMessageParam {
  if (line.role === 'user') return { role: 'user', content: line.text }
  // Never as system: what the runtime or the workspace says has not even the user's weight.
  if (line.role === 'note') return { role: 'user', content: renderNote(line) }
  if (line.role === 'tool')
    return { role: 'tool', tool_call_id: line.callId, content: renderResult(line.result) }
  if (line.calls.length === 0) return { role: 'assistant', content: line.text }
  return {
    role: 'assistant',
    content: line.text === '' ? null : line.text,
    tool_calls: line.calls.map(toolCall),
  }
}

function toolCall(call: Call) {
  // A name that the model made up may have letters for which the whole conversation would be refused.
  const name = call.tool.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, TOOL_NAME_MAX) || 'unnamed'
  const { malformed } = call
  const json = malformed !== undefined && readObject(malformed) ? malformed : JSON.stringify(inputOf(call))
  return { id: call.id, type: 'function' as const, function: { name, arguments: json } }
}
