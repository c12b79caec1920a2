/** How claims talk to a chart: facts by the hand, each a moment after the last, and what came of them. */
import { type ActorRefFrom, createActor, type EventFrom, type EventObject, fromCallback } from 'xstate'
import { expect } from 'vitest'
import type { toolCallMachine } from '../../../src/machines/tool-call.ts'
import type { ChartFact } from '../../../src/protocol/journal.ts'
import type { Call } from '../../../src/protocol/model.ts'
import { call, ended, reply, WAIT } from '../facts.ts'
import { type Live, type Machine, placeOf } from '../fold.ts'

/** A sentence, and a check of it that throws. */
export type Claims = Readonly<Record<string, (machine: Machine) => void>>

export const READ = { tool: 'read', effect: 'pure' } as const
export const END = { tool: 'attempt_completion', effect: 'pure', input: { result: 'All done.' } } as const
export const BACKGROUND = { background: true } as const
export const ALLOW = { verdict: 'allow', layer: '', rule: '', why: '' } as const

/** Sends one fact, a millisecond after the last. */
export function tell(actor: Live, fact: ChartFact, ms = 1, asleepMs = 0) {
  const at = contextOf(actor).now + ms
  actor.send(asleepMs > 0 ? { ...fact, at, asleepMs } : { ...fact, at })
}

export function calls(actor: Live, ...asked: readonly Call[]) {
  tell(actor, { type: 'model.replied', turn: contextOf(actor).turn, reply: reply(asked) })
}

export function says(actor: Live, text: string) {
  tell(actor, { type: 'model.replied', turn: contextOf(actor).turn, reply: reply([], { text }) })
}

export function check(actor: Live, callId: string, verdict: 'allow' | 'ask' | 'deny' = 'allow') {
  tell(actor, { type: 'call.checked', callId, verdict: { verdict, layer: '', rule: '', why: 'Because.' } })
}

export function finish(actor: Live, callId: string, given: Parameters<typeof ended>[2] = {}) {
  const { at: _, ...fact } = ended(callId, 0, given)
  tell(actor, fact)
}

export function run(actor: Live, callId: string, given: Parameters<typeof ended>[2] = {}) {
  check(actor, callId)
  finish(actor, callId, given)
}

/** The call runs, and is answered when others have ended. */
export function delegate(actor: Live, callId: string) {
  check(actor, callId)
  tell(actor, { type: 'call.waits', callId, wait: WAIT })
}

export const contextOf = (actor: Live) => actor.getSnapshot().context
export const outcomeOf = (actor: Live) => actor.getSnapshot().output
export const has = (actor: Live, tag: 'holdsSlot' | 'wantsSlot') => actor.getSnapshot().hasTag(tag)

export function expectPlace(actor: Live, place: string) {
  expect(placeOf(actor)).toBe(place)
}

/** Running time up to the last fact. */
export function ranFor(actor: Live): number {
  const { ran, now } = contextOf(actor)
  return ran.ms + now - (ran.since ?? now)
}

type CallActor = ActorRefFrom<typeof toolCallMachine>
const callActor = (actor: Live, id: string) => actor.getSnapshot().children[id] as CallActor | undefined
export const stateOfCall = (actor: Live, id: string) => callActor(actor, id)?.getSnapshot().value

export function objection(actor: Live, callId: string): string | null {
  return callActor(actor, callId)?.getSnapshot().context.objection ?? null
}

/** What the bodies of a chart come to. They do nothing. */
export interface Bodies {
  readonly machine: Machine
  /** Those that live now, by name. */
  readonly live: readonly string[]
  /** All that were begun, with their orders. */
  readonly begun: readonly { readonly name: string; readonly order: unknown }[]
  /** Those that were told to end. */
  readonly aborted: readonly string[]
}

/** The chart with bodies that only remember: what is at work, and alarms and people apart from that. */
export function withBodies(machine: Machine, names: readonly string[] = AT_WORK): Bodies {
  let live: readonly string[] = []
  const begun: { name: string; order: unknown }[] = []
  const aborted: string[] = []
  const body = <Order>(name: string) =>
    fromCallback<{ type: 'abort' }, Order, EventObject>(({ receive, input }) => {
      if (!names.includes(name)) return
      begun.push({ name, order: input })
      live = [...live, name]
      receive(() => aborted.push(name))
      return () => {
        const gone = live.indexOf(name)
        live = live.filter((_, index) => index !== gone)
      }
    })
  const toolCall = toolCallOf(machine).provide({
    actors: {
      checkCall: body('checkCall'),
      askHuman: body('askHuman'),
      runCall: body('runCall'),
      awaitTasks: body('awaitTasks'),
      reconcileCall: body('reconcileCall'),
    },
  })
  const actors = {
    callModel: body('callModel'),
    askToStop: body('askToStop'),
    alarm: body('alarm'),
    toolCall,
  }
  return {
    machine: machine.provide({ actors: actors as Parameters<Machine['provide']>[0]['actors'] & object }),
    get live() {
      return live
    },
    begun,
    aborted,
  }
}

/** The bodies for which a slot is held. An alarm, a person and another task are none. */
const AT_WORK = ['callModel', 'askToStop', 'checkCall', 'runCall', 'reconcileCall']

export function toolCallOf(machine: Machine): typeof toolCallMachine {
  const actors: unknown = machine.implementations.actors
  return (actors as { toolCall: typeof toolCallMachine }).toolCall
}

/** How a single call ends that all of this happens to. */
export function endOfCall(machine: Machine, ...events: readonly EventFrom<typeof toolCallMachine>[]): string {
  const input = { taskId: 't1', call: call(0), objection: null }
  const actor = createActor(toolCallOf(machine), { input }).start()
  for (const event of events) actor.send(event)
  return actor.getSnapshot().value
}
