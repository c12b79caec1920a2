import { describe, expect, it, vi } from 'vitest'
import { askHuman } from '../../src/actors/effects/ask-human.ts'
import { createOpenRequests } from '../../src/actors/open-requests.ts'
import type { Approval, Human } from '../../src/host.ts'
import { askFollowupQuestion } from '../../src/tools/ask-followup-question.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { aTool, liveTask } from '../support/live-task.ts'

const LIMIT_MS = 60_000
const APPROVAL = { id: '1.0', tool: 'act', input: {}, effect: 'non_idempotent' } as const
const QUESTION = { ...APPROVAL, tool: 'ask_followup_question', input: { question: 'Which?' } } as const

interface Asked {
  readonly call?: typeof APPROVAL | typeof QUESTION
  readonly approvalTimeoutMs?: number | null
  readonly human?: Partial<Human>
}

async function ask({ call = APPROVAL, approvalTimeoutMs = LIMIT_MS, human = {} }: Asked = {}) {
  const clock = handClock()
  const requests = createOpenRequests()
  const abort = new AbortController()
  const tasks = liveTask({ limits: { approvalTimeoutMs }, tools: [aTool, askFollowupQuestion()] })
  const effect = askHuman({ tasks, clock, human, onAsk: 'park', requests })
  const order = { taskId: 't1', call, askedFor: 'It asks.', isApproved: false }
  const said = effect(order, abort.signal)
  await vi.waitFor(() => expect(requests.list()).toHaveLength(1), { interval: 1 })
  return { clock, requests, abort, said, id: 't1/1.0' }
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

  it('goes on being asked when there is no limit', async () => {
    const { clock, requests, id } = await ask({ approvalTimeoutMs: null })
    expect(clock.armed).toBe(0)
    clock.advance(86_400_000)
    expect(requests.find(id)).not.toBeNull()
  })
})

describe('an answer in time', () => {
  it('counts, and leaves no alarm behind', async () => {
    const { person, human } = held()
    const { clock, requests, said } = await ask({ human })
    person.say({ allow: true })
    expect(await said).toEqual({ type: 'call.approved', callId: '1.0' })
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
