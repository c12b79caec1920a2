import { type FailureCode, RuntimeError } from '../errors.ts'
import type { Model, ModelContext } from '../host.ts'
import type { AskedCall, ModelReply, ModelRequest, Usage } from '../protocol/model.ts'

/** One thing that a scripted model says. */
export type Speech = ScriptedReply | ScriptedFailure

export interface ScriptedReply {
  readonly kind: 'reply'
  readonly text: string
  readonly calls: readonly AskedCall[]
  readonly stop: ModelReply['stop']
  /** Absent: counted, a token for four characters. */
  readonly usage?: Usage
}

export interface ScriptedFailure {
  readonly kind: 'failure'
  readonly code: FailureCode
  readonly message: string
  readonly retryAfterMs?: number
  /** How many attempts fail, and what the next one is answered. Absent: every attempt fails. */
  readonly times?: number
  readonly then?: Speech
}

/** What is said, or how to find it out from the request. A function may wait; it is told when to give up. */
export type ScriptLine = Speech | ((request: ModelRequest, context: ModelContext) => Speech | Promise<Speech>)

/** What each agent says, turn by turn; or one function for all of it. */
export type Script =
  | Readonly<Record<string, readonly ScriptLine[]>>
  | Extract<ScriptLine, (...args: never) => unknown>

export interface ScriptedModelOptions {
  readonly name?: string
  readonly contextWindow?: number
  /** What it answers when asked for a summary. */
  readonly summary?: ScriptLine
}

/** A model that says what it was told to. */
export interface ScriptedModel extends Model {
  /** Every request it was asked, oldest first. */
  readonly requests: readonly ModelRequest[]
  /** Throws when a line of the script was never spoken, or one was asked for that is not there. */
  assertAllSpoken(): void
}

const CONTEXT_WINDOW_TOKENS = 128_000
const CHARS_PER_TOKEN = 4
const PIECE_CHARS = 16

type Extras = Partial<Pick<ScriptedReply, 'stop' | 'usage'>>

/** Says something, and asks for nothing. */
export function say(text: string, extras: Extras = {}): ScriptedReply {
  return { kind: 'reply', text, calls: [], stop: 'done', ...extras }
}

/** Calls one tool. */
export function use(tool: string, input: unknown = {}, text = ''): ScriptedReply {
  return uses([{ tool, input }], text)
}

/** Calls several tools in one reply. */
export function uses(calls: readonly AskedCall[], text = '', extras: Extras = {}): ScriptedReply {
  return { kind: 'reply', text, calls, stop: 'done', ...extras }
}

/** Ends the task with a result. */
export function complete(result: string, data?: unknown): ScriptedReply {
  return use('attempt_completion', data === undefined ? { result } : { result, data })
}

/** Fails: always, or as often as `times` says and then goes on with `then`. */
export function fails(
  code: FailureCode,
  options: Partial<Pick<ScriptedFailure, 'message' | 'retryAfterMs' | 'times' | 'then'>> = {},
): ScriptedFailure {
  return { kind: 'failure', code, message: `Scripted: ${code}.`, ...options }
}

/** Says nothing until it is stopped. */
export function hangs(): ScriptLine {
  return (_, { signal }) =>
    new Promise((_resolve, reject) => {
      const stop = () => reject(stopped())
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
}

/**
 * A model that follows a script. Which line it says, the request alone decides: as many agent lines as are in
 * it have been said. So after a crash the same turn gets the same line. What it remembers is for the test to
 * look at and, where a line `fails` a number of times, how often it has.
 */
export function scriptedModel(script: Script, options: ScriptedModelOptions = {}): ScriptedModel {
  const requests: ModelRequest[] = []
  const spoken = new Set<string>()
  const missing = new Set<string>()
  const attempts = new Map<string, number>()

  function lineFor(request: ModelRequest): ScriptLine {
    if (request.purpose === 'summary')
      return options.summary ?? say(`A summary of ${request.lines.length} lines.`)
    if (typeof script === 'function') return script
    const index = saidBefore(request)
    const line = Object.hasOwn(script, request.agent) ? script[request.agent]?.[index] : undefined
    const place = placeOf(request.agent, index)
    if (line) spoken.add(place)
    if (line) return line
    missing.add(place)
    const length = Object.hasOwn(script, request.agent) ? script[request.agent]?.length : undefined
    const has = length === undefined ? 'it has no script' : `its script has ${length}`
    return fails('model/bad-request', { message: `The script has no line for ${place}: ${has}.` })
  }

  return {
    name: options.name ?? 'scripted',
    contextWindow: options.contextWindow ?? CONTEXT_WINDOW_TOKENS,
    requests,
    async reply(request, context) {
      if (context.signal.aborted) throw stopped()
      requests.push(request)
      const line = lineFor(request)
      const speech =
        typeof line === 'function' ? await orStopped(line(request, context), context.signal) : line
      const place = `${request.taskId}/${request.agent}/${request.purpose}/${saidBefore(request)}`
      return speak(afterFailures(speech, place, attempts), request, context)
    },
    assertAllSpoken() {
      const unspoken = placesOf(script).filter((place) => !spoken.has(place))
      const faults = [
        ...(unspoken.length > 0 ? [`never spoken: ${unspoken.join(', ')}`] : []),
        ...(missing.size > 0 ? [`asked for, but not in the script: ${[...missing].join(', ')}`] : []),
      ]
      if (faults.length > 0) throw new Error(`The script and what was asked differ. ${faults.join('; ')}.`)
    },
  }
}

/** What is said once a line has failed as often as it was to. Until then it throws, and counts that. */
function afterFailures(speech: Speech, place: string, attempts: Map<string, number>): ScriptedReply {
  if (speech.kind === 'reply') return speech
  const tried = attempts.get(place) ?? 0
  if (speech.then && tried >= (speech.times ?? 1)) return afterFailures(speech.then, `${place}+`, attempts)
  attempts.set(place, tried + 1)
  const { code, message, retryAfterMs } = speech
  throw new RuntimeError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs })
}

function placesOf(script: Script): readonly string[] {
  const lines = typeof script === 'function' ? [] : Object.entries(script)
  return lines.flatMap(([agent, said]) => said.map((_, index) => placeOf(agent, index)))
}

/** How many replies the task has had. What a summary has swallowed, only the turn still tells. */
function saidBefore({ lines, turn }: ModelRequest): number {
  const isCut = lines.some((line) => line.role === 'note' && line.source === 'summary')
  return isCut ? turn - 1 : lines.filter((line) => line.role === 'agent').length
}

function placeOf(agent: string, index: number): string {
  return `${agent}, turn ${index + 1}`
}

function speak(
  { text, calls, stop, usage }: ScriptedReply,
  request: ModelRequest,
  context: ModelContext,
): ModelReply {
  for (let at = 0; at < text.length && !context.signal.aborted; at += PIECE_CHARS) {
    context.progress(text.slice(at, at + PIECE_CHARS))
  }
  if (context.signal.aborted) throw stopped()
  const counted = {
    inputTokens: tokensIn([request.instructions, request.lines]),
    outputTokens: tokensIn([text, calls]),
  }
  return { text, calls, stop, usage: usage ?? counted }
}

/** A line that waits for something is left behind when the task is stopped. It has no body in the world. */
function orStopped<T>(waited: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(stopped())
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    Promise.resolve(waited)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}

function stopped(): RuntimeError {
  return new RuntimeError('model/stopped', 'The call of the scripted model was stopped.')
}

function tokensIn(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / CHARS_PER_TOKEN)
}
