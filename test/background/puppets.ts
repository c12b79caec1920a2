/** A model whose every reply is held: what a task hears next, and when, the test decides. */
import { type FailureCode, RuntimeError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import type { Line, ModelReply, ModelRequest } from '../../src/protocol/model.ts'
import type { ScriptedReply } from '../../src/testing/scripted-model.ts'
import { when } from '../support/runtime.ts'

/** One request of a task's model that has no answer yet: a live body. */
export interface Body {
  readonly request: ModelRequest
  readonly isAborted: () => boolean
  say(reply: ScriptedReply): void
  fail(code: FailureCode): void
  /** Shows a sign of life. */
  live(): void
}

/** The models of all tasks of a test. Tasks go by the message that they were given. */
export interface Puppets {
  readonly model: Model
  /** Whose model is under way, the oldest first. */
  readonly open: readonly string[]
  /** The most that were under way at once. */
  readonly most: number
  /** Those whose model does not end when it is told to. */
  readonly stubborn: Set<string>
  /** The model call of a task, once it is under way. */
  body(message: string): Promise<Body>
  /** Answers the next call of a task's model. */
  say(message: string, reply: ScriptedReply): Promise<void>
  /** What the model of a task was asked, the oldest first. */
  askedOf(message: string): readonly ModelRequest[]
}

export function puppets(name = 'puppet'): Puppets {
  const requests: ModelRequest[] = []
  const open = new Map<string, Body>()
  const stubborn = new Set<string>()
  let most = 0

  const model: Model = {
    name,
    contextWindow: 1_000_000,
    reply(request, { signal, progress }) {
      const message = messageOf(request)
      if (open.has(message)) throw new Error(`"${message}" has two bodies.`)
      requests.push(request)
      return new Promise<ModelReply>((resolve, reject) => {
        const end = (settle: () => void) => open.delete(message) && settle()
        const fail = (code: FailureCode) => end(() => reject(new RuntimeError(code, 'A puppet failed.')))
        const say = (reply: ScriptedReply) => end(() => resolve(replyOf(reply)))
        open.set(message, {
          request,
          isAborted: () => signal.aborted,
          say,
          fail,
          live: () => progress(''),
        })
        most = Math.max(most, open.size)
        signal.addEventListener('abort', () => stubborn.has(message) || fail('model/stopped'))
      })
    },
  }

  async function body(message: string): Promise<Body> {
    await when(() => open.has(message))
    return open.get(message) as Body
  }

  return {
    model,
    stubborn,
    body,
    get open() {
      return [...open.keys()]
    },
    get most() {
      return most
    },
    say: async (message, reply) => (await body(message)).say(reply),
    askedOf: (message) => requests.filter((request) => messageOf(request) === message),
  }
}

function messageOf({ lines }: ModelRequest): string {
  const first = lines.find(({ role }) => role === 'user')
  return first?.role === 'user' ? first.text : ''
}

function replyOf({ text, calls, stop }: ScriptedReply): ModelReply {
  return { text, calls, stop, usage: { inputTokens: 1, outputTokens: 1 } }
}

type ToolLine = Extract<Line, { role: 'tool' }>

/** What the model of a task was answered, in its last request, by the tool of that name. */
export function answerOf(request: ModelRequest | undefined, tool: string): ToolLine['result'] {
  const lines = request?.lines.filter((line): line is ToolLine => line.role === 'tool' && line.tool === tool)
  const last = lines?.at(-1)
  if (last) return last.result
  throw new Error(`The model was not answered by ${tool}.`)
}

/** What was put before the model of a task as the reports of others, outside of its calls. */
export function notesIn(request: ModelRequest | undefined): readonly string[] {
  const lines = request?.lines ?? []
  return lines.flatMap((line) => (line.role === 'note' && line.source === 'task' ? [line.text] : []))
}
