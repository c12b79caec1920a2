/**
 * What the task's chart promises beyond its table, each as a sentence and a check that throws. They are
 * functions of the machine, so that the same claims can be put to a chart that was broken on purpose.
 */
import { type ActorRefFrom, createActor, type EventFrom, type EventObject, fromCallback } from 'xstate'
import { expect } from 'vitest'
import type { toolCallMachine } from '../../src/machines/tool-call.ts'
import type { ChartFact } from '../../src/protocol/journal.ts'
import type { Call, Result } from '../../src/protocol/model.ts'
import type { CallOrder, ModelOrder } from '../../src/protocol/orders.ts'
import { call, ended, FACTS, reply } from './facts.ts'
import { type Live, type Machine, placeOf, played } from './fold.ts'

const READ = { tool: 'read', effect: 'pure' } as const
const END = { tool: 'attempt_completion', effect: 'pure', input: { result: 'All done.' } } as const

/** Sends one fact, a millisecond after the last. */
function tell(actor: Live, fact: ChartFact, ms = 1) {
  actor.send({ ...fact, at: actor.getSnapshot().context.now + ms })
}

function calls(actor: Live, ...asked: readonly Call[]) {
  tell(actor, { type: 'model.replied', turn: actor.getSnapshot().context.turn, reply: reply(asked) })
}

function check(actor: Live, callId: string, verdict: 'allow' | 'ask' | 'deny' = 'allow') {
  tell(actor, { type: 'call.checked', callId, verdict: { verdict, layer: '', rule: '', why: 'Because.' } })
}

function finish(actor: Live, callId: string, given: Parameters<typeof ended>[2] = {}) {
  const { at: _, ...fact } = ended(callId, 0, given)
  tell(actor, fact)
}

function run(actor: Live, callId: string, given: Parameters<typeof ended>[2] = {}) {
  check(actor, callId)
  finish(actor, callId, given)
}

const contextOf = (actor: Live) => actor.getSnapshot().context
/** Running time up to the last fact. */
function ranFor(actor: Live): number {
  const { ranMs, now, since } = contextOf(actor)
  return ranMs + now - (since ?? now)
}

const outcomeOf = (actor: Live) => actor.getSnapshot().output
type CallActor = ActorRefFrom<typeof toolCallMachine>
const callActor = (actor: Live, id: string) => actor.getSnapshot().children[id] as CallActor | undefined
const stateOfCall = (actor: Live, id: string) => callActor(actor, id)?.getSnapshot().value

/** The chart with bodies that do nothing but remember what they were told. */
function listening(machine: Machine, heard: string[]): Machine {
  const ear = <Order>(name: string) =>
    fromCallback<{ type: 'abort' }, Order, EventObject>(({ receive }) => receive(() => heard.push(name)))
  const toolCall = toolCallOf(machine)
  return machine.provide({
    actors: {
      callModel: ear<ModelOrder>('model'),
      toolCall: toolCall.provide({ actors: { runCall: ear<CallOrder>('call') } }),
    },
  })
}

function toolCallOf(machine: Machine): typeof toolCallMachine {
  const actors: unknown = machine.implementations.actors
  return (actors as { toolCall: typeof toolCallMachine }).toolCall
}

/** How a single call ends that all of this happens to. */
function endOfCall(machine: Machine, ...events: readonly EventFrom<typeof toolCallMachine>[]): string {
  const input = { taskId: 't1', call: call(0), objection: null }
  const actor = createActor(toolCallOf(machine), { input }).start()
  for (const event of events) actor.send(event)
  return actor.getSnapshot().value
}

