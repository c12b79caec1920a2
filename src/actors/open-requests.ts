import type { ApprovalRequest, Question } from '../host.ts'
import type { CallFact } from '../protocol/journal.ts'

/** Something a task waits for a person to say. */
export type OpenRequest =
  | (ApprovalRequest & { readonly kind: 'approval' })
  | (Question & { readonly kind: 'question' })

/** A person's answer, as a fact that does not say yet which call it is about. */
export type Answer = WithoutCall<Extract<CallFact, { type: 'call.approved' | 'call.refused' | 'call.told' }>>
type WithoutCall<F> = F extends unknown ? Omit<F, 'callId'> : never

/** What waits for a person now. An answer is taken once; the second comes too late. */
export interface OpenRequests {
  /** Resolves with the answer given by `answer`, or with `null` when the task asks no longer. */
  open(request: OpenRequest, signal: AbortSignal): Promise<Answer | null>
  /** Contract: false when nothing of that id waits. */
  answer(id: string, answer: Answer): boolean
  close(id: string): void
  list(): readonly OpenRequest[]
}

export function createOpenRequests(): OpenRequests {
  const waiting = new Map<
    string,
    { readonly request: OpenRequest; readonly settle: (answer: Answer | null) => void }
  >()

  function settle(id: string, answer: Answer | null): boolean {
    const found = waiting.get(id)
    waiting.delete(id)
    found?.settle(answer)
    return found !== undefined
  }

  return {
    open(request, signal) {
      return new Promise((resolve) => {
        waiting.set(request.id, { request, settle: resolve })
        signal.addEventListener('abort', () => settle(request.id, null))
        if (signal.aborted) settle(request.id, null)
      })
    },
    answer: settle,
    close: (id) => void settle(id, null),
    list: () => [...waiting.values()].map(({ request }) => request),
  }
}
