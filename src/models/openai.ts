import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions'
import { Bug, RuntimeError, UsageError } from '../errors.ts'
import type { Model, ModelContext } from '../host.ts'
import type { ModelReply, ModelRequest } from '../protocol/model.ts'
import { jsonValues } from './openai-events.ts'
import { type Exchange, openExchange } from './openai-exchange.ts'
import { openaiFetch } from './openai-fetch.ts'
import { type Collector, collector } from './openai-reply.ts'
import { type ChatWriter, chatTools, chatWriter } from './openai-request.ts'
import { contextWindowOf } from './openai-windows.ts'
import { type Asked, codesOf, refused, unreached } from './refusal.ts'

/** How to reach a server that speaks Chat Completions. Nothing here is read from the environment. */
export interface OpenAIOptions {
  /** Default: OpenAI's own. */
  readonly baseURL?: string | undefined
  /** May be left out for a server on this machine. */
  readonly apiKey?: string | undefined
  /** In tokens. Default: what is known of the model's name, else 128,000. */
  readonly contextWindow?: number
  /** The longest silence until the answer begins. Default: two minutes. Afterwards: one at most. */
  readonly timeoutMs?: number
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof globalThis.fetch
  readonly temperature?: number
  readonly maxOutputTokens?: number
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'
}

export const FIRST_BYTE_TIMEOUT_MS = 120_000

