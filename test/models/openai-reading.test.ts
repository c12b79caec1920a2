import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isUsual, readChunk, readOdd } from '../../src/models/openai-chunk.ts'
import { jsonValues } from '../../src/models/openai-events.ts'

const encoder = new TextEncoder()

const event = (value: unknown) => encoder.encode(`data: ${JSON.stringify(value)}\n\n`)

async function valuesOf(body: ReadableStream<Uint8Array>, count: (piece: Uint8Array) => void = () => {}) {
  const values: unknown[] = []
  for await (const value of jsonValues(body, count)) values.push(value)
  return values
}

it('events are the same however the bytes are cut', async () => {
  const values = [{ text: 'Grüße 👩‍👩‍👧' }, { text: '世界' }]
  const bytes = encoder.encode(values.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`).join(''))
  for (const size of [1, 2, 3, 5, 1_000]) {
    expect(await valuesOf(ReadableStream.from(cut(bytes, size)))).toEqual(values)
  }
})

it('so is an answer in one piece, also on many lines', async () => {
  const value = { choices: [{ message: { content: 'Grüße,\n世界' } }] }
  for (const text of [JSON.stringify(value), `\n${JSON.stringify(value, null, 2)}\n`]) {
    for (const size of [1, 2, 7, 1_000]) {
      expect(await valuesOf(ReadableStream.from(cut(encoder.encode(text), size)))).toEqual([value])
    }
  }
})

it('every piece is counted before anything is made of it, also what comes after the end', async () => {
  const pieces = [event(1), event(2), encoder.encode('data: [DONE]\n\n'), encoder.encode(': the rest\n')]
  const seen: unknown[] = []
  const values = jsonValues(ReadableStream.from(pieces), (piece) => seen.push(piece.byteLength))
  for await (const value of values) seen.push({ value })
  const [one, two, done, rest] = pieces.map(({ byteLength }) => byteLength)
  expect(seen).toEqual([one, { value: 1 }, two, { value: 2 }, done, rest])
})

it('a count that throws ends the reading, and lets go of the body', async () => {
  let cancelled = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (reader) => reader.enqueue(event(1)),
    cancel: () => void cancelled++,
  })
  let left = 3
  const count = () => {
    if (left-- === 0) throw new Error('Enough.')
  }
  await expect(valuesOf(body, count)).rejects.toThrow('Enough.')
  expect(cancelled).toBe(1)
})

/** A value as it should be, or one that should not. */
const orOdd = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
const text = orOdd(fc.option(fc.string()))
const number = orOdd(
  fc.oneof(fc.integer({ min: -2 }), fc.double(), fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY)),
)
const some = { requiredKeys: [] } satisfies { requiredKeys: [] }

const named = fc.record({ name: text, arguments: text, odd: fc.jsonValue() }, some)
const piece = fc.record({ index: number, id: text, type: text, function: orOdd(fc.option(named)) }, some)
const pieces = orOdd(fc.option(fc.array(orOdd(piece), { maxLength: 3 })))
const said = orOdd(
  fc.option(fc.record({ role: text, content: text, refusal: text, tool_calls: pieces }, some)),
)
const choice = fc.record({ index: number, delta: said, message: said, finish_reason: text }, some)
const usage = fc.record({ prompt_tokens: number, completion_tokens: number, total_tokens: number })
const chunk = fc.record(
  {
    id: text,
    choices: orOdd(fc.option(fc.array(orOdd(choice), { maxLength: 3 }))),
    usage: orOdd(fc.option(usage)),
  },
  some,
)

it('what is read as it is, the schema would read the same', () => {
  const seen = { usual: 0, odd: 0 }
  const holds = (value: unknown) => {
    seen[isUsual(value) ? 'usual' : 'odd']++
    if (!isUsual(value)) return
    // The schema leaves out what nobody reads. All that it keeps is what was sent.
    expect(value).toMatchObject(readOdd(value))
    expect(readChunk(value)).toBe(value)
  }
  fc.assert(fc.property(fc.oneof(chunk, fc.jsonValue()), holds), { numRuns: 3_000 })
  // It is no proof unless there were many of both.
  expect(Math.min(seen.usual, seen.odd)).toBeGreaterThan(300)
})

it('what most servers send is read as it is', () => {
  const call = { index: 0, id: 'x', type: 'function', function: { name: 'ls', arguments: '{}' } }
  const counted = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  const saying = (delta: object) => ({ choices: [{ index: 0, delta, finish_reason: null }], usage: null })
  const whole = { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
  const usual = [
    saying({ role: 'assistant', content: '', refusal: null }),
    saying({ content: 'word' }),
    saying({ tool_calls: [call] }),
    saying({ tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] }),
    { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    { choices: [], usage: counted },
    { choices: [{ index: 0, message: whole, finish_reason: 'tool_calls' }], usage: counted },
  ]
  expect(usual.map(isUsual)).toEqual(usual.map(() => true))
})

function cut(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}
