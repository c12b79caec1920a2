/**
 * One agent working on one goal.
 *
 *   queued ─► running ─────────────────────────────────────────► ending ─► completed ◉ failed ◉
 *     │        │ deciding     the hub: what is left to do?         ▲        timedOut ◉ cancelled ◉
 *     │        │ thinking     asks the model                       │
 *     │        │ summarising  asks it for the old turns in short   │
 *     │        │ backingOff   waits until asking again may help    │
 *     │        │ acting       calls, each a chart of its own       │
 *     │        │ asking       every open call waits for a person   │
 *     │        ├─ pause ──► pausing (what runs ends, and is kept) ─┤
 *     │        │               └─► paused ── resume ─► running     │
 *     │        ├─ crash ──► interrupted ─► paused                  │
 *     │        └─ cancel, limit ─► cancelling ─ every body gone ───┤
 *     ├─ pause ─► paused                                           │
 *     └─ cancel ───────────────────────────────────────────────────┘
 *
 * Owns: the order of turns and calls, the limits on turns and running time, when a slot is held (tag
 * `holdsSlot`).
 * Asks for: a model's reply or summary (`callModel`), alarms (`alarm`); runs `toolCall` charts.
 *
 * T1  A turn is counted before the model is asked, so `turn` never passes `maxTurns`.
 * T2  Every call is answered once before the next turn.
 * T3  A task ends once, with exactly one outcome.
 * T4  `pausing` and `cancelling` are left only when no body is live.
 * T5  `ranMs` counts thinking, summarising, backingOff, acting, pausing and cancelling; nothing else.
 * T6  Resume goes to `deciding`: to what is left to do, read from the context.
 * T7  A reply that arrives while the task is pausing is kept, and never asked for again.
 */
import { and, not } from 'xstate'
import { Bug } from '../errors.ts'
import type { Outcome } from '../protocol/task.ts'
import { newTask } from './task-context.ts'
import { PAUSE_GRACE_MS, taskSetup } from './task-setup.ts'

const keepReply = { guard: 'isReplyAwaited', actions: ['hearTime', 'forgetModel', 'recordReply'] } as const
const keepFailure = {
  guard: 'isReplyAwaited',
  actions: ['hearTime', 'forgetModel', 'recordFailure'],
} as const
const keepSummary = {
  guard: 'isSummaryAwaited',
  actions: ['hearTime', 'forgetModel', 'recordSummary'],
} as const
const dropReply = { guard: 'isReplyAwaited', actions: ['hearTime', 'forgetModel'] } as const
const dropSummary = { guard: 'isSummaryAwaited', actions: ['hearTime', 'forgetModel'] } as const
const cancel = { target: 'cancelling', actions: ['hearTime', 'concludeCancelled'] } as const
const timeOut = {
  guard: 'isOverTime',
  target: 'cancelling',
  actions: ['hearTime', 'concludeTimedOut'],
} as const
const interrupt = { target: 'interrupted', actions: 'hearTime' } as const
const endCancelled = { target: 'ending', actions: ['hearTime', 'concludeCancelled'] } as const

