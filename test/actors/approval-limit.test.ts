import { describe, expect, it, vi } from 'vitest'
import { askHuman } from '../../src/actors/effects/ask-human.ts'
import { shownIn } from '../../src/actors/effects/judge.ts'
import { createOpenRequests, markOf } from '../../src/actors/open-requests.ts'
import type { Approval, Human } from '../../src/host.ts'
import { systemChance as chance } from '../../src/hosts/system-clock.ts'
import type { Call } from '../../src/protocol/model.ts'
import { askFollowupQuestion } from '../../src/tools/ask-followup-question.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { aTool, liveTask } from '../support/live-task.ts'

const LIMIT_MS = 60_000
const APPROVAL = { id: '1.0', tool: 'act', input: {}, effect: 'non_idempotent' } as const
const QUESTION = { ...APPROVAL, tool: 'ask_followup_question', input: { question: 'Which?' } } as const

const ASKED_BY = { layer: 'policy', rule: 'ask' }
const TOOLS = [aTool, askFollowupQuestion()]

interface Asked {
  readonly call?: typeof APPROVAL | typeof QUESTION
  readonly approvalTimeoutMs?: number | null
  readonly human?: Partial<Human>
  /** How long ago it was asked for first. */
  readonly sinceMs?: number
  readonly onAsk?: 'park' | 'refuse'
  /** After a sleep an alarm may be late by as much as it looks at the clock again. */
  readonly isAlarmLate?: boolean
  /** What it was approved as, when that is not what it is now. */
  readonly shown?: string
}

async function begin({ call = APPROVAL, approvalTimeoutMs = LIMIT_MS, human = {}, ...given }: Asked = {}) {
  const clock = handClock()
  const late = { ...clock, alarm: () => () => {} }
  const requests = createOpenRequests()
  const abort = new AbortController()
  const tasks = liveTask({ limits: { approvalTimeoutMs }, tools: TOOLS })
  const effect = askHuman({
    tasks,
    clock: given.isAlarmLate ? late : clock,
    chance,
    human,
    onAsk: given.onAsk ?? 'park',
    requests,
  })
  const shown = given.shown ?? (await markFor(call))
  const askedAt = clock.now() - (given.sinceMs ?? 0)
  const order = {
    taskId: 't1',
    call,
    askedFor: 'It asks.',
    askedBy: ASKED_BY,
    shown,
    askedAt,
    isApproved: false,
  }
  return { clock, requests, abort, said: effect(order, abort.signal), id: 't1/1.0', shown, askedAt }
}

async function ask(asked: Asked = {}) {
  const begun = await begin(asked)
  await vi.waitFor(() => expect(begun.requests.list()).toHaveLength(1), { interval: 1 })
  return begun
}

async function markFor(call: Call): Promise<string> {
  const prepared = await TOOLS.find(({ name }) => name === call.tool)?.prepare(call.input)
  if (prepared?.kind !== 'prepared') throw new Error('It cannot be run.')
  return markOf(shownIn(call, prepared, 'It asks.'), chance)
}

/** A person who has been asked, and what became of the asking. */
function held() {
  const person = { isWithdrawn: false, say: (_: Approval) => {} }
  const approve: Human['approve'] = (_, signal) =>
    new Promise((resolve) => {
      person.say = resolve
      signal.addEventListener('abort', () => (person.isWithdrawn = true))
    })
  return { person, human: { approve } }
}

