import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { openaiFetch } from '../../src/models/openai-fetch.ts'

const MEGABYTE = 1024 * 1024

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function serverOf(listener: RequestListener) {
  const server = createServer(listener)
  const seen = { connections: 0, open: 0 }
  server.on('connection', (socket) => {
    seen.connections++
    seen.open++
    socket.once('close', () => seen.open--)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  closing.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen, close }
}

const post = (body: string, signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
  body,
  ...(signal ? { signal } : {}),
})

it('sends what it was given, and hands back status, headers and body', async () => {
  const { url } = await serverOf((request, response) => {
    const { method, url: path, headers } = request
    response.writeHead(418, 'Short', { 'x-two': ['a', 'b'] })
    const head = { method, path, key: headers.authorization, length: headers['content-length'] }
    response.write(JSON.stringify(head))
    request.pipe(response)
  })
  const response = await openaiFetch()(url, post('{"text":"grün"}'))
  expect([response.status, response.ok, response.statusText]).toEqual([418, false, 'Short'])
  expect(response.headers.get('x-two')).toBe('a, b')
  expect(await response.text()).toBe(
    '{"method":"POST","path":"/v1","key":"Bearer key","length":"16"}{"text":"grün"}',
  )
})

it('keeps its connection from request to request', async () => {
  const { url, seen } = await serverOf((_, response) => response.end('well'))
  const fetch = openaiFetch()
  for (let count = 0; count < 5; count++) expect(await (await fetch(url, post('{}'))).text()).toBe('well')
  expect(seen.connections).toBe(1)
})

it('hands back a redirect, and takes the key nowhere else', async () => {
  const other = await serverOf((_, response) => response.end('caught'))
  const { url } = await serverOf((_, response) => response.writeHead(307, { location: other.url }).end())
  const { status } = await openaiFetch()(url, post('{}'))
  expect([status, other.seen.connections]).toEqual([307, 0])
})

it('hands on each piece as it comes, and an answer without a body', async () => {
  let rest: ServerResponse | undefined
  const { url } = await serverOf((request, response) => {
    if (request.headers['x-none']) response.writeHead(204).end()
    else {
      rest = response
      response.write('one')
    }
  })
  const fetch = openaiFetch()
  const reader = (await fetch(url, post('{}'))).body?.getReader()
  const read = async () => Buffer.from((await reader?.read())?.value ?? '').toString()
  expect(await read()).toBe('one')
  rest?.write('two')
  expect(await read()).toBe('two')
  rest?.end()
  expect((await reader?.read())?.done).toBe(true)
  const none = await fetch(url, { ...post('{}'), headers: { 'x-none': '1' } })
  expect([none.status, none.body]).toEqual([204, null])
})

it('takes in no more than is read', async () => {
  let written = 0
  const { url } = await serverOf((request, response) => {
    if (request.headers['x-probe']) return void response.end()
    const piece = Buffer.alloc(MEGABYTE)
    const more = () => {
      written += piece.length
      if (written < 256 * MEGABYTE && response.write(piece)) more()
    }
    response.on('drain', more)
    more()
  })
  const fetch = openaiFetch()
  const reader = (await fetch(url, post('{}'))).body?.getReader()
  await reader?.read()
  // Each probe gives both sides their turn; a side that reads on would be far by then.
  for (let probe = 0; probe < 100; probe++) await fetch(url, { ...post('{}'), headers: { 'x-probe': '1' } })
  expect(written).toBeLessThan(64 * MEGABYTE)
  await reader?.cancel()
})

it.each([
  ['before the answer', 0],
  ['in the middle of it', 1],
])('an abort %s rejects with its reason and lets go of the connection', async (_, piecesBefore) => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const { url, seen } = await serverOf((_request, response) => {
    if (piecesBefore > 0) response.write('one')
    else controller.abort(reason)
  })
  const answer = openaiFetch()(url, post('{}', controller.signal)).then(async (response) => {
    controller.abort(reason)
    return response.text()
  })
  await expect(answer).rejects.toBe(reason)
  await vi.waitFor(() => expect(seen.open).toBe(0))
  await expect(openaiFetch()(url, post('{}', controller.signal))).rejects.toBe(reason)
})

it('lets go of the connection when the reader has had enough', async () => {
  const { url, seen } = await serverOf((_, response) => void response.write('one'))
  const reader = (await openaiFetch()(url, post('{}'))).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await vi.waitFor(() => expect(seen.open).toBe(0))
})

it('leaves no listener on a signal once all has been read', async () => {
  const { url } = await serverOf((_, response) => response.end('well'))
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  await (await openaiFetch()(url, post('{}', signal))).text()
  expect(removed.mock.calls.length).toBe(added.mock.calls.length)
})

it('a body that breaks off is an error, not an end', async () => {
  const { url } = await serverOf((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('one', () => response.destroy())
  })
  const response = await openaiFetch()(url, post('{}'))
  await expect(response.text()).rejects.toThrow('terminated')
})

it('says with a code why nobody could be reached', async () => {
  const { url, close } = await serverOf((_, response) => response.end())
  await close()
  await expect(openaiFetch()(url, post('{}'))).rejects.toMatchObject({
    message: 'fetch failed',
    cause: { code: 'ECONNREFUSED' },
  })
})

it.each(['HTTPS_PROXY', 'http_proxy'])('leaves it to the fetch around us where %s is set', async (name) => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('by proxy')))
  vi.stubEnv(name, 'http://127.0.0.1:1')
  const response = await openaiFetch()('http://127.0.0.1:1', post('{}'))
  expect(await response.text()).toBe('by proxy')
})

it('uses a fetch that was put in place later, and one with a way of its own', async () => {
  const fetch = openaiFetch()
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('put in place')))
  expect(await (await fetch('http://127.0.0.1:1', post('{}'))).text()).toBe('put in place')

  const later = openaiFetch()
  expect(await (await later('http://127.0.0.1:1', post('{}')).catch(() => null))?.text()).toBe(undefined)
  class ProxyAgent {}
  const name = Symbol.for('undici.globalDispatcher.1')
  const before: unknown = Reflect.get(globalThis, name)
  Reflect.set(globalThis, name, new ProxyAgent())
  expect(await (await later('http://127.0.0.1:1', post('{}'))).text()).toBe('put in place')
  Reflect.set(globalThis, name, before)
})
