/**
 * The words of the task's chart: what it asks for, what it wonders, what it does. The chart itself is in
 * task.ts.
 */
import { assign, enqueueActions, setup } from 'xstate'
import { failure } from '../errors.ts'
import type { ChartFact, Heard } from '../protocol/journal.ts'
import type { AlarmOrder, ModelOrder, StopOrder } from '../protocol/orders.ts'
import type { Outcome, TaskSpec } from '../protocol/task.ts'
import { socket } from './socket.ts'
import * as calls from './steps/calls.ts'
import * as ending from './steps/ending.ts'
import * as holders from './steps/holders.ts'
import * as news from './steps/news.ts'
import * as replies from './steps/replies.ts'
import * as time from './steps/time.ts'
import type { TaskContext } from './task-context.ts'
import { type Command, toolCallMachine } from './tool-call.ts'

/** How long `pausing` waits for running calls before it ends them. */
export const PAUSE_GRACE_MS = 10_000

/** The one body that is not a call: the model at work, or whoever is asked for leave to complete. */
const ASKED = 'asked'

/** A call's chart has reached its end. A consequence of a fact, not a fact. */
type CallClosed = { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }

export const taskSetup = setup({
  types: {
    input: {} as TaskSpec,
    context: {} as TaskContext,
    events: {} as Heard<ChartFact> | CallClosed,
    output: {} as Outcome,
    tags: {} as 'holdsSlot' | 'wantsSlot',
  },

  actors: {
    callModel: socket<ModelOrder>(),
    askToStop: socket<StopOrder>(),
    alarm: socket<AlarmOrder>(),
    toolCall: toolCallMachine,
  },

  guards: {
    isBackground: ({ context }) => context.isBackground,
    hasEnding: ({ context }) => context.ending !== null,
    mayEnd: ({ context }) => ending.mayEnd(context),
    endsAs: ({ context }, status: Outcome['status']) => context.ending?.status === status,
    mustReadOn: ({ context }) => news.mustReadOn(context),
    hasWork: ({ context }) => context.openCalls.length + context.fresh.length > 0,
    hasStartable: ({ context }) => calls.startable(context).length > 0,
    mustSummarise: ({ context }) => replies.mustSummarise(context),
    mustWait: ({ context: { tries, now } }) => tries.retryAt !== null && tries.retryAt > now,
    isOutOfTurns: ({ context }) => context.turn >= context.spec.limits.maxTurns,
    onlyWaits: ({ context }) => calls.onlyWaits(context),
    waitsForHuman: ({ context }) => calls.waitsForHuman(context),
    isHeldByNobody: ({ context }) => context.holders.length === 0,
    isHeldByOthers: ({ context, event }) =>
      event.type === 'task.resumeAsked' && holders.holdersWithout(context, event.by).length > 0,
    isFirstHeard: ({ context, event }) =>
      event.type === 'child.ended' && !(event.report.taskId in context.children),
    isBodyGone: ({ context }) => calls.isBodyGone(context),
    isReplyAwaited: ({ context, event }) =>
      context.asked === 'reply' && 'turn' in event && event.turn === context.turn,
    isSummaryAwaited: ({ context }) => context.asked === 'summary',
    isExpected: ({ context, event }) => 'callId' in event && calls.isExpected(context, event),
    isLeaveAwaited: ({ context }) => context.asked === 'leave',
    isOverTime: ({ context, event }) =>
      event.type === 'limit.reached' && event.limit === 'timeoutMs' && time.timeLeft(context, event) <= 0,
    isIdle: ({ context, event }) =>
      event.type === 'limit.reached' &&
      event.limit === 'idleMs' &&
      (context.asked === 'reply' || context.asked === 'summary'),
    isEarly: ({ event }) => event.type === 'limit.reached' && event.limit === 'timeoutMs',
  },

  actions: {
    hearTime: assign(({ context, event }) => ('at' in event ? time.atTime(context, event) : {})),
    // Counting goes on from one working state to the next; only what rests stops it.
    startCounting: enqueueActions(({ enqueue, context: { now, ran, spec } }) => {
      if (ran.since !== null) return
      enqueue.assign({ ran: { ...ran, since: now } })
      const input = time.limitOrder(spec, ran.ms)
      if (input) enqueue.spawnChild('alarm', { id: 'timeLimit', input })
    }),
    // It rang before its time: clocks differ. Another rings for what is left.
    armLimit: enqueueActions(({ enqueue, context: { now, ran, spec } }) => {
      const input = ran.since === null ? null : time.limitOrder(spec, ran.ms + now - ran.since)
      if (!input) return
      enqueue.stopChild('timeLimit')
      enqueue.spawnChild('alarm', { id: 'timeLimit', input })
    }),
    stopCounting: enqueueActions(({ enqueue, context: { now, ran, spec } }) => {
      if (ran.since === null) return
      enqueue.assign({ ran: { ...ran, ms: ran.ms + now - ran.since, since: null } })
      if (spec.limits.timeoutMs !== null) enqueue.stopChild('timeLimit')
    }),

    // Whoever is asked for a turn is shown everything there is to know.
    forgetWait: assign({ tries: ({ context }) => ({ ...context.tries, retryAt: null }) }),
    countTurn: assign(({ context }) => news.afterAsking(context)),
    uncountLostTurn: assign(({ context: { asked, turn, tries } }) =>
      asked === 'reply' ? { turn: turn - 1, tries: { ...tries, lostReplies: tries.lostReplies + 1 } } : {},
    ),
    askModel: enqueueActions(({ enqueue, context }, purpose: 'reply' | 'summary') => {
      const turn = purpose === 'reply' ? context.turn : replies.summaryEnd(context)
      const input = { taskId: context.spec.id, turn, purpose, attempt: context.tries.attempts }
      enqueue.spawnChild('callModel', { id: ASKED, input })
      enqueue.assign({ asked: purpose })
    }),
    askToStop: enqueueActions(({ enqueue, context: { spec, ending, tries } }) => {
      if (ending === null) return
      const input = { taskId: spec.id, outcome: ending, timesSentBack: tries.sentBack }
      enqueue.spawnChild('askToStop', { id: ASKED, input })
      enqueue.assign({ asked: 'leave' })
    }),
    abortAsked: enqueueActions(({ enqueue, context }) => {
      if (context.asked !== 'nothing') enqueue.sendTo(ASKED, { type: 'abort' })
    }),
    forgetAsked: enqueueActions(({ enqueue, context }) => {
      if (context.asked === 'nothing') return
      enqueue.stopChild(ASKED)
      enqueue.assign({ asked: 'nothing' })
    }),
    recordReply: assign(({ context, event }) =>
      event.type === 'model.replied' ? replies.afterReply(context, event.reply) : {},
    ),
    recordFailure: assign(({ context, event }) =>
      event.type === 'model.failed' ? replies.afterFailure(context, event) : {},
    ),
    recordSummary: assign(({ context: { said }, event }) =>
      event.type === 'conversation.summarised'
        ? { said: { ...said, summarisedTo: event.turn, windowUsed: 0, isOverflown: false } }
        : {},
    ),

    recordLateReply: assign(({ context, event }) =>
      event.type === 'model.replied' ? replies.afterLateReply(context, event.reply) : {},
    ),
    recordLeave: assign(({ context }) =>
      news.mustReadOn(context)
        ? ending.reopened(context)
        : { tries: { ...context.tries, isLeaveGiven: true } },
    ),
    reopen: assign(({ context }) => ending.reopened(context)),
    recordObjection: assign(({ context }) => ending.afterObjection(context)),
    recordNews: assign(({ context, event }) =>
      event.type === 'child.ended'
        ? news.afterNews(context, event.report.taskId)
        : news.afterNews(context, null),
    ),

    turn: assign({ isBackground: true }),
    go: assign({ isGoing: true }),
    rest: assign({ isGoing: false }),
    lieStill: enqueueActions(({ enqueue, context }) => {
      enqueue.assign({ isGoing: false })
      for (const { id } of context.openCalls) enqueue.sendTo(id, { type: 'call.rest' })
    }),
    orderCalls: enqueueActions(({ enqueue, context }, type: Command['type']) => {
      for (const { id } of context.openCalls) enqueue.sendTo(id, { type })
    }),
    wakeCalls: enqueueActions(({ enqueue, context }) => {
      if (context.openCalls.length === 0) return
      for (const { id } of context.openCalls) enqueue.sendTo(id, { type: 'call.go' })
      enqueue.assign({ calls: calls.moved(context, 'awake') })
    }),
    layCallsDown: assign({ calls: ({ context }) => calls.moved(context, 'at rest') }),
    startCalls: enqueueActions(({ enqueue, context }) => {
      const begun = calls.startable(context)
      for (const call of begun) {
        const objection = calls.objectionTo(call, context)
        enqueue.spawnChild('toolCall', { id: call.id, input: { taskId: context.spec.id, call, objection } })
      }
      enqueue.assign(calls.afterStart(context, begun))
    }),
    forwardToCall: enqueueActions(({ enqueue, context, event }) => {
      if (!('callId' in event)) return
      enqueue.sendTo(event.callId, event)
      enqueue.assign({ ...calls.afterCall(context, event), ...time.atTime(context, event) })
    }),
    closeCall: enqueueActions(({ enqueue, context, event }) => {
      if (!('actorId' in event)) return
      enqueue.stopChild(event.actorId)
      enqueue.assign(calls.afterClose(context, event.actorId))
    }),

    recordHolder: assign(({ context, event }) =>
      event.type === 'task.pauseAsked' ? { holders: holders.holdersWith(context, event.by) } : {},
    ),
    dropHolder: assign(({ context, event }) =>
      event.type === 'task.resumeAsked' ? { holders: holders.holdersWithout(context, event.by) } : {},
    ),
    recordInterruption: assign({ holders: ({ context }) => holders.holdersWith(context, 'interrupted') }),
    concludeCancelled: assign(({ context, event }) =>
      event.type === 'task.cancelAsked'
        ? { ending: ending.endOf(context, 'cancelled', failure('task/cancelled', event.reason)) }
        : {},
    ),
    concludeTimedOut: assign(({ context }) => {
      const message = `Its time limit of ${context.spec.limits.timeoutMs} ms of running is used up.`
      return { ending: ending.endOf(context, 'timedOut', failure('limit/timeout', message)) }
    }),
    concludeIdle: assign(({ context }) => {
      const message = `Its model showed no sign of life for ${context.spec.limits.idleMs} ms.`
      return { ending: ending.endOf(context, 'timedOut', failure('limit/idle', message)) }
    }),
    concludeOutOfTurns: assign(({ context }) => {
      const message = `Stopped after ${context.turn} turns, its limit.`
      return { ending: ending.endOf(context, 'failed', failure('limit/turns', message)) }
    }),
  },
})
