/** Why an exchange was broken off from our side. */
export type Break = 'stopped' | 'timed-out' | 'too-large'

/** One HTTP exchange, with limits on its time and its size. */
export interface Exchange {
  /** Aborts when the exchange is broken off, whoever broke it. */
  readonly signal: AbortSignal
  readonly fetch: typeof globalThis.fetch
  readonly brokenBy: () => Break | null
  /** What the server said instead of an answer. */
  readonly refusal: () => string
  /** The answer has begun: from now on only a short silence is normal. */
  readonly hasBegun: () => void
  /** All that matters has come: what is still open is waited for only briefly, whatever it sends. */
  readonly hasAnswered: () => void
  /** Ends what is still open. */
  readonly close: () => void
}

/** The longest silence once the answer has begun. */
export const PIECE_TIMEOUT_MS = 60_000
/** The longest wait for the token counts that follow an answer. */
const TAIL_TIMEOUT_MS = 2_000
/** No answer takes longer, even one that shows signs of life all the time. */
const REPLY_TIMEOUT_MS = 3_600_000
/** A streamed answer carries about 300 bytes a token. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024
const REFUSAL_BYTES_MAX = 64 * 1024

interface ExchangeOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly fetch: typeof globalThis.fetch
}

/** Opens the watch over one exchange. What it wraps is the host's `fetch`, so that refusals are limited too. */
export function openExchange({ signal, timeoutMs, fetch }: ExchangeOptions): Exchange {
  const controller = new AbortController()
  const deadline = performance.now() + REPLY_TIMEOUT_MS
  let patienceMs = timeoutMs
  let isAnswered = false
  let brokenBy: Break | null = null
  let refusal = ''
  let bytes = 0
  let timer: NodeJS.Timeout | undefined

  const breakOff = (by: Break) => {
    brokenBy ??= by
    controller.abort()
  }
  const arm = () => {
    clearTimeout(timer)
    timer = setTimeout(breakOff, Math.max(0, Math.min(patienceMs, deadline - performance.now())), 'timed-out')
  }
  const stop = () => breakOff('stopped')
  const count = (piece: Uint8Array) => {
    bytes += piece.byteLength
    if (bytes > REPLY_BYTES_MAX) breakOff('too-large')
    else if (!isAnswered) arm()
  }

  arm()
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  return {
    signal: controller.signal,
    brokenBy: () => brokenBy,
    refusal: () => refusal,
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (!response.body) return response
      const body = response.body.pipeThrough(meter(count))
      if (response.ok) return new Response(body, response)
      refusal = await textOf(body)
      return new Response(refusal, response)
    },
    hasBegun() {
      patienceMs = Math.min(timeoutMs, PIECE_TIMEOUT_MS)
    },
    hasAnswered() {
      if (isAnswered) return
      isAnswered = true
      patienceMs = TAIL_TIMEOUT_MS
      arm()
    },
    close() {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      controller.abort()
    },
  }
}

function meter(count: (piece: Uint8Array) => void) {
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, out) {
      count(piece)
      out.enqueue(piece)
    },
  })
}

/** The beginning of a body; the rest is cut off. */
async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true })
    bytes += piece.byteLength
    if (bytes > REFUSAL_BYTES_MAX) break
  }
  return text
}
