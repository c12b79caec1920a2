import { expect } from 'vitest'
import { failure } from '../../../src/errors.ts'
import { PAUSE_GRACE_MS } from '../../../src/machines/task-setup.ts'
import { call, FACTS, LIMITS, reply, type Happening } from '../facts.ts'
import { placeOf, played } from '../fold.ts'
import { KINDS } from '../task.background.ts'
import { WAYS } from '../ways.ts'
import {
  ALLOW,
  BACKGROUND,
  contextOf,
  expectPlace,
  outcomeOf,
  ranFor,
  tell,
  withBodies,
  type Claims,
} from './telling.ts'

export const TIME: Claims = {
  'T5: running time counts work, and neither pauses nor people': (machine) => {
    const actor = played(['start'], { machine })
    tell(actor, { type: 'model.replied', turn: 1, reply: reply([call(0)]) }, 10)
    tell(
      actor,
      { type: 'call.checked', callId: '1.0', verdict: { verdict: 'ask', layer: '', rule: '', why: '' } },
      20,
    )
    tell(actor, { type: 'task.pauseAsked', by: 'user' }, 500)
    tell(actor, { type: 'call.approved', callId: '1.0' }, 500)
    tell(actor, { type: 'task.resumeAsked', by: 'user' }, 500)
    tell(actor, { type: 'task.resumed', runId: 2 }, 500)
    tell(actor, { type: 'call.ended', callId: '1.0', result: { kind: 'ok', output: 1 } }, 30)
    expect(ranFor(actor)).toBe(60)
    tell(actor, { type: 'limit.reached', limit: 'timeoutMs' }, 939)
    expect(placeOf(actor)).toBe('running.thinking')
    tell(actor, { type: 'limit.reached', limit: 'timeoutMs' }, 940)
    expect(placeOf(actor)).toBe('cancelling(reply)')
  },

  'T5: pausing and cancelling count too': (machine) => {
    const actor = played(['start'], { machine })
    tell(actor, { type: 'task.pauseAsked', by: 'user' }, 10)
    tell(actor, { type: 'task.cancelAsked', reason: '' }, 20)
    tell(actor, { type: 'model.replied', turn: 1, reply: reply([]) }, 30)
    expect(contextOf(actor).ran.ms).toBe(60)
  },

  'T5: asking for leave and backing off count; waiting for tasks and for a slot do not': (machine) => {
    const concluding = played(['start', 'answers'], { machine, spec: { asksToStop: true } })
    expect(ranFor(concluding)).toBe(1)
    tell(concluding, { type: 'task.messaged', text: '' }, 10)
    expect(ranFor(concluding)).toBe(11)
    const backingOff = played(['start', 'failsForNow'], { machine, spec: BACKGROUND })
    tell(backingOff, { type: 'retry.due' }, 50)
    expect([placeOf(backingOff), ranFor(backingOff)]).toEqual(['running.returning', 51])
    tell(backingOff, { type: 'slot.given' }, 500)
    expect(ranFor(backingOff)).toBe(51)
    const delegating = played(['start', 'callsTool', 'allowed', 'callWaits'], { machine })
    expect(ranFor(delegating)).toBe(3)
    tell(delegating, { type: 'task.messaged', text: '' }, 500)
    expect([placeOf(delegating), ranFor(delegating)]).toEqual(['running.delegating(delegating)', 3])
  },

  'T5: time in which the machine slept counts in no fact': (machine) => {
    const actor = played(['start'], { machine })
    tell(actor, { type: 'task.messaged', text: '' }, 1_010, 1_000)
    tell(actor, { type: 'model.replied', turn: 1, reply: reply([call(0), call(1)]) }, 2_010, 3_000)
    tell(actor, { type: 'call.checked', callId: '1.0', verdict: ALLOW }, 3_010, 6_000)
    tell(actor, { type: 'call.ended', callId: '1.0', result: { kind: 'ok', output: 1 } }, 4_010, 10_000)
    tell(actor, { type: 'task.pauseAsked', by: 'user' }, 5_010, 15_000)
    tell(actor, { type: 'task.cancelAsked', reason: '' }, 6_010, 21_000)
    tell(actor, { type: 'call.checked', callId: '1.1', verdict: ALLOW }, 7_010, 28_000)
    expect([placeOf(actor), contextOf(actor).ran.ms]).toEqual(['cancelled', 70])
  },

  'T5: a sleep is no time-out, and leaves time to try again': (machine) => {
    const actor = played(['start'], { machine })
    tell(actor, { type: 'limit.reached', limit: 'timeoutMs' }, 5_000, 4_001)
    expect([placeOf(actor), ranFor(actor)]).toEqual(['running.thinking', 999])
    tell(actor, { type: 'limit.reached', limit: 'timeoutMs' }, 5_000, 9_000)
    expectPlace(actor, 'cancelling(reply)')
    const failing = played(['start'], { machine })
    const reason = failure('model/unavailable', 'No.')
    tell(failing, { type: 'model.failed', turn: 1, failure: reason, retryInMs: 50 }, 9_950, 9_000)
    expectPlace(failing, 'running.backingOff')
  },

  'an alarm that rings too early is set again, for what is left': (machine) => {
    for (const way of [['start'], ['start', 'pause']] as const) {
      const alarms = withBodies(machine, ['alarm'])
      const actor = played(way, { machine: alarms.machine })
      const before = alarms.live.length
      tell(actor, { type: 'limit.reached', limit: 'timeoutMs' }, 400 - contextOf(actor).now)
      expect(alarms.begun.at(-1)?.order).toMatchObject({ when: { afterMs: 601 } })
      expect(alarms.live.length).toBe(before)
    }
    for (const way of [
      ['start', 'callsTool', 'asked', 'falseAlarm'],
      ['start', 'pause', 'callsTool', 'falseAlarm'],
    ] as const) {
      const resting = withBodies(machine, ['alarm'])
      played(way, { machine: resting.machine })
      expect(resting.live, way.join(' ')).toEqual([])
    }
  },

  'alarms: what is left of the time after a pause, the end of a back-off, the grace of a pause': (
    machine,
  ) => {
    const alarmsOf = (...way: readonly Happening[]) => {
      const { machine: listening, begun } = withBodies(machine, ['alarm'])
      played(way, { machine: listening })
      return begun.map(({ order }) => order)
    }
    const limit = (afterMs: number) => ({
      taskId: 't1',
      when: { afterMs },
      fact: { type: 'limit.reached', limit: 'timeoutMs' },
    })
    const grace = { taskId: 't1', when: { at: 2 + PAUSE_GRACE_MS }, fact: { type: 'grace.over' } }
    expect(alarmsOf('start', 'pause', 'callsTool', 'letGo', 'resume')).toEqual([
      limit(1_000),
      grace,
      limit(998),
    ])
    const backOff = { taskId: 't1', when: { at: 52 }, fact: { type: 'retry.due' } }
    expect(alarmsOf('start', 'failsForNow')).toEqual([limit(1_000), backOff])
  },

  'a task without a limit of its own has no alarm, and is never over time': (machine) => {
    const { machine: listening, begun } = withBodies(machine, ['alarm'])
    const spec = { limits: { ...LIMITS, timeoutMs: null } }
    const actor = played(['start', 'timeUp', 'answers'], { machine: listening, spec })
    expect([begun, outcomeOf(actor)?.status]).toEqual([[], 'completed'])
  },

  'time is up, and no sign of life, are two ends with names of their own': (machine) => {
    const up = outcomeOf(played(['start', 'timeUp', 'crash'], { machine }))
    expect(up).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
    const idle = outcomeOf(played(['start', 'idle', 'crash'], { machine }))
    expect(idle).toMatchObject({ status: 'timedOut', reason: { code: 'limit/idle' } })
    const late = outcomeOf(played(['start', 'pause', 'timeUp', 'crash'], { machine }))
    expect(late).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
    const pausing = played(['start', 'pause', 'idle', 'crash'], { machine })
    expect(outcomeOf(pausing)).toMatchObject({ status: 'timedOut', reason: { code: 'limit/idle' } })
  },

  'only a model that is at work can be without a sign of life': (machine) => {
    const asksToStop = { asksToStop: true }
    expect(placeOf(played(['start', 'callsTool', 'allowed', 'idle'], { machine }))).toBe(
      'running.acting(running)',
    )
    expect(placeOf(played(['start', 'answers', 'idle'], { machine, spec: asksToStop }))).toBe(
      'running.concluding',
    )
    expect(placeOf(played(['start', 'saysNothing', 'overflows', 'idle'], { machine }))).toBe(
      'cancelling(summary)',
    )
  },

  'the time of every fact that changes something is heard': (machine) => {
    for (const [kind, { spec }] of Object.entries(KINDS)) {
      for (const [place, way] of WAYS[kind as keyof typeof KINDS]) {
        for (const happening of Object.keys(FACTS) as Happening[]) {
          const actor = played(way, { machine, spec })
          const before = actor.getSnapshot()
          if (before.status !== 'active') continue
          const fact = FACTS[happening](before.context, before.context.now + 1)
          actor.send(fact)
          if (actor.getSnapshot() === before) continue
          expect([place, happening, contextOf(actor).now]).toEqual([place, happening, fact.at])
        }
      }
    }
  },

  'T5: time counts from the first moment of a run, whatever it begins with': (machine) => {
    for (const [way, place] of [
      [['answers', 'pause', 'crash', 'letGo', 'resume'], 'running.concluding'],
      [['saysNothing', 'pause', 'overflows', 'letGo', 'resume'], 'running.summarising'],
      [['failsForNow', 'pause', 'letGo', 'resume'], 'running.backingOff'],
    ] as const) {
      const actor = played(['start', ...way], { machine, spec: { asksToStop: true } })
      expect([placeOf(actor), contextOf(actor).ran.since]).toEqual([place, contextOf(actor).now])
    }
  },
}
