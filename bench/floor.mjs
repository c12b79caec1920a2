/**
 * The floor: the official SDK and a loop written by hand, as little as anyone can write who wants an agent
 * on it. No limits, no journal, no boundary, no events, no second try.
 */
import OpenAI from 'openai'
import { createEcho, ECHO, INSTRUCTIONS } from './work.mjs'

const parameters = {
  type: 'object',
  properties: { path: { type: 'string', description: ECHO.path } },
  required: ['path'],
  additionalProperties: false,
}
const TOOLS = [{ type: 'function', function: { name: ECHO.name, description: ECHO.description, parameters } }]
const MODEL = 'mock-1'

export function create({ baseURL, stream }) {
  const client = new OpenAI({ apiKey: 'none', baseURL, maxRetries: 0 })
  const echo = createEcho()

  async function inOnePiece(messages) {
    const completion = await client.chat.completions.create({ model: MODEL, messages, tools: TOOLS })
    return completion.choices[0].message
  }

  async function streamed(messages, onText) {
    const message = { role: 'assistant', content: '' }
    const asked = { stream: true, stream_options: { include_usage: true } }
    const request = { model: MODEL, messages, tools: TOOLS, ...asked }
    for await (const chunk of await client.chat.completions.create(request)) {
      const { content, tool_calls: pieces = [] } = chunk.choices[0]?.delta ?? {}
      if (content) {
        message.content += content
        onText?.()
      }
      for (const { index, id, function: said } of pieces) {
        message.tool_calls ??= []
        message.tool_calls[index] ??= { id, type: 'function', function: { name: said.name, arguments: '' } }
        message.tool_calls[index].function.arguments += said.arguments ?? ''
      }
    }
    return message
  }

  return {
    calls: () => echo.calls,
    close: async () => {},
    async task(prompt, onText) {
      const messages = [
        { role: 'system', content: INSTRUCTIONS },
        { role: 'user', content: prompt },
      ]
      for (;;) {
        const message = await (stream ? streamed(messages, onText) : inOnePiece(messages))
        messages.push(message)
        if (!message.tool_calls) return message.content
        for (const { id, function: asked } of message.tool_calls) {
          messages.push({ role: 'tool', tool_call_id: id, content: echo(JSON.parse(asked.arguments)) })
        }
      }
    },
  }
}
