/** What waits for a person, told from a journal alone, and what their answer comes to. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../src/actors/answers.ts'
import { checkCall } from '../../src/actors/effects/check-call.ts'
import { refusalOf } from '../../src/actors/effects/judge.ts'
import { markOf, type OpenRequest } from '../../src/actors/open-requests.ts'
import { systemChance as chance } from '../../src/hosts/system-clock.ts'
import type { Action, Verdict } from '../../src/protocol/boundary.ts'
import type { ChartFact, Entry } from '../../src/protocol/journal.ts'
import type { Call } from '../../src/protocol/model.ts'
import { canonicalJson } from '../../src/protocol/plain.ts'
import type { RemoteAnswer } from '../../src/protocol/remote.ts'
import type { Limits } from '../../src/protocol/task.ts'
import { factOfAnswer, openRequestsIn, openRequestsOf } from '../../src/runtime/wishes/approvals.ts'
import { replay } from '../../src/runtime/replay.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { askFollowupQuestion } from '../../src/tools/ask-followup-question.ts'
import { defineTool, type PreparedCall, type Schema } from '../../src/tools/tool.ts'
import { aSpec, aTool, liveTask } from '../support/live-task.ts'

const usage = { inputTokens: 1, outputTokens: 1 }
const MAIL: Call = { id: '1.0', tool: 'mail', input: { to: 'all', text: 'Hi.' }, effect: 'non_idempotent' }
const ASKS: Verdict = { verdict: 'ask', layer: 'policy', rule: 'default', why: 'It sends mail.' }
const QUESTION: Call = {
  ...MAIL,
  tool: 'ask_followup_question',
  input: { question: ' Which colour? ', options: ['red', 'blue'] },
}
const IS_QUESTION: Verdict = {
  ...ASKS,
  layer: 'task',
  rule: 'question',
  why: 'The agent asks a question.',
}
const STARTED: ChartFact = { type: 'task.started', runId: 1 }
const APPROVED: ChartFact = { type: 'call.approved', callId: '1.0', by: 'host' }

function calls(...asked: readonly Call[]): ChartFact {
  return { type: 'model.replied', turn: 1, reply: { text: '', calls: asked, stop: 'done', usage } }
}

function checked(callId: string, verdict = ASKS, shown = 'mark'): ChartFact {
  return { type: 'call.checked', callId, verdict, ...(verdict.verdict === 'ask' && { shown }) }
}

/** A journal with these facts, ten milliseconds apart. */
function journal(facts: readonly ChartFact[], limits: Partial<Limits> = {}): readonly Entry[] {
  const birth = { type: 'task.created', spec: aSpec(limits) } as const
  return [birth, ...facts].map((fact, index) => {
    return { v: 1, taskId: 't1', seq: index + 1, runId: 1, fact: { ...fact, at: 1_000 + index * 10 } }
  })
}

const ASKING = [STARTED, calls(MAIL), checked('1.0')] as const

function asking(limits: Partial<Limits> = {}, call = MAIL, verdict = ASKS): OpenRequest {
  const [request] = openRequestsIn(journal([STARTED, calls(call), checked(call.id, verdict)], limits))
  if (!request) throw new Error('Nothing is asked.')
  return request
}