export const CLAIMS: Readonly<Record<string, (machine: Machine) => void>> = {
  'T1: a turn is counted before the model is asked, and the limit ends the task': (machine) => {
    const actor = played(['start'], { machine, spec: { limits: { ...LIMITS, maxTurns: 1 } } })
    expect(contextOf(actor).turn).toBe(1)
    calls(actor, call(0))
    run(actor, '1.0')
    expect(outcomeOf(actor)).toMatchObject({ status: 'failed', reason: { code: 'limit/turns' } })
    expect(contextOf(actor).turn).toBe(1)
  },

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

  'an answer whose data is refused may be mended once, then the task fails': (machine) => {
    const actor = played(['start'], { machine, spec: { dataSchema: {} } })
    calls(actor, call(0, END))
    run(actor, '1.0', { ok: false, code: 'task/bad-result' })
    expect(placeOf(actor)).toBe('running.thinking')
    calls(actor, call(0, { ...END, turn: 2 }))
    run(actor, '2.0', { ok: false, code: 'task/bad-result' })
    expect(outcomeOf(actor)).toMatchObject({ status: 'failed', reason: { code: 'task/bad-result' } })
  },

  'an answer in words ends the task, but not when data is owed or steps are open': (machine) => {
    expect(outcomeOf(played(['start', 'answers'], { machine }))).toEqual({
      status: 'completed',
      result: 'Done.',
    })
    expect(placeOf(played(['start', 'answers'], { machine, spec: { dataSchema: {} } }))).toBe(
      'running.thinking',
    )
    const actor = played(['start'], { machine })
    calls(actor, call(0, READ))
    run(actor, '1.0', { todos: [{ text: 'a', status: 'open' }] })
    tell(actor, { type: 'model.replied', turn: 2, reply: reply([], { text: 'Done.' }) })
    expect(placeOf(actor)).toBe('running.thinking')
    tell(actor, { type: 'model.replied', turn: 3, reply: reply([], { text: 'Done.' }) })
    expect(outcomeOf(actor)?.status).toBe('completed')
  },

  'replies that lead nowhere are answered twice, then the task fails': (machine) => {
    const spec = { limits: { ...LIMITS, maxTurns: 9 } }
    const empty = played(['start', 'saysNothing', 'saysNothing'], { machine, spec })
    expect(placeOf(empty)).toBe('running.thinking')
    const failed = played(['start', 'saysNothing', 'saysNothing', 'saysNothing'], { machine, spec })
    expect(outcomeOf(failed)).toMatchObject({ status: 'failed', reason: { code: 'task/no-result' } })
  },

  'refusals and filters end the task by name': (machine) => {
    const refused = outcomeOf(played(['start', 'refuses'], { machine }))
    expect(refused).toMatchObject({ status: 'failed', reason: { code: 'model/refused' } })
    const filtered = outcomeOf(played(['start', 'isSilenced'], { machine }))
    expect(filtered).toMatchObject({ status: 'failed', reason: { code: 'model/content-filter' } })
  },

  'T3: the outcome is the first one': (machine) => {
    const actor = played(['start', 'cancel', 'timeUp', 'answers'], { machine })
    expect(outcomeOf(actor)).toMatchObject({ status: 'cancelled', reason: { message: 'Enough.' } })
  },

  'T3: an end that comes back after the cancel is too late': (machine) => {
    const actor = played(['start'], { machine })
    calls(actor, call(0, END))
    check(actor, '1.0')
    tell(actor, { type: 'task.cancelAsked', reason: 'Enough.' })
    finish(actor, '1.0')
    expect(outcomeOf(actor)?.status).toBe('cancelled')
  },

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

  'cancelling tells the model and the calls to end': (machine) => {
    const heard: string[] = []
    played(['start', 'cancel'], { machine: listening(machine, heard) })
    played(['start', 'callsTool', 'allowed', 'cancel'], { machine: listening(machine, heard) })
    expect(heard).toEqual(['model', 'call'])
  },

  'T7: pausing lets the model finish, and ends calls only when the grace is over': (machine) => {
    const heard: string[] = []
    played(['start', 'pause', 'graceOver'], { machine: listening(machine, heard) })
    const acting = played(['start', 'callsTool', 'allowed', 'pause'], { machine: listening(machine, heard) })
    expect(heard).toEqual([])
    acting.send(FACTS.graceOver(contextOf(acting), 20_000))
    expect(heard).toEqual(['call'])
  },

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
    expect(contextOf(actor).ranMs).toBe(60)
  },

  'T6, T7: a reply that came while pausing is what resume goes on with': (machine) => {
    const actor = played(['start', 'pause', 'callsTool', 'resume'], { machine })
    expect(placeOf(actor)).toBe('running.acting(checking)')
    expect(contextOf(actor).turn).toBe(1)
  },

  'a failed model call is tried again after its delay, as often as the limit says': (machine) => {
    const again = played(['start', 'failsForNow', 'retryDue'], { machine })
    expect([placeOf(again), contextOf(again).turn, contextOf(again).attempts]).toEqual([
      'running.thinking',
      1,
      1,
    ])
    const given = played(['start', 'failsForNow', 'retryDue', 'failsForNow'], { machine })
    expect(outcomeOf(given)).toMatchObject({ status: 'failed', reason: { code: 'model/unavailable' } })
    const after = played(['start', 'failsForNow', 'retryDue', 'callsTool'], { machine })
    expect(contextOf(after).attempts).toBe(0)
  },

  'a delay longer than the time left fails at once': (machine) => {
    const actor = played(['start', 'failsForNow'], {
      machine,
      spec: { limits: { ...LIMITS, timeoutMs: 40 } },
    })
    expect(outcomeOf(actor)).toMatchObject({ status: 'failed', reason: { code: 'model/unavailable' } })
  },

  'a pause during a back-off does not shorten it': (machine) => {
    const actor = played(['start', 'failsForNow', 'pause', 'resume'], { machine })
    expect(placeOf(actor)).toBe('running.backingOff')
  },

  'at four fifths of the window the old turns are summarised, once': (machine) => {
    const actor = played(['start'], { machine, spec: { limits: { ...LIMITS, maxTurns: 9 } } })
    for (const turn of [1, 2, 3]) {
      const usage = { inputTokens: turn === 3 ? 799 : 700, outputTokens: 1 }
      tell(actor, { type: 'model.replied', turn, reply: reply([call(0, { ...READ, turn })], { usage }) })
      run(actor, `${turn}.0`)
    }
    expect(placeOf(actor)).toBe('running.summarising')
    tell(actor, {
      type: 'conversation.summarised',
      turn: 1,
      text: 'Short.',
      usage: { inputTokens: 1, outputTokens: 1 },
    })
    expect([placeOf(actor), contextOf(actor).summarisedTo]).toEqual(['running.thinking', 1])
  },

  'a conversation that is too long is shortened, and the turn asked for again': (machine) => {
    const actor = played(['start', 'callsReader', 'allowed', 'callEnds', 'overflows'], { machine })
    expect([placeOf(actor), contextOf(actor).turn]).toEqual(['running.summarising', 1])
    tell(actor, {
      type: 'conversation.summarised',
      turn: 1,
      text: 'Short.',
      usage: { inputTokens: 1, outputTokens: 1 },
    })
    expect([placeOf(actor), contextOf(actor).turn]).toEqual(['running.thinking', 2])
  },

  'a crash uncounts the turn it lost, and says so': (machine) => {
    const actor = played(['start', 'crash'], { machine })
    const { turn, lostReplies, pausedBy, asked } = contextOf(actor)
    expect({ turn, lostReplies, pausedBy, asked }).toEqual({
      turn: 0,
      lostReplies: 1,
      pausedBy: 'interrupted',
      asked: 'nothing',
    })
  },

  'a crash after the end was decided does not undo it': (machine) => {
    const actor = played(['start', 'cancel', 'crash'], { machine })
    expect(outcomeOf(actor)?.status).toBe('cancelled')
  },

  'C2: after a crash what is harmless runs again, the rest is looked into': (machine) => {
    const pure = played(['start', 'callsReader', 'allowed', 'crash', 'resume'], { machine })
    expect(placeOf(pure)).toBe('running.acting(running)')
    const mail = played(['start', 'callsTool', 'allowed', 'crash', 'resume'], { machine })
    expect(placeOf(mail)).toBe('running.acting(reconciling)')
  },

  'C2: a crash before the effect began leaves no doubt': (machine) => {
    const actor = played(['start', 'callsTool', 'pause', 'allowed', 'resume'], { machine })
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
      ['start', 'callsTool', 'allowed', 'crash', 'resume', 'notReconciled'],
      ['start', 'callsTool', 'allowed', 'crash', 'resume', 'reconciled'],
      ['start', 'callsTool', 'denied'],
      ['start', 'callsTool', 'asked', 'told'],
      ['start', 'callsTool', 'asked', 'refused'],
    ] as const
    for (const way of ways) expect(placeOf(played(way, { machine })), way.join(' ')).toBe('running.thinking')
  },
}

const ALLOW = { verdict: 'allow', layer: '', rule: '', why: '' } as const
const LIMITS = { maxTurns: 3, timeoutMs: 1_000, toolTimeoutMs: 1_000, modelTimeoutMs: 1_000, retries: 1 }

function objection(actor: Live, callId: string): string | null {
  return callActor(actor, callId)?.getSnapshot().context.objection ?? null
}
