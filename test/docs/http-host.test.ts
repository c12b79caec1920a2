/** The host of docs/guides/embed.md, over HTTP: here with a scripted model, and as a process of its own. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type RunningHost, startHost } from '../../docs/examples/http-host.ts'
import { deploymentsInMemory } from '../../docs/examples/write-a-tool.ts'
import { complete, scriptedModel, use } from '../../src/testing/testing.ts'
import { openaiServer } from '../support/openai-server.ts'
import { programOf, runProgram } from './example-process.ts'

const script = { shipper: [use('deploy', { service: 'shop' }), complete('The shop is on staging.')] }
const order = { agent: 'shipper', message: 'Deploy the shop.' }

interface Directories {
  readonly workspaces: Readonly<Record<'shop' | 'docs', string>>
  /** The user's own, where the key of their stores is. */
  readonly home: string
}

async function directories(): Promise<Directories> {
  const base = await mkdtemp(join(tmpdir(), 'troupe-host-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  for (const name of ['shop', 'docs']) await mkdir(join(base, name))
  const home = join(base, 'home')
  vi.stubEnv('TROUPE_HOME', home)
  return { workspaces: { shop: join(base, 'shop'), docs: join(base, 'docs') }, home }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

async function hostFor(platform = deploymentsInMemory()) {
  const { workspaces } = await directories()
  return { ...(await hostIn(workspaces, platform)), workspaces }
}

async function hostIn(workspaces: Directories['workspaces'], platform = deploymentsInMemory()) {
  const host = await startHost({ workspaces, platform, model: scriptedModel(script) })
  onTestFinished(() => host.close())
  return { host, ...clientOf(host) }
}

function clientOf({ url, token }: Pick<RunningHost, 'url' | 'token'>) {
  const headers = { authorization: `Bearer ${token}` }
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}${path}`, { method, headers, ...init })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Answered) }
  }
  const waiting = async (name: string) => {
    const response = await fetch(`${url}/${name}/approvals`, { headers })
    return (await response.json()) as readonly { readonly id: string }[]
  }
  const open = async (path: string, body: unknown) => (await call('POST', path, body)).body?.id ?? ''
  /** Asks until somebody is wanted. What never comes ends with the test's own time limit. */
  const approval = async (name: string): Promise<string> => {
    for (;;) {
      const [first] = await waiting(name)
      if (first) return encodeURIComponent(first.id)
    }
  }
  const events = async (path: string, since = 0) => {
    const response = await fetch(`${url}${path}`, { headers: { ...headers, 'last-event-id': String(since) } })
    const text = await response.text()
    return [...text.matchAll(/^id: (\d+)\nevent: (\S+)\ndata: (.+)$/gm)].map(([, id, type]) => [
      Number(id),
      type,
    ])
  }
  return { call, open, approval, events }
}

interface Answered {
  readonly id?: string
  readonly status?: string
  readonly state?: string
  readonly code?: string
  readonly message?: string
  readonly result?: string
  readonly reason?: { readonly code: string }
}

describe('the HTTP host', () => {
  it('runs a task whose call waits for POST /approvals, and tells of it as it happens', async () => {
    const platform = deploymentsInMemory()
    const { call, open, approval, events } = await hostFor(platform)
    const id = await open('/shop/tasks', order)
    const following = events(`/shop/tasks/${id}/events`)
    const asked = await approval('shop')
    expect((await call('GET', `/shop/tasks/${id}`)).body).toMatchObject({ state: 'running.asking' })
    expect(platform.made.size).toBe(0)

    expect((await call('POST', `/shop/approvals/${asked}`, { allow: true, note: 'Go.' })).status).toBe(204)
    const { body } = await call('GET', `/shop/tasks/${id}/result`)
    expect(body).toMatchObject({ status: 'completed', result: 'The shop is on staging.' })
    expect([...platform.made]).toEqual([[`${id}/1.0`, 'shop-1']])
    expect((await call('POST', `/shop/approvals/${asked}`, { allow: true })).body?.code).toBe(
      'call/not-asking',
    )

    const heard = await following
    expect(heard.map(([seq]) => seq)).toEqual(heard.map((_, index) => index + 1))
    expect([heard[0]?.[1], heard.at(-1)?.[1]]).toEqual(['task.created', 'task.ended'])
    expect(await events(`/shop/tasks/${id}/events`, 3)).toEqual(heard.slice(3))
  })

  it('keeps its two runtimes apart', async () => {
    const { call, open, approval } = await hostFor()
    const id = await open('/shop/tasks', order)
    const asked = await approval('shop')
    expect((await call('GET', '/docs/tasks')).body).toEqual([])
    expect((await call('GET', `/docs/tasks/${id}`)).status).toBe(404)
    const elsewhere = await call('POST', `/docs/approvals/${asked}`, { allow: true })
    expect(['task/no-such-task', 'call/not-asking']).toContain(elsewhere.body?.code)
    expect(
      (await call('POST', `/shop/approvals/${asked}`, { allow: false, note: 'Not today.' })).status,
    ).toBe(204)
    expect((await call('GET', `/shop/tasks/${id}/result`)).body?.status).toBe('completed')
  })

  it('pauses, resumes and cancels', async () => {
    const { call, open, approval } = await hostFor()
    const id = await open('/shop/tasks', order)
    await approval('shop')
    await call('POST', `/shop/tasks/${id}/pause`)
    expect((await call('GET', `/shop/tasks/${id}`)).body?.state).toBe('paused')
    await call('POST', `/shop/tasks/${id}/resume`)
    expect((await call('GET', `/shop/tasks/${id}`)).body?.state).toBe('running.asking')
    await call('POST', `/shop/tasks/${id}/cancel`)
    expect((await call('GET', `/shop/tasks/${id}/result`)).body?.reason?.code).toBe('task/cancelled')
  })

  it('answers nobody without its token, and says what was wrong with a request', async () => {
    const { host, call } = await hostFor()
    expect((await fetch(`${host.url}/shop/approvals`)).status).toBe(401)
    expect((await fetch(`${host.url}/shop/tasks`, { headers: { authorization: 'Bearer x' } })).status).toBe(
      401,
    )
    const unknown = await call('POST', '/shop/tasks', { ...order, agent: 'shiper' })
    expect([unknown.status, unknown.body?.message]).toEqual([
      400,
      expect.stringContaining('Did you mean "shipper"'),
    ])
    expect((await call('POST', '/shop/tasks', { massage: 'Go.' })).status).toBe(400)
    expect((await call('POST', '/shop/tasks/t1/pause')).status).toBe(404)
    expect((await call('GET', '/shop/constructor')).status).toBe(404)
    expect((await call('GET', '/shop/%zz')).status).toBe(400)
  })

  it('on SIGTERM brings its tasks to rest, answers who waits, and exits; the next host goes on with them', async () => {
    const server = await openaiServer(() => ({ calls: [{ name: 'deploy', arguments: { service: 'shop' } }] }))
    onTestFinished(server.close)
    const places = await directories()
    const child = await hostProcess(places, server.url)
    const { call, open, approval, events } = clientOf(child)
    const id = await open('/shop/tasks', order)
    const asked = await approval('shop')
    const [result, heard] = [call('GET', `/shop/tasks/${id}/result`), events(`/shop/tasks/${id}/events`)]
    // Both are under way once the server has answered what was asked after them.
    await call('GET', '/shop/tasks')
    child.terminate()
    expect((await result).body).toMatchObject({ status: 'paused', reason: { code: 'task/stopped' } })
    expect((await heard)[0]?.[1]).toBe('task.created')
    expect(await child.ended).toEqual([0, null])
    await goesOn(places, id, asked)
  })

  it('killed by SIGKILL, it has lost nothing: the next one waits for the same answer', async () => {
    const server = await openaiServer(() => ({ calls: [{ name: 'deploy', arguments: { service: 'shop' } }] }))
    onTestFinished(server.close)
    const places = await directories()
    const child = await hostProcess(places, server.url)
    const { open, approval } = clientOf(child)
    const id = await open('/shop/tasks', order)
    const asked = await approval('shop')
    child.kill()
    await child.ended
    await goesOn(places, id, asked)
  })
})

async function goesOn({ workspaces }: Directories, id: string, asked: string): Promise<void> {
  const platform = deploymentsInMemory()
  const { call, approval } = await hostIn(workspaces, platform)
  expect(await approval('shop')).toBe(asked)
  expect((await call('POST', `/shop/approvals/${asked}`, { allow: true })).status).toBe(204)
  expect((await call('GET', `/shop/tasks/${id}/result`)).body?.status).toBe('completed')
  expect([...platform.made]).toEqual([[`${id}/1.0`, 'shop-1']])
}

/** The same file as a process. */
async function hostProcess({ workspaces, home }: Directories, baseURL: string) {
  const named = Object.entries(workspaces).map((it) => it.join('='))
  const environment = { OPENAI_BASE_URL: baseURL, TROUPE_HOME: home }
  const child = runProgram(await programOf('http-host.ts'), named, environment)
  const ended = once(child, 'exit')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  return { url, token, ended, terminate: () => child.kill('SIGTERM'), kill: () => child.kill('SIGKILL') }
}
