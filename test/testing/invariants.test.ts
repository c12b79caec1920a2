/** Every invariant is noticed when a journal breaks it: one broken journal each. */
import { expect, it } from 'vitest'
import { failure } from '../../src/errors.ts'
import type { Entry, Fact } from '../../src/protocol/journal.ts'
import { brokenInvariants, INVARIANTS } from '../../src/testing/invariants.ts'
import { call, reply, SPEC } from '../model-based/facts.ts'

const allow = { verdict: 'allow', layer: '', rule: '', why: '' } as const
const ok = { kind: 'ok', output: 1 } as const
const born: Fact = { type: 'task.created', spec: { ...SPEC, limits: { ...SPEC.limits, maxTurns: 1 } } }
const started: Fact = { type: 'task.started', runId: 1 }
const replied = (turn: number): Fact => ({ type: 'model.replied', turn, reply: reply([call(0, { turn })]) })
const checked: Fact = { type: 'call.checked', callId: '1.0', verdict: allow }
const ended: Fact = { type: 'call.ended', callId: '1.0', result: ok }
const over: Fact = {
  type: 'task.ended',
  outcome: {
    status: 'failed',
    result: '',
    reason: failure('limit/turns', 'Stopped after 1 turns, its limit.'),
  },
}
const GOOD = [born, started, replied(1), checked, ended, over]

/** What breaks each, in the order of `INVARIANTS`. */
const BROKEN: readonly (readonly Fact[])[] = [
  GOOD,
  [...GOOD, over],
  [born, started, replied(1), checked, ended, ended, over],
  [born, started, replied(1), checked, ended, replied(1)],
  [born, started, replied(1), checked, ended, replied(2)],
  [born, started, replied(1), ended, over],
  [born, started, replied(1), checked, over],
]

it('a good journal breaks none', () => {
  expect(brokenInvariants(journal(GOOD))).toEqual([])
})

it.each(INVARIANTS.map(({ name }, index) => [name, index] as const))(
  'notices a breach of: %s',
  (name, index) => {
    const entries = journal(BROKEN[index] ?? [])
    // The first is about the numbers themselves.
    const given = index === 0 ? entries.filter(({ seq }) => seq !== 3) : entries
    expect(brokenInvariants(given).some((wrong) => wrong.startsWith(name))).toBe(true)
  },
)

function journal(facts: readonly Fact[]): Entry[] {
  return facts.map((fact, index) => ({
    v: 1,
    taskId: 't1',
    seq: index + 1,
    runId: 1,
    fact: { ...fact, at: index },
  }))
}
