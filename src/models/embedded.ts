import { RuntimeError } from '../errors.ts'
import type { Model } from '../host.ts'
import type { ModelReply, ModelRequest } from '../protocol/model.ts'
import { digest } from './embedded/digest.ts'
import { nextMove } from './embedded/planner.ts'

/** A rule, not a tokenizer: about four characters of English or code make a token. */
const CHARS_PER_TOKEN = 4
const CONTEXT_WINDOW_TOKENS = 1_000_000

/**
 * The model for someone without a key or a network: a small planner that surveys a workspace by fixed rules.
 * A pure function of the request, so a task that crashed half-way goes on as if it had not.
 */
export function embedded(): Model {
  return {
    name: 'embedded',
    contextWindow: CONTEXT_WINDOW_TOKENS,
    async reply(request, { signal, progress }) {
      if (signal.aborted)
        throw new RuntimeError('model/stopped', 'The embedded model was stopped before it answered.')
      const said =
        request.purpose === 'summary' ? { text: digest(request.lines), calls: [] } : nextMove(request)
      if (request.purpose === 'reply') progress(said.text)
      return { ...said, stop: 'done', usage: usageOf(request, said) }
    },
  }
}

function usageOf(request: ModelRequest, said: Pick<ModelReply, 'text' | 'calls'>): ModelReply['usage'] {
  return {
    inputTokens: tokensIn([request.instructions, request.lines, request.tools]),
    outputTokens: tokensIn(said),
  }
}

function tokensIn(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / CHARS_PER_TOKEN)
}
