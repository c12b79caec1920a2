import { type OpenAIOptions, openai } from '../../src/models/openai.ts'
import type {
  ModelAnswer,
  ModelFault,
  ModelWorld,
  SeenMessage,
  SeenRequest,
} from '../../src/testing/model-contract.ts'
import { type Answer, type ChatBody, type ChatMessage, openaiServer } from './openai-server.ts'

const SECRET = 'key-that-nobody-may-see'

/** The world of `openai`: the model, and a real server behind it. */
export async function openaiWorld(options: OpenAIOptions = {}): Promise<ModelWorld> {
  const queue: ModelAnswer[] = []
  const server = await openaiServer(({ stream }) => answerOf(queue.shift() ?? {}, stream === true))
  return {
    model: openai('gpt-test', { baseURL: server.url, apiKey: SECRET, ...options }),
    answer: (...answers) => void queue.push(...answers),
    requests: () => server.requests.map(({ body }) => seen(body)),
    openExchanges: server.openExchanges,
    secret: SECRET,
    close: server.close,
  }
}

function answerOf(
  { text, refusal, calls, stop, usage, pieceChars, fault }: ModelAnswer,
  isStream: boolean,
): Answer {
  return {
    ...(text === undefined ? {} : { text }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(calls ? { calls: calls.map(({ tool, input }) => ({ name: tool, arguments: input })) } : {}),
    ...(stop === 'length' ? { finish: 'length' } : stop === 'filtered' ? { finish: 'content_filter' } : {}),
    ...(usage ? { usage: { input: usage.inputTokens, output: usage.outputTokens } } : {}),
    ...(pieceChars ? { pieceChars } : {}),
    ...(fault ? faultOf(fault, isStream ? 1_500 : 100) : {}),
  }
}

function faultOf(fault: ModelFault, bytes: number): Answer {
  if (fault.kind === 'silent') return { silent: true }
  if (fault.kind === 'stalled') return { stallAfterBytes: bytes }
  if (fault.kind === 'torn') return { tornAfterBytes: bytes }
  if (fault.kind === 'unavailable') return { status: 503 }
  if (fault.kind === 'unauthorised')
    return { status: 401, error: { error: { message: `Incorrect API key: ${SECRET}.` } } }
  if (fault.kind === 'rate-limited') {
    return { status: 429, headers: { 'retry-after': String(fault.retryAfterMs / 1_000) } }
  }
  return { status: 400, error: { error: { message: 'Too long.', code: 'context_length_exceeded' } } }
}

function seen({ messages, tools = [] }: ChatBody): SeenRequest {
  return { messages: messages.map(seenMessage), tools: tools.map(({ function: { name } }) => name) }
}

function seenMessage({ role, content, tool_calls = [], tool_call_id }: ChatMessage): SeenMessage {
  const calls = tool_calls.map(({ id, function: { name, arguments: json } }) => ({
    id,
    tool: name,
    input: JSON.parse(json) as unknown,
  }))
  return { role, text: content ?? '', calls, callId: tool_call_id ?? null }
}
