import type { Model } from '../host.ts'
import type { ModelReply, Usage } from '../protocol/model.ts'
import { MODEL_CASES, type ModelCase } from './model-cases.ts'

/** What stands behind a model in a test: it answers what it is told to, and shows what it was asked. */
export interface ModelWorld {
  readonly model: Model
  /** What the next requests are answered, in order. */
  readonly answer: (...answers: readonly ModelAnswer[]) => void
  /** What has arrived, oldest first, in the words of a provider. */
  readonly requests: () => readonly SeenRequest[]
  /** How many exchanges are still open. */
  readonly openExchanges: () => number
  /** Must never be in an error. */
  readonly secret: string
  readonly close: () => Promise<void>
}

/** What a provider answers. */
export interface ModelAnswer {
  readonly text?: string
  /** Its words for not being willing. */
  readonly refusal?: string
  /** `input` may be the raw text of arguments that cannot be read. */
  readonly calls?: readonly { readonly tool: string; readonly input: unknown }[]
  readonly stop?: ModelReply['stop']
  readonly usage?: Usage
  /** How much comes at a time, where anything comes in pieces. */
  readonly pieceChars?: number
  readonly fault?: ModelFault
}

/**
 * What goes wrong. `silent`: no answer ever comes. `stalled` and `torn`: the text comes, its end does not;
 * the first leaves the connection open, the second breaks it.
 */
export type ModelFault =
  | { readonly kind: 'silent' | 'stalled' | 'torn' | 'unavailable' | 'overflow' | 'unauthorised' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }

/** A request as a provider sees it. */
export interface SeenRequest {
  readonly messages: readonly SeenMessage[]
  readonly tools: readonly string[]
}

export interface SeenMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly text: string
  readonly calls: readonly { readonly id: string; readonly tool: string; readonly input: unknown }[]
  /** Which call a `tool` message answers. */
  readonly callId: string | null
}

/** The three functions of a test runner that the suite needs: vitest's, jest's, or your own. */
export interface TestKit {
  readonly describe: (name: string, body: () => void) => void
  readonly it: (name: string, body: () => Promise<void>) => void
  readonly expect: (actual: unknown) => Expectation
}

export interface Expectation {
  readonly toEqual: (expected: unknown) => void
}

/** What a model under test brings: a way to open its world, and what does not apply to it. */
export interface ModelContract {
  readonly open: () => Promise<ModelWorld>
  readonly leaveOut?: readonly ModelCase[]
}

/** The suite that every model must pass. It is what the comments on `Model` mean. */
export function modelContract(name: string, { open, leaveOut = [] }: ModelContract, kit: TestKit): void {
  kit.describe(`${name} keeps the contract of a model`, () => {
    for (const [title, check] of Object.entries(MODEL_CASES)) {
      if (leaveOut.some((left) => left === title)) continue
      kit.it(title, async () => {
        const world = await open()
        try {
          await check(world, kit.expect)
        } finally {
          await world.close()
        }
      })
    }
  })
}
