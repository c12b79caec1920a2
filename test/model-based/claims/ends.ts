import { expect } from 'vitest'
import { call, LIMITS, reply, type Happening } from '../facts.ts'
import { placeOf, played } from '../fold.ts'
import {
  calls,
  check,
  contextOf,
  END,
  expectPlace,
  finish,
  outcomeOf,
  READ,
  run,
  says,
  tell,
  withBodies,
  type Claims,
} from './telling.ts'

const ASKED_TO_STOP = { asksToStop: true } as const

export const ENDS: Claims = {
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

  'cancelling tells the model and the calls to end': (machine) => {
    const bodies = withBodies(machine)
    played(['start', 'cancel'], { machine: bodies.machine })
    played(['start', 'callsTool', 'allowed', 'cancel'], { machine: bodies.machine })
    played(['start', 'answers', 'cancel'], { machine: bodies.machine, spec: ASKED_TO_STOP })
    expect(bodies.aborted).toEqual(['callModel', 'runCall', 'askToStop'])
  },

  'a crash after the end was decided does not undo it': (machine) => {
    const actor = played(['start', 'cancel', 'crash'], { machine })
    expect(outcomeOf(actor)?.status).toBe('cancelled')
  },

  'T3: a task ends once, with exactly one outcome: nothing that comes in afterwards is heard': (machine) => {
    for (const way of [['answers'], ['refuses'], ['cancel', 'answers'], ['timeUp', 'crash']] as const) {
      const actor = played(['start', ...way], { machine })
      const outcome = outcomeOf(actor)
      expect(outcome).toBeDefined()
      tell(actor, { type: 'task.cancelAsked', reason: 'Again.' })
      expect(outcomeOf(actor)).toBe(outcome)
    }
  },

  'a result that comes after the end was decided is kept, and marked as late': (machine) => {
    const ways = {
      cancelled: ['start', 'cancel', 'answers'],
      timedOut: ['start', 'timeUp', 'answers'],
      'timedOut, idle': ['start', 'idle', 'answers'],
    } as const
    for (const [name, way] of Object.entries(ways)) {
      const [status] = name.split(',')
      expect(outcomeOf(played(way, { machine })), name).toMatchObject({ status, result: 'Done.', late: true })
    }
    const inReply = outcomeOf(played(['start', 'cancel', 'completes'], { machine }))
    expect(inReply).toMatchObject({ status: 'cancelled', result: 'All done.', late: true })
    const inCall = outcomeOf(played(['start', 'completes', 'allowed', 'timeUp', 'callEnds'], { machine }))
    expect(inCall).toMatchObject({ status: 'timedOut', result: 'All done.', late: true })
  },

  'nothing is late that says nothing, that failed, or that came in time': (machine) => {
    const silent = outcomeOf(played(['start', 'cancel', 'saysNothing'], { machine }))
    expect(silent).toEqual({ status: 'cancelled', result: '', reason: expect.anything() })
    const failed = outcomeOf(played(['start', 'completes', 'allowed', 'cancel', 'callFails'], { machine }))
    expect(failed).not.toHaveProperty('late')
    expect(outcomeOf(played(['start', 'cancel', 'failsForGood'], { machine }))).not.toHaveProperty('late')
    const inTime = outcomeOf(played(['start', 'answers'], { machine, spec: {} }))
    expect(inTime).toEqual({ status: 'completed', result: 'Done.' })
    const decided = played(['start', 'pause', 'answers', 'cancel'], { machine, spec: ASKED_TO_STOP })
    expect(outcomeOf(decided)).toEqual({ status: 'cancelled', result: 'Done.', reason: expect.anything() })
  },

  'a completed task has asked for leave, every other end needs none': (machine) => {
    const { machine: listening, begun } = withBodies(machine, ['askToStop'])
    const ended = (way: readonly Happening[]) =>
      outcomeOf(played(['start', ...way], { machine: listening, spec: ASKED_TO_STOP }))?.status
    expect(ended(['refuses'])).toBe('failed')
    expect(ended(['cancel', 'answers'])).toBe('cancelled')
    expect(begun).toEqual([])
    expect(ended(['answers', 'leaveGiven'])).toBe('completed')
    const outcome = { status: 'completed', result: 'Done.' }
    expect(begun).toEqual([{ name: 'askToStop', order: { taskId: 't1', outcome, timesSentBack: 0 } }])
  },

  'it can be sent back to work eight times, then it completes unasked': (machine) => {
    const { machine: listening, begun } = withBodies(machine, ['askToStop'])
    const spec = { ...ASKED_TO_STOP, limits: { ...LIMITS, maxTurns: 20 } }
    const actor = played(['start'], { machine: listening, spec })
    for (let times = 0; times < 8; times += 1) {
      says(actor, `Done, ${times}.`)
      expectPlace(actor, 'running.concluding')
      tell(actor, { type: 'stop.objected', note: 'Not yet.' })
      expectPlace(actor, 'running.thinking')
    }
    says(actor, 'Done at last.')
    expect(outcomeOf(actor)).toEqual({ status: 'completed', result: 'Done at last.' })
    const counts = begun.map(({ order }) => (order as { timesSentBack: number }).timesSentBack)
    expect(counts).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  },

  'whoever is sent back has no result until it has one again': (machine) => {
    const actor = played(['start', 'completes', 'allowed', 'callEnds'], { machine, spec: ASKED_TO_STOP })
    expectPlace(actor, 'running.concluding')
    tell(actor, { type: 'stop.objected', note: 'Not yet.' })
    const { ending, completion } = contextOf(actor)
    expect({ ending, completion }).toEqual({ ending: null, completion: null })
    says(actor, 'Now.')
    tell(actor, { type: 'stop.allowed' })
    expect(outcomeOf(actor)).toEqual({ status: 'completed', result: 'Now.' })
  },

  'a crash while it asks for leave asks again, for the same end': (machine) => {
    const { machine: listening, begun } = withBodies(machine, ['askToStop'])
    const way = ['start', 'answers', 'crash', 'letGo', 'resume'] as const
    const actor = played(way, { machine: listening, spec: ASKED_TO_STOP })
    expectPlace(actor, 'running.concluding')
    expect(begun).toHaveLength(2)
    expect(begun[1]).toEqual(begun[0])
    expect(contextOf(actor)).toMatchObject({ turn: 1, tries: { lostReplies: 0 } })
  },
}