describe('openRequestsIn', () => {
  it('tells a call with its whole input, why it is asked for, the mark, and since when', () => {
    expect(openRequestsIn(journal(ASKING))).toEqual([
      {
        kind: 'approval',
        id: 't1/1.0',
        taskId: 't1',
        callId: '1.0',
        agent: 'lead',
        title: 'Go.',
        depth: 0,
        parents: [],
        background: false,
        boundary: [],
        call: MAIL,
        action: { tool: 'mail', effect: 'non_idempotent', access: null },
        why: 'It sends mail.',
        layer: 'policy',
        rule: 'default',
        shown: 'mark',
        askedAt: 1_030,
        expiresAt: null,
      },
    ])
  })

  it('tells a question in the words in which it is asked', () => {
    expect(asking({}, QUESTION, IS_QUESTION)).toMatchObject({
      kind: 'question',
      text: 'Which colour?',
      options: ['red', 'blue'],
    })
  })

  it('shows the whole input where a tool of the host asks in words of its own', () => {
    const call = { ...QUESTION, tool: 'survey', input: { topic: 'colours' } }
    const text = 'survey asks: {"topic":"colours"}'
    expect(asking({}, call, IS_QUESTION)).toMatchObject({ kind: 'question', text, options: [] })
  })

  it('a limit counts from when it was asked for, whatever happened since', () => {
    const facts = [...ASKING, { type: 'task.interrupted' }, { type: 'task.messaged', text: 'Hm.' }] as const
    expect(openRequestsIn(journal(facts, { approvalTimeoutMs: 500 }))).toEqual([
      expect.objectContaining({ askedAt: 1_030, expiresAt: 1_530 }),
    ])
  })

  it.each<readonly [string, readonly ChartFact[]]>([
    ['interrupted', [{ type: 'task.interrupted' }]],
    ['paused', [{ type: 'task.pauseAsked', by: 'user' }]],
    [
      'queued',
      [
        { type: 'task.pauseAsked', by: 'user' },
        { type: 'task.resumeAsked', by: 'user' },
      ],
    ],
  ])('is the same for a task that is %s', (_, facts) => {
    expect(openRequestsIn(journal([...ASKING, ...facts]))).toEqual(openRequestsIn(journal(ASKING)))
  })

  it.each<readonly [string, readonly ChartFact[]]>([
    ['was approved', [APPROVED]],
    ['was refused', [{ type: 'call.refused', callId: '1.0', note: 'No.' }]],
    ['was told', [{ type: 'call.told', callId: '1.0', text: 'Blue.' }]],
    ['was approved after a crash', [{ type: 'task.interrupted' }, APPROVED]],
    ['was asked by a task that was cancelled', [{ type: 'task.cancelAsked', reason: 'Enough.' }]],
  ])('nothing waits any more that %s', (_, facts) => {
    expect(openRequestsIn(journal([...ASKING, ...facts]))).toEqual([])
  })

  it('tells all that wait, in the order of the calls, and no others', () => {
    const reads = ['1.0', '1.1', '1.2'].map((id): Call => ({ ...MAIL, id, effect: 'pure' }))
    const checks = [checked('1.2'), checked('1.1', { ...ASKS, verdict: 'allow' }), checked('1.0')]
    const entries = journal([STARTED, calls(...reads), ...checks])
    expect(openRequestsIn(entries).map(({ id }) => id)).toEqual(['t1/1.0', 't1/1.2'])
    expect(openRequestsOf(replay(entries))).toEqual(openRequestsIn(entries))
  })

  it('finds nothing in a journal that asks for nothing, or is empty', () => {
    expect(openRequestsIn([])).toEqual([])
    const allowed = checked('1.0', { ...ASKS, verdict: 'allow' })
    expect(openRequestsIn(journal([STARTED, calls(MAIL), allowed]))).toEqual([])
  })
})

describe('factOfAnswer', () => {
  const said = (given: Partial<RemoteAnswer>): RemoteAnswer => {
    return { id: 't1/1.0', allow: null, text: null, shown: null, by: 'terminal of ada (7)', ...given }
  }
  const by = 'terminal of ada (7)'
  const callId = '1.0'
  const question = asking({}, QUESTION, IS_QUESTION)

  it.each<readonly [Partial<RemoteAnswer>, OpenRequest, ChartFact]>([
    [{ allow: true }, asking(), { type: 'call.approved', callId, by }],
    [{ allow: true, text: 'Once.' }, asking(), { type: 'call.approved', callId, note: 'Once.', by }],
    [{ allow: false }, asking(), { type: 'call.refused', callId, note: 'The user said no.', by }],
    [
      { allow: false, text: 'Later.' },
      asking(),
      { type: 'call.refused', callId, note: 'The user said no: Later.', by },
    ],
    [{ text: 'Red.' }, question, { type: 'call.told', callId, text: 'Red.', by }],
    [{ text: null }, question, { type: 'call.refused', callId, note: 'The user did not answer.', by }],
  ])('keeps who answered: %j', (given, request, fact) => {
    expect(factOfAnswer(request, said(given), 1_040)).toEqual(fact)
    expect(factOfAnswer(request, said({ ...given, shown: 'mark' }), 1_040)).toEqual(fact)
  })

  it.each([{ allow: 'true' }, { allow: 1 }, { allow: null }, { text: 'Yes.' }])(
    'only `allow: true` is a yes: %j is none',
    (given) => {
      expect(() => factOfAnswer(asking(), said(given as never), 1_040)).toThrow('to be approved')
    },
  )

  it('yes and no are no answer to a question', () => {
    for (const allow of [true, false])
      expect(() => factOfAnswer(question, said({ allow }), 1_040)).toThrow('is a question')
  })

  it('an answer to something else than what is asked now is none', () => {
    for (const given of [{ allow: true }, { allow: false }] as const)
      expect(() => factOfAnswer(asking(), said({ ...given, shown: 'other' }), 1_040)).toThrow(
        expect.objectContaining({ code: 'call/changed' }),
      )
    expect(() => factOfAnswer(asking(), said({ id: 't1/1.1', allow: true }), 1_040)).toThrow(
      expect.objectContaining({ code: 'call/not-asking' }),
    )
  })

  it('L11: from when it expires on it waits for nobody, in words that name the limit', () => {
    const request = asking({ approvalTimeoutMs: 500 })
    expect(factOfAnswer(request, said({ allow: true }), 1_529)).toMatchObject({ type: 'call.approved' })
    const code = 'call/not-asking'
    const message = expect.stringContaining('within 500 ms, the limit for approvals (limit/approval)')
    for (const now of [1_530, 9_999_999])
      expect(() => factOfAnswer(request, said({ allow: true }), now)).toThrow(
        expect.objectContaining({ code, message }),
      )
    expect(factOfAnswer(asking(), said({ allow: true }), 9_999_999)).toMatchObject({ by })
  })
})

