/** What tests of the workplace and the processes they start have in common. */
import type { Concurrency, Slot } from '../../src/protocol/concurrency.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import type { RemoteOrder } from '../../src/protocol/remote.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'

export interface ChildPlan {
  readonly directory: string
  readonly times: { readonly leaseMs?: number; readonly renewalMs?: number }
  /** `null`: it does not take part. */
  readonly cap: number | null
  readonly mark: string
}

export interface ChildOrder {
  readonly call:
    | 'create'
    | 'append'
    | 'acquire'
    | 'release'
    | 'takeSlot'
    | 'waits'
    | 'elsewhere'
    | 'mayAct'
    | 'actAfterStop'
    | 'contend'
    | 'crowd'
    | 'ask'
    | 'close'
  readonly taskId: string
  readonly seq?: number
  readonly runId?: number
  readonly previous?: number
  readonly count?: number
  readonly background?: number
  readonly when?: 'atOnce' | 'afterTimers'
}

export interface ChildLine {
  readonly id?: number
  readonly event?: 'ready' | 'served' | 'changed' | 'lost' | 'acting'
  readonly order?: RemoteOrder
  readonly code?: string
  readonly value?: unknown
  readonly failure?: { readonly code: string; readonly message: string }
}

export function birth(taskId: string): Entry {
  return { v: 1, taskId, seq: 1, runId: 0, fact: { type: 'task.created', at: 1, spec: specOf(taskId) } }
}

export function entry(taskId: string, seq: number, runId = 0): Entry {
  return { v: 1, taskId, seq, runId, fact: { type: 'task.started', runId, at: seq } }
}

export function slot(taskId: string, agent = 'helper', model = 'small'): Slot {
  return { taskId, agent, model }
}

export function limits(background: number, more: Partial<Concurrency> = {}): Concurrency {
  return { background, perAgent: {}, perModel: {}, queue: 100, atCap: 'queue', ...more }
}

function specOf(id: string): TaskSpec {
  return {
    id,
    agent: 'helper',
    message: 'Go.',
    title: 'Go',
    parent: null,
    depth: 0,
    background: false,
    asksToStop: false,
    instructions: '',
    notes: null,
    tools: [],
    model: { name: 'small', contextWindow: 1_000 },
    boundary: [],
    limits: {
      maxTurns: 1,
      timeoutMs: null,
      idleMs: null,
      toolTimeoutMs: 1,
      modelTimeoutMs: 1,
      approvalTimeoutMs: null,
      retries: 0,
    },
    dataSchema: null,
  }
}
