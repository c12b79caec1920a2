import { expect } from 'vitest'
import type { Result } from '../../../src/protocol/model.ts'
import { call, LIMITS, WAIT } from '../facts.ts'
import { happens, placeOf, played } from '../fold.ts'
import {
  ALLOW,
  calls,
  check,
  contextOf,
  END,
  endOfCall,
  expectPlace,
  finish,
  objection,
  outcomeOf,
  READ,
  run,
  tell,
  withBodies,
  type Claims,
} from './telling.ts'

export const CALLS: Claims = {
  'T2: every call is answered before the next turn': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ), call(1, READ))
    run(actor, '1.0')
    expect(placeOf(actor)).toBe('running.acting(checking)')
    run(actor, '1.1')
    expect(placeOf(actor)).toBe('running.thinking')
    expect(contextOf(actor).turn).toBe(2)
  },

  'T2: neighbours that change nothing run side by side, the others one at a time and in order': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ), call(1, READ), call(2), call(3))
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.0', '1.1'])
    run(actor, '1.1')
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.0'])
    run(actor, '1.0')
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.2'])
    run(actor, '1.2')
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.3'])
  },

  'T2: the end waits for the calls beside it, wherever the model put it': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, END), call(1))
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.1'])
    run(actor, '1.1')
    expect(Object.keys(contextOf(actor).calls)).toEqual(['1.0'])
    run(actor, '1.0')
    expect(outcomeOf(actor)).toEqual({ status: 'completed', result: 'All done.' })
  },

  'an end beside a failed call is objected to, once': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0), call(1, END))
    run(actor, '1.0', { ok: false })
    expect(objection(actor, '1.1')).toContain('failed')
    finish(actor, '1.1', { ok: false, code: 'task/not-done' })
    calls(actor, call(0, { turn: 2 }), call(1, { ...END, turn: 2 }))
    run(actor, '2.0', { ok: false })
    expect(objection(actor, '2.1')).toBeNull()
  },

  'an end beside a refused or a denied call is objected to': (machine) => {
    const refused = played(['start'], { machine })
    calls(refused, call(0), call(1, END))
    check(refused, '1.0', 'ask')
    tell(refused, { type: 'call.refused', callId: '1.0', note: 'No.' })
    expect(objection(refused, '1.1')).not.toBeNull()
    const denied = played(['start'], { machine })
    calls(denied, call(0), call(1, END))
    check(denied, '1.0', 'deny')
    expect(objection(denied, '1.1')).not.toBeNull()
  },

  'an end with steps open is objected to, once': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ))
    run(actor, '1.0', {
      todos: [
        { text: 'a', status: 'open' },
        { text: 'b', status: 'done' },
      ],
    })
    calls(actor, call(0, { ...END, turn: 2 }))
    expect(objection(actor, '2.0')).toContain('1 steps')
  },

  'C2: after a crash what is harmless runs again, the rest is looked into': (machine) => {
    const pure = played(['start', 'callsReader', 'allowed', 'crash', 'letGo', 'resume'], { machine })
    expect(placeOf(pure)).toBe('running.acting(running)')
    const mail = played(['start', 'callsTool', 'allowed', 'crash', 'letGo', 'resume'], { machine })
    expect(placeOf(mail)).toBe('running.acting(reconciling)')
  },

  'C2: a crash before the effect began leaves no doubt': (machine) => {
    const actor = played(['start', 'callsTool', 'pause', 'allowed', 'letGo', 'resume'], { machine })
    expect(placeOf(actor)).toBe('running.acting(running)')
  },

  'C2: an inquiry that finds nothing out ends as unknown, not as answered': (machine) => {
    const inDoubt = [
      { type: 'call.checked', callId: '1.0', verdict: ALLOW, at: 1 },
      { type: 'call.interrupt' },
      { type: 'call.go' },
    ] as const
    const found = (result: Result) => ({ type: 'call.reconciled', callId: '1.0', result, at: 2 }) as const
    expect(endOfCall(machine, ...inDoubt, found({ kind: 'unknown', message: '?' }))).toBe('unknown')
    expect(endOfCall(machine, ...inDoubt, found({ kind: 'ok', output: 'sent' }))).toBe('answered')
  },

  'C4: what is denied or refused never runs': (machine) => {
    const checked = (verdict: 'ask' | 'deny') =>
      ({ type: 'call.checked', callId: '1.0', verdict: { ...ALLOW, verdict }, at: 1 }) as const
    expect(endOfCall(machine, checked('deny'), { type: 'call.go' })).toBe('denied')
    const no = { type: 'call.refused', callId: '1.0', note: 'No.', at: 2 } as const
    expect(endOfCall(machine, checked('ask'), no, { type: 'call.go' })).toBe('refused')
  },

  'a call that is unknown, denied or told is answered all the same': (machine) => {
    const ways = [
      ['start', 'callsTool', 'allowed', 'crash', 'letGo', 'resume', 'notReconciled'],
      ['start', 'callsTool', 'allowed', 'crash', 'letGo', 'resume', 'reconciled'],
      ['start', 'callsTool', 'denied'],
      ['start', 'callsTool', 'asked', 'told'],
      ['start', 'callsTool', 'asked', 'refused'],
    ] as const
    for (const way of ways) expect(placeOf(played(way, { machine })), way.join(' ')).toBe('running.thinking')
  },

  'C1: running is entered only on hearing a durable fact: that it was allowed, or approved': (machine) => {
    for (const [way, intent] of [
      [['start', 'callsTool'], 'allowed'],
      [['start', 'callsTool', 'asked'], 'approved'],
    ] as const) {
      const bodies = withBodies(machine, ['runCall'])
      const actor = played(way, { machine: bodies.machine })
      expect([way, bodies.live]).toEqual([way, []])
      happens(actor, intent)
      expect([way, bodies.live]).toEqual([way, ['runCall']])
    }
  },

  'C3: no body starts while the call is at rest': (machine) => {
    for (const [rest, woken] of [
      [['start', 'callsTool', 'pause', 'allowed'], 'runCall'],
      [['start', 'callsTool', 'asked', 'pause', 'approved'], 'runCall'],
      [['start', 'callsTool', 'crash'], 'checkCall'],
      [['start', 'callsTool', 'allowed', 'crash'], 'reconcileCall'],
      [['start', 'callsReader', 'allowed', 'crash'], 'runCall'],
    ] as const) {
      const bodies = withBodies(machine)
      const actor = played(rest, { machine: bodies.machine })
      expect([rest, bodies.live]).toEqual([rest, []])
      happens(actor, 'letGo')
      expect([rest, bodies.live]).toEqual([rest, []])
      happens(actor, 'resume')
      expect([rest, bodies.live]).toEqual([rest, [woken]])
    }
  },

  'a call that others work for has no body, knows what it waits for, and outlives a pause and a crash': (
    machine,
  ) => {
    const waits = withBodies(machine, ['awaitTasks'])
    const actor = played(['start', 'callsTool', 'allowed', 'callWaits'], { machine: waits.machine })
    expect(waits.begun[0]?.order).toMatchObject({ taskId: 't1', call: { id: '1.0' }, wait: WAIT })
    for (const happening of ['pause', 'crash', 'letGo', 'resume'] as const) happens(actor, happening)
    expectPlace(actor, 'running.delegating(delegating)')
    expect([waits.live, waits.begun.length]).toEqual([['awaitTasks'], 1])
    expect(waits.aborted).toEqual([])
    finish(actor, '1.0')
    expectPlace(actor, 'running.thinking')
  },

  'a call ends once: what comes too late for it changes nothing': (machine) => {
    const actor = played(['start', 'callsTool', 'allowed', 'callWaits', 'callWaits', 'approved'], { machine })
    expectPlace(actor, 'running.delegating(delegating)')
    for (let times = 0; times < 2; times += 1) finish(actor, '1.0')
    expect([placeOf(actor), contextOf(actor).turn]).toEqual(['running.thinking', 2])
  },

  'an inquiry can find that others are at it: then it waits for those': (machine) => {
    const bodies = withBodies(machine, ['awaitTasks'])
    const way = ['start', 'callsTool', 'allowed', 'crash', 'letGo', 'resume', 'callWaits'] as const
    const actor = played(way, { machine: bodies.machine })
    expectPlace(actor, 'running.delegating(delegating)')
    expect(bodies.begun[0]?.order).toMatchObject({ wait: WAIT })
  },

  'what a body says that a crash has ended changes nothing': (machine) => {
    const checked = played(['start', 'callsTool', 'crash', 'allowed', 'letGo', 'resume', 'allowed'], {
      machine,
    })
    expectPlace(checked, 'running.acting(running)')
    const ran = played(['start', 'callsTool', 'allowed', 'crash', 'callFails'], { machine })
    expect(contextOf(ran).said.hasFailedCall).toBe(false)
  },

  'after it has waited, its calls run as before': (machine) => {
    const spec = { limits: { ...LIMITS, maxTurns: 9 } }
    for (const way of [
      ['callsTool', 'asked', 'refused'],
      ['callsTool', 'allowed', 'callWaits', 'callEnds'],
      ['turned', 'callsTool', 'asked', 'refused', 'slotGiven'],
      ['turned', 'failsForNow', 'retryDue', 'slotGiven'],
    ] as const) {
      const actor = played(['start', ...way, 'callsTool', 'allowed', 'callEnds'], { machine, spec })
      expect([way, placeOf(actor)]).toEqual([way, 'running.thinking'])
    }
  },
}
