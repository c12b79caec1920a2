import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import { type OpenAIOptions, openai } from '../../src/models/openai.ts'
import { type Answer, chunk, type OpenAIServer, openaiServer } from '../support/openai-server.ts'
import { aRequest, askModel } from '../support/model-requests.ts'

const KEY = 'key-that-nobody-may-see'
/** A busy machine needs its time. */
const SOON = { timeout: 10_000 }

let server: OpenAIServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

async function failure(answer: Answer, options: OpenAIOptions = {}): Promise<RuntimeError> {
  server = await openaiServer(() => answer)
  const model = openai('gpt-test', { baseURL: server.url, apiKey: KEY, ...options })
  return failureOf(askModel(model))
}

async function failureOf(reply: Promise<unknown>): Promise<RuntimeError> {
  const settled = await reply.catch((error: unknown) => error)
  if (!RuntimeError.is(settled)) expect.fail(`It was to fail, and gave ${inspect(settled)}`)
  return settled
}

describe('what a server answers instead is told apart', () => {
  const table: readonly (readonly [string, Answer, string])[] = [
    ['401', { status: 401 }, 'model/unauthorised'],
    ['403', { status: 403 }, 'model/unauthorised'],
    ['404', { status: 404 }, 'model/bad-request'],
    ['400', { status: 400 }, 'model/bad-request'],
    ['422', { status: 422 }, 'model/bad-request'],
    ['402, no money left', { status: 402 }, 'model/bad-request'],
    ['408', { status: 408 }, 'model/unavailable'],
    ['409', { status: 409 }, 'model/unavailable'],
    ['429', { status: 429 }, 'model/rate-limited'],
    [
      '429, but the quota is used up',
      { status: 429, error: said('Billing.', 'insufficient_quota') },
      'model/bad-request',
    ],
    ['500', { status: 500 }, 'model/unavailable'],
    ['529', { status: 529 }, 'model/unavailable'],
    [
      '400 with the code of an overflow',
      { status: 400, error: said('No.', 'context_length_exceeded') },
      'model/context-overflow',
    ],
    [
      '400 with the words of an overflow',
      { status: 400, error: said("This model's maximum context length is 9.") },
      'model/context-overflow',
    ],
    [
      '400 of a server without `error`',
      { status: 400, error: { message: 'the prompt is too long' } },
      'model/context-overflow',
    ],
    [
      '400 of a server that says `detail`',
      { status: 400, error: { detail: 'maximum context reached' } },
      'model/context-overflow',
    ],
    ['413', { status: 413, raw: '<html>Too large</html>' }, 'model/context-overflow'],
    [
      'an error event in a stream',
      { events: [chunk({ content: 'a' }), said('Overloaded.', 'server_error')] },
      'model/unavailable',
    ],
    [
      'a rate limit in a stream',
      { events: [said('Slow down.', 'rate_limit_exceeded')] },
      'model/rate-limited',
    ],
    ['a status in a stream', { events: [{ error: { message: 'No.', code: 400 } }] }, 'model/bad-request'],
    ['an error with status 200', { as: 'json', events: [said('No.', 'server_error')] }, 'model/unavailable'],
    ['a page instead of an answer', { raw: '<!doctype html>\n<p>Log in</p>\n' }, 'model/unreadable-reply'],
    ['garbage in an event', { raw: 'data: {"choices": [oops\n\n' }, 'model/unreadable-reply'],
    ['JSON that is cut', { as: 'json', raw: '{"choices": [{"message": {"con' }, 'model/unreadable-reply'],
    ['an event that is no object', { raw: 'data: 42\n\n' }, 'model/unreadable-reply'],
    ['choices of another form', { events: [{ choices: 'none' }] }, 'model/unreadable-reply'],
    ['nothing at all', { raw: '' }, 'model/torn-stream'],
    ['a stream without an end', { events: [chunk({ content: 'Half' })] }, 'model/torn-stream'],
    [
      'a last event that is cut',
      { raw: `data: ${JSON.stringify(chunk({}, 'stop')).slice(0, 60)}` },
      'model/torn-stream',
    ],
    ['a connection broken before the body', { tornAfterBytes: 0 }, 'model/torn-stream'],
    [
      'a body broken in the middle',
      { as: 'json', text: 'A long text.'.repeat(50), tornAfterBytes: 200 },
      'model/torn-stream',
    ],
    [
      'more calls than anyone means',
      { calls: Array.from({ length: 129 }, () => ({ name: 'ls', arguments: {} })) },
      'model/unreadable-reply',
    ],
    [
      'more text than a reply may have, from a server that then waits',
      { text: 'x'.repeat(1_200_000), pieceChars: 65_536, stallAfterBytes: 1_150_000 },
      'model/unreadable-reply',
    ],
    [
      'more text than a reply may have',
      { text: 'x'.repeat(1024 * 1024 + 1), pieceChars: 65_536 },
      'model/unreadable-reply',
    ],
  ]

  it.each(table)('%s', async (_, answer, code) => {
    expect((await failure(answer)).code).toBe(code)
    expect(server?.requests).toHaveLength(1)
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), SOON)
  })

  it('a body without an end, even from a `fetch` that heeds no signal', async () => {
    const megabyte = new TextEncoder().encode(`: ${'x'.repeat(1024 * 1024 - 3)}\n`)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (reader) => (sent++ < 100 ? reader.enqueue(megabyte) : reader.close()),
    })
    const model = openai('gpt-test', { apiKey: KEY, fetch: async () => new Response(body) })
    const error = await failureOf(askModel(model))
    expect([error.code, error.message]).toEqual([
      'model/unreadable-reply',
      'https://api.openai.com/v1 sent too much.',
    ])
    expect(sent).toBeLessThan(70)
  })

  it('a server that is not there', async () => {
    const error = await failureOf(
      askModel(openai('gpt-test', { baseURL: `http://127.0.0.1:${await freePort()}/v1` })),
    )
    expect(error.code).toBe('model/unavailable')
    expect(error.message).toMatch(/ECONNREFUSED.*OPENAI_BASE_URL/)
  })
})

