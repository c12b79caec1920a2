/** What a person is asked outlives a pause, a crash and the process; what they say holds for that alone. */
import { createActor } from 'xstate'
import { expect } from 'vitest'
import { call, type Happening } from '../facts.ts'
import { happens, type Live, type Machine, placeOf, played } from '../fold.ts'
import { KINDS } from '../task.background.ts'
import { WAYS } from '../ways.ts'
import {
  type Bodies,
  calls,
  check,
  contextOf,
  expectPlace,
  has,
  READ,
  stateOfCall,
  tell,
  withBodies,
  type Claims,
} from './telling.ts'

/** What the chart knows of the question that all ways put to a person. */
const ASKED_BY = { layer: 'test', rule: 'test' } as const
const ASKED = { askedFor: 'The test says so.', askedBy: ASKED_BY, shown: 'mark' } as const
const QUESTION = { taskId: 't1', call: call(0), ...ASKED } as const
const ANSWERS = ['approved', 'refused', 'told'] as const

export const APPROVALS: Claims = {
  'C5: whoever asks and whoever runs what was approved is told what was shown, and since when': (machine) => {
    const bodies = withBodies(machine, ['askHuman', 'runCall'])
    const actor = played(['start', 'callsTool', 'asked'], { machine: bodies.machine })
    const askedAt = contextOf(actor).now
    expect(askedAt).toBeGreaterThan(0)
    expect(bodies.live).toEqual(['askHuman'])
    expect(bodies.begun[0]?.order).toEqual({ ...QUESTION, askedAt, isApproved: false })
    happens(actor, 'approved')
    expect(bodies.live).toEqual(['runCall'])
    expect(bodies.begun[1]?.order).toEqual({ ...QUESTION, askedAt, isApproved: true })
  },

  'C5: a call for which nobody had to be asked runs without any approval': (machine) => {
    const bodies = withBodies(machine, ['runCall'])
    played(['start', 'callsTool', 'allowed'], { machine: bodies.machine })
    const nothing = { askedFor: null, askedBy: null, shown: null, askedAt: null, isApproved: false }
    expect(bodies.begun[0]?.order).toEqual({ taskId: 't1', call: call(0), ...nothing })
  },

  'what is asked stays asked, in every state, whatever holds the task or ends its process': (machine) => {
    for (const [place, asking] of askingPlaces(machine)) {
      for (const happening of ['crash', 'pause', 'parentPauses', 'letGo', 'messaged'] as const) {
        const { bodies, actor } = asking()
        happens(actor, happening)
        expect([place, happening, stateOfCall(actor, '1.0')]).toEqual([place, happening, 'asking'])
        expect([place, happening, asked(bodies)]).toEqual([place, happening, 1])
      }
    }
  },

  'C3: what is approved in any state after a crash runs when the task goes on, and not before': (machine) => {
    for (const [place, asking] of askingPlaces(machine)) {
      const { bodies, actor } = asking()
      happens(actor, 'crash')
      const askedAt = orderOf(bodies, 'askHuman')?.askedAt
      happens(actor, 'approved')
      expect([place, stateOfCall(actor, '1.0'), bodies.live]).toEqual([place, 'intended', []])
      goOn(actor)
      expect([place, bodies.live]).toEqual([place, ['runCall']])
      expect(orderOf(bodies, 'runCall')).toEqual({ ...QUESTION, askedAt, isApproved: true })
    }
  },

  'what is refused or told in any state after a crash is answered, and never runs': (machine) => {
    for (const [place, asking] of askingPlaces(machine)) {
      for (const answer of ['refused', 'told'] as const) {
        const { bodies, actor } = asking()
        happens(actor, 'crash')
        happens(actor, answer)
        expect([place, answer, contextOf(actor).openCalls, bodies.live]).toEqual([place, answer, [], []])
        goOn(actor)
        expect([place, answer, placeOf(actor)]).toEqual([place, answer, 'running.thinking'])
        expect(orderOf(bodies, 'runCall')).toBeNull()
      }
    }
  },

  'C3: what is approved after a crash does not run beside the calls that the crash has cut off': (
    machine,
  ) => {
    for (const rest of [['crash'], ['pause', 'crash'], ['crash', 'letGo']] as const) {
      const bodies = withBodies(machine)
      const actor = played(['start'], { machine: bodies.machine })
      calls(actor, call(0, READ), call(1, READ))
      check(actor, '1.0', 'ask')
      check(actor, '1.1')
      for (const happening of rest) happens(actor, happening)
      tell(actor, { type: 'call.approved', callId: '1.0' })
      expect([rest, stateOfCall(actor, '1.0'), bodies.live]).toEqual([rest, 'intended', []])
      goOn(actor)
      expectPlace(actor, 'running.acting(running running)')
      expect([rest, bodies.live]).toEqual([rest, ['runCall', 'runCall']])
    }
  },

  'the first answer counts: whatever is said after it changes nothing': (machine) => {
    for (const first of ANSWERS) {
      for (const second of ANSWERS) {
        for (const rest of [[], ['pause'], ['crash']] as const) {
          const actor = played(['start', 'callsTool', 'asked', ...rest, first], { machine })
          const place = placeOf(actor)
          happens(actor, second)
          expect([first, second, placeOf(actor)]).toEqual([first, second, place])
        }
      }
    }
  },

  'a task that is taken up anew asks again: by the same name, for the same thing, since the same time': (
    machine,
  ) => {
    for (const [place, asking] of askingPlaces(machine)) {
      const { bodies, actor } = asking()
      happens(actor, 'crash')
      const rest = placeOf(actor)
      const kept: unknown = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()))
      actor.stop()
      const anew = withBodies(machine, ['askHuman', ...WORKING])
      const restored = createActor(anew.machine, { snapshot: kept as never, input: contextOf(actor).spec })
      restored.start()
      expect([place, placeOf(restored), anew.live]).toEqual([place, rest, ['askHuman']])
      expect(anew.begun).toEqual([{ name: 'askHuman', order: orderOf(bodies, 'askHuman') }])
      happens(restored, 'approved')
      expectPlace(restored, rest.replace('asking', 'intended'))
    }
  },
}

