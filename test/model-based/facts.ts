/** The facts of the tables, by the name of what happens. Each is built for the state the charts are in. */
import { failure } from '../../src/errors.ts'
import type { ChildReport, Wait } from '../../src/protocol/delegation.ts'
import type { ChartFact, Heard } from '../../src/protocol/journal.ts'
import type { Call, EffectClass, Reply } from '../../src/protocol/model.ts'
import type { Limits, TaskSpec, Todo } from '../../src/protocol/task.ts'
import type { TaskContext } from '../../src/machines/task-context.ts'

export const LIMITS: Limits = {
  maxTurns: 3,
  timeoutMs: 1_000,
  idleMs: 500,
  toolTimeoutMs: 1_000,
  modelTimeoutMs: 1_000,
  approvalTimeoutMs: null,
  retries: 1,
}

export const SPEC: TaskSpec = {
  id: 't1',
  agent: 'coder',
  message: 'Do it.',
  title: 'Do it.',
  parent: null,
  depth: 0,
  background: false,
  asksToStop: false,
  instructions: '',
  notes: null,
  tools: [],
  model: { name: 'scripted', contextWindow: 1_000 },
  boundary: [],
  limits: LIMITS,
  dataSchema: null,
}

const usage = { inputTokens: 10, outputTokens: 10 }

export function call(
  index: number,
  given: { tool?: string; effect?: EffectClass; turn?: number; input?: unknown } = {},
): Call {
  const { tool = 'mail', effect = 'non_idempotent', turn = 1, input = {} } = given
  return { id: `${turn}.${index}`, tool, input, effect }
}

export function reply(calls: readonly Call[], given: Partial<Reply> = {}): Reply {
  return { text: '', calls, stop: 'done', usage, ...given }
}

type Build = (context: TaskContext, at: number) => Heard<ChartFact>

const replied =
  (build: (turn: number) => Reply): Build =>
  (context, at) => ({
    type: 'model.replied',
    turn: context.turn,
    reply: build(context.turn),
    at,
  })

const failedWith =
  (
    code: 'model/unavailable' | 'model/bad-request' | 'model/context-overflow',
    retryInMs: number | null,
  ): Build =>
  (context, at) => ({
    type: 'model.failed',
    turn: context.turn,
    failure: failure(code, 'No.'),
    retryInMs,
    at,
  })

/** The oldest open call: the one that the table's facts are about. */
const openCall = (context: TaskContext) => context.openCalls[0]?.id ?? '1.0'

const checked =
  (verdict: 'allow' | 'ask' | 'deny'): Build =>
  (context, at) => ({
    type: 'call.checked',
    callId: openCall(context),
    verdict: { verdict, layer: 'test', rule: 'test', why: 'The test says so.' },
    ...(verdict === 'ask' && { shown: 'mark' }),
    at,
  })

export const ended = (
  callId: string,
  at: number,
  given: { ok?: boolean; code?: string; todos?: readonly Todo[]; told?: readonly string[] } = {},
) => {
  const { ok = true, code = 'tool/threw', todos, told } = given
  const result = ok
    ? { kind: 'ok' as const, output: 'done' }
    : { kind: 'failed' as const, code, message: 'No.' }
  return { type: 'call.ended' as const, callId, result, at, ...(todos && { todos }), ...(told && { told }) }
}

export function report(taskId: string): ChildReport {
  return {
    taskId,
    agent: 'explorer',
    title: 'Look.',
    status: 'completed',
    result: 'Found.',
    turns: 1,
    usage,
    durationMs: 10,
  }
}

/** What a call waits for in these tests. */
export const WAIT: Wait = { tasks: ['c1'], until: 'all', deadlineAt: null }

/** Everything that can happen to a task, one row a happening. */
export const FACTS = {
  start: (_, at) => ({ type: 'task.started', runId: 1, at }),
  resume: (_, at) => ({ type: 'task.resumed', runId: 2, at }),
  slotGiven: (_, at) => ({ type: 'slot.given', at }),
  pause: (_, at) => ({ type: 'task.pauseAsked', by: 'user', at }),
  parentPauses: (_, at) => ({ type: 'task.pauseAsked', by: 'parent/t0', at }),
  letGo: (_, at) => ({ type: 'task.resumeAsked', by: 'user', at }),
  parentLetsGo: (_, at) => ({ type: 'task.resumeAsked', by: 'parent/t0', at }),
  cancel: (_, at) => ({ type: 'task.cancelAsked', reason: 'Enough.', at }),
  crash: (_, at) => ({ type: 'task.interrupted', at }),
  timeUp: (_, at) => ({ type: 'limit.reached', limit: 'timeoutMs', at: at + 10_000 }),
  falseAlarm: (_, at) => ({ type: 'limit.reached', limit: 'timeoutMs', at }),
  idle: (_, at) => ({ type: 'limit.reached', limit: 'idleMs', at }),
  graceOver: (_, at) => ({ type: 'grace.over', at }),
  retryDue: (_, at) => ({ type: 'retry.due', at: at + 100 }),
  turned: (_, at) => ({ type: 'task.turned', at }),
  messaged: (_, at) => ({ type: 'task.messaged', text: 'By the way.', at }),
  childEnds: (_, at) => ({ type: 'child.ended', report: report('c1'), at }),
  leaveGiven: (_, at) => ({ type: 'stop.allowed', at }),
  sentBack: (_, at) => ({ type: 'stop.objected', note: 'Look again.', at }),
  answers: replied(() => reply([], { text: 'Done.' })),
  saysNothing: replied(() => reply([])),
  refuses: replied(() => reply([], { stop: 'refused' })),
  isSilenced: replied(() => reply([], { stop: 'filtered' })),
  callsTool: replied((turn) => reply([call(0, { turn })])),
  callsReader: replied((turn) => reply([call(0, { turn, tool: 'read', effect: 'pure' })])),
  completes: replied((turn) =>
    reply([call(0, { turn, tool: 'attempt_completion', effect: 'pure', input: { result: 'All done.' } })]),
  ),
  repliesLate: (context, at) => ({
    type: 'model.replied',
    turn: context.turn - 1,
    reply: reply([], { text: 'Late.' }),
    at,
  }),
  failsForNow: failedWith('model/unavailable', 50),
  failsForGood: failedWith('model/bad-request', null),
  overflows: failedWith('model/context-overflow', null),
  isSummarised: (context, at) => ({
    type: 'conversation.summarised',
    turn: context.turn - 1,
    text: 'Short.',
    usage,
    at,
  }),
  allowed: checked('allow'),
  asked: checked('ask'),
  denied: checked('deny'),
  approved: (context, at) => ({ type: 'call.approved', callId: openCall(context), at }),
  refused: (context, at) => ({ type: 'call.refused', callId: openCall(context), note: 'No.', at }),
  told: (context, at) => ({ type: 'call.told', callId: openCall(context), text: 'Blue.', at }),
  callWaits: (context, at) => ({ type: 'call.waits', callId: openCall(context), wait: WAIT, at }),
  callEnds: (context, at) => ended(openCall(context), at),
  callFails: (context, at) => ended(openCall(context), at, { ok: false }),
  strangerEnds: (_, at) => ended('9.9', at),
  reconciled: (context, at) => ({
    type: 'call.reconciled',
    callId: openCall(context),
    result: { kind: 'ok', output: 'It was.' },
    at,
  }),
  notReconciled: (context, at) => ({
    type: 'call.reconciled',
    callId: openCall(context),
    result: { kind: 'unknown', message: '?' },
    at,
  }),
} satisfies Record<string, Build>

export type Happening = keyof typeof FACTS
