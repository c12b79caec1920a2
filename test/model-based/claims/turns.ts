import { expect } from 'vitest'
import { failure } from '../../../src/errors.ts'
import { call, LIMITS, reply } from '../facts.ts'
import { placeOf, played } from '../fold.ts'
import { calls, contextOf, outcomeOf, READ, run, tell, withBodies, type Claims } from './telling.ts'

export const TURNS: Claims = {
  'T1: a turn is counted before the model is asked, and the limit ends the task': (machine) => {
    const actor = played(['start'], { machine, spec: { limits: { ...LIMITS, maxTurns: 1 } } })
    expect(contextOf(actor).turn).toBe(1)
    calls(actor, call(0))
    run(actor, '1.0')
    expect(outcomeOf(actor)).toMatchObject({ status: 'failed', reason: { code: 'limit/turns' } })
    expect(contextOf(actor).turn).toBe(1)
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

  'a failed model call is tried again after its delay, as often as the limit says': (machine) => {
    const again = played(['start', 'failsForNow', 'retryDue'], { machine })
    expect([placeOf(again), contextOf(again).turn, contextOf(again).tries.attempts]).toEqual([
      'running.thinking',
      1,
      1,
    ])
    const given = played(['start', 'failsForNow', 'retryDue', 'failsForNow'], { machine })
    expect(outcomeOf(given)).toMatchObject({ status: 'failed', reason: { code: 'model/unavailable' } })
    const after = played(['start', 'failsForNow', 'retryDue', 'callsTool'], { machine })
    expect(contextOf(after).tries.attempts).toBe(0)
  },

  'a delay longer than the time left fails at once': (machine) => {
    const actor = played(['start', 'failsForNow'], {
      machine,
      spec: { limits: { ...LIMITS, timeoutMs: 40 } },
    })
    expect(outcomeOf(actor)).toMatchObject({ status: 'failed', reason: { code: 'model/unavailable' } })
  },

  'a pause during a back-off does not shorten it': (machine) => {
    const actor = played(['start', 'failsForNow', 'pause', 'letGo', 'resume'], { machine })
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
    expect([placeOf(actor), contextOf(actor).said.summarisedTo]).toEqual(['running.thinking', 1])
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
    const { turn, tries, holders, asked } = contextOf(actor)
    expect({ turn, lostReplies: tries.lostReplies, holders, asked }).toEqual({
      turn: 0,
      lostReplies: 1,
      holders: ['interrupted'],
      asked: 'nothing',
    })
  },

  'it has one other body at a time': (machine) => {
    for (const way of [
      ['answers', 'sentBack'],
      ['saysNothing', 'overflows', 'isSummarised'],
      ['failsForNow', 'retryDue'],
      ['crash', 'letGo', 'resume'],
    ] as const) {
      const bodies = withBodies(machine)
      played(['start', ...way], { machine: bodies.machine, spec: { asksToStop: true } })
      expect([way, bodies.live]).toEqual([way, ['callModel']])
    }
  },

  'what is said of another turn than the last is not heard': (machine) => {
    const actor = played(['start', 'saysNothing'], { machine })
    const reason = failure('model/bad-request', 'No.')
    tell(actor, { type: 'model.failed', turn: 1, failure: reason, retryInMs: null })
    tell(actor, { type: 'model.replied', turn: 1, reply: reply([], { text: 'Late.' }) })
    expect([placeOf(actor), contextOf(actor).turn]).toEqual(['running.thinking', 2])
  },

  'T7: a summary that came while pausing is not asked for again': (machine) => {
    const way = ['saysNothing', 'overflows', 'pause', 'isSummarised', 'letGo', 'resume'] as const
    expect(placeOf(played(['start', ...way], { machine }))).toBe('running.thinking')
  },
}
