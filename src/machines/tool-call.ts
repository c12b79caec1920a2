/**
 * One call of one tool, from the model's wish to an answer for it.
 *
 *   waiting ─ go ─► checking ── allow ────────► intended ─ go ─► running ─────────────► answered ◉
 *      ▲             │ │ │ └─ not runnable ─► answered ◉ ▲          │
 *      └ interrupted ┘ │ └── ask ─► asking ─ yes ─┘      └ interrupted
 *                      │              ├─ told ─► answered ◉
 *                      └ deny         └─ no ───► refused ◉
 *                          └► denied ◉
 *                                     running ── others do it ─► delegating ─► answered ◉
 *                                     intended, when in doubt ─► reconciling ─► answered ◉ · unknown ◉
 *
 * Owns: what may be done again after a crash.
 * Asks for: a verdict (`checkCall`), a person (`askHuman`), the effect (`runCall`), the end of
 * other tasks (`awaitTasks`), an inquiry (`reconcileCall`).
 *
 * C1  `running` is entered only on hearing a durable fact: that fact is the intent.
 * C2  A non-idempotent effect that was interrupted never runs again.
 * C3  No body starts while the call is at rest.
 * C4  What a person or the boundary refused never runs.
 * C5  Whoever runs what was approved is handed the mark of what the person was shown, and runs nothing else.
 */
import { and, assign, not, sendTo, setup } from 'xstate'
import type { Wait } from '../protocol/delegation.ts'
import type { CallFact, Heard } from '../protocol/journal.ts'
import type { Result } from '../protocol/model.ts'
import type { CallOrder, CheckOrder, WaitOrder } from '../protocol/orders.ts'
import { socket } from './socket.ts'

export interface CallContext extends CheckOrder {
  readonly isGoing: boolean
  readonly askedFor: string | null
  readonly askedBy: CallOrder['askedBy']
  readonly shown: string | null
  readonly askedAt: number | null
  readonly isApproved: boolean
  readonly attempts: number
  readonly wait: Wait | null
}

/** Orders from the task's chart. They follow from a fact, so they are not facts themselves. */
export type Command = { readonly type: 'call.go' | 'call.rest' | 'call.stop' | 'call.interrupt' }

export const toolCallMachine = setup({
  types: {
    input: {} as CheckOrder,
    context: {} as CallContext,
    events: {} as Heard<CallFact> | Command,
  },

  actors: {
    checkCall: socket<CheckOrder>(),
    askHuman: socket<CallOrder>(),
    runCall: socket<CallOrder>(),
    awaitTasks: socket<WaitOrder>(),
    reconcileCall: socket<CallOrder>(),
  },

  guards: {
    isGoing: ({ context }) => context.isGoing,
    isDoubtful: ({ context: { attempts, call } }) => attempts > 0 && call.effect === 'non_idempotent',
    isVerdict: ({ event }, verdict: 'allow' | 'deny') =>
      event.type === 'call.checked' && event.verdict.verdict === verdict,
    isUnknown: (_, result: Result) => result.kind === 'unknown',
  },

  actions: {
    go: assign({ isGoing: true }),
    rest: assign({ isGoing: false }),
    countAttempt: assign({ attempts: ({ context }) => context.attempts + 1 }),
    recordQuestion: assign(({ event }) => {
      if (event.type !== 'call.checked') return {}
      const { verdict, shown = null, at: askedAt } = event
      const { why: askedFor, layer, rule } = verdict
      return { askedFor, askedBy: { layer, rule }, shown, askedAt }
    }),
    recordApproval: assign({ isApproved: true }),
    recordWait: assign({ wait: ({ event }) => (event.type === 'call.waits' ? event.wait : null) }),
    abortBody: sendTo('runCall', { type: 'abort' }),
  },
}).createMachine({
  id: 'toolCall',
  context: ({ input }) => ({
    ...input,
    isGoing: true,
    askedFor: null,
    askedBy: null,
    shown: null,
    askedAt: null,
    isApproved: false,
    attempts: 0,
    wait: null,
  }),

  on: {
    'call.go': { actions: 'go' },
    'call.rest': { actions: 'rest' },
    'call.stop': { actions: 'rest' },
    'call.interrupt': { actions: 'rest' },
  },

  initial: 'waiting',
  states: {
    waiting: { always: { guard: 'isGoing', target: 'checking' } },

    checking: {
      invoke: { id: 'checkCall', src: 'checkCall', input: ({ context }) => checkInput(context) },
      on: {
        'call.checked': [
          { guard: { type: 'isVerdict', params: 'allow' }, target: 'intended' },
          { guard: { type: 'isVerdict', params: 'deny' }, target: 'denied' },
          { target: 'asking', actions: 'recordQuestion' },
        ],
        // The call cannot be run at all: an unknown tool, an input that cannot be read.
        'call.ended': { target: 'answered' },
        'call.interrupt': { target: 'waiting', actions: 'rest' },
      },
    },

    asking: {
      invoke: { id: 'askHuman', src: 'askHuman', input: ({ context }) => runInput(context) },
      on: {
        'call.approved': { target: 'intended', actions: 'recordApproval' },
        'call.refused': { target: 'refused' },
        'call.told': { target: 'answered' },
      },
    },

    intended: {
      always: [
        { guard: and(['isGoing', not('isDoubtful')]), target: 'running', actions: 'countAttempt' },
        { guard: 'isGoing', target: 'reconciling' },
      ],
    },

    running: {
      invoke: { id: 'runCall', src: 'runCall', input: ({ context }) => runInput(context) },
      on: {
        'call.ended': { target: 'answered' },
        'call.waits': { target: 'delegating', actions: 'recordWait' },
        'call.stop': { actions: ['rest', 'abortBody'] },
        'call.interrupt': { target: 'intended', actions: 'rest' },
      },
    },

    // Other tasks work for it. It has no body of its own, so a pause or a crash changes nothing here.
    delegating: {
      invoke: { id: 'awaitTasks', src: 'awaitTasks', input: ({ context }) => waitInput(context) },
      on: { 'call.ended': { target: 'answered' } },
    },

    reconciling: {
      invoke: { id: 'reconcileCall', src: 'reconcileCall', input: ({ context }) => runInput(context) },
      on: {
        'call.reconciled': [
          { guard: { type: 'isUnknown', params: ({ event }) => event.result }, target: 'unknown' },
          { target: 'answered' },
        ],
        'call.waits': { target: 'delegating', actions: 'recordWait' },
        'call.interrupt': { target: 'intended', actions: 'rest' },
      },
    },

    denied: { type: 'final' },
    refused: { type: 'final' },
    answered: { type: 'final' },
    unknown: { type: 'final' },
  },
})

function checkInput({ taskId, call, objection }: CallContext): CheckOrder {
  return { taskId, call, objection }
}

function runInput({ taskId, call, askedFor, askedBy, shown, askedAt, isApproved }: CallContext): CallOrder {
  return { taskId, call, askedFor, askedBy, shown, askedAt, isApproved }
}

function waitInput({ taskId, call, wait }: CallContext): WaitOrder {
  return { taskId, call, wait: wait ?? { tasks: [], until: 'all', deadlineAt: null } }
}
