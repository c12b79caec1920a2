/** A real HTTP server on this machine that speaks Chat Completions, and does to a client what servers do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What one request is answered. All that is not said is as a good server does it. */
export interface Answer {
  readonly text?: string
  readonly refusal?: string
  /** `arguments` that are not a string are sent as JSON. */
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown; readonly id?: string }[]
  readonly finish?: string
  readonly usage?: { readonly input: number; readonly output: number } | null
  /** What is not 2xx comes with `error` as its body. */
  readonly status?: number
  readonly error?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: what was asked for. */
  readonly as?: 'events' | 'json'
  readonly pieceChars?: number
  /** A pause after each piece. */
  readonly pieceMs?: number
  /** The exact events, or with `as: 'json'` the exact body, for servers with ideas of their own. */
  readonly events?: readonly unknown[]
  /** The exact body. */
  readonly raw?: string
  /** Says nothing at all, not even headers. */
  readonly silent?: boolean
  /** Sends so much of the body, then nothing more. */
  readonly stallAfterBytes?: number
  /** Sends so much of the body, then breaks the connection. */
  readonly tornAfterBytes?: number
}

export interface ChatBody {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly { readonly type: string; readonly function: { readonly name: string } }[]
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly [key: string]: unknown
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | null
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
  readonly tool_call_id?: string
}

export interface SeenCall {
  readonly path: string
  readonly headers: Readonly<IncomingMessage['headers']>
  readonly body: ChatBody
}

export interface OpenAIServer {
  /** As `baseURL`: it ends with /v1. */
  readonly url: string
  readonly requests: readonly SeenCall[]
  /** Answers that are not finished and whose client is still there. */
  readonly openExchanges: () => number
  readonly openConnections: () => number
  readonly close: () => Promise<void>
}

const PIECE_CHARS = 7
const BODY_BYTES_MAX = 32 * 1024 * 1024

/** `script` is told the body and how many came before it. Its throw is answered with 500 and its words. */
export async function openaiServer(
  script: (body: ChatBody, n: number) => Answer | Promise<Answer>,
): Promise<OpenAIServer> {
  const requests: SeenCall[] = []
  const sockets = new Set<object>()
  let openExchanges = 0

  const server = createServer((request, response) => {
    openExchanges++
    response.once('close', () => openExchanges--)
    void serve(request, response)
  })

  async function serve(request: IncomingMessage, response: ServerResponse) {
    try {
      const body = await bodyOf(request)
      requests.push({ path: request.url ?? '', headers: request.headers, body })
      await send(response, body, await script(body, requests.length - 1))
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: `The server of the test failed: ${String(error)}` } }))
    }
  }

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    openExchanges: () => openExchanges,
    openConnections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<ChatBody> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > BODY_BYTES_MAX) throw new Error('The request is too large.')
  }
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as ChatBody
}

async function send(response: ServerResponse, request: ChatBody, answer: Answer): Promise<void> {
  if (answer.silent) return
  const status = answer.status ?? 200
  const isEvents = status < 300 && (answer.as ?? (request.stream ? 'events' : 'json')) === 'events'
  const type = isEvents ? 'text/event-stream; charset=utf-8' : 'application/json'
  const pieces =
    answer.raw !== undefined ? [answer.raw] : isEvents ? eventsOf(answer, request) : [jsonOf(answer, status)]

  response.writeHead(status, { 'content-type': type, ...answer.headers })
  response.flushHeaders()
  let bytesLeft = answer.stallAfterBytes ?? answer.tornAfterBytes ?? Number.POSITIVE_INFINITY
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    if (!(await write(response, bytes.subarray(0, bytesLeft)))) return
    bytesLeft -= bytes.length
    if (bytesLeft <= 0) break
    if (answer.pieceMs) await pause(answer.pieceMs)
  }
  if (answer.stallAfterBytes !== undefined) return
  if (answer.tornAfterBytes !== undefined) response.destroy()
  else response.end()
}

/** Whether the client is still there after the bytes have left. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve(false)
    else response.write(bytes, (error) => resolve(!error && !response.destroyed))
  })
}

function eventsOf(answer: Answer, request: ChatBody): string[] {
  const isCounted = answer.usage !== null && request.stream_options?.include_usage === true
  const events = answer.events ?? [
    chunk({ role: 'assistant', content: '' }),
    ...cut(answer.text, answer).map((content) => chunk({ content })),
    ...cut(answer.refusal, answer).map((refusal) => chunk({ refusal })),
    ...toolCalls(answer).flatMap((call, index) => callEvents(call, index, answer)),
    chunk({}, finishOf(answer)),
    ...(!isCounted ? [] : [{ object: 'chat.completion.chunk', choices: [], usage: usageOf(answer) }]),
  ]
  return [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n']
}

function callEvents(call: ReturnType<typeof toolCalls>[number], index: number, answer: Answer): unknown[] {
  const { name, arguments: json } = call.function
  return [
    chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name, arguments: '' } }] }),
    ...cut(json, answer).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]
}

/** One event of a stream, as it is sent. */
export function chunk(delta: object, finish: string | null = null): unknown {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  }
}

function jsonOf(answer: Answer, status: number): string {
  if (status >= 300) return JSON.stringify(answer.error ?? { error: { message: `The test says ${status}.` } })
  if (answer.events) return JSON.stringify(answer.events[0])
  const calls = toolCalls(answer)
  const message = {
    role: 'assistant',
    content: answer.text ?? null,
    refusal: answer.refusal ?? null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    ...(answer.usage === null ? {} : { usage: usageOf(answer) }),
  })
}

function toolCalls({ calls = [] }: Answer) {
  return calls.map(({ name, arguments: given, id }, index) => {
    const json = typeof given === 'string' ? given : JSON.stringify(given)
    return { id: id ?? `call_${index}`, type: 'function', function: { name, arguments: json } }
  })
}

function finishOf({ finish, calls = [] }: Answer): string {
  return finish ?? (calls.length > 0 ? 'tool_calls' : 'stop')
}

function usageOf({ usage }: Answer) {
  const { input, output } = usage ?? { input: 10, output: 5 }
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}

/** By UTF-16 units, so that even one character may come in two events. */
function cut(text = '', { pieceChars = PIECE_CHARS }: Answer): string[] {
  return Array.from({ length: Math.ceil(text.length / pieceChars) }, (_, i) =>
    text.slice(i * pieceChars, (i + 1) * pieceChars),
  )
}
