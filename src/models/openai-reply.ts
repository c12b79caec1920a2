import { RuntimeError } from '../errors.ts'
import type { ModelReply, Usage } from '../protocol/model.ts'
import { askedCall, readObject } from './conversation.ts'
import { type CallPiece, readChunk } from './openai-chunk.ts'
import { estimateTokens } from './render.ts'

/** Text and arguments of one reply together. */
const REPLY_CHARS_MAX = 1024 * 1024
const CALLS_MAX = 128

interface OpenCall {
  order: number
  id: string
  name: string
  json: string
}

/** Puts an answer together from what the server sends, piece by piece. */
export interface Collector {
  take(value: unknown): void
  readonly hasBegun: () => boolean
  readonly isFinished: () => boolean
  /** `promptChars` serves for an estimate when the server does not count. */
  reply(promptChars: () => number): ModelReply
}

/** Starts with nothing. What is said goes to `progress` at once. */
export function collector(progress: (text: string) => void): Collector {
  const calls = openCalls()
  let text = ''
  let isRefused = false
  let finish: string | null = null
  let usage: Usage | null = null
  let chars = 0

  const grow = (added: number) => {
    chars += added
    if (chars > REPLY_CHARS_MAX) throw tooMuch(`${REPLY_CHARS_MAX} characters`)
  }
  const say = (piece: string) => {
    if (piece === '') return
    grow(piece.length)
    text += piece
    progress(piece)
  }
  return {
    hasBegun: () => text !== '' || calls.list().length > 0,
    isFinished: () => finish !== null,
    take(value) {
      const { choices, usage: counted } = readChunk(value)
      if (counted) usage = { inputTokens: counted.prompt_tokens, outputTokens: counted.completion_tokens }

      for (const choice of choices ?? []) {
        if ((choice.index ?? 0) !== 0) continue
        const said = choice.delta ?? choice.message
        say(said?.content ?? '')
        if (said?.refusal) isRefused = true
        say(said?.refusal ?? '')
        for (const piece of said?.tool_calls ?? []) grow(calls.add(piece))
        // Nothing to show, but a sign of life.
        if (said?.tool_calls?.length) progress('')
        // A whole message is finished, whether or not the server says so.
        finish = choice.finish_reason ?? (choice.message ? (finish ?? 'stop') : finish)
      }
    },
    reply: (promptChars) => ({
      text,
      calls: calls.list().map(({ name, json }) => askedCall(name, json)),
      stop: isRefused ? 'refused' : stopOf(finish),
      usage: usage ?? { inputTokens: estimateTokens(promptChars()), outputTokens: estimateTokens(chars) },
    }),
  }
}

/** The calls so far, each as far as it has come. */
function openCalls() {
  const calls: OpenCall[] = []
  const byIndex = new Map<number, OpenCall>()
  return {
    list: () => calls.toSorted((a, b) => a.order - b.order),
    /** How many characters it has added. */
    add(piece: CallPiece): number {
      const call = callOf(piece, calls, byIndex)
      if (calls.length > CALLS_MAX) throw tooMuch(`${CALLS_MAX} calls`)
      const json = piece.function?.arguments ?? ''
      call.id ||= piece.id ?? ''
      call.name ||= piece.function?.name ?? ''
      call.json += json
      return json.length
    },
  }
}

/**
 * The call that a piece belongs to. An index says it, where there is one; but there are servers that send
 * none, and servers that send 0 for every call and tell them apart by id, or only by naming the next.
 */
function callOf(piece: CallPiece, calls: OpenCall[], byIndex: Map<number, OpenCall>): OpenCall {
  const { index, id } = piece
  const hasIndex = typeof index === 'number'
  const byId = id ? calls.find((call) => call.id === id) : undefined
  const current = hasIndex ? byIndex.get(index) : (byId ?? (id ? undefined : calls.at(-1)))
  if (current && !isAnother(piece, current)) return current

  const opened = { order: hasIndex ? index : calls.length, id: '', name: '', json: '' }
  calls.push(opened)
  if (hasIndex) byIndex.set(index, opened)
  return opened
}

function isAnother(piece: CallPiece, current: OpenCall): boolean {
  if (piece.id && current.id) return piece.id !== current.id
  if (!piece.function?.name || current.name === '') return false
  return current.json === '' ? typeof piece.index !== 'number' : readObject(current.json) !== null
}

function stopOf(finish: string | null): ModelReply['stop'] {
  if (finish === 'length' || finish === 'max_tokens') return 'length'
  return finish === 'content_filter' ? 'filtered' : 'done'
}

function tooMuch(limit: string): RuntimeError {
  return new RuntimeError(
    'model/unreadable-reply',
    `The model's reply is over the limit of ${limit}. Ask for less at once.`,
  )
}
