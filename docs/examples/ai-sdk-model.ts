import { RuntimeError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import { askedCall, conversation, inputOf } from '../../src/models/conversation.ts'
import { renderNote, renderResult } from '../../src/models/render.ts'
import type { Line, ModelReply } from '../../src/protocol/model.ts'
import { countOf, failureOf, type LanguageModel, type Part } from './ai-sdk-shape.ts'

/** Any language model of the Vercel AI SDK as a model of Troupe. */
export function aiSdkModel(model: LanguageModel, contextWindow = 128_000): Model {
  const reply: Model['reply'] = async ({ instructions, lines, purpose, tools }, { signal, progress }) => {
    const prompt = [{ role: 'system', content: instructions }, ...conversation(lines).map(message)]
    const offered = tools.map(({ input, ...tool }) => ({ ...tool, type: 'function', inputSchema: input }))
    const options = { prompt, tools: purpose === 'summary' ? [] : offered, abortSignal: signal }
    const said: Part[] = []
    signal.throwIfAborted()
    for await (const part of (await model.doStream(options)).stream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'text-delta') progress(part.delta ?? '')
      said.push(part)
    }
    signal.throwIfAborted() // An aborted stream may end as if it were complete.
    return replyOf(said)
  }
  const fail = (error: unknown, { aborted }: AbortSignal) =>
    Promise.reject(aborted ? new RuntimeError('model/stopped', 'Stopped.') : failureOf(error, model.modelId))
  return {
    name: model.modelId,
    contextWindow,
    reply: (request, context) => reply(request, context).catch((error) => fail(error, context.signal)),
  }
}

function message(line: Line) {
  if (line.role === 'tool') {
    const output = { type: 'text', value: renderResult(line.result) }
    const result = { type: 'tool-result', toolCallId: line.callId, toolName: line.tool, output }
    return { role: 'tool', content: [result] }
  }
  const text = { type: 'text', text: line.role === 'note' ? renderNote(line) : line.text }
  if (line.role !== 'agent') return { role: 'user', content: [text] }
  const calls = line.calls.map((call) => ({ toolCallId: call.id, toolName: call.tool, input: inputOf(call) }))
  const parts = calls.map((call) => ({ type: 'tool-call', ...call }))
  return { role: 'assistant', content: line.text === '' ? parts : [text, ...parts] }
}

function replyOf(said: readonly Part[]): ModelReply {
  const text = said.map(({ type, delta }) => (type === 'text-delta' ? delta : '')).join('')
  const calls = said.filter(({ type }) => type === 'tool-call')
  const end = said.find(({ type }) => type === 'finish')
  if (!end) throw new RuntimeError('model/torn-stream', 'The stream ended before the reply.')
  const reason = typeof end.finishReason === 'object' ? end.finishReason.unified : end.finishReason
  return {
    text,
    calls: calls.map(({ toolName = '', input = '' }) => askedCall(toolName, input)),
    stop: reason === 'length' ? 'length' : reason === 'content-filter' ? 'filtered' : 'done',
    usage: { inputTokens: countOf(end.usage?.inputTokens), outputTokens: countOf(end.usage?.outputTokens) },
  }
}
