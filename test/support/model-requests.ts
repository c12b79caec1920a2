import type { Model, ModelContext } from '../../src/host.ts'
import type { ModelReply, ModelRequest } from '../../src/protocol/model.ts'

/** A request that says the least; `parts` say the rest. */
export function aRequest(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    taskId: 't1',
    agent: 'explorer',
    turn: 1,
    instructions: 'You explore.',
    lines: [{ role: 'user', text: 'Look.' }],
    tools: [],
    purpose: 'reply',
    ...parts,
  }
}

export function askModel(
  model: Model,
  request = aRequest(),
  context: Partial<ModelContext> = {},
): Promise<ModelReply> {
  return model.reply(request, { signal: new AbortController().signal, progress: () => {}, ...context })
}
