/**
 * The words of the task's chart: what it asks for, what it wonders, what it does. The chart itself is in
 * task.ts.
 */
import { assign, enqueueActions, setup } from 'xstate'
import { failure } from '../errors.ts'
import type { ChartFact, Heard } from '../protocol/journal.ts'
import type { AlarmOrder, ModelOrder } from '../protocol/orders.ts'
import type { Outcome, TaskSpec } from '../protocol/task.ts'
import { socket } from './socket.ts'
import * as step from './task-context.ts'
import { type Command, toolCallMachine } from './tool-call.ts'

/** How long `pausing` waits for running calls before it ends them. */
export const PAUSE_GRACE_MS = 10_000

/** A call's chart has reached its end. A consequence of a fact, not a fact. */
type CallClosed = { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }

export const taskSetup = setup({
  types: {
    input: {} as TaskSpec,
    context: {} as step.TaskContext,
    events: {} as Heard<ChartFact> | CallClosed,
    output: {} as Outcome,
    tags: {} as 'holdsSlot',
  },

  actors: { callModel: socket<ModelOrder>(), alarm: socket<AlarmOrder>(), toolCall: toolCallMachine },

  guards: {
    hasEnding: ({ context }) => context.ending !== null,
    endsAs: ({ context }, status: Outcome['status']) => context.ending?.status === status,
    hasWork: ({ context }) => context.openCalls.length + context.fresh.length > 0,
    hasStartable: ({ context }) => step.startable(context).length > 0,
    mustSummarise: ({ context }) => step.mustSummarise(context),
    mustWait: ({ context }) => context.retryAt !== null && context.retryAt > context.now,
    isOutOfTurns: ({ context }) => context.turn >= context.spec.limits.maxTurns,
    waitsForHuman: ({ context }) => step.waitsForHuman(context),
    isBodyGone: ({ context }) => step.isBodyGone(context),
    isReplyAwaited: ({ context, event }) =>
      context.asked === 'reply' && 'turn' in event && event.turn === context.turn,
    isSummaryAwaited: ({ context }) => context.asked === 'summary',
    isExpected: ({ context, event }) => 'callId' in event && step.isExpected(context, event),
    isOverTime: ({ context, event }) => 'at' in event && step.timeLeft(context, event.at) <= 0,
  },

  actions: {
    hearTime: assign({ now: ({ context, event }) => ('at' in event ? event.at : context.now) }),
    // Counting goes on from one working state to the next; only what rests stops it.
    startCounting: enqueueActions(({ enqueue, context: { now, ranMs, since, spec } }) => {
      if (since !== null) return
      enqueue.assign({ since: now })
      if (spec.limits.timeoutMs === null) return
      const at = now + spec.limits.timeoutMs - ranMs
      const fact = { type: 'limit.reached', limit: 'timeoutMs' } as const
      enqueue.spawnChild('alarm', { id: 'timeLimit', input: { taskId: spec.id, at, fact } })
    }),
    stopCounting: enqueueActions(({ enqueue, context: { now, ranMs, since, spec } }) => {
      if (since === null) return
      enqueue.assign({ ranMs: ranMs + now - since, since: null })
      if (spec.limits.timeoutMs !== null) enqueue.stopChild('timeLimit')
    }),

    countTurn: assign({ turn: ({ context }) => context.turn + 1, retryAt: null }),
    uncountLostTurn: assign(({ context: { asked, turn, lostReplies } }) =>
      asked === 'reply' ? { turn: turn - 1, lostReplies: lostReplies + 1 } : {},
    ),
    askModel: enqueueActions(({ enqueue, context }, purpose: 'reply' | 'summary') => {
      const turn = purpose === 'reply' ? context.turn : step.summaryEnd(context)
      const input = { taskId: context.spec.id, turn, purpose, attempt: context.attempts }
      enqueue.spawnChild('callModel', { id: 'callModel', input })
      enqueue.assign({ asked: purpose })
    }),
    abortModel: enqueueActions(({ enqueue, context }) => {
      if (context.asked !== 'nothing') enqueue.sendTo('callModel', { type: 'abort' })
    }),
    forgetModel: enqueueActions(({ enqueue, context }) => {
      if (context.asked === 'nothing') return
      enqueue.stopChild('callModel')
      enqueue.assign({ asked: 'nothing' })
    }),
    recordReply: assign(({ context, event }) =>
      event.type === 'model.replied' ? step.afterReply(context, event.reply) : {},
    ),
    recordFailure: assign(({ context, event }) =>
      event.type === 'model.failed' ? step.afterFailure(context, event) : {},
    ),
    recordSummary: assign(({ event }) =>
      event.type === 'conversation.summarised'
        ? { summarisedTo: event.turn, windowUsed: 0, isOverflown: false }
        : {},
    ),

    go: assign({ isGoing: true, pausedBy: null }),
    rest: assign({ isGoing: false }),
    orderCalls: enqueueActions(({ enqueue, context }, type: Command['type']) => {
      for (const { id } of context.openCalls) enqueue.sendTo(id, { type })
    }),
    wakeCalls: enqueueActions(({ enqueue, context }) => {
      if (context.openCalls.length === 0) return
      for (const { id } of context.openCalls) enqueue.sendTo(id, { type: 'call.go' })
      enqueue.assign({ calls: step.moved(context, 'awake') })
    }),
    layCallsDown: assign({ calls: ({ context }) => step.moved(context, 'at rest') }),
    startCalls: enqueueActions(({ enqueue, context }) => {
      const begun = step.startable(context)
      for (const call of begun) {
        const objection = step.objectionTo(call, context)
        enqueue.spawnChild('toolCall', { id: call.id, input: { taskId: context.spec.id, call, objection } })
      }
      enqueue.assign(step.afterStart(context, begun))
    }),
    forwardToCall: enqueueActions(({ enqueue, context, event }) => {
      if (!('callId' in event)) return
      enqueue.sendTo(event.callId, event)
      enqueue.assign({ ...step.afterCall(context, event), now: event.at })
    }),
    closeCall: enqueueActions(({ enqueue, context, event }) => {
      if (!('actorId' in event)) return
      enqueue.stopChild(event.actorId)
      enqueue.assign(step.afterClose(context, event.actorId))
    }),

    recordPause: assign(({ event }) => (event.type === 'task.pauseAsked' ? { pausedBy: event.by } : {})),
    recordInterruption: assign({ pausedBy: 'interrupted' }),
    concludeCancelled: assign(({ context, event }) =>
      event.type === 'task.cancelAsked'
        ? { ending: step.endOf(context, 'cancelled', failure('task/cancelled', event.reason)) }
        : {},
    ),
    concludeTimedOut: assign(({ context }) => {
      const message = `Its time limit of ${context.spec.limits.timeoutMs} ms of running is used up.`
      return { ending: step.endOf(context, 'timedOut', failure('limit/timeout', message)) }
    }),
    concludeOutOfTurns: assign(({ context }) => {
      const message = `Stopped after ${context.turn} turns, its limit.`
      return { ending: step.endOf(context, 'failed', failure('limit/turns', message)) }
    }),
  },
})
