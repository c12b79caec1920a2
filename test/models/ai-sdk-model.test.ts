import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { aiSdkModel } from '../../docs/examples/ai-sdk-model.ts'
import type { LanguageModel, Part } from '../../docs/examples/ai-sdk-shape.ts'
import {
  type ModelAnswer,
  type ModelFault,
  modelContract,
  type ModelWorld,
  type SeenMessage,
} from '../../src/testing/model-contract.ts'

const PIECE_CHARS = 7
/** These models have no word for it. */
const leaveOut = ['a refusal is a reply that says so, with its words'] as const

modelContract('an AI SDK model, V2,', { open: async () => world('v2'), leaveOut }, { describe, it, expect })
modelContract('an AI SDK model, V3,', { open: async () => world('v3'), leaveOut }, { describe, it, expect })

interface Options {
  readonly prompt: readonly {
    readonly role: SeenMessage['role']
    readonly content: string | readonly Content[]
  }[]
  readonly tools: readonly { readonly name: string }[]
  readonly abortSignal: AbortSignal
}

interface Content {
  readonly type: 'text' | 'tool-call' | 'tool-result'
  readonly text?: string
  readonly toolCallId: string
  readonly toolName: string
  readonly input?: unknown
  readonly output?: { readonly value: string }
}

/** A language model of the shape that the AI SDK defines, as its providers behave. */
function world(version: 'v2' | 'v3'): ModelWorld {
  const queue: ModelAnswer[] = []
  const asked: Options[] = []
  let openExchanges = 0

  const model: LanguageModel = {
    modelId: 'fake',
    async doStream(given) {
      const options = given as Options
      const answer = queue.shift() ?? {}
      asked.push(options)
      openExchanges++
      options.abortSignal.addEventListener('abort', () => openExchanges--, { once: true })
      if (answer.fault?.kind === 'silent') await aborted(options.abortSignal)
      const error = answer.fault && callError(answer.fault)
      if (error) throw error
      return { stream: ReadableStream.from(partsOf(answer, version, options.abortSignal)) }
    },
  }

  return {
    model: aiSdkModel(model),
    answer: (...answers) => void queue.push(...answers),
    requests: () =>
      asked.map(({ prompt, tools }) => ({
        messages: prompt.flatMap(seen),
        tools: tools.map(({ name }) => name),
      })),
    openExchanges: () => openExchanges,
    secret: 'key-that-nobody-may-see',
    close: async () => {},
  }
}

async function* partsOf(
  answer: ModelAnswer,
  version: 'v2' | 'v3',
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const { text = '', calls = [], pieceChars = PIECE_CHARS, fault, stop } = answer
  for (let at = 0; at < text.length; at += pieceChars) {
    yield { type: 'text-delta', delta: text.slice(at, at + pieceChars) }
    await turn()
  }
  if (fault?.kind === 'stalled') await aborted(signal)
  if (fault?.kind === 'torn') return
  for (const { tool, input } of calls) {
    yield {
      type: 'tool-call',
      toolName: tool,
      input: typeof input === 'string' ? input : JSON.stringify(input),
    }
  }
  const { inputTokens, outputTokens } = answer.usage ?? { inputTokens: 1, outputTokens: 1 }
  const reason = stop === 'length' ? 'length' : stop === 'filtered' ? 'content-filter' : 'stop'
  if (version === 'v2') yield { type: 'finish', finishReason: reason, usage: { inputTokens, outputTokens } }
  else {
    const usage = { inputTokens: { total: inputTokens }, outputTokens: { total: outputTokens } }
    yield { type: 'finish', finishReason: { unified: reason }, usage }
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

function callError(fault: ModelFault): Error | null {
  const answers = {
    unavailable: { statusCode: 503 },
    unauthorised: { statusCode: 401 },
    overflow: {
      statusCode: 400,
      responseBody: '{"error":{"message":"No.","code":"context_length_exceeded"}}',
    },
    'rate-limited': { statusCode: 429, responseHeaders: { 'retry-after': '7' } },
    torn: null,
    stalled: null,
    silent: null,
  } as const
  const answer = answers[fault.kind]
  return answer && Object.assign(new Error('The call failed.'), answer)
}

function seen({ role, content }: Options['prompt'][number]): SeenMessage[] {
  if (typeof content === 'string') return [{ role, text: content, calls: [], callId: null }]
  if (role === 'tool') {
    return content.map(({ toolCallId, output }) => ({
      role,
      text: output?.value ?? '',
      calls: [],
      callId: toolCallId,
    }))
  }
  const calls = content.filter(({ type }) => type === 'tool-call')
  return [
    {
      role,
      text: content.map(({ text = '' }) => text).join(''),
      calls: calls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, tool: toolName, input })),
      callId: null,
    },
  ]
}
