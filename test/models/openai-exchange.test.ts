import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openExchange } from '../../src/models/openai-exchange.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A server whose bytes come when the test says so. */
function exchange(timeoutMs = 2 * MINUTE_MS, status = 200) {
  const pipe = new TransformStream<Uint8Array, Uint8Array>()
  const writer = pipe.writable.getWriter()
  const fetch = async () => new Response(pipe.readable, { status })
  const opened = openExchange({ signal: new AbortController().signal, timeoutMs, fetch })
  return { ...opened, writer }
}

it('is patient until the answer begins, also after a first sign of life, and less so afterwards', async () => {
  const { brokenBy, hasBegun, fetch, writer } = exchange()
  const reader = (await fetch('http://localhost')).body?.getReader()
  await Promise.all([writer.write(new Uint8Array(1)), reader?.read()])
  vi.advanceTimersByTime(2 * MINUTE_MS - 1)
  expect(brokenBy()).toBe(null)
  hasBegun()
  vi.advanceTimersByTime(MINUTE_MS - 1)
  expect(brokenBy()).toBe(null)
  vi.advanceTimersByTime(1)
  expect(brokenBy()).toBe('timed-out')
})

it('ends after an hour, whatever signs of life there are', async () => {
  const { brokenBy, fetch, writer } = exchange()
  const reader = (await fetch('http://localhost')).body?.getReader()
  for (let minute = 1; minute < 60; minute++) {
    vi.advanceTimersByTime(MINUTE_MS)
    await Promise.all([writer.write(new Uint8Array(1)), reader?.read()])
  }
  expect(brokenBy()).toBe(null)
  vi.advanceTimersByTime(MINUTE_MS)
  expect(brokenBy()).toBe('timed-out')
})

it('breaks off what is too large', async () => {
  const { brokenBy, fetch, writer, signal } = exchange()
  const reader = (await fetch('http://localhost')).body?.getReader()
  const megabyte = new Uint8Array(1024 * 1024)
  for (let count = 0; count < 64; count++) await Promise.all([writer.write(megabyte), reader?.read()])
  expect(brokenBy()).toBe(null)
  await Promise.all([writer.write(new Uint8Array(1)), reader?.read()])
  expect([brokenBy(), signal.aborted]).toEqual(['too-large', true])
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