describe('readAnswer', () => {
  it.each<readonly [unknown, Partial<RemoteAnswer>]>([
    [{ allow: true }, { allow: true, text: null }],
    [
      { allow: false, note: 'Later.' },
      { allow: false, text: 'Later.' },
    ],
    [
      { allow: true, note: '' },
      { allow: true, text: null },
    ],
    [{ text: 'Red.' }, { allow: null, text: 'Red.' }],
    [{ text: null }, { allow: null, text: null }],
    [{ text: '' }, { allow: null, text: '' }],
    [
      { allow: true, shown: 'mark', by: 'ada' },
      { allow: true, shown: 'mark', by: 'ada' },
    ],
  ])('%j', (given, answer) => {
    const all = { id: 't1/1.0', text: null, shown: null, by: 'host', ...answer }
    expect(readAnswer('t1/1.0', given)).toEqual(all)
  })

  it.each([
    null,
    {},
    'yes',
    { allow: 'true' },
    { allow: 1 },
    { text: 7 },
    { allow: true, shown: 7 },
    { allow: true, by: '' },
    { allow: true, by: 'x'.repeat(201) },
    { text: 'x'.repeat(100_001) },
    { allow: true, note: 'x'.repeat(100_001) },
  ])('what is no answer to anything is refused', (given) => {
    expect(() => readAnswer('t1/1.0', given)).toThrow('The answer to "t1/1.0"')
  })
})

const ACTION: Action = {
  tool: 'mail',
  effect: 'pure',
  access: { reads: [], writes: ['a'], command: null },
}
const APPROVAL = { kind: 'approval', call: MAIL, action: ACTION, why: 'It sends mail.' } as const
const ASKED = { kind: 'question', text: 'Which?', options: ['red', 'blue'] } as const

describe('the mark of what a person is shown', () => {
  it('is another for everything else that they could have been shown', () => {
    const shown = [
      APPROVAL,
      { ...APPROVAL, why: 'It sends more mail.' },
      { ...APPROVAL, call: { ...MAIL, tool: 'post' } },
      { ...APPROVAL, call: { ...MAIL, input: { to: 'all', text: 'Hi!' } } },
      { ...APPROVAL, action: { ...ACTION, effect: 'idempotent' } },
      { ...APPROVAL, action: { ...ACTION, access: null } },
      { ...APPROVAL, action: { ...ACTION, access: { reads: ['a'], writes: [], command: null } } },
      ASKED,
      { ...ASKED, text: 'Which one?' },
      { ...ASKED, options: ['blue', 'red'] },
      { ...ASKED, options: ['red","blue'] },
    ] as const
    const marks = shown.map((it) => markOf(it, chance))
    expect(new Set(marks).size).toBe(shown.length)
    expect(marks).toEqual(shown.map((it) => markOf(structuredClone(it), chance)))
  })

  it('is the same in whatever order keys are written, and only then', () => {
    const backwards = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value
      if (Array.isArray(value)) return value.map(backwards)
      const turned = Object.entries(value).reverse()
      return Object.fromEntries(turned.map(([key, part]) => [key, backwards(part)]))
    }
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(canonicalJson(backwards(one))).toBe(canonicalJson(one))
        expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)))
        const areSame = canonicalJson(one) === canonicalJson(other)
        // JSON has one zero.
        if (areSame) expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(canonicalJson(other)))
      }),
    )
  })
})

