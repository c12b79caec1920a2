/** Events made by hand, and what a person is shown of them. */
import { expect } from 'vitest'
import { frameOf } from '../../src/cli/terminal/frame.ts'
import { painted, widthOfRow } from '../../src/cli/terminal/style.ts'
import { createTaskRows } from '../../src/cli/terminal/task-rows.ts'
import type { Notice } from '../../src/host.ts'
import type { Fact, TaskEvent } from '../../src/protocol/journal.ts'
import type { Outcome, TaskSpec } from '../../src/protocol/task.ts'

export const usage = { inputTokens: 1_200, outputTokens: 34 }

const LIMITS = {
  maxTurns: 1,
  timeoutMs: null,
  idleMs: null,
  toolTimeoutMs: 1,
  modelTimeoutMs: 1_000,
  approvalTimeoutMs: null,
  retries: 0,
}

/** A fact of a task, heard at the very beginning unless said otherwise. */
export function fact(taskId: string, it: Fact, at = 0): TaskEvent {
  return { ...it, at, taskId, seq: 1, runId: 1 }
}

/** The birth of a task, which works in the background if that is said. */
export function created(id: string, parent: string | null, title: string, background = false): TaskEvent {
  const spec: TaskSpec = {
    id,
    parent,
    title,
    background,
    agent: parent ? 'explorer' : 'lead',
    message: title,
    depth: parent ? 1 : 0,
    asksToStop: false,
    instructions: '',
    notes: null,
    tools: [],
    model: { name: 'm', contextWindow: 1 },
    boundary: [],
    limits: LIMITS,
    dataSchema: null,
  }
  return fact(id, { type: 'task.created', spec })
}

export function started(taskId: string): TaskEvent {
  return fact(taskId, { type: 'task.started', runId: 1 })
}

/** A reply that asks for one call, which has the id `1.0`. */
export function replied(taskId: string, tool: string, input: unknown, text = ''): TaskEvent {
  const call = { id: '1.0', tool, input, effect: 'pure' as const }
  return fact(taskId, { type: 'model.replied', turn: 1, reply: { text, calls: [call], stop: 'done', usage } })
}

export function checked(taskId: string, verdict: 'allow' | 'ask' | 'deny' = 'allow'): TaskEvent {
  return fact(taskId, {
    type: 'call.checked',
    callId: '1.0',
    verdict: { verdict, layer: '', rule: '', why: '' },
  })
}

/** A task at its first call. */
export function calling(taskId: string, tool: string, input: unknown, text = ''): readonly TaskEvent[] {
  return [started(taskId), replied(taskId, tool, input, text), checked(taskId)]
}

export function ended(taskId: string, outcome: Outcome = { status: 'completed', result: 'x' }): TaskEvent {
  return fact(taskId, { type: 'task.ended', outcome }, 12_000)
}

/** A task that waits for others at its first call. */
export function waiting(
  taskId: string,
  tasks: readonly string[],
  until: 'any' | 'all' | { readonly quorum: number } = 'all',
): readonly TaskEvent[] {
  const wait = { tasks, until, deadlineAt: null }
  return [...calling(taskId, 'wait_for_tasks', {}), fact(taskId, { type: 'call.waits', callId: '1.0', wait })]
}

export function notice(change: Partial<Notice> = {}): Notice {
  return {
    id: 'n1',
    kind: 'ended',
    taskId: 't_1',
    agent: 'explorer',
    title: 'Read the docs',
    status: 'completed',
    text: 'There are none.',
    dropped: 0,
    ...change,
  }
}

/** The live view of these events, without colours. It must fit, and hold nothing a terminal would obey. */
export function drawn(events: readonly TaskEvent[], columns: number, rowsMax = 30): readonly string[] {
  const rows = createTaskRows()
  for (const event of events) rows.hear(event)
  const frame = frameOf(rows.all(), { columns, rowsMax, now: 65_000, tick: 0 }, rows.slots())
  expect(frame.filter((row) => widthOfRow(row) > columns)).toEqual([])
  expect(frame.flat().filter(({ text }) => /[\0-\x1f\x7f-\x9f\u202a-\u202e]/.test(text))).toEqual([])
  expect(frame.length).toBeLessThanOrEqual(rowsMax)
  return frame.map((row) => painted(row, false).trimEnd())
}
