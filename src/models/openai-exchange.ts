import type { Refusal } from './refusal.ts'

/** Why an exchange was broken off from our side. */
export type Break = 'stopped' | 'timed-out' | 'too-large'

/** One HTTP exchange, with limits on its time and its size. */
export interface Exchange {
  /** Aborts when the exchange is broken off, whoever broke it. */
  readonly signal: AbortSignal
  /** Keeps what a refusal says. The body of an answer is read by whoever asked, who counts its pieces. */
  readonly fetch: typeof globalThis.fetch
  /** Each piece of the answer is a sign of life, and adds to its size. Throws when there is too much. */
  readonly count: (piece: Uint8Array) => void
  readonly brokenBy: () => Break | null
  /** What the server said instead of an answer. */
  readonly refusal: () => Refusal | null
  /** The answer has begun: from now on only a short silence is normal. */
  readonly hasBegun: () => void
  /** All that matters has come: what is still open is waited for only briefly, whatever it sends. */
  readonly hasAnswered: () => void
  /** Ends the watch. Whoever read the body has read it to its end, or has cancelled it. */
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

/** Opens the watch over one exchange. */
export function openExchange({ signal, timeoutMs, fetch }: ExchangeOptions): Exchange {
  const controller = new AbortController()
  let brokenBy: Break | null = null
  let refusal: Refusal | null = null
  let bytes = 0

  const breakOff = (by: Break) => {
    brokenBy ??= by
    controller.abort()
  }
  const stop = () => breakOff('stopped')
  const silence = silenceTimer(timeoutMs, () => breakOff('timed-out'))
  const count = (piece: Uint8Array) => {
    bytes += piece.byteLength
    if (bytes > REPLY_BYTES_MAX) breakOff('too-large')
    controller.signal.throwIfAborted()
    silence.end()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  return {
    signal: controller.signal,
    brokenBy: () => brokenBy,
    refusal: () => refusal,
    count,
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (response.ok || !response.body) return response
      const { status, headers } = response
      refusal = { status, headers, body: await beginningOf(response.body, count) }
      return new Response(refusal.body, response)
    },
    hasBegun: () => silence.shorten(PIECE_TIMEOUT_MS),
    hasAnswered: silence.last,
    close() {
      silence.stop()
      signal.removeEventListener('abort', stop)
    },
  }
}

/** Rings after a silence of so long, and at the latest when the whole reply has taken too long. */
function silenceTimer(silenceMs: number, ring: () => void) {
  const deadline = performance.now() + REPLY_TIMEOUT_MS
  let patienceMs = silenceMs
  let isLast = false
  let timer: NodeJS.Timeout | undefined

  const arm = () => {
    clearTimeout(timer)
    timer = setTimeout(ring, Math.max(0, Math.min(patienceMs, deadline - performance.now())))
  }
  const shorten = (ms: number) => {
    if (ms >= patienceMs) return
    patienceMs = ms
    arm()
  }
  arm()
  return {
    end: () => {
      if (!isLast) arm()
    },
    shorten,
    /** No sign of life prolongs it any more. */
    last: () => {
      isLast = true
      shorten(TAIL_TIMEOUT_MS)
    },
    stop: () => clearTimeout(timer),
  }
}

/** The beginning of a body; the rest is cut off. */
async function beginningOf(
  body: ReadableStream<Uint8Array>,
  count: (piece: Uint8Array) => void,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of body) {
    count(piece)
    text += decoder.decode(piece, { stream: true })
    bytes += piece.byteLength
    if (bytes > REFUSAL_BYTES_MAX) break
  }
  return text
}
