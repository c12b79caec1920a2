/** Models and tools that answer when the test says so. */
import { z } from 'zod'
import { RuntimeError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import type { ModelReply, ModelRequest } from '../../src/protocol/model.ts'
import { defineTool, type Tool, type ToolContext } from '../../src/tools/tool.ts'

export interface HeldModel extends Model {
  readonly requests: readonly ModelRequest[]
  readonly aborted: number
  answer(reply: Partial<ModelReply>): void
  fail(error: RuntimeError): void
}

/**
 * A model that answers when told. When it is aborted, it ends as its contract says, or not at all if it is
 * stubborn.
 */
export function heldModel({ isStubborn = false } = {}): HeldModel {
  const requests: ModelRequest[] = []
  let settle: { resolve: (reply: ModelReply) => void; reject: (error: unknown) => void } | null = null
  let aborted = 0
  return {
    name: 'held',
    contextWindow: 100_000,
    requests,
    get aborted() {
      return aborted
    },
    reply(request, { signal }) {
      requests.push(request)
      return new Promise((resolve, reject) => {
        settle = { resolve, reject }
        signal.addEventListener('abort', () => {
          aborted += 1
          if (!isStubborn) reject(new RuntimeError('model/stopped', 'Stopped.'))
        })
      })
    },
    answer(reply) {
      settle?.resolve({
        text: '',
        calls: [],
        stop: 'done',
        usage: { inputTokens: 1, outputTokens: 1 },
        ...reply,
      })
    },
    fail: (error) => settle?.reject(error),
  }
}

export interface HeldTool extends Tool {
  readonly runs: readonly ToolContext[]
  finish(output?: unknown): void
}

/** A tool that ends when told, and, unless it is stubborn, when it is asked to stop. */
export function heldTool(name: string, { isStubborn = false, effect = 'pure' as const } = {}): HeldTool {
  const runs: ToolContext[] = []
  let finish: (output: unknown) => void = () => {}
  const tool = defineTool({
    name,
    description: 'Ends when it is told.',
    input: z.object({}),
    effect,
    execute: (_, context) => {
      runs.push(context)
      return new Promise((resolve, reject) => {
        finish = resolve
        if (!isStubborn) context.signal.addEventListener('abort', () => reject(new Error('It was stopped.')))
      })
    },
  })
  return { ...tool, runs, finish: (output = 'done') => finish(output) }
}

export const uses = (...tools: string[]): Partial<ModelReply> => ({
  calls: tools.map((tool) => ({ tool, input: {} })),
})
