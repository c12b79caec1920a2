import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import { openai } from '../../src/models/openai.ts'
import { openExchange } from '../../src/models/openai-exchange.ts'
import { aRequest, askModel } from '../support/model-requests.ts'
import { type ChatBody, type OpenAIServer, openaiServer } from '../support/openai-server.ts'

const MINUTE_MS = 60_000
const CALLS = 60
/** A busy machine needs its time. */
const SOON = { timeout: 20_000 }

const asking = (text: string) => aRequest({ lines: [{ role: 'user', text }] })
const askedIn = ({ messages }: ChatBody) => messages.at(-1)?.content ?? ''
const numbers = Array.from({ length: CALLS }, (_, number) => number)

/** What came of a call, as far as one can tell it from others. */
async function endOf(call: Promise<{ readonly text: string }>): Promise<string> {
  const end = await call.catch((error: unknown) => error)
  if (RuntimeError.is(end)) return `${end.code} ${end.retryAfterMs}`
  return end instanceof Error ? String(end) : (end as { text: string }).text
}

/** A server whose bytes come when the test says so. */
function exchange(timeoutMs = 2 * MINUTE_MS, status = 200) {
  const pipe = new TransformStream<Uint8Array, Uint8Array>()
  const writer = pipe.writable.getWriter()
  const fetch = async () => new Response(pipe.readable, { status })
  const opened = openExchange({ signal: new AbortController().signal, timeoutMs, fetch })
  return { ...opened, writer }
}

