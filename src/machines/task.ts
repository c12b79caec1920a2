/**
 * One agent working on one goal.
 *
 *   queued ─► running ─────────────────────────────────────────► ending ─► completed ◉ failed ◉
 *    ▲ │       │ deciding     the hub: what is left to do?         ▲        timedOut ◉ cancelled ◉
 *    │ │       │ thinking     asks the model                       │
 *    │ │       │ summarising  asks it for the old turns in short   │
 *    │ │       │ acting       calls, each a chart of its own       │
 *    │ │       │ concluding   asks whether it may complete         │
 *    │ │       │ backingOff   waits until asking again may help    │
 *    │ │       │ asking       every open call waits, for a person  │
 *    │ │       │ delegating   every open call waits, for tasks     │
 *    │ │       │ returning    waits for its slot, after those      │
 *    │ │       ├─ pause ──► pausing (what runs ends, and is kept) ─┤
 *    │ │       │               └─► paused                          │
 *    │ │       ├─ crash ──► interrupted ─► paused                  │
 *    │ │       └─ cancel, limit ─► cancelling ─ every body gone ───┤
 *    │ ├─ pause ─► paused                                          │
 *    │ └─ cancel ──────────────────────────────────────────────────┘
 *    └─ the last one who held it lets go ── paused
 *
 * Owns: the order of turns and calls, the limits on turns and running time, when a slot is held (tag
 * `holdsSlot`) and when one is wanted (tag `wantsSlot`), who holds the task still.
 * Asks for: a model's reply or summary (`callModel`), alarms (`alarm`), leave to complete (`askToStop`);
 * runs `toolCall` charts.
 *
 * T1  A turn is counted before the model is asked, so `turn` never passes `maxTurns`.
 * T2  Every call is answered once before the next turn.
 * T3  A task ends once, with exactly one outcome.
 * T4  `pausing` and `cancelling` are left only when no body is live.
 * T5  `ran` counts thinking, summarising, acting, concluding, backingOff, pausing and cancelling; nothing
 *     else, and no time in which the machine slept.
 * T6  A run begins in `deciding`: with what is left to do, read from the context.
 * T7  A reply that arrives while the task is pausing is kept, and never asked for again.
 * T8  A task that only waits holds no slot, and does nothing before it holds one again.
 * T9  It runs only while nobody holds it still.
 * T10 What it is told before its end is known to its model before it ends.
 */
import { and, not } from 'xstate'
import { Bug } from '../errors.ts'
import type { Outcome } from '../protocol/task.ts'
import { newTask } from './task-context.ts'
import { PAUSE_GRACE_MS, taskSetup } from './task-setup.ts'

const keepReply = { guard: 'isReplyAwaited', actions: ['hearTime', 'forgetAsked', 'recordReply'] } as const
const keepFailure = {
  guard: 'isReplyAwaited',
  actions: ['hearTime', 'forgetAsked', 'recordFailure'],
} as const
const keepSummary = {
  guard: 'isSummaryAwaited',
  actions: ['hearTime', 'forgetAsked', 'recordSummary'],
} as const
const keepLeave = { guard: 'isLeaveAwaited', actions: ['hearTime', 'forgetAsked', 'recordLeave'] } as const
const keepObjection = {
  guard: 'isLeaveAwaited',
  actions: ['hearTime', 'forgetAsked', 'recordObjection'],
} as const
const keepLateReply = {
  guard: 'isReplyAwaited',
  actions: ['hearTime', 'forgetAsked', 'recordLateReply'],
} as const
const dropReply = { guard: 'isReplyAwaited', actions: ['hearTime', 'forgetAsked'] } as const
const dropSummary = { guard: 'isSummaryAwaited', actions: ['hearTime', 'forgetAsked'] } as const
const dropLeave = { guard: 'isLeaveAwaited', actions: ['hearTime', 'forgetAsked'] } as const
const cancel = { target: 'cancelling', actions: ['hearTime', 'concludeCancelled'] } as const
const limits = [
  { guard: 'isOverTime', target: 'cancelling', actions: ['hearTime', 'concludeTimedOut'] },
  { guard: 'isIdle', target: 'cancelling', actions: ['hearTime', 'concludeIdle'] },
  { guard: 'isEarly', actions: ['hearTime', 'armLimit'] },
] as const
const interrupt = { target: 'interrupted', actions: 'hearTime' } as const
const endCancelled = { target: 'ending', actions: ['hearTime', 'concludeCancelled'] } as const
const hold = ['hearTime', 'recordHolder'] as const
const letGo = ['hearTime', 'dropHolder'] as const

