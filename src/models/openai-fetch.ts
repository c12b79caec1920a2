type Fetch = typeof globalThis.fetch
type Http = NonNullable<ReturnType<typeof partsOfNode>['http']>
type ClientRequest = ReturnType<Http['request']>
type IncomingMessage = InstanceType<Http['IncomingMessage']>

/** As long as Node's own `fetch` keeps an idle connection: most servers keep it longer. */
const IDLE_CONNECTION_MS = 4_000
/** How long a server may take to take a connection. What comes later is limited by who asks. */
const CONNECT_MS = 10_000

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy']
const NO_BODY = [204, 205, 304]

/**
 * A `fetch` for one kind of request: a text to a model's server, an answer read to its end. It leaves out
 * what such an exchange never needs (caches, cookies, compression), and so most of the time of Node's own.
 * A redirect is handed back as it is, so that a key never goes where it was not meant for.
 *
 * Where there is no `http` of Node, or requests are meant to go another way, it is the `fetch` around us.
 */
export function openaiFetch(): Fetch {
  const { http, https, environment } = partsOfNode()
  if (!http || !https || hasProxy(environment)) return (url, init) => globalThis.fetch(url, init)

  // A `fetch` that was put in its place meanwhile is meant to be used.
  const { fetch: given } = globalThis
  const isDiverted = () => globalThis.fetch !== given || hasDispatcher()
  const ways = { 'http:': wayBy(http), 'https:': wayBy(https) }

  return async (input, init = {}) => {
    const { body, signal } = init
    const url = typeof input === 'string' || input instanceof URL ? new URL(input) : null
    const way = url?.protocol === 'http:' || url?.protocol === 'https:' ? ways[url.protocol] : null
    if (!url || !way || typeof body !== 'string' || isDiverted()) return globalThis.fetch(input, init)
    signal?.throwIfAborted()
    return exchange(way(url, init), body, signal ?? null)
  }
}

/** They are not imported, because a runtime without them could then not even load this file. */
function partsOfNode() {
  const { process } = globalThis as { process?: NodeJS.Process }
  const http = process?.getBuiltinModule?.('node:http')
  const https = process?.getBuiltinModule?.('node:https')
  return { http, https, environment: process?.env ?? {} }
}

function hasProxy(environment: NodeJS.ProcessEnv): boolean {
  return PROXIES.some((name) => environment[name] || environment[name.toUpperCase()])
}

/** Whether the host has told Node's `fetch` to go through something else than plain connections. */
function hasDispatcher(): boolean {
  const dispatcher: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  return typeof dispatcher === 'object' && dispatcher !== null && dispatcher.constructor.name !== 'Agent'
}

function wayBy({ request, Agent }: Pick<Http, 'request' | 'Agent'>) {
  // An idle connection does not keep the process alive.
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS })
  return (url: URL, { method = 'POST', headers }: RequestInit): ClientRequest => {
    const given = headers instanceof Headers ? headers : new Headers(headers)
    const sent = { ...Object.fromEntries(given), 'accept-encoding': 'identity' }
    return request(url, { method, headers: sent, agent })
  }
}

function exchange(request: ClientRequest, body: string, signal: AbortSignal | null): Promise<Response> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      signal?.removeEventListener('abort', stop)
      reject(signal?.aborted ? (signal.reason as Error) : new TypeError('fetch failed', { cause }))
    }
    const stop = () => {
      request.destroy()
      fail(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    request.on('error', fail)
    request.on('socket', (socket) => {
      if (!socket.connecting) return
      const alarm = setTimeout(() => request.destroy(timedOut()), CONNECT_MS)
      socket.once('connect', () => clearTimeout(alarm)).once('close', () => clearTimeout(alarm))
    })
    request.on('response', (message) => {
      signal?.removeEventListener('abort', stop)
      try {
        resolve(responseOf(message, signal))
      } catch (error) {
        message.destroy()
        fail(error)
      }
    })
    request.end(body)
  })
}

function timedOut(): Error {
  return Object.assign(new Error(`No connection within ${CONNECT_MS} ms.`), {
    code: 'UND_ERR_CONNECT_TIMEOUT',
  })
}

function responseOf(message: IncomingMessage, signal: AbortSignal | null): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = message
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  const head = { status, statusText, headers }
  if (!NO_BODY.includes(status)) return new Response(bodyOf(message, signal), head)
  message.resume()
  return new Response(null, head)
}

/** What comes, as it comes; no more of it is taken in than is read. */
function bodyOf(message: IncomingMessage, signal: AbortSignal | null): ReadableStream<Uint8Array> {
  let isOver = false
  let stop = () => {}
  const leave = () => {
    isOver = true
    signal?.removeEventListener('abort', stop)
  }
  return new ReadableStream<Uint8Array>({
    start(reader) {
      const breakOff = (error: unknown) => {
        if (isOver) return
        leave()
        reader.error(error)
        message.destroy()
      }
      stop = () => breakOff(signal?.reason)
      signal?.addEventListener('abort', stop, { once: true })
      message.on('data', (piece: Uint8Array) => {
        if (isOver) return
        reader.enqueue(piece)
        if ((reader.desiredSize ?? 0) <= 0) message.pause()
      })
      message.on('end', () => {
        if (isOver) return
        leave()
        reader.close()
      })
      message.on('error', (cause) => breakOff(new TypeError('terminated', { cause })))
    },
    pull: () => void message.resume(),
    cancel() {
      leave()
      message.destroy()
    },
  })
}
