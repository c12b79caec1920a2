/** A model whose calls are held by the test, and counted where they are: outside of the runtime. */
import { RuntimeError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import type { AskedCall, ModelReply, ModelRequest } from '../../src/protocol/model.ts'

export interface Body {
  readonly request: ModelRequest
  readonly isAborted: boolean
  reply(reply: { readonly text?: string; readonly calls?: readonly AskedCall[] }): void
  fail(error: RuntimeError): void
}

export interface Bodies {
  readonly model: Model
  readonly open: ReadonlyMap<string, Body>
  /** Of all requests that there were. */
  readonly requests: readonly ModelRequest[]
  /** The most that were open at once since it was asked for last. */
  most(): number
}

/** Every body is stubborn, unless said otherwise: told to end, it ends when the test says so. */
export function heldBodies({
  name = 'held',
  isStubborn = true,
}: {
  readonly name?: string
  readonly isStubborn?: boolean
} = {}): Bodies {
  const open = new Map<string, Body>()
  const requests: ModelRequest[] = []
  let most = 0
  const model: Model = {
    name,
    contextWindow: 1_000_000,
    reply(request, { signal }) {
      const { taskId } = request
      if (open.has(taskId)) throw new Error(`Task ${taskId} has two bodies.`)
      requests.push(request)
      return new Promise<ModelReply>((resolve, reject) => {
        const settled = (settle: () => void) => {
          if (!open.delete(taskId)) return
          settle()
        }
        const fail = (error: RuntimeError) => settled(() => reject(error))
        open.set(taskId, {
          request,
          get isAborted() {
            return signal.aborted
          },
          reply: ({ text = '', calls = [] }) => {
            const usage = { inputTokens: 1, outputTokens: 1 }
            settled(() => resolve({ text, calls, stop: 'done', usage }))
          },
          fail,
        })
        most = Math.max(most, open.size)
        if (!isStubborn)
          signal.addEventListener('abort', () => fail(new RuntimeError('model/stopped', 'Stopped.')))
      })
    },
  }
  return {
    model,
    open,
    requests,
    most() {
      const was = most
      most = open.size
      return was
    },
  }
}