export const taskMachine = taskSetup.createMachine({
  id: 'task',
  context: ({ input }) => newTask(input),

  on: {
    'call.*': { guard: 'isExpected', actions: 'forwardToCall' },
    'xstate.done.actor.*': { actions: 'closeCall' },
    'task.messaged': { actions: ['hearTime', 'recordNews'] },
    'child.ended': { guard: 'isFirstHeard', actions: ['hearTime', 'recordNews'] },
    'task.turned': { actions: ['hearTime', 'turn'] },
  },

  initial: 'queued',
  states: {
    queued: {
      tags: 'wantsSlot',
      entry: 'stopCounting',
      on: {
        'task.started': { target: 'running', actions: 'hearTime' },
        'task.resumed': { target: 'running', actions: 'hearTime' },
        'task.pauseAsked': { target: 'paused', actions: hold },
        'task.cancelAsked': endCancelled,
      },
    },

    running: {
      entry: 'go',
      exit: 'rest',
      on: {
        'task.pauseAsked': { target: 'pausing', actions: hold },
        'task.cancelAsked': cancel,
        'limit.reached': limits,
        'task.interrupted': interrupt,
      },
      initial: 'deciding',
      states: {
        deciding: {
          always: [
            { guard: 'mayEnd', target: '#task.ending' },
            { guard: and(['hasEnding', 'mustReadOn']), actions: 'reopen' },
            { guard: 'hasEnding', target: 'concluding' },
            { guard: 'hasWork', target: 'acting' },
            { guard: 'mustWait', target: 'backingOff' },
            { guard: 'isOutOfTurns', target: '#task.ending', actions: 'concludeOutOfTurns' },
            { guard: 'mustSummarise', target: 'summarising' },
            { target: 'thinking', actions: 'countTurn' },
          ],
        },

        thinking: {
          tags: 'holdsSlot',
          entry: ['startCounting', { type: 'askModel', params: 'reply' }],
          on: {
            'model.replied': { ...keepReply, target: 'deciding' },
            'model.failed': { ...keepFailure, target: 'deciding' },
          },
        },

        summarising: {
          tags: 'holdsSlot',
          entry: ['startCounting', { type: 'askModel', params: 'summary' }],
          on: { 'conversation.summarised': { ...keepSummary, target: 'deciding' } },
        },

        acting: {
          tags: 'holdsSlot',
          entry: ['startCounting', 'wakeCalls'],
          always: [
            { guard: 'hasStartable', actions: 'startCalls' },
            { guard: not('hasWork'), target: 'deciding' },
            { guard: 'waitsForHuman', target: 'asking' },
            { guard: 'onlyWaits', target: 'delegating' },
          ],
        },

        concluding: {
          tags: 'holdsSlot',
          entry: ['startCounting', 'askToStop'],
          on: {
            'stop.allowed': { ...keepLeave, target: 'deciding' },
            'stop.objected': { ...keepObjection, target: 'deciding' },
          },
        },

        backingOff: {
          entry: 'startCounting',
          invoke: {
            id: 'backOff',
            src: 'alarm',
            input: ({ context: { spec, tries, now } }) => ({
              taskId: spec.id,
              when: { at: tries.retryAt ?? now },
              fact: { type: 'retry.due' },
            }),
          },
          on: {
            'retry.due': [
              { guard: 'isBackground', target: 'returning', actions: ['hearTime', 'forgetWait'] },
              { target: 'deciding', actions: ['hearTime', 'forgetWait'] },
            ],
          },
        },

        asking: {
          entry: ['stopCounting', 'lieStill'],
          exit: 'go',
          always: [
            { guard: and([not('waitsForHuman'), 'onlyWaits']), target: 'delegating' },
            { guard: and([not('onlyWaits'), 'isBackground']), target: 'returning' },
            { guard: not('onlyWaits'), target: 'acting' },
          ],
        },

        delegating: {
          entry: 'stopCounting',
          always: [
            { guard: and([not('onlyWaits'), 'isBackground']), target: 'returning' },
            { guard: not('onlyWaits'), target: 'acting' },
          ],
        },

        returning: {
          tags: 'wantsSlot',
          entry: ['stopCounting', 'lieStill'],
          exit: 'go',
          on: { 'slot.given': { target: 'deciding', actions: 'hearTime' } },
        },
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
          when: { at: now + PAUSE_GRACE_MS },
          fact: { type: 'grace.over' },
        }),
      },
      always: [
        { guard: and(['isBodyGone', 'mayEnd']), target: 'ending' },
        { guard: and(['isBodyGone', 'isHeldByNobody']), target: 'queued' },
        { guard: 'isBodyGone', target: 'paused' },
      ],
      on: {
        'model.replied': keepReply,
        'model.failed': keepFailure,
        'conversation.summarised': keepSummary,
        'stop.allowed': keepLeave,
        'stop.objected': keepObjection,
        'grace.over': { actions: ['hearTime', { type: 'orderCalls', params: 'call.stop' }] },
        'task.pauseAsked': { actions: hold },
        'task.resumeAsked': { actions: letGo },
        'task.cancelAsked': cancel,
        'limit.reached': limits,
        'task.interrupted': interrupt,
      },
    },

    // The process died and every body with it. Nothing is decided here: what a crash cut off is put to rest.
    interrupted: {
      entry: [
        'stopCounting',
        'uncountLostTurn',
        'forgetAsked',
        { type: 'orderCalls', params: 'call.interrupt' },
        'layCallsDown',
        'recordInterruption',
      ],
      always: [{ guard: 'mayEnd', target: 'ending' }, { target: 'paused' }],
    },

    paused: {
      entry: 'stopCounting',
      on: {
        'task.pauseAsked': { actions: hold },
        'task.resumeAsked': [
          { guard: 'isHeldByOthers', actions: letGo },
          { target: 'queued', actions: letGo },
        ],
        'task.cancelAsked': endCancelled,
      },
    },

    cancelling: {
      tags: 'holdsSlot',
      entry: ['startCounting', 'abortAsked', { type: 'orderCalls', params: 'call.stop' }],
      always: { guard: 'isBodyGone', target: 'ending' },
      on: {
        'model.replied': keepLateReply,
        'model.failed': [dropReply, dropSummary],
        'conversation.summarised': dropSummary,
        'stop.allowed': dropLeave,
        'stop.objected': dropLeave,
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
