import { UsageError } from '../errors.ts'
import type { ApprovalRequest, Question } from '../host.ts'
import type { CallFact } from '../protocol/journal.ts'

/** Something a task waits for a person to say. */
export type OpenRequest =
  | (ApprovalRequest & { readonly kind: 'approval' })
  | (Question & { readonly kind: 'question' })

/** A person's answer, as a fact that does not say yet which call it is about. */
export type Answer = WithoutCall<Extract<CallFact, { type: 'call.approved' | 'call.refused' | 'call.told' }>>
type WithoutCall<F> = F extends unknown ? Omit<F, 'callId'> : never

/** What waits for a person now. Whoever takes a request answers it; the second comes too late. */
export interface OpenRequests {
  /** Resolves when the request is taken, or the task asks no longer. */
  open(request: OpenRequest, signal: AbortSignal): Promise<null>
  find(id: string): OpenRequest | null
  /** Contract: false when nothing of that id waits any more. */
  take(id: string): boolean
  list(): readonly OpenRequest[]
}

export function createOpenRequests(): OpenRequests {
  const waiting = new Map<string, { readonly request: OpenRequest; readonly close: () => void }>()

  function take(id: string): boolean {
    const found = waiting.get(id)
    waiting.delete(id)
    found?.close()
    return found !== undefined
  }

  return {
    open(request, signal) {
      return new Promise((resolve) => {
        const withdraw = () => take(request.id)
        const close = () => {
          signal.removeEventListener('abort', withdraw)
          resolve(null)
        }
        waiting.set(request.id, { request, close })
        signal.addEventListener('abort', withdraw)
        if (signal.aborted) withdraw()
      })
    },
    find: (id) => waiting.get(id)?.request ?? null,
    take,
    list: () => [...waiting.values()].map(({ request }) => request),
  }
}

/**
 * What a person said, as a fact. Only `allow: true` is a yes: whatever else stands there was not meant as
 * one. Throws a `UsageError` for what is no answer to this request.
 */
export function answerTo({ kind, id }: OpenRequest, given: unknown): Answer {
  const { allow, note, text } = (typeof given === 'object' && given !== null ? given : {}) as Record<
    string,
    unknown
  >
  if (kind === 'question') {
    if (typeof text === 'string') return { type: 'call.told', text }
    if (text === null) return { type: 'call.refused', note: 'The user did not answer.' }
    throw new UsageError(`"${id}" is a question: its answer is { text }.`)
  }
  const remark = typeof note === 'string' && note !== '' ? note : null
  if (allow === true) return remark ? { type: 'call.approved', note: remark } : { type: 'call.approved' }
  if (allow === false)
    return { type: 'call.refused', note: remark ? `The user said no: ${remark}` : 'The user said no.' }
  throw new UsageError(`"${id}" is a call to be approved: its answer is { allow: true } or { allow: false }.`)
}
