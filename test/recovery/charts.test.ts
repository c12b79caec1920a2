/** Persist ∘ restore = identity: for every state of every chart, and for everything that can happen next. */
import { type AnyStateMachine, createActor, type Snapshot } from 'xstate'
import { describe, expect, it } from 'vitest'
import { supervisorMachine } from '../../src/machines/supervisor.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { toolCallMachine } from '../../src/machines/tool-call.ts'
import { NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'
import { ended, FACTS, type Happening, call, WAIT } from '../model-based/facts.ts'
import { happens, type Live, placeOf, played } from '../model-based/fold.ts'
import { wish } from '../model-based/supervisor.claims.ts'
import { type Kind, KINDS } from '../model-based/task.background.ts'
import { WAYS } from '../model-based/ways.ts'

/** Through text and back, as a store keeps it. */
const throughText = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Everything that a chart and the charts below it remember. */
const memoryOf = (actor: { getPersistedSnapshot(): Snapshot<unknown> }) =>
  throughText(actor.getPersistedSnapshot())

describe.each(Object.entries<Kind>(KINDS))('the task, %s', (kind, { spec }) => {
  const ways = WAYS[kind as keyof typeof KINDS]
  const restored = (actor: Live): Live => {
    const input = actor.getSnapshot().context.spec
    const again = createActor(taskMachine, { input, snapshot: memoryOf(actor) })
    return again.start()
  }

  it.each([...ways])('%s comes back as it was, and goes on in the same way', (place, way) => {
    const actor = played(way, { spec })
    const again = restored(actor)
    expect(placeOf(again)).toBe(place)
    expect(memoryOf(again)).toEqual(memoryOf(actor))
    for (const happening of Object.keys(FACTS) as Happening[]) {
      const goesOn = played(way, { spec })
      const goesOnAgain = restored(actor)
      happens(goesOn, happening)
      happens(goesOnAgain, happening)
      expect(placeOf(goesOnAgain), happening).toBe(placeOf(goesOn))
      expect(memoryOf(goesOnAgain), happening).toEqual(memoryOf(goesOn))
    }
  })
})

interface Walked {
  readonly machine: AnyStateMachine
  readonly input: unknown
  readonly events: readonly { readonly type: string; readonly [key: string]: unknown }[]
  /** States that are not for it. */
  readonly unreached?: readonly string[]
}

const at = 1
const callId = '1.0'
const checked = (verdict: 'allow' | 'ask' | 'deny') => {
  const about = { verdict, layer: 'test', rule: 'test', why: 'The test says so.' }
  return { type: 'call.checked', callId, verdict: about, shown: 'mark', at }
}
const reconciled = (result: object) => ({ type: 'call.reconciled', callId, result, at })
const elsewhere = { cap: 1, held: [{ taskId: 'other', agent: 'lead', model: 'big' }], waiting: 1 }

const CHARTS: Readonly<Record<string, Walked>> = {
  'a call that may be repeated': {
    machine: toolCallMachine,
    input: { taskId: 't1', call: call(0, { effect: 'idempotent' }), objection: null },
    events: callEvents(),
    unreached: ['reconciling', 'unknown'],
  },
  'a call that may not': {
    machine: toolCallMachine,
    input: { taskId: 't1', call: call(0), objection: 'Not now.' },
    events: callEvents(),
  },
  'the supervisor': {
    machine: supervisorMachine,
    input: { background: 1, perAgent: {}, perModel: { small: 1 }, queue: 2, atCap: 'queue' },
    events: [
      { type: 'slots.wished', wishes: [wish('t1'), wish('t2')] },
      { type: 'slots.wished', wishes: [wish('t3', { how: 'resume' })] },
      { type: 'slots.wished', wishes: [wish('t4', { how: 'return', isAhead: true, model: 'small' })] },
      ...['t1', 't3'].flatMap((taskId) => [
        { type: 'slot.unwished', taskId },
        { type: 'slot.freed', taskId },
        { type: 'task.forgotten', taskId },
        { type: 'slot.denied', taskId, elsewhere },
      ]),
      { type: 'slots.elsewhere', elsewhere },
      { type: 'slots.elsewhere', elsewhere: NOBODY_ELSEWHERE },
      { type: 'supervisor.drain' },
      { type: 'supervisor.close' },
    ],
  },
}

function callEvents(): Walked['events'] {
  return [
    ...['call.go', 'call.rest', 'call.stop', 'call.interrupt'].map((type) => ({ type })),
    checked('allow'),
    checked('ask'),
    checked('deny'),
    { type: 'call.approved', callId, at },
    { type: 'call.refused', callId, note: 'No.', at },
    { type: 'call.told', callId, text: 'Red.', at },
    { type: 'call.waits', callId, wait: WAIT, at },
    ended(callId, at),
    reconciled({ kind: 'ok', output: 'done' }),
    reconciled({ kind: 'unknown', message: 'Nobody knows.' }),
  ]
}

/** Attempts are counted, so there is no end of states: so many are looked at, the nearest first. */
const STATES_MAX = 150

describe.each(Object.entries(CHARTS))('%s', (_, { machine, input, events, unreached = [] }) => {
  const open = (snapshot?: Snapshot<unknown>) => {
    const said: unknown[] = []
    const actor = createActor(machine, { input, ...(snapshot && { snapshot }) })
    actor.on('*', (saying) => void said.push(saying))
    return { actor: actor.start(), said }
  }

  it('comes back as it was from every state, and goes on in the same way', () => {
    const first = memoryOf(open().actor)
    const seen = new Map([[JSON.stringify(first), first]])
    const values = new Set<string>()
    for (const memory of seen.values()) {
      const again = open(memory).actor
      expect(memoryOf(again)).toEqual(memory)
      values.add(String(again.getSnapshot().value))
      for (const event of events) {
        // One that lives on from where it was, and one that is brought back right before.
        const lived = open(memory)
        if (lived.actor.getSnapshot().status !== 'active') break
        const back = open(memoryOf(lived.actor))
        lived.actor.send(event)
        back.actor.send(event)
        const after = memoryOf(lived.actor)
        expect(memoryOf(back.actor), event.type).toEqual(after)
        expect(back.said, event.type).toEqual(lived.said)
        if (seen.size < STATES_MAX) seen.set(JSON.stringify(after), after)
      }
    }
    const reached = Object.keys(machine.states).filter((name) => !unreached.includes(name))
    expect([...values].sort()).toEqual(reached.sort())
  })
})