const OPENAI_URL = 'https://api.openai.com/v1'
/** As the command line and the examples name them. We don't read them here. */
const SETTINGS = { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' }
const TIMER_MAX_MS = 2_147_483_647

/** A model behind a server that speaks OpenAI's Chat Completions. It asks once: the runtime tries again. */
export function openai(name: string, options: OpenAIOptions = {}): Model {
  const baseURL = options.baseURL || OPENAI_URL
  const url = readURL(baseURL)
  const apiKey = options.apiKey || keyForLoopback(url)
  const timeoutMs = options.timeoutMs ?? FIRST_BYTE_TIMEOUT_MS
  if (!(timeoutMs > 0 && timeoutMs <= TIMER_MAX_MS)) {
    throw new UsageError(`openai: timeoutMs is ${timeoutMs}; it must be from 1 to ${TIMER_MAX_MS}.`)
  }
  const isOpenAI = url.hostname === 'api.openai.com'
  const secrets = [...(options.apiKey ? [options.apiKey] : []), ...Object.values(options.headers ?? {})]
  const asked: Asked = { model: name, url: `${url.origin}${url.pathname}`, settings: SETTINGS, secrets }

  const send = options.fetch ?? openaiFetch()
  const writer = chatWriter()
  let sdk: Sdk | null = null
  let client: InstanceType<Sdk['OpenAI']> | null = null

  return {
    name,
    contextWindow: options.contextWindow ?? contextWindowOf(name),
    async reply(request, context) {
      if (context.signal.aborted) throw stopped(name)
      sdk ??= await loadSdk()
      const body = requestBody({ name, request, options, isOpenAI, writer })
      const exchange = openExchange({ signal: context.signal, timeoutMs, fetch: send })
      let response: Response | null = null
      try {
        client ??= new sdk.OpenAI({
          ...OURS_ALONE,
          apiKey,
          baseURL,
          fetch: fetchOfExchange,
          defaultHeaders: { ...options.headers },
        })
        const fetchOptions: OwnInit = { [EXCHANGE]: exchange }
        const call = { signal: exchange.signal, fetchOptions }
        response = await client.chat.completions.create(body, call).asResponse()
        return await readReply(response, exchange, context, asked, () => JSON.stringify(body).length)
      } catch (error) {
        throw failureOf(error, { sdk, exchange, asked, hasResponse: response !== null })
      } finally {
        exchange.close()
      }
    },
  }
}

/** Retries are the runtime's, time limits ours. What is unsaid, the SDK takes from the environment. */
const OURS_ALONE = {
  maxRetries: 0,
  timeout: TIMER_MAX_MS,
  adminAPIKey: null,
  organization: null,
  project: null,
  webhookSecret: null,
  logLevel: 'off',
} as const

/** One client makes many calls at once: each call carries its own exchange, where nobody else can see it. */
const EXCHANGE = Symbol('exchange')

interface CallInit extends RequestInit {
  readonly [EXCHANGE]?: Exchange
}
/** What the SDK does not fill in itself. */
type OwnInit = Omit<CallInit, 'body' | 'headers' | 'method' | 'signal'>

function fetchOfExchange(
  url: string | URL | Request,
  { [EXCHANGE]: exchange, ...init }: CallInit = {},
): Promise<Response> {
  if (exchange) return exchange.fetch(url, init)
  throw new Bug('The SDK made a request outside of a call.')
}

type Sdk = typeof import('openai')

/** Only who asks such a model pays for loading the SDK. */
async function loadSdk(): Promise<Sdk> {
  try {
    return await import('openai')
  } catch (cause) {
    throw new RuntimeError('model/bad-request', 'The package "openai" cannot be loaded. Install it again.', {
      cause,
    })
  }
}

interface Wish {
  readonly name: string
  readonly request: ModelRequest
  readonly options: OpenAIOptions
  readonly isOpenAI: boolean
  readonly writer: ChatWriter
}

function requestBody({ name, request, options, isOpenAI, writer }: Wish) {
  const { stream = true, temperature, maxOutputTokens, reasoningEffort } = options
  const tools = chatTools(request)
  return {
    model: name,
    messages: writer.messages(request),
    ...(tools ? { tools } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    // OpenAI's newer models refuse the old name; most other servers know only that.
    ...(maxOutputTokens === undefined
      ? {}
      : { [isOpenAI ? 'max_completion_tokens' : 'max_tokens']: maxOutputTokens }),
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : { stream: false }),
  } satisfies ChatCompletionCreateParams
}

async function readReply(
  response: Response,
  exchange: Exchange,
  { signal, progress }: ModelContext,
  asked: Asked,
  promptChars: () => number,
): Promise<ModelReply> {
  const answer = collector(progress)
  try {
    await readInto(answer, response, exchange, asked)
  } catch (error) {
    // Once it has said that it is finished, a lost connection loses no more than the token counts.
    if (!answer.isFinished() || RuntimeError.is(error)) throw error
  }
  // An aborted body may end as if it were complete.
  if (signal.aborted) throw stopped(asked.model)
  if (!answer.isFinished()) {
    throw new RuntimeError(
      'model/torn-stream',
      `${asked.url} ended before "${asked.model}" had finished its reply.`,
    )
  }
  return answer.reply(promptChars)
}

async function readInto(
  answer: Collector,
  response: Response,
  exchange: Exchange,
  asked: Asked,
): Promise<void> {
  for await (const value of jsonValues(response.body, exchange.count)) {
    if (typeof value === 'object' && value !== null && 'error' in value && value.error) {
      throw refused({ status: null, headers: response.headers, body: JSON.stringify(value) }, asked)
    }
    answer.take(value)
    if (answer.hasBegun()) exchange.hasBegun()
    if (answer.isFinished()) exchange.hasAnswered()
  }
}

interface Failed {
  readonly sdk: Sdk
  readonly exchange: Exchange
  readonly asked: Asked
  readonly hasResponse: boolean
}

function failureOf(error: unknown, { sdk, exchange, asked, hasResponse }: Failed): RuntimeError {
  const brokenBy = exchange.brokenBy()
  if (brokenBy === 'stopped') return stopped(asked.model)
  if (RuntimeError.is(error)) return error
  if (brokenBy === 'too-large')
    return new RuntimeError('model/unreadable-reply', `${asked.url} sent too much.`, { cause: error })
  if (brokenBy === 'timed-out' || error instanceof sdk.APIConnectionTimeoutError || isTimeout(error)) {
    const what = `${asked.url} was silent for too long; "${asked.model}" gave no whole reply. Raise timeoutMs if it needs longer.`
    return new RuntimeError('model/timed-out', what, { cause: error })
  }
  const refusal = exchange.refusal()
  if (refusal) return refused(refusal, asked, error)
  if (error instanceof sdk.APIConnectionError) return unreached(error, asked)
  const cause = { cause: error }
  if (hasResponse)
    return new RuntimeError('model/torn-stream', `${asked.url} broke off in the middle of a reply.`, cause)
  return new RuntimeError(
    'model/bad-request',
    `The request to ${asked.url} could not be made. Check the key and headers.`,
  )
}

function isTimeout(error: unknown): boolean {
  return codesOf(error).some((code) => code === 'UND_ERR_BODY_TIMEOUT' || code === 'ETIMEDOUT')
}

function stopped(name: string): RuntimeError {
  return new RuntimeError('model/stopped', `The call of "${name}" was stopped.`)
}

function readURL(baseURL: string): URL {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError(`openai: "${baseURL}" is no base URL. It looks like ${OPENAI_URL}.`)
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/

function keyForLoopback({ hostname, origin }: URL): string {
  if (LOOPBACK.test(hostname)) return 'none'
  throw new UsageError(
    `openai: no apiKey for ${origin}. Pass { apiKey: process.env.OPENAI_API_KEY }, or "none" if it wants none.`,
  )
}
