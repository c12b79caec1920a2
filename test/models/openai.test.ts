import { afterEach, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { type OpenAIOptions, openai } from '../../src/models/openai.ts'
import type { ModelRequest } from '../../src/protocol/model.ts'
import { aRequest, askModel } from '../support/model-requests.ts'
import { type Answer, chunk, type OpenAIServer, openaiServer } from '../support/openai-server.ts'

let server: OpenAIServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
  vi.unstubAllEnvs()
})

async function replyTo(answer: Answer, options: OpenAIOptions = {}, request = aRequest()) {
  server = await openaiServer(() => answer)
  return askModel(openai('gpt-test', { baseURL: server.url, ...options }), request)
}

async function bodyFor(request: Partial<ModelRequest>, options: OpenAIOptions = {}) {
  await replyTo({ text: 'Fine.' }, options, aRequest(request))
  return server?.requests[0]?.body
}

const callPiece = (parts: object) => chunk({ tool_calls: [parts] })
const named = (name: string, json: string) => ({ function: { name, arguments: json } })
const TWO = [
  { tool: 'read', input: { path: 'a' } },
  { tool: 'list', input: { path: 'b' } },
]

describe('servers differ in how they send calls', () => {
  const done = chunk({}, 'tool_calls')
  const table: readonly (readonly [string, readonly unknown[]])[] = [
    [
      'pieces of two calls mixed, the second first',
      [
        callPiece({ index: 1, id: 'y', ...named('list', '{"pa') }),
        callPiece({ index: 0, id: 'x', ...named('read', '{"path"') }),
        callPiece({ index: 1, function: { arguments: 'th":"b"}' } }),
        callPiece({ index: 0, function: { arguments: ':"a"}' } }),
        done,
      ],
    ],
    [
      'no index, the id in every piece',
      [
        callPiece({ id: 'x', ...named('read', '{"path"') }),
        callPiece({ id: 'x', function: { arguments: ':"a"}' } }),
        callPiece({ id: 'y', ...named('list', '{"path":"b"}') }),
        done,
      ],
    ],
    [
      'neither index nor id',
      [callPiece(named('read', '{"path":"a"}')), callPiece(named('list', '{"path":"b"}')), done],
    ],
    [
      'index 0 for all, told apart by id',
      [
        callPiece({ index: 0, id: 'x', ...named('read', '{"path":"a"}') }),
        callPiece({ index: 0, id: 'y', ...named('list', '{"path":"b"}') }),
        done,
      ],
    ],
    [
      'index 0 for all, no id, told apart by name',
      [
        callPiece({ index: 0, ...named('read', '{"path":"a"}') }),
        callPiece({ index: 0, ...named('list', '{"path":"b"}') }),
        done,
      ],
    ],
    [
      'the name again in every piece',
      [
        callPiece({ index: 0, id: 'x', ...named('read', '{"path"') }),
        callPiece({ index: 0, id: 'x', ...named('read', ':"a"}') }),
        callPiece({ index: 1, id: 'y', ...named('list', '{"path":"b"}') }),
        done,
      ],
    ],
    [
      'whole, in one piece, with the end',
      [
        chunk(
          {
            tool_calls: [
              { index: 0, id: 'x', ...named('read', '{"path":"a"}') },
              { index: 1, id: 'y', ...named('list', '{"path":"b"}') },
            ],
          },
          'stop',
        ),
      ],
    ],
    [
      'arguments as an object, not as its text',
      [
        chunk(
          {
            tool_calls: [
              { function: { name: 'read', arguments: { path: 'a' } } },
              { function: { name: 'list', arguments: { path: 'b' } } },
            ],
          },
          'stop',
        ),
      ],
    ],
  ]

  it.each(table)('%s', async (_, events) => {
    expect((await replyTo({ events })).calls).toEqual(TWO)
  })

  it.each(['', 'null', ' '])('no arguments, sent as %j, are an empty object', async (json) => {
    expect((await replyTo({ calls: [{ name: 'ls', arguments: json }] })).calls).toEqual([
      { tool: 'ls', input: {} },
    ])
  })

  it.each(['[1]', '"a"', '7', '{"a":1}{"a":2}'])(
    'arguments that are no object, %s, are malformed',
    async (json) => {
      expect((await replyTo({ calls: [{ name: 'ls', arguments: json }] })).calls).toEqual([
        { tool: 'ls', input: null, malformed: json },
      ])
    },
  )
})

