/**
 * A model's server that costs as little as it can, as a process of its own: Chat Completions, plain and
 * streamed. Start it with `fork`; it tells its port over IPC, takes `{ latencyMs }`, and answers with its
 * own CPU time.
 *
 * The conversation says what to answer. Its first user message carries `BENCH:` and `{ turns, tag }` in
 * base64url: so many calls of `echo`, one a turn, then a text. How far it is, is how many results of tools
 * the request holds. They are counted in the bytes, so that no request is ever parsed and the server stays
 * ahead of its clients.
 */
import { createServer } from 'node:http'

const MARK = Buffer.from('BENCH:')
const RESULT = Buffer.from('"role":"tool"')
const STREAMED = Buffer.from('"stream":true')
const COUNTED = Buffer.from('"include_usage":true')
const JSON_HEAD = { 'content-type': 'application/json' }
const EVENTS_HEAD = { 'content-type': 'text/event-stream; charset=utf-8' }
const ANSWER_PIECES = 8
const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }

let latencyMs = 0
let serial = 0

function planIn(body) {
  const at = body.indexOf(MARK)
  if (at < 0) return { turns: 0, tag: 'without a plan' }
  const [text] = /^[\w-]*/.exec(body.toString('latin1', at + MARK.length, at + MARK.length + 200))
  return JSON.parse(Buffer.from(text, 'base64url'))
}

function countOf(needle, body) {
  let count = 0
  for (let at = body.indexOf(needle); at >= 0; at = body.indexOf(needle, at + needle.length)) count++
  return count
}

function nextOf(body) {
  const { turns, tag } = planIn(body)
  const done = countOf(RESULT, body)
  if (done >= turns) return { text: `done ${tag} after ${done} calls`, call: null }
  const call = { id: `call_${done}`, name: 'echo', json: `{"path":"notes/${done}.txt"}` }
  return { text: '', call }
}

const envelope = (object) => ({
  id: `chatcmpl-${serial++}`,
  object,
  created: 1_700_000_000,
  model: 'mock-1',
  system_fingerprint: 'fp_mock',
})

function whole({ text, call }) {
  const calls = call && [
    { id: call.id, type: 'function', function: { name: call.name, arguments: call.json } },
  ]
  const message = {
    role: 'assistant',
    content: call ? null : text,
    refusal: null,
    ...(calls && { tool_calls: calls }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: call ? 'tool_calls' : 'stop' }
  return JSON.stringify({ ...envelope('chat.completion'), choices: [choice], usage: USAGE })
}

function events({ text, call }, isCounted) {
  const head = envelope('chat.completion.chunk')
  const chunk = (delta, finish = null) => {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finish }
    return { ...head, choices: [choice], ...(isCounted ? { usage: null } : {}) }
  }
  const callDelta = (parts, named = {}) => chunk({ tool_calls: [{ index: 0, ...named, function: parts }] })
  const pieces = call
    ? [
        callDelta({ name: call.name, arguments: '' }, { id: call.id, type: 'function' }),
        callDelta({ arguments: call.json.slice(0, 12) }),
        callDelta({ arguments: call.json.slice(12) }),
      ]
    : [text, ...Array.from({ length: ANSWER_PIECES - 1 }, (_, i) => ` word${i}`)].map((content) =>
        chunk({ content }),
      )
  const all = [
    chunk({ role: 'assistant', content: call ? null : '', refusal: null }),
    ...pieces,
    chunk({}, call ? 'tool_calls' : 'stop'),
    ...(isCounted ? [{ ...head, choices: [], usage: USAGE }] : []),
  ]
  return `${all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
}

function answer(response, body) {
  const next = nextOf(body)
  if (body.indexOf(STREAMED) < 0) return response.writeHead(200, JSON_HEAD).end(whole(next))
  response.writeHead(200, EVENTS_HEAD).end(events(next, body.indexOf(COUNTED) >= 0))
}

const server = createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
    if (latencyMs > 0) setTimeout(answer, latencyMs, response, body)
    else answer(response, body)
  })
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

process.on('message', (order) => {
  latencyMs = order.latencyMs ?? latencyMs
  const { user, system } = process.cpuUsage()
  process.send({ cpuMs: (user + system) / 1_000 })
})
// Whoever started it has gone, or is done.
process.on('disconnect', () => process.exit(0))
