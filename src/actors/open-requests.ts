import type { ApprovalRequest, Chance, Question } from '../host.ts'
import type { Action, Verdict } from '../protocol/boundary.ts'
import type { Call } from '../protocol/model.ts'
import { canonicalJson } from '../protocol/plain.ts'

/** Something a task waits for a person to say. */
export type OpenRequest =
  | (ApprovalRequest & Asked & { readonly kind: 'approval' })
  | (Question & Asked & { readonly kind: 'question' })

interface Asked {
  /** The mark of all that the person is shown. An answer that names another was meant for something else. */
  readonly shown: string
  readonly askedAt: number
  /** From when on silence is a no; `null`: it may wait for as long as it likes. */
  readonly expiresAt: number | null
}

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

/** Why a person is asked whose answer is the result of the call. */
export const QUESTION: Verdict = {
  verdict: 'ask',
  layer: 'task',
  rule: 'question',
  why: 'The agent asks a question.',
}

/** Where a call is asked for and nobody can say by which rule. */
export const UNKNOWN_RULE: Pick<Verdict, 'layer' | 'rule'> = { layer: 'runtime', rule: 'unknown' }

/** What of a call a person is shown. */
export type Shown =
  | { readonly kind: 'question'; readonly text: string; readonly options: readonly string[] }
  | {
      readonly kind: 'approval'
      readonly call: Pick<Call, 'tool' | 'input'>
      readonly action: Action
      readonly why: string
    }

/** Nothing else has this mark: a yes to what has it is a yes to nothing else. */
export function markOf(shown: Shown, chance: Pick<Chance, 'digest'>): string {
  const { kind } = shown
  if (kind === 'question') return chance.digest(canonicalJson([kind, shown.text, shown.options]))
  const { call, action, why } = shown
  return chance.digest(canonicalJson([kind, call.tool, call.input, action, why]))
}

export function isExpired({ expiresAt }: Pick<OpenRequest, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && now >= expiresAt
}
