import { expect } from 'vitest'
import { call, FACTS, type Happening } from '../facts.ts'
import { happens, placeOf, played } from '../fold.ts'
import { KINDS } from '../task.background.ts'
import { WAYS } from '../ways.ts'
import {
  BACKGROUND,
  calls,
  check,
  contextOf,
  delegate,
  expectPlace,
  finish,
  has,
  READ,
  stateOfCall,
  tell,
  withBodies,
  type Claims,
} from './telling.ts'

export const SLOTS: Claims = {
  'T4: cancelling waits for every body, and nothing new begins meanwhile': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ), call(1, READ), call(2))
    check(actor, '1.0')
    tell(actor, { type: 'task.cancelAsked', reason: 'Enough.' })
    expect(actor.getSnapshot().hasTag('holdsSlot')).toBe(true)
    check(actor, '1.1')
    expect(stateOfCall(actor, '1.1')).toBe('intended')
    expect(stateOfCall(actor, '1.2')).toBeUndefined()
    expect(placeOf(actor)).toBe('cancelling(running intended)')
    finish(actor, '1.0')
    expect(placeOf(actor)).toBe('cancelled')
  },

  'T4: a slot is held while a body may live, and not while the task rests': (machine) => {
    const holds = (...way: Parameters<typeof played>[0]) =>
      played(way, { machine }).getSnapshot().hasTag('holdsSlot')
    expect([holds(), holds('start'), holds('start', 'pause'), holds('start', 'pause', 'answers')]).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect([holds('start', 'cancel'), holds('start', 'cancel', 'answers'), holds('pause')]).toEqual([
      true,
      false,
      false,
    ])
  },

  'T7: pausing lets the model finish, and ends calls only when the grace is over': (machine) => {
    const bodies = withBodies(machine)
    played(['start', 'pause', 'graceOver'], { machine: bodies.machine })
    const acting = played(['start', 'callsTool', 'allowed', 'pause'], { machine: bodies.machine })
    expect(bodies.aborted).toEqual([])
    acting.send(FACTS.graceOver(contextOf(acting), 20_000))
    expect(bodies.aborted).toEqual(['runCall'])
  },

  'T6, T7: a reply that came while pausing is what resume goes on with': (machine) => {
    const actor = played(['start', 'pause', 'callsTool', 'letGo', 'resume'], { machine })
    expect(placeOf(actor)).toBe('running.acting(checking)')
    expect(contextOf(actor).turn).toBe(1)
  },

  'T4: pausing waits for every body': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ), call(1, READ))
    for (const id of ['1.0', '1.1']) check(actor, id)
    tell(actor, { type: 'task.pauseAsked', by: 'user' })
    finish(actor, '1.1')
    expectPlace(actor, 'pausing(running)')
    finish(actor, '1.0')
    expectPlace(actor, 'paused')
  },

  'T8: a slot is held where a body may live and nowhere else, and wanted in queued and returning': (
    machine,
  ) => {
    for (const [kind, { spec }] of Object.entries(KINDS)) {
      for (const [place, way] of WAYS[kind as keyof typeof KINDS]) {
        const bodies = withBodies(machine)
        const actor = played(way, { machine: bodies.machine, spec })
        expect([kind, place, has(actor, 'holdsSlot')]).toEqual([kind, place, bodies.live.length > 0])
        const wants = /^queued|^running\.returning/.test(place)
        expect([kind, place, has(actor, 'wantsSlot')]).toEqual([kind, place, wants])
      }
    }
  },

  'T8: in the background, nothing begins after waiting before a slot is given': (machine) => {
    const waited: readonly (readonly Happening[])[] = [
      ['start', 'failsForNow', 'retryDue'],
      ['start', 'callsTool', 'asked', 'refused'],
      ['start', 'callsTool', 'asked', 'told'],
      ['start', 'callsTool', 'allowed', 'callWaits', 'callEnds'],
      ['start', 'callsTool', 'asked', 'approved'],
    ]
    for (const way of waited) {
      const bodies = withBodies(machine)
      const actor = played(way, { machine: bodies.machine, spec: BACKGROUND })
      expect([way, bodies.live, has(actor, 'wantsSlot')]).toEqual([way, [], true])
      tell(actor, { type: 'slot.given' })
      const body = way.includes('approved') ? 'runCall' : 'callModel'
      expect([way, bodies.live, has(actor, 'wantsSlot')]).toEqual([way, [body], false])
    }
  },

  'T8: in front of somebody, it goes on at once': (machine) => {
    for (const [way, live] of [
      [['start', 'callsTool', 'asked', 'approved'], 'runCall'],
      [['start', 'callsTool', 'asked', 'refused'], 'callModel'],
      [['start', 'callsTool', 'allowed', 'callWaits', 'callEnds'], 'callModel'],
      [['start', 'failsForNow', 'retryDue'], 'callModel'],
    ] as const) {
      const bodies = withBodies(machine)
      played(way, { machine: bodies.machine })
      expect(bodies.live, way.join(' ')).toEqual([live])
    }
  },

  'T8: what is approved while it waits for its slot begins with the rest': (machine) => {
    const bodies = withBodies(machine)
    const actor = played(['start'], { machine: bodies.machine, spec: BACKGROUND })
    calls(actor, call(0, READ), call(1, READ), call(2, READ))
    for (const id of ['1.0', '1.1', '1.2']) check(actor, id, 'ask')
    expectPlace(actor, 'running.asking(asking asking asking)')
    tell(actor, { type: 'call.approved', callId: '1.0' })
    tell(actor, { type: 'call.approved', callId: '1.1' })
    expectPlace(actor, 'running.returning(intended intended asking)')
    expect(bodies.live).toEqual([])
    tell(actor, { type: 'slot.given' })
    expectPlace(actor, 'running.acting(running running asking)')
    for (const id of ['1.0', '1.1']) finish(actor, id)
    expectPlace(actor, 'running.asking(asking)')
    expect(bodies.live).toEqual([])
  },

  'T8: it waits for people first and for tasks then, and is back when nobody has its calls': (machine) => {
    for (const [spec, end] of [
      [{}, 'running.thinking'],
      [BACKGROUND, 'running.returning'],
    ] as const) {
      const actor = played(['start'], { machine, spec })
      calls(actor, call(0, READ), call(1, READ))
      delegate(actor, '1.1')
      expectPlace(actor, 'running.acting(checking delegating)')
      check(actor, '1.0', 'ask')
      expectPlace(actor, 'running.asking(asking delegating)')
      tell(actor, { type: 'call.refused', callId: '1.0', note: 'No.' })
      expectPlace(actor, 'running.delegating(delegating)')
      finish(actor, '1.1')
      expectPlace(actor, end)
    }
  },

  'T8: a task that moves to the background takes a slot from then on': (machine) => {
    const turned: readonly (readonly Happening[])[] = [
      ['start', 'turned', 'failsForNow', 'retryDue'],
      ['start', 'failsForNow', 'turned', 'retryDue'],
      ['start', 'callsTool', 'asked', 'turned', 'refused'],
      ['start', 'callsTool', 'allowed', 'callWaits', 'turned', 'callEnds'],
      ['turned', 'start', 'failsForNow', 'retryDue'],
    ]
    for (const way of turned)
      expect([way, placeOf(played(way, { machine }))]).toEqual([way, 'running.returning'])
    expect(placeOf(played(['start', 'turned'], { machine }))).toBe('running.thinking')
  },

  'T9: whoever holds it lets go, in any order; it goes on when the last one has': (machine) => {
    const [user, parent, word] = ['user', 'parent/t0', 'night-shift'] as const
    for (const [first, second, third] of [
      [user, parent, word],
      [parent, word, user],
      [word, user, parent],
      [word, parent, user],
    ] as const) {
      const actor = played([], { machine })
      for (const by of [user, parent, word]) tell(actor, { type: 'task.pauseAsked', by })
      expect(contextOf(actor).holders).toEqual([user, parent, word])
      for (const by of [first, second]) tell(actor, { type: 'task.resumeAsked', by })
      expectPlace(actor, 'paused')
      expect(contextOf(actor).holders).toEqual([third])
      tell(actor, { type: 'task.resumeAsked', by: third })
      expectPlace(actor, 'queued')
      expect(contextOf(actor).holders).toEqual([])
    }
  },

  'T9: the user lets go of what waits for the user, and neither of a parent nor of a word of a host': (
    machine,
  ) => {
    const HOLDERS = ['shutdown', 'no-slot', 'quota', 'interrupted', 'user', 'parent/t0', 'night-shift']
    const actor = played([], { machine })
    for (const by of HOLDERS) tell(actor, { type: 'task.pauseAsked', by })
    tell(actor, { type: 'task.resumeAsked', by: 'user' })
    expectPlace(actor, 'paused')
    expect(contextOf(actor).holders).toEqual(['parent/t0', 'night-shift'])
    const held = played(['pause'], { machine })
    for (const by of ['parent/t0', 'shutdown']) tell(held, { type: 'task.resumeAsked', by })
    expect([placeOf(held), contextOf(held).holders]).toEqual(['paused', ['user']])
  },

  'T9: nobody holds it twice': (machine) => {
    expect(placeOf(played(['pause', 'pause', 'letGo'], { machine }))).toBe('queued')
    expect(placeOf(played(['start', 'pause', 'pause', 'letGo', 'callsTool'], { machine }))).toBe('queued')
  },

  'T9: let go of while its bodies end, it is queued when the last one is gone': (machine) => {
    const doubtful = ['callsTool', 'allowed', 'crash', 'letGo', 'start'] as const
    for (const [way, last] of [
      [[], 'callsTool'],
      [['saysNothing', 'overflows'], 'isSummarised'],
      [['callsTool'], 'denied'],
      [['callsTool', 'allowed'], 'callEnds'],
      [doubtful, 'reconciled'],
      [['answers'], 'sentBack'],
    ] as const) {
      const spec = { asksToStop: true }
      const actor = played(['start', ...way, 'pause', 'letGo'], { machine, spec })
      expect([way, actor.getSnapshot().matches('pausing'), has(actor, 'holdsSlot')]).toEqual([
        way,
        true,
        true,
      ])
      happens(actor, last)
      expect([way, placeOf(actor)]).toEqual([way, 'queued'])
    }
  },

  'T9: while its bodies end it counts who holds it then': (machine) => {
    const place = (...way: readonly Happening[]) =>
      placeOf(played(['start', ...way, 'callsTool'], { machine }))
    expect(place('pause', 'letGo', 'parentPauses')).toBe('paused')
    expect(place('pause', 'parentPauses', 'letGo')).toBe('paused')
    expect(place('pause', 'parentPauses', 'parentLetsGo', 'letGo')).toBe('queued')
    const both = played(['start', 'pause', 'parentPauses', 'callsTool', 'letGo'], { machine })
    expect([placeOf(both), contextOf(both).holders]).toEqual(['paused', ['parent/t0']])
  },

  'T9: a crash holds it still, whoever had let go of it': (machine) => {
    const actor = played(['start', 'pause', 'letGo', 'crash'], { machine })
    expect([placeOf(actor), contextOf(actor).holders]).toEqual(['paused', ['interrupted']])
    const held = played(['start', 'parentPauses', 'crash', 'letGo'], { machine })
    expect([placeOf(held), contextOf(held).holders]).toEqual(['paused', ['parent/t0']])
  },

  'T4: what was approved while it waited for its slot has no body that a pause would wait for': (machine) => {
    const actor = played(['start'], { machine, spec: BACKGROUND })
    calls(actor, call(0, READ), call(1, READ))
    for (const id of ['1.0', '1.1']) check(actor, id, 'ask')
    for (const callId of ['1.0', '1.1']) tell(actor, { type: 'call.approved', callId })
    tell(actor, { type: 'task.pauseAsked', by: 'user' })
    expectPlace(actor, 'paused(intended intended)')
  },
}
