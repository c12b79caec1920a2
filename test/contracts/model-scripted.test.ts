import { describe, expect, it } from 'vitest'
import type { FailureCode } from '../../src/errors.ts'
import {
  type ModelAnswer,
  type ModelFault,
  modelContract,
  type ModelWorld,
} from '../../src/testing/model-contract.ts'
import { fails, hangs, type ScriptLine, scriptedModel, uses } from '../../src/testing/scripted-model.ts'

modelContract(
  'scripted',
  {
    open: async () => scriptedWorld(),
    // It speaks all at once, and no provider's words.
    leaveOut: [
      'an abort in the middle settles promptly, with nothing left open, and is never an answer',
      'every call is followed by its one result, in order, whatever came between',
      'results say what came of the call: done, failed, or nobody knows',
      'a call that could not be read goes back as an object',
      'a note is the user’s at most, never the system’s, and cannot pretend to end',
      'only the instructions are the system’s',
      'a summary is asked for without tools',
      'the same request is asked in the same words: nothing is remembered',
    ],
  },
  { describe, it, expect },
)

function scriptedWorld(): ModelWorld {
  const queue: ModelAnswer[] = []
  const model = scriptedModel(async (request, context) => {
    const line = lineOf(queue.shift() ?? {})
    return typeof line === 'function' ? line(request, context) : line
  })
  return {
    model,
    answer: (...answers) => void queue.push(...answers),
    requests: () => model.requests.map(() => ({ messages: [], tools: [] })),
    openExchanges: () => 0,
    secret: 'no secret',
    close: async () => {},
  }
}

const CODES = {
  torn: 'model/torn-stream',
  unavailable: 'model/unavailable',
  overflow: 'model/context-overflow',
  unauthorised: 'model/unauthorised',
  'rate-limited': 'model/rate-limited',
} as const satisfies Record<string, FailureCode>

function lineOf({ text, refusal, calls = [], stop, usage, fault }: ModelAnswer): ScriptLine {
  if (fault) return faultOf(fault)
  const asked = calls.map(({ tool, input }) =>
    typeof input === 'string' ? { tool, input: null, malformed: input } : { tool, input },
  )
  const extras = { ...(refusal === undefined ? {} : { stop: 'refused' as const }), ...(stop ? { stop } : {}) }
  return uses(asked, refusal ?? text ?? '', { ...extras, ...(usage ? { usage } : {}) })
}

function faultOf(fault: ModelFault): ScriptLine {
  if (fault.kind === 'silent' || fault.kind === 'stalled') return hangs()
  return fails(CODES[fault.kind], fault.kind === 'rate-limited' ? { retryAfterMs: fault.retryAfterMs } : {})
}