export const taskMachine = taskSetup.createMachine({
  id: 'task',
  context: ({ input }) => newTask(input),

  on: {
    'call.*': { guard: 'isExpected', actions: 'forwardToCall' },
    'xstate.done.actor.*': { actions: 'closeCall' },
  },

  initial: 'queued',
  states: {
    queued: {
      on: {
        'task.started': { target: 'running', actions: 'hearTime' },
        'task.pauseAsked': { target: 'paused', actions: ['hearTime', 'recordPause'] },
        'task.cancelAsked': endCancelled,
      },
    },

    running: {
      tags: 'holdsSlot',
      entry: 'go',
      exit: 'rest',
      on: {
        'task.pauseAsked': { target: 'pausing', actions: ['hearTime', 'recordPause'] },
        'task.cancelAsked': cancel,
        'limit.reached': timeOut,
        'task.interrupted': interrupt,
      },
      initial: 'deciding',
      states: {
        deciding: {
          always: [
            { guard: 'hasEnding', target: '#task.ending' },
            { guard: 'hasWork', target: 'acting' },
            { guard: 'mustWait', target: 'backingOff' },
            { guard: 'isOutOfTurns', target: '#task.ending', actions: 'concludeOutOfTurns' },
            { guard: 'mustSummarise', target: 'summarising' },
            { target: 'thinking', actions: 'countTurn' },
          ],
        },

        thinking: {
          entry: ['startCounting', { type: 'askModel', params: 'reply' }],
          on: {
            'model.replied': { ...keepReply, target: 'deciding' },
            'model.failed': { ...keepFailure, target: 'deciding' },
          },
        },

        summarising: {
          entry: ['startCounting', { type: 'askModel', params: 'summary' }],
          on: { 'conversation.summarised': { ...keepSummary, target: 'deciding' } },
        },

        backingOff: {
          entry: 'startCounting',
          invoke: {
            id: 'backOff',
            src: 'alarm',
            input: ({ context: { spec, retryAt, now } }) => ({
              taskId: spec.id,
              at: retryAt ?? now,
              fact: { type: 'retry.due' },
            }),
          },
          on: { 'retry.due': { target: 'deciding', actions: 'hearTime' } },
        },

        acting: {
          entry: ['startCounting', 'wakeCalls'],
          always: [
            { guard: 'hasStartable', actions: 'startCalls' },
            { guard: not('hasWork'), target: 'deciding' },
            { guard: 'waitsForHuman', target: 'asking' },
          ],
        },

        asking: { entry: 'stopCounting', always: { guard: not('waitsForHuman'), target: 'acting' } },
      },
    },

    pausing: {
      tags: 'holdsSlot',
      entry: ['startCounting', { type: 'orderCalls', params: 'call.rest' }],
      invoke: {
        id: 'grace',
        src: 'alarm',
        input: ({ context: { spec, now } }) => ({
          taskId: spec.id,
          at: now + PAUSE_GRACE_MS,
          fact: { type: 'grace.over' },
        }),
      },
      always: [
        { guard: and(['isBodyGone', 'hasEnding']), target: 'ending' },
        { guard: 'isBodyGone', target: 'paused' },
      ],
      on: {
        'model.replied': keepReply,
        'model.failed': keepFailure,
        'conversation.summarised': keepSummary,
        'grace.over': { actions: ['hearTime', { type: 'orderCalls', params: 'call.stop' }] },
        'task.cancelAsked': cancel,
        'limit.reached': timeOut,
        'task.interrupted': interrupt,
      },
    },

    // The process died and every body with it. Nothing is decided here: what a crash cut off is put to rest.
    interrupted: {
      entry: [
        'stopCounting',
        'uncountLostTurn',
        'forgetModel',
        { type: 'orderCalls', params: 'call.interrupt' },
        'layCallsDown',
        'recordInterruption',
      ],
      always: [{ guard: 'hasEnding', target: 'ending' }, { target: 'paused' }],
    },

    paused: {
      entry: 'stopCounting',
      on: {
        'task.resumed': { target: 'running', actions: 'hearTime' },
        'task.cancelAsked': endCancelled,
      },
    },

    cancelling: {
      tags: 'holdsSlot',
      entry: ['startCounting', 'abortModel', { type: 'orderCalls', params: 'call.stop' }],
      always: { guard: 'isBodyGone', target: 'ending' },
      on: {
        'model.replied': dropReply,
        'model.failed': [dropReply, dropSummary],
        'conversation.summarised': dropSummary,
        'task.interrupted': interrupt,
      },
    },

    ending: {
      entry: 'stopCounting',
      always: [
        { guard: { type: 'endsAs', params: 'completed' }, target: 'completed' },
        { guard: { type: 'endsAs', params: 'cancelled' }, target: 'cancelled' },
        { guard: { type: 'endsAs', params: 'timedOut' }, target: 'timedOut' },
        { target: 'failed' },
      ],
    },

    completed: { type: 'final' },
    failed: { type: 'final' },
    timedOut: { type: 'final' },
    cancelled: { type: 'final' },
  },

  output: ({ context }) => ended(context.ending),
})

function ended(ending: Outcome | null): Outcome {
  if (ending) return ending
  throw new Bug('T3: a final state was reached without an outcome.')
}
