/** One task as its bodies see it, without a runtime around it. */
import { z } from 'zod'
import type { LiveTasks } from '../../src/actors/effects/live-tasks.ts'
import type { Model } from '../../src/host.ts'
import { DEFAULTS } from '../../src/protocol/defaults.ts'
import type { Limits, TaskSpec } from '../../src/protocol/task.ts'
import { defineTool, type Tool } from '../../src/tools/tool.ts'

export function aSpec(limits: Partial<Limits> = {}): TaskSpec {
  return {
    id: 't1',
    agent: 'lead',
    message: 'Go.',
    title: 'Go.',
    parent: null,
    depth: 0,
    background: false,
    asksToStop: false,
    instructions: '',
    notes: null,
    tools: [],
    model: { name: 'held', contextWindow: 100_000 },
    boundary: [],
    limits: {
      maxTurns: DEFAULTS.maxTurns,
      timeoutMs: null,
      idleMs: null,
      toolTimeoutMs: DEFAULTS.toolTimeoutMs,
      modelTimeoutMs: DEFAULTS.modelTimeoutMs,
      approvalTimeoutMs: null,
      retries: DEFAULTS.retries,
      ...limits,
    },
    dataSchema: null,
  }
}

export interface LiveTaskOptions {
  readonly limits?: Partial<Limits>
  readonly model?: Model
  readonly tools?: readonly Tool[]
  readonly kept?: ReadonlyMap<string, string>
}

export function liveTask({ limits = {}, model, tools = [], kept = new Map() }: LiveTaskOptions): LiveTasks {
  const spec = aSpec(limits)
  return {
    spec: () => spec,
    asker: () => ({
      taskId: spec.id,
      agent: spec.agent,
      title: spec.title,
      depth: spec.depth,
      parents: [],
      background: spec.background,
    }),
    lines: () => [{ role: 'user', text: 'Go.' }],
    model() {
      if (model) return model
      throw new Error('This task has no model.')
    },
    tools: () => new Map(tools.map((tool) => [tool.name, tool])),
    output: () => null,
    children: () => ({}),
    kept: () => kept,
    wasAskedBefore: () => false,
    isBackground: () => false,
    hasTurned: () => false,
    watch: () => () => {},
  }
}

export const aTool = defineTool({
  name: 'act',
  description: 'Acts.',
  input: z.object({}),
  effect: 'non_idempotent',
  execute: () => 'done',
})
