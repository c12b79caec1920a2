import type { ToolContext } from '../../src/tools/tool.ts'

/** What a tool is given, without a runtime around it. `memory` is what its task has kept. */
export function toolContext(
  given: Partial<ToolContext> = {},
  memory: Map<string, string> = new Map(),
): ToolContext {
  return {
    signal: new AbortController().signal,
    taskId: 't1',
    idempotencyKey: 't1/1.0',
    progress: () => {},
    began: async () => {},
    mayRead: () => true,
    judgedAt: () => null,
    kept: (key) => memory.get(key) ?? null,
    keep: (key, text) => void memory.set(key, text),
    ...given,
  }
}