const WORKING = ['callModel', 'askToStop', 'checkCall', 'runCall', 'reconcileCall']

type Asking = () => { readonly bodies: Bodies; readonly actor: Live }
type Spec = (typeof KINDS)[keyof typeof KINDS]['spec']

/** Every place in which a person is asked, and how to get there with bodies that remember. */
function askingPlaces(machine: Machine): readonly (readonly [string, Asking])[] {
  const found = Object.entries(KINDS).flatMap(([kind, { spec }]) =>
    [...WAYS[kind as keyof typeof KINDS]]
      .filter(([place]) => place.includes('(asking)'))
      .map(([place, way]) => [`${kind}: ${place}`, () => arrive(machine, way, spec)] as const),
  )
  expect(found.length).toBeGreaterThan(5)
  return found
}

function arrive(machine: Machine, way: readonly Happening[], spec: Spec) {
  const bodies = withBodies(machine, ['askHuman', ...WORKING])
  return { bodies, actor: played(way, { machine: bodies.machine, spec }) }
}

/** Everybody lets go of it, and it gets a slot. */
function goOn(actor: Live): void {
  for (const holder of contextOf(actor).holders) tell(actor, { type: 'task.resumeAsked', by: holder })
  // One that has waited in the background waits for its slot as well.
  for (const step of ['resume', 'slotGiven'] as const) {
    if (has(actor, 'wantsSlot')) happens(actor, step)
  }
}

function asked({ begun }: Bodies): number {
  return begun.filter(({ name }) => name === 'askHuman').length
}

function orderOf({ begun }: Bodies, body: string): Record<string, unknown> | null {
  const orders = begun.filter(({ name }) => name === body).map(({ order }) => order)
  return (orders.at(-1) as Record<string, unknown> | undefined) ?? null
}