describe('an exchange has limits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('is patient until the answer begins, also after a first sign of life, and less so afterwards', () => {
    const { brokenBy, hasBegun, count } = exchange()
    count(new Uint8Array(1))
    vi.advanceTimersByTime(2 * MINUTE_MS - 1)
    expect(brokenBy()).toBe(null)
    hasBegun()
    vi.advanceTimersByTime(MINUTE_MS - 1)
    expect(brokenBy()).toBe(null)
    vi.advanceTimersByTime(1)
    expect(brokenBy()).toBe('timed-out')
  })

  it('ends after an hour, whatever signs of life there are', () => {
    const { brokenBy, count } = exchange()
    for (let minute = 1; minute < 60; minute++) {
      vi.advanceTimersByTime(MINUTE_MS)
      count(new Uint8Array(1))
    }
    expect(brokenBy()).toBe(null)
    vi.advanceTimersByTime(MINUTE_MS)
    expect(brokenBy()).toBe('timed-out')
  })

  it('breaks off what is too large, and lets no more of it in', () => {
    const { brokenBy, count, signal } = exchange()
    const megabyte = new Uint8Array(1024 * 1024)
    for (let received = 0; received < 64; received++) count(megabyte)
    expect(brokenBy()).toBe(null)
    expect(() => count(new Uint8Array(1))).toThrow('aborted')
    expect([brokenBy(), signal.aborted]).toEqual(['too-large', true])
  })

  it('hands on an answer as it is, for whoever asked to read it', async () => {
    const answer = new Response('well')
    const options = { signal: new AbortController().signal, timeoutMs: MINUTE_MS, fetch: async () => answer }
    expect(await openExchange(options).fetch('http://localhost')).toBe(answer)
  })

  it('takes the pieces of a refusal for signs of life', async () => {
    const { brokenBy, fetch, writer } = exchange(MINUTE_MS, 500)
    const answer = fetch('http://localhost')
    for (let minute = 0; minute < 3; minute++) {
      vi.advanceTimersByTime(MINUTE_MS - 1)
      await writer.write(new TextEncoder().encode('x'))
    }
    await writer.close()
    expect([await (await answer).text(), brokenBy()]).toEqual(['xxx', null])
  })

  it('reads of a refusal only the beginning', async () => {
    const { refusal, fetch, writer } = exchange(MINUTE_MS, 500)
    const answer = fetch('http://localhost')
    const left = (async () => {
      for (let count = 0; count < 100; count++) await writer.write(new TextEncoder().encode('x'.repeat(4096)))
    })().catch(() => {})
    expect((await answer).status).toBe(500)
    expect(refusal()?.body.length).toBeLessThan(80 * 1024)
    await left
  })

  it('leaves no timer and no listener behind', async () => {
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    openExchange({ signal: controller.signal, timeoutMs: MINUTE_MS, fetch: globalThis.fetch }).close()
    expect([vi.getTimerCount(), removed.mock.calls.length]).toEqual([0, 1])
  })

  it('a call that is silent for too long ends alone, and with it only its own request', async () => {
    const signals = new Map<string, AbortSignal | null | undefined>()
    const answers = new Map<string, () => void>()
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((resolve, reject) => {
        if (typeof init?.body !== 'string') throw new TypeError('A body of another kind.')
        const text = askedIn(JSON.parse(init.body) as ChatBody)
        expect(Object.getOwnPropertySymbols(init)).toEqual([])
        signals.set(text, init.signal)
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
        const body = { choices: [{ message: { content: `answer ${text}` } }] }
        answers.set(text, () => resolve(Response.json(body)))
      })
    const model = openai('gpt-test', { baseURL: 'http://127.0.0.1:1/v1', timeoutMs: MINUTE_MS, fetch })
    const begin = async (text: string) => {
      const end = endOf(askModel(model, asking(text)))
      await vi.waitFor(() => expect(signals.has(text)).toBe(true))
      return end
    }
    const early = [begin('1'), begin('2')]
    await vi.waitFor(() => expect(signals.size).toBe(2))
    vi.advanceTimersByTime(MINUTE_MS / 2)
    const late = begin('3')
    await vi.waitFor(() => expect(signals.size).toBe(3))
    answers.get('2')?.()
    expect(await early[1]).toBe('answer 2')
    vi.advanceTimersByTime(MINUTE_MS / 2)
    expect(await early[0]).toBe('model/timed-out null')
    expect([...signals.values()].map((signal) => signal?.aborted)).toEqual([true, false, false])
    answers.get('3')?.()
    expect(await late).toBe('answer 3')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('many calls of one model at once never mix', () => {
  let server: OpenAIServer | null = null
  afterEach(async () => {
    await server?.close()
    server = null
  })

  it.each([
    ['streamed', true],
    ['in one piece', false],
  ])('%s: each has its own answer, refusal, loss or stop', { timeout: 60_000 }, async (_, stream) => {
    let answerAll = () => {}
    const all = new Promise<void>((resolve) => {
      answerAll = resolve
    })
    server = await openaiServer(async (body) => {
      const number = Number(askedIn(body))
      if (number % 5 === 1) return { silent: true }
      await all
      if (number % 5 === 2) return { status: 429, headers: { 'retry-after': String(number) } }
      if (number % 5 === 3) return { text: 'lost'.repeat(200), tornAfterBytes: 100 }
      return { text: `answer ${number}`, pieceChars: 1 }
    })
    const model = openai('gpt-test', { baseURL: server.url, stream })
    const controllers = numbers.map(() => new AbortController())
    const said = numbers.map(() => '')
    const ends = numbers.map((number) =>
      endOf(
        askModel(model, asking(String(number)), {
          signal: controllers[number]!.signal,
          progress: (piece) => {
            said[number] += piece
          },
        }),
      ),
    )
    await vi.waitFor(() => expect(server?.requests).toHaveLength(CALLS), SOON)
    const silent = numbers.filter((number) => number % 5 === 1)
    for (const number of silent) controllers[number]!.abort()
    for (const number of silent) await ends[number]
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(CALLS - silent.length), SOON)
    answerAll()

    const expected = numbers.map((number) => {
      if (number % 5 === 1) return 'model/stopped null'
      if (number % 5 === 2) return `model/rate-limited ${number * 1_000}`
      return number % 5 === 3 ? 'model/torn-stream null' : `answer ${number}`
    })
    expect(await Promise.all(ends)).toEqual(expected)
    for (const number of numbers.filter((it) => it % 5 === 0 || it % 5 === 4))
      expect(said[number]).toBe(`answer ${number}`)
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), SOON)
  })
})