describe('servers differ in how they answer', () => {
  it('JSON although a stream was asked for', async () => {
    const reply = await replyTo({ as: 'json', text: 'Hello.', calls: [{ name: 'ls', arguments: { a: 1 } }] })
    expect(reply).toMatchObject({ text: 'Hello.', calls: [{ tool: 'ls', input: { a: 1 } }] })
  })

  it('JSON on many lines, called something else', async () => {
    const raw = JSON.stringify({ choices: [{ message: { content: 'Hello.' } }] }, null, 2)
    expect(await replyTo({ raw, headers: { 'content-type': 'text/event-stream' } })).toMatchObject({
      text: 'Hello.',
      stop: 'done',
    })
  })

  it('a stream although none was asked for', async () => {
    expect((await replyTo({ as: 'events', text: 'Hello.' }, { stream: false })).text).toBe('Hello.')
  })

  it('content in parts, reasoning beside it, signs of life, other choices', async () => {
    const events = [
      chunk({ reasoning_content: 'Hm.' }),
      chunk({ content: [{ type: 'text', text: 'Hel' }] }),
      { choices: [{ index: 1, delta: { content: 'Other.' } }] },
      chunk({ content: 'lo.' }, 'stop'),
    ]
    const raw = `: waiting\r\n\r\n${events.map((event) => `event: message\r\ndata:${JSON.stringify(event)}\r\n\r\n`).join('')}`
    expect((await replyTo({ raw })).text).toBe('Hello.')
  })

  it('a connection lost after the end loses no reply', async () => {
    const events = [chunk({ content: 'Whole.' }, 'stop')]
    const sent = `data: ${JSON.stringify(events[0])}\n\n`.length
    expect((await replyTo({ events, tornAfterBytes: sent })).text).toBe('Whole.')
  })

  it('a connection left open after the end is not waited for', async () => {
    const events = [chunk({ content: 'Whole.' }, 'stop')]
    const sent = `data: ${JSON.stringify(events[0])}\n\n`.length
    expect((await replyTo({ events, stallAfterBytes: sent })).text).toBe('Whole.')
    await vi.waitFor(() => expect(server?.openExchanges()).toBe(0), { timeout: 10_000 })
  })

  it('usage left out is estimated', async () => {
    const { usage } = await replyTo({ text: 'x'.repeat(400), usage: null })
    expect(usage.outputTokens).toBe(100)
    expect(usage.inputTokens).toBeGreaterThan(5)
  })
})

describe('the request', () => {
  it('asks for a stream with its usage, and for nothing that was not set', async () => {
    expect(await bodyFor({})).toEqual({
      model: 'gpt-test',
      messages: [
        { role: 'system', content: 'You explore.' },
        { role: 'user', content: 'Look.' },
      ],
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('carries what was set', async () => {
    const options = {
      stream: false,
      temperature: 0,
      maxOutputTokens: 9,
      reasoningEffort: 'low',
      headers: { 'x-team': 'a' },
    } as const
    expect(await bodyFor({}, options)).toMatchObject({
      stream: false,
      temperature: 0,
      max_tokens: 9,
      reasoning_effort: 'low',
    })
    expect(server?.requests[0]?.headers['x-team']).toBe('a')
  })

  it('carries tools as they are, not strict', async () => {
    const input = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
    expect((await bodyFor({ tools: [{ name: 'read', description: 'Reads.', input }] }))?.tools).toEqual([
      { type: 'function', function: { name: 'read', description: 'Reads.', parameters: input } },
    ])
  })

  it('shows a result whose call was summarised away as a note: a lone result would refuse it all', async () => {
    const body = await bodyFor({
      lines: [{ role: 'tool', callId: '1.0', tool: 'ls', result: { kind: 'ok', output: ['a'] } }],
    })
    expect(body?.messages[1]).toEqual({
      role: 'user',
      content: '<troupe-note source="runtime">\nResult of the earlier call 1.0 of ls:\n["a"]\n</troupe-note>',
    })
  })

  it('mends a tool’s name that no server takes, and leaves out a reply that said nothing', async () => {
    const call = { id: '2.0', tool: 'functions.read file', input: {}, effect: 'pure' } as const
    const lines = [
      { role: 'agent', turn: 1, text: '', calls: [] },
      { role: 'agent', turn: 2, text: '', calls: [call] },
    ] as const
    expect((await bodyFor({ lines }))?.messages[1]).toMatchObject({
      role: 'assistant',
      tool_calls: [{ id: '2.0', function: { name: 'functions_read_file', arguments: '{}' } }],
    })
  })

  it('takes nothing from the environment', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'of-the-environment')
    vi.stubEnv('OPENAI_ADMIN_KEY', 'of-the-environment')
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1')
    vi.stubEnv('OPENAI_ORG_ID', 'of-the-environment')
    await replyTo({ text: 'Fine.' })
    expect(server?.requests[0]?.headers.authorization).toBe('Bearer none')
    expect(JSON.stringify(server?.requests[0]?.headers)).not.toContain('of-the-environment')
  })

  it('prints nothing, whatever comes', async () => {
    const spies = (['log', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    )
    await replyTo({ raw: 'event: thread.x\ndata: \u001b[2J{\n\n' }).catch(() => {})
    expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([])
    vi.restoreAllMocks()
  })
})

describe('what cannot work is said at once', () => {
  it.each([
    ['a base URL that is none', { baseURL: 'localhost:1234' }],
    ['no key for a server elsewhere', {}],
    ['a time limit of nothing', { apiKey: 'k', timeoutMs: 0 }],
  ])('%s', (_, options) => {
    expect(() => openai('gpt-5-mini', options)).toThrow(UsageError)
  })

  it.each(['http://localhost:1/v1', 'http://127.0.0.1:1/v1', 'http://[::1]:1/v1'])(
    '%s needs no key',
    (baseURL) => {
      expect(openai('gpt-test', { baseURL }).name).toBe('gpt-test')
    },
  )

  it.each(['http://127.0.0.1.evil.example/v1', 'http://localhost.evil.example/v1'])(
    '%s is not this machine',
    (baseURL) => {
      expect(() => openai('gpt-test', { baseURL })).toThrow(UsageError)
    },
  )

  it.each([
    ['gpt-5-mini', 272_000],
    ['openai/gpt-4o-mini', 128_000],
    ['gpt-4.1', 1_047_576],
    ['gpt-4', 8_192],
    ['o3', 200_000],
    ['o30-unheard-of', 128_000],
    ['llama', 128_000],
  ])('%s reads %i tokens, unless told otherwise', (name, tokens) => {
    expect(openai(name, { apiKey: 'k' }).contextWindow).toBe(tokens)
    expect(openai(name, { apiKey: 'k', contextWindow: 7 }).contextWindow).toBe(7)
  })
})
