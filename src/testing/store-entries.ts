/** Entries of journals that say next to nothing. */
import { RuntimeError } from '../errors.ts'
import type { ChartFact, Entry } from '../protocol/journal.ts'
import type { TaskSpec, TaskView } from '../protocol/task.ts'

/** How a task stood that has ended. */
export const VIEW: TaskView = {
  id: 't1',
  agent: 'coder',
  title: 'Do it.',
  parent: null,
  status: 'completed',
  state: 'completed',
  turns: 1,
  usage: { inputTokens: 1, outputTokens: 1 },
  todos: [],
  pausedBy: [],
  background: false,
  ahead: null,
  durationMs: 1,
  createdAt: 1,
  heldBy: 'nobody',
  outcome: { status: 'completed', result: 'Done.' },
}

const DONE = { status: 'completed', result: 'Done.' } as const

/** The code of what it rejects with; `null` where it does not. */
export async function refusal(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    return RuntimeError.is(error) ? error.code : String(error)
  }
}

/** The first entry of a task. */
export function birth(taskId: string): Entry {
  return { v: 1, taskId, seq: 1, runId: 0, fact: { type: 'task.created', at: 1, spec: specOf(taskId) } }
}

/** Any entry of a task. */
export function entry(taskId: string, seq: number, runId = 0): Entry {
  const fact: ChartFact = { type: 'task.pauseAsked', by: 'user' }
  return { v: 1, taskId, seq, runId, fact: { ...fact, at: seq } }
}

/** The last entry of a task. */
export function end(taskId: string, seq: number, runId = 0): Entry {
  return { v: 1, taskId, seq, runId, fact: { type: 'task.ended', at: seq, outcome: DONE } }
}

function specOf(id: string): TaskSpec {
  return {
    id,
    agent: 'coder',
    message: 'Do it.',
    title: 'Do it.',
    parent: null,
    depth: 0,
    background: false,
    asksToStop: false,
    instructions: 'Work.',
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
}
