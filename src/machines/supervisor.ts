/**
 * Who may work in the background. One pump for starts, resumes, returns and turns: a slot is given here and
 * nowhere else. Where other processes work on the same tasks, what is given here holds once the store has
 * given it too: the chart has a view of the others, the store has the slots.
 *
 *   open ─ drain ─► draining ─ close ─► closed ◉
 *
 * Owns: the slots of this process, its queue, its view of the others, and why a wish was refused.
 * Says: `slot.given`, to be acted on at once (a hook, an actor, a fact), `slot.refused`, and `task.broke`.
 *
 * S1  Never more slots given than there are, of all and of each agent and model, those of other processes
 *     counted in, and the smallest cap of all. Checked and taken in one transition.
 * S2  A slot comes back when it is said to be free, and only then.
 * S3  A task is held or queued at most once.
 * S4  Wishes that came together are admitted together or not at all.
 * S5  Whoever has waited for others comes before whoever has not begun; otherwise the first comes first, but
 *     a wish that its own agent or model holds up does not hold up the next.
 * S6  Whoever has waited is never refused, but by closing.
 * S7  Whoever is denied by the store what was given here waits again, before all that came later.
 */
import { type AnyActorRef, assign, enqueueActions, setup, stopChild } from 'xstate'
import type { Concurrency, Elsewhere } from '../protocol/concurrency.ts'
import * as desk from './slot-desk.ts'

export type SupervisorEvent =
  | { readonly type: 'slots.wished'; readonly wishes: readonly desk.Wish[] }
  | { readonly type: 'slot.unwished' | 'slot.freed' | 'task.forgotten'; readonly taskId: string }
  /** The store has not given the slot that was given here. */
  | { readonly type: 'slot.denied'; readonly taskId: string; readonly elsewhere: Elsewhere }
  /** What other processes do has changed. */
  | { readonly type: 'slots.elsewhere'; readonly elsewhere: Elsewhere }
  | { readonly type: 'task.left'; readonly ref: AnyActorRef }
  | { readonly type: 'supervisor.drain' | 'supervisor.close' }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }

export type SupervisorSaying =
  | { readonly type: 'slot.given'; readonly wish: desk.Wish }
  | {
      readonly type: 'slot.refused'
      readonly wish: desk.Wish
      readonly why: desk.Refusal
      /** Of those that came together, the one that found no room. */
      readonly blamed?: desk.Wish | undefined
    }
  | { readonly type: 'task.broke'; readonly taskId: string; readonly error: unknown }

export const supervisorMachine = setup({
  types: {
    input: {} as Concurrency,
    context: {} as desk.Desk,
    events: {} as SupervisorEvent,
    emitted: {} as SupervisorSaying,
  },
  actions: {
    consider: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'slots.wished') return
      const { change, given, refused, why, blamed } = desk.considered(context, event.wishes)
      enqueue.assign(change)
      for (const wish of refused) enqueue.emit({ type: 'slot.refused', wish, why, blamed })
      for (const wish of given) enqueue.emit({ type: 'slot.given', wish })
    }),
    pump: enqueueActions(({ enqueue, context }) => {
      const { held, queue, given } = desk.pumped(context)
      if (given.length === 0) return
      enqueue.assign({ held, queue })
      for (const wish of given) enqueue.emit({ type: 'slot.given', wish })
    }),
    refuse: enqueueActions(({ enqueue, event }) => {
      if (event.type !== 'slots.wished') return
      for (const wish of event.wishes) enqueue.emit({ type: 'slot.refused', wish, why: 'closing' })
    }),
    dropWish: assign(({ context, event }) =>
      'taskId' in event ? desk.withoutWish(context, event.taskId) : {},
    ),
    freeSlot: assign(({ context, event }) =>
      'taskId' in event ? desk.withoutSlot(context, event.taskId) : {},
    ),
    noteOthers: assign(({ event }) => ('elsewhere' in event ? { elsewhere: event.elsewhere } : {})),
    putBack: assign(({ context, event }) => ('taskId' in event ? desk.denied(context, event.taskId) : {})),
    forget: assign(({ context, event }) =>
      'taskId' in event ? desk.withoutReason(context, event.taskId) : {},
    ),
    tellBreak: enqueueActions(({ enqueue, event }) => {
      if ('actorId' in event) enqueue.emit({ type: 'task.broke', taskId: event.actorId, error: event.error })
    }),
    emptyQueue: assign(({ context }) => desk.withoutQueue(context)),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => desk.openDesk(input),

  on: {
    // Only a parent may stop an actor, and those it has adopted are in nobody's children map.
    'task.left': { actions: stopChild(({ event }) => event.ref) },
    'task.forgotten': { actions: 'forget' },
    'slot.unwished': { actions: 'dropWish' },
    'slot.freed': { actions: ['freeSlot', 'pump'] },
    'slots.elsewhere': { actions: ['noteOthers', 'pump'] },
    // A task that breaks its chart must not take the supervisor along.
    'xstate.error.actor.*': { actions: 'tellBreak' },
  },

  initial: 'open',
  states: {
    open: {
      on: {
        'slots.wished': { actions: 'consider' },
        'slot.denied': { actions: ['noteOthers', 'putBack', 'pump'] },
        'supervisor.drain': { target: 'draining', actions: 'emptyQueue' },
      },
    },
    draining: {
      on: {
        'slots.wished': { actions: 'refuse' },
        // Nobody waits any more.
        'slot.denied': { actions: ['noteOthers', 'freeSlot'] },
        'supervisor.close': 'closed',
      },
    },
    closed: { type: 'final' },
  },
})
