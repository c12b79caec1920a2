import { RuntimeError } from '../../src/errors.ts'
import { refused } from '../../src/models/refusal.ts'

/** What `ai-sdk-model.ts` needs of a `LanguageModelV2` or `LanguageModelV3` of the AI SDK. Both fit. */
export interface LanguageModel {
  readonly modelId: string
  doStream(options: object): PromiseLike<{ stream: ReadableStream<Part> }>
}

/** A part of its stream. */
export interface Part {
  readonly type: string
  readonly delta?: string
  readonly toolName?: string
  readonly input?: string
  readonly finishReason?: string | { readonly unified: string }
  readonly usage?: { readonly inputTokens: Tokens; readonly outputTokens: Tokens }
  readonly error?: unknown
}

type Tokens = number | undefined | { readonly total: number | undefined }

/** V2 says a number, V3 says what it is made of. */
export function countOf(tokens: Tokens): number {
  return (typeof tokens === 'object' ? tokens.total : tokens) ?? 0
}

/** What its `APICallError` means to the runtime: whether to try again, and when. */
export function failureOf(error: unknown, model: string): RuntimeError {
  if (RuntimeError.is(error)) return error
  if (!isCallError(error)) {
    return new RuntimeError('model/torn-stream', `"${model}" broke off in the middle of a reply.`, {
      cause: error,
    })
  }
  const { statusCode: status, responseHeaders, responseBody: body = '' } = error
  // The provider's own words may repeat a key: hand `secrets` over where you have them.
  const settings = { key: 'the key of the provider', url: 'its base URL' }
  const asked = { model, url: `The provider of "${model}"`, settings, secrets: [] }
  return refused({ status, headers: new Headers(responseHeaders), body }, asked)
}

interface CallError {
  readonly statusCode: number
  readonly responseHeaders?: Record<string, string>
  readonly responseBody?: string
}

function isCallError(error: unknown): error is CallError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
}
