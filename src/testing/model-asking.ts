import { RuntimeError } from '../errors.ts'
import type { Call, Line, ModelReply, ModelRequest } from '../protocol/model.ts'
import type { ModelWorld } from './model-contract.ts'

/** How soon an aborted call must have settled. Generous: one that waits for the server never does. */
const PROMPT_MS = 5_000
const POLL_MS = 5

const CALLS: readonly Call[] = ['a.ts', 'b.ts', 'c.ts', 'd.ts'].map((path, index) => {
  return { id: `1.${index}`, tool: 'read_file', input: { path }, effect: 'pure' }
})

/** The results come out of order, one is missing, and the user spoke in between. */
export const CONVERSATION: readonly Line[] = [
  { role: 'user', text: 'Look at the files.' },
  { role: 'note', source: 'workspace', text: 'Tests are in test/.' },
  { role: 'agent', turn: 1, text: 'I read.', calls: CALLS },
  {
    role: 'tool',
    callId: '1.2',
    tool: 'read_file',
    result: { kind: 'unknown', message: 'It may have run.' },
  },
  { role: 'user', text: 'Hurry.' },
  { role: 'tool', callId: '1.0', tool: 'read_file', result: { kind: 'ok', output: 'the content' } },
  {
    role: 'tool',
    callId: '1.1',
    tool: 'read_file',
    result: { kind: 'failed', code: 'file/not-found', message: 'There is no b.ts.' },
  },
]

export function aRequest(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    taskId: 't1',
    agent: 'explorer',
    turn: 1,
    instructions: 'You explore.',
    lines: [{ role: 'user', text: 'Look at the files.' }],
    tools: [
      {
        name: 'read_file',
        description: 'Reads.',
        input: { type: 'object', properties: { path: { type: 'string' } } },
      },
    ],
    purpose: 'reply',
    ...parts,
  }
}

interface AskOptions {
  readonly signal?: AbortSignal
  readonly progress?: (piece: string) => void
}

export function ask(world: ModelWorld, request = aRequest(), options: AskOptions = {}): Promise<ModelReply> {
  const { signal = new AbortController().signal, progress = () => {} } = options
  return world.model.reply(request, { signal, progress })
}

export async function failureOf(reply: Promise<ModelReply>): Promise<RuntimeError> {
  const settled = await reply.then(
    (value): unknown => new Error(`It was to fail, and answered ${JSON.stringify(value)}.`),
    (error: unknown) => error,
  )
  if (RuntimeError.is(settled) && settled.code.startsWith('model/')) return settled
  throw settled
}

export async function promptly<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not settled after ${PROMPT_MS} ms.`)), PROMPT_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export async function until(isTrue: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + PROMPT_MS
  while (!isTrue()) {
    if (Date.now() > giveUpAt) throw new Error(`Not so after ${PROMPT_MS} ms: ${String(isTrue)}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
