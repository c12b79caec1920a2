/**
 * A whole host: two runtimes in one process, behind HTTP, on this machine only.
 * docs/guides/embed.md explains it.
 *
 *   POST /:name/tasks {message, agent?}     GET /:name/tasks      GET /:name/tasks/:id
 *   GET  /:name/tasks/:id/events            as server-sent events, from Last-Event-ID on
 *   GET  /:name/tasks/:id/result            waits for the end
 *   POST /:name/tasks/:id/pause|resume|cancel
 *   GET  /:name/approvals                   POST /:name/approvals/:id {allow, note?, shown?} or {text}
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createRuntime, type Model, RuntimeError, type Runtime, type TaskView, UsageError } from 'troupe'
import { z } from 'zod'
import { shipper } from './shipper.ts'
import { type Deployments, deploymentsInMemory, deployTool } from './write-a-tool.ts'

export interface HostOptions {
  /** Name → directory. Each gets a runtime and a store of its own; they know nothing of each other. */
  readonly workspaces: Readonly<Record<string, string>>
  /** Absent: what the environment gives. */
  readonly model?: Model
  readonly platform?: Deployments
  readonly port?: number
}

export interface RunningHost {
  readonly url: string
  /** Sent as `authorization: Bearer …`. Without it any page in a browser here could answer an approval. */
  readonly token: string
  /** Brings every task to rest, answers who waits, and lets go of everything. */
  close(): Promise<void>
}

interface Exchange {
  readonly id: string
  readonly body: unknown
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

type Handler = (runtime: Runtime, exchange: Exchange) => Promise<unknown>

const BODY_BYTES_MAX = 1_000_000
const CLOSE_GRACE_MS = 5_000

export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { platform = deploymentsInMemory(), port = 0 } = options
  const names = Object.keys(options.workspaces)
  const opened = await Promise.all(names.map((name) => openTeam(name, { ...options, platform })))
  const teams = new Map(names.map((name, index) => [name, opened[index] as Runtime]))
  const token = randomBytes(24).toString('base64url')
  const server = createServer((request, response) => void answer(teams, token, request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.all(opened.map((runtime) => runtime.close({ graceMs: CLOSE_GRACE_MS })))
      server.closeIdleConnections()
      await closed
    },
  }
}

function openTeam(name: string, options: HostOptions & { platform: Deployments }): Promise<Runtime> {
  const { workspaces, model, platform } = options
  return createRuntime({
    workspace: workspaces[name] ?? '.',
    ...(model && { model }),
    agents: [shipper],
    tools: [deployTool(platform)],
    // Nobody sits at this process: what must be asked for waits until POST /approvals answers it.
    onAsk: 'park',
    // What the last process of this host was at goes on, however that process has ended.
    autoResume: true,
  })
}

const requestBody = z.strictObject({ message: z.string(), agent: z.string().optional() })
const answerBody = z.union([
  z.strictObject({ allow: z.boolean(), note: z.string().optional(), shown: z.string().optional() }),
  z.strictObject({ text: z.string() }),
])

const ROUTES: Readonly<Record<string, Handler>> = {
  async 'POST tasks'(runtime, { body }) {
    const { message, agent } = requestBody.parse(body)
    const { id, status } = await runtime.start({ message, ...(agent !== undefined && { agent }) })
    return { id, status }
  },
  'GET tasks': (runtime) => runtime.tasks(),
  'GET tasks/:id': (runtime, { id }) => viewOf(runtime, id),
  'GET tasks/:id/result': (runtime, { id }) => runtime.result(id),
  'GET tasks/:id/events': streamEvents,
  'POST tasks/:id/pause': (runtime, { id }) => runtime.pause(id),
  'POST tasks/:id/resume': (runtime, { id }) => runtime.resume(id),
  'POST tasks/:id/cancel': (runtime, { id }) => runtime.cancel(id, 'It was cancelled over HTTP.'),
  'GET approvals': (runtime) => runtime.approvals.all(),
  'POST approvals/:id': (runtime, { id, body }) =>
    runtime.approvals.answer(id, { ...answerBody.parse(body), by: 'http' }),
}

async function viewOf(runtime: Runtime, id: string): Promise<TaskView> {
  const [view] = await runtime.tasks({ id })
  if (!view) throw new RuntimeError('task/no-such-task', `There is no task "${id}".`)
  return view
}

async function streamEvents(runtime: Runtime, { id, request, response }: Exchange): Promise<void> {
  await viewOf(runtime, id)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  const since = Number(request.headers['last-event-id'] ?? 0)
  for await (const event of runtime.events({ task: id, since })) {
    if (response.destroyed) break
    if (!('seq' in event)) continue
    // A reader that is slow holds up its own stream, never the task.
    const text = `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    if (!response.write(text)) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

async function answer(
  teams: ReadonlyMap<string, Runtime>,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isAllowed(request, token)) return send(response, 401, { message: 'Send the token of this host.' })
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [name = '', kind = '', id = '', verb = ''] = pathname.slice(1).split('/').map(decodeURIComponent)
    const team = teams.get(name)
    const route = `${request.method} ${kind}${id && '/:id'}${verb && `/${verb}`}`
    const handler = ROUTES[route]
    if (!team || !handler)
      return send(response, 404, { message: `There is no ${request.method} ${pathname}.` })
    const body = request.method === 'POST' ? await bodyOf(request) : null
    const told = await handler(team, { id, body, request, response })
    if (!response.headersSent) send(response, told === undefined ? 204 : 200, told)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else sendFailure(response, error)
  }
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > BODY_BYTES_MAX) throw new UsageError(`A request is at most ${BODY_BYTES_MAX} bytes.`)
  }
  return JSON.parse(Buffer.concat(pieces).toString('utf8') || '{}')
}

const STATUSES: Readonly<Record<string, number>> = {
  'task/no-such-task': 404,
  'task/has-ended': 409,
  'call/not-asking': 409,
  'call/changed': 409,
}

function sendFailure(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  if (RuntimeError.is(error))
    return send(response, STATUSES[error.code] ?? 500, { code: error.code, message })
  const isTheirs =
    UsageError.is(error) || [z.ZodError, SyntaxError, URIError].some((it) => error instanceof it)
  send(response, isTheirs ? 400 : 500, { message })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

/** `node http-host.js shop=../shop docs=../docs`: runs until SIGTERM or Ctrl-C. */
async function main(named: readonly string[]): Promise<void> {
  if (named.length === 0) throw new UsageError('Say which workspaces there are: name=directory.')
  const workspaces = Object.fromEntries(named.map((it) => [it.split('=')[0] ?? '', it.split('=')[1] ?? '.']))
  const host = await startHost({ workspaces, port: Number(process.env['PORT'] ?? 0) })
  console.log(JSON.stringify({ url: host.url, token: host.token }))
  const stop = () => void host.close()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

const started = process.argv[1]
if (started && realpathSync(started) === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