describe('a call that is checked', () => {
  const check = (call: Call, verdict: Verdict) => {
    const judge = { verdict: async () => ({ verdict, judgedAt: () => null }), mayRead: () => () => true }
    const tasks = liveTask({ tools: [aTool, askFollowupQuestion()] })
    return checkCall({ tasks, clock: handClock(), chance, judge })(
      { taskId: 't1', call, objection: null },
      SIGNAL,
    )
  }
  const SIGNAL = new AbortController().signal
  const act = { ...MAIL, tool: 'act', input: {} }

  it('carries the mark of what will be shown, where a person is asked', async () => {
    const action = { tool: 'act', effect: 'non_idempotent', access: null } as const
    const mark = markOf({ kind: 'approval', call: act, action, why: ASKS.why }, chance)
    expect(await check(act, ASKS)).toEqual({
      type: 'call.checked',
      callId: '1.0',
      verdict: ASKS,
      shown: mark,
    })
    const text = { kind: 'question', text: 'Which colour?', options: ['red', 'blue'] } as const
    expect(await check(QUESTION, ASKS)).toMatchObject({ shown: markOf(text, chance), verdict: IS_QUESTION })
  })

  it.each(['allow', 'deny'] as const)('carries none where nobody is: %s', async (verdict) => {
    expect(await check(act, { ...ASKS, verdict })).not.toHaveProperty('shown')
  })
})

describe('what was approved, right before it runs', () => {
  const anything: Schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }

  async function prepared(writes: readonly string[]): Promise<PreparedCall> {
    const tool = defineTool({
      name: 'mail',
      description: 'Mails.',
      input: anything,
      jsonSchema: { type: 'object' },
      access: () => ({ reads: [], writes, command: null }),
      execute: () => null,
    })
    const read = await tool.prepare(MAIL.input)
    if (read.kind !== 'prepared') throw new Error('It cannot be run.')
    return read
  }

  interface Later {
    readonly judged?: Partial<Verdict>
    readonly writes?: readonly string[]
    readonly shown?: string | null
    readonly isApproved?: boolean
  }

  async function refusal({ judged = {}, writes = ['a'], isApproved = true, ...given }: Later) {
    const access = { reads: [], writes: ['a'], command: null }
    const action = { tool: 'mail', effect: MAIL.effect, access }
    const { shown = markOf({ kind: 'approval', call: MAIL, action, why: ASKS.why }, chance) } = given
    const asked = { askedFor: ASKS.why, askedBy: ASKS, shown, askedAt: 1, isApproved }
    const order = { taskId: 't1', call: MAIL, ...asked }
    return refusalOf({ ...ASKS, ...judged }, { order, prepared: await prepared(writes), chance })
  }

  it('runs when it is what the person was shown, also when nobody need be asked any more', async () => {
    expect(await refusal({})).toBeNull()
    expect(await refusal({ judged: { verdict: 'allow', why: 'The user allows it.' } })).toBeNull()
  })

  it('does not run when it would touch something else, whoever would allow that', async () => {
    const words = 'It is no longer what was approved: What it would touch has changed.'
    expect(await refusal({ writes: ['a', 'b'] })).toBe(words)
    expect(await refusal({ writes: ['b'], judged: { verdict: 'allow', why: 'Yes.' } })).toBe(words)
  })

  it('does not run when it is asked for another reason now', async () => {
    const why = 'It writes to .git.'
    expect(await refusal({ judged: { why } })).toBe(`It is no longer what was approved: ${why}`)
  })

  it('does not run when nobody knows what was approved, or it is denied now', async () => {
    expect(await refusal({ shown: null })).toContain('no longer what was approved')
    expect(await refusal({ judged: { verdict: 'deny' } })).toContain('Denied by default (policy).')
  })

  it('runs unapproved only when it is allowed', async () => {
    expect(await refusal({ isApproved: false, judged: { verdict: 'allow' }, writes: ['b'] })).toBeNull()
    expect(await refusal({ isApproved: false })).toContain('Denied by default (policy).')
  })
})