describe('how long to wait is read from every form of it', () => {
  const date = 'Fri, 01 Jan 2027 00:00:00 GMT'
  const table: readonly (readonly [string, Record<string, string>, number | null])[] = [
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['parts of seconds', { 'retry-after': '0.25' }, 250],
    ['milliseconds, which are more exact', { 'retry-after-ms': '1234', 'retry-after': '7' }, 1_234],
    ['a date, by the clock of the server', { 'retry-after': 'Fri, 01 Jan 2027 00:00:09 GMT', date }, 9_000],
    ['a date that has passed', { 'retry-after': 'Thu, 31 Dec 2026 00:00:00 GMT', date }, 0],
    ['nothing', {}, null],
    ['nonsense', { 'retry-after': 'soon' }, null],
  ]

  it.each(table)('%s', async (_, headers, expected) => {
    expect((await failure({ status: 429, headers })).retryAfterMs).toBe(expected)
  })

  it('also from a server that is down', async () => {
    expect((await failure({ status: 503, headers: { 'retry-after': '3' } })).retryAfterMs).toBe(3_000)
  })
})

describe('the words of a failure', () => {
  it('name the server, the model, and what to check', async () => {
    const { message } = await failure({ status: 404, error: said('The model does not exist.') })
    expect(message).toBe(
      `${server?.url}/chat/completions knows no "gpt-test" there. Check the model's name and OPENAI_BASE_URL. (404: The model does not exist.)`.replace(
        '/chat/completions',
        '',
      ),
    )
  })

  it('never hold a key, however deep one looks and whoever repeats it', async () => {
    const headers = { 'x-api-key': 'another-secret-key' }
    const words = `You sent ${KEY}, another-secret-key and sk-proj-abc***def.`
    const error = await failure({ status: 401, error: said(words) }, { headers })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/key-that|another-secret|sk-proj/)
    expect(error.message).toMatch(/OPENAI_API_KEY/)
  })

  it('hold nothing that a terminal would obey, and not a whole page', async () => {
    const { message } = await failure({ status: 500, error: said(`\u001b[2Jgone\u202e${'x'.repeat(5_000)}`) })
    expect(message).not.toMatch(/[\p{C}]/u)
    expect(message.length).toBeLessThan(800)
  })
})

describe('silence has an end', () => {
  it('before the first byte', async () => {
    expect((await failure({ silent: true }, { timeoutMs: 50 })).code).toBe('model/timed-out')
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), SOON)
  })

  it('in the middle of a reply', async () => {
    expect(
      (await failure({ text: 'abc'.repeat(500), stallAfterBytes: 2_000 }, { timeoutMs: 100 })).code,
    ).toBe('model/timed-out')
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), SOON)
  })

  it('in the middle of a refusal', async () => {
    const refusal = { status: 500, raw: 'x'.repeat(100), stallAfterBytes: 50 }
    expect((await failure(refusal, { timeoutMs: 50 })).code).toBe('model/timed-out')
  })

  it('but pieces that keep coming are no silence', async () => {
    server = await openaiServer(() => ({ text: 'abcdefgh', pieceChars: 1, pieceMs: 200 }))
    const reply = await askModel(openai('gpt-test', { baseURL: server.url, timeoutMs: 1_000 }))
    expect(reply.text).toBe('abcdefgh')
  })
})

describe('a stop', () => {
  it('in the middle of a body in one piece leaves nothing open', async () => {
    server = await openaiServer(() => ({ as: 'json', text: 'A long text.'.repeat(50), stallAfterBytes: 200 }))
    const controller = new AbortController()
    const reply = failureOf(
      askModel(openai('gpt-test', { baseURL: server.url }), aRequest(), { signal: controller.signal }),
    )
    await vi.waitFor(() => expect(server?.requests).toHaveLength(1), SOON)
    controller.abort()
    expect((await reply).code).toBe('model/stopped')
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), SOON)
  })

  it('that comes with the last piece is still a stop', async () => {
    server = await openaiServer(() => ({ text: 'All of it.' }))
    const controller = new AbortController()
    const progress = () => controller.abort()
    const options = { signal: controller.signal, progress }
    const error = await failureOf(
      askModel(openai('gpt-test', { baseURL: server.url, stream: false }), aRequest(), options),
    )
    expect(error.code).toBe('model/stopped')
  })
})

function said(message: string, code: string | null = null): unknown {
  return { error: { message, code, type: null } }
}

/** A port that nobody listens on: it was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