describe('a call that nobody answers in time', () => {
  it('is refused by the name of the limit, and asked no longer', async () => {
    const { person, human } = held()
    const { clock, requests, said, id } = await ask({ human })
    clock.advance(LIMIT_MS - 1)
    expect(requests.find(id)).not.toBeNull()
    clock.advance(1)
    expect(await said).toEqual({
      type: 'call.refused',
      callId: '1.0',
      note: 'Nobody answered within 60000 ms, the limit for approvals (limit/approval). It was not done. Find a way without it, or end and say what is missing.',
    })
    expect([requests.find(id), requests.take(id), person.isWithdrawn]).toEqual([null, false, true])
    expect(clock.armed).toBe(0)
  })

  it('is refused also when it is a question', async () => {
    const { clock, said } = await ask({ call: QUESTION })
    clock.advance(LIMIT_MS)
    expect(await said).toMatchObject({
      type: 'call.refused',
      note: expect.stringContaining('limit/approval'),
    })
  })

  it('is refused also when the machine slept meanwhile: a person has had the time', async () => {
    const { clock, said } = await ask()
    clock.sleep(3_600_000)
    expect(await said).toMatchObject({ type: 'call.refused' })
  })

  it('stays refused when the person answers afterwards', async () => {
    const { person, human } = held()
    const { clock, said } = await ask({ human })
    clock.advance(LIMIT_MS)
    person.say({ allow: true })
    expect(await said).toMatchObject({ type: 'call.refused' })
  })

  it('stays refused when the machine slept, and the answer is there before the alarm', async () => {
    const { person, human } = held()
    const { clock, said } = await ask({ human, isAlarmLate: true })
    clock.sleep(LIMIT_MS)
    person.say({ allow: true })
    expect(await said).toMatchObject({
      type: 'call.refused',
      note: expect.stringContaining('limit/approval'),
    })
  })

  it('goes on being asked when there is no limit', async () => {
    const { clock, requests, id } = await ask({ approvalTimeoutMs: null })
    expect(clock.armed).toBe(0)
    clock.advance(86_400_000)
    expect(requests.find(id)).not.toBeNull()
  })
})

describe('L11: a task that is taken up anew', () => {
  it('gives a person what is left of the time, not all of it', async () => {
    const { clock, requests, said, askedAt } = await ask({ sinceMs: LIMIT_MS - 1_000 })
    expect(requests.list()[0]).toMatchObject({ askedAt, expiresAt: clock.now() + 1_000 })
    clock.advance(999)
    expect(requests.list()).toHaveLength(1)
    clock.advance(1)
    expect(await said).toMatchObject({ type: 'call.refused', note: expect.stringContaining('60000 ms') })
  })

  it.each(['park', 'refuse'] as const)('asks nobody when the time was over before (%s)', async (onAsk) => {
    const approve = vi.fn(async () => ({ allow: true }))
    const { clock, requests, said } = await begin({ sinceMs: LIMIT_MS, human: { approve }, onAsk })
    expect(await said).toEqual({
      type: 'call.refused',
      callId: '1.0',
      note: expect.stringContaining('(limit/approval). It was not done.'),
    })
    expect([approve.mock.calls, requests.list(), clock.armed]).toEqual([[], [], 0])
  })

  it('asks for as long as it takes when there is no limit', async () => {
    const { requests } = await ask({ approvalTimeoutMs: null, sinceMs: 86_400_000 })
    expect(requests.list()[0]).toMatchObject({ expiresAt: null })
  })

  it('asks by the same name and with the same mark', async () => {
    const first = await ask()
    const again = await ask({ sinceMs: 1_000 })
    const names = ({ requests }: typeof first) => requests.list().map(({ id, shown }) => ({ id, shown }))
    expect(names(again)).toEqual(names(first))
    expect(names(first)).toEqual([{ id: 't1/1.0', shown: first.shown }])
  })

  it('asks nobody for what it was not when it was to be asked for', async () => {
    const approve = vi.fn(async () => ({ allow: true }))
    const { said } = await begin({ human: { approve }, shown: await markFor(QUESTION) })
    expect(await said).toMatchObject({ type: 'call.refused', note: expect.stringContaining('no longer') })
    expect(approve).not.toHaveBeenCalled()
  })
})

describe('an answer in time', () => {
  it('counts, and leaves no alarm behind', async () => {
    const { person, human } = held()
    const { clock, requests, said } = await ask({ human })
    person.say({ allow: true })
    expect(await said).toEqual({ type: 'call.approved', callId: '1.0', by: 'host' })
    expect([clock.armed, person.isWithdrawn, requests.list()]).toEqual([0, false, []])
  })

  it('loses to one that was taken elsewhere before', async () => {
    const { person, human } = held()
    const { requests, said, id } = await ask({ human })
    person.say({ allow: true })
    requests.take(id)
    expect(await said).toBeNull()
  })

  it('given elsewhere withdraws the question from whoever was asked', async () => {
    const { person, human } = held()
    const { clock, requests, said, id } = await ask({ human })
    requests.take(id)
    expect(await said).toBeNull()
    expect([clock.armed, person.isWithdrawn]).toEqual([0, true])
  })

  it('is not waited for when the task asks no longer', async () => {
    const { person, human } = held()
    const { clock, requests, abort, said, id } = await ask({ human })
    abort.abort()
    expect(await said).toBeNull()
    expect([clock.armed, person.isWithdrawn, requests.find(id)]).toEqual([0, true, null])
  })
})
