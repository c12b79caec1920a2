import type { ChildReport } from '../../src/protocol/delegation.ts'
import type { ChartFact } from '../../src/protocol/journal.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'

const usage = { inputTokens: 7_001, outputTokens: 7_002 }

export const SPEC: TaskSpec = {
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
  model: { name: 'scripted', contextWindow: 1_000 },
  boundary: [],
  limits: {
    maxTurns: 3,
    timeoutMs: null,
    idleMs: null,
    toolTimeoutMs: 1_000,
    modelTimeoutMs: 1_000,
    approvalTimeoutMs: null,
    retries: 1,
  },
  dataSchema: null,
}

export function reportOf(taskId: string, parts: Partial<ChildReport> = {}): ChildReport {
  const result = `The result of ${taskId}.`
  return {
    taskId,
    agent: 'coder',
    title: 'A part',
    status: 'completed',
    result,
    turns: 2,
    usage,
    durationMs: 10,
    ...parts,
  }
}

export const messaged = (text: string): ChartFact => ({ type: 'task.messaged', text })

export function ended(taskId: string, parts: Partial<ChildReport> = {}): ChartFact {
  return { type: 'child.ended', report: reportOf(taskId, parts) }
}

/** A reply with so many calls. */
export function replied(turn: number, calls: number, text = ''): ChartFact {
  const made = Array.from({ length: calls }, (_, index) => ({
    id: `${turn}.${index}`,
    tool: 'wait_for_tasks',
    input: {},
    effect: 'pure' as const,
  }))
  return { type: 'model.replied', turn, reply: { text, calls: made, stop: 'done', usage } }
}

export function answered(callId: string, told?: readonly string[]): ChartFact {
  const result = { kind: 'ok', output: { running: [] } } as const
  return told ? { type: 'call.ended', callId, result, told } : { type: 'call.ended', callId, result }
}

export const summarised = (turn: number): ChartFact => ({
  type: 'conversation.summarised',
  turn,
  text: 'In short.',
  usage,
})
