import { RuntimeError } from '../errors.ts'

/** One event, or one whole answer that is not streamed: what a reply may hold, with room for escapes. */
const EVENT_CHARS_MAX = 8 * 1024 * 1024

const FIELD = /^(data|event|id|retry)?(:|$)/
const LINE_END = /\r\n|\n|\r/

/**
 * The JSON values in a body: of a stream of events, or the one of a server that answers without streaming.
 * Which it is, its first character says; what servers call it is not to be relied on.
 *
 * We read the events ourselves because the SDK prints what it cannot read, and its time grows with the square
 * of an event's size.
 */
export async function* jsonValues(
  body: ReadableStream<Uint8Array> | null,
  count: (piece: Uint8Array) => void,
): AsyncGenerator<unknown> {
  let whole: string | null = null
  let data = ''
  let isStrange = false
  let events = 0

  for await (const lines of linesOf(body, count)) {
    for (const line of lines) {
      if (whole !== null) whole = bounded(`${whole}\n${line}`)
      else if (events === 0 && data === '' && line.trimStart().startsWith('{')) whole = line
      if (whole !== null) continue
      if (line.startsWith('data:')) data = bounded(data === '' ? line.slice(5) : `${data}\n${line.slice(5)}`)
      else if (!FIELD.test(line)) isStrange = true
      if (line !== '' || data === '') continue

      // What comes after the last event is read to its end, so that the connection can be used again.
      if (data.trim() !== '[DONE]') yield parse(data)
      data = ''
      events++
    }
  }
  if (whole !== null) yield parse(whole)

  // The last event may lack its empty line. If it is cut, it counts as not sent, and the stream as torn.
  const last = whole === null ? tryParse(data) : undefined
  if (last !== undefined) yield last
  else if (events === 0 && isStrange)
    throw unreadable('something that is neither JSON nor a stream of events')
}

/** The lines, as many at once as have come. Each piece is counted before anything is made of it. */
async function* linesOf(
  body: ReadableStream<Uint8Array> | null,
  count: (piece: Uint8Array) => void,
): AsyncGenerator<readonly string[]> {
  if (!body) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of body) {
    count(piece)
    const text = decoder.decode(piece, { stream: true })
    rest = bounded(rest + text)
    if (!/[\r\n]/.test(text)) continue
    // A `\r` at the very end may be half of a line's end.
    const held = rest.endsWith('\r') ? '\r' : ''
    const lines = rest.slice(0, rest.length - held.length).split(LINE_END)
    rest = (lines.pop() ?? '') + held
    yield lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest.split(LINE_END)
}

function bounded(text: string): string {
  if (text.length <= EVENT_CHARS_MAX) return text
  throw unreadable(`more than ${EVENT_CHARS_MAX} characters in one piece`)
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function parse(json: string): unknown {
  const value = tryParse(json)
  if (value === undefined) throw unreadable('JSON that cannot be read')
  return value
}

function unreadable(what: string): RuntimeError {
  return new RuntimeError('model/unreadable-reply', `The model's server sent ${what}. Check the base URL.`)
}
