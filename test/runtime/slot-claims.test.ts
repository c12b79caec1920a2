/** What is asked of a store that has the slots, and what becomes of its answers. */
import { expect, it } from 'vitest'
import type { Workplace } from '../../src/host.ts'
import { type Elsewhere, NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'
import { createSlotClaims } from '../../src/runtime/members/slot-claims.ts'

interface Answer<T> {
  give(value: T): Promise<void>
  refuse(): Promise<void>
}

const slot = { taskId: 'a', agent: 'coder', model: 'big' }
const limits = { background: 1, perAgent: {}, perModel: {}, queue: 9, atCap: 'queue' } as const
const full: Elsewhere = { cap: null, held: [{ ...slot, taskId: 'other' }], waiting: 0 }

/** A store that answers when the test says so. */
function onStage() {
  const told: string[] = []
  const takings: Answer<Elsewhere | null>[] = []
  const readings: Answer<Elsewhere>[] = []
  let view = NOBODY_ELSEWHERE
  const ask = <T>(answers: Answer<T>[]) =>
    new Promise<T>((resolve, reject) =>
      answers.push({
        give: (value) => turn(() => resolve(value)),
        refuse: () => turn(() => reject(new Error('The disk is full.'))),
      }),
    )
  const workplace: Workplace = {
    enter() {},
    mayAct: () => null,
    takeSlot({ taskId }) {
      told.push(`take ${taskId}`)
      return ask(takings)
    },
    leaveSlot: (taskId) => void told.push(`leave ${taskId}`),
    waits: (count) => void told.push(`waits ${count}`),
    elsewhere: () => ask(readings),
    ask: async () => 'nobody',
  }
  const claims = createSlotClaims(workplace, {
    limits,
    view: () => view,
    seen(elsewhere) {
      view = elsewhere
      told.push(`seen ${elsewhere.held.length}`)
    },
    denied(taskId, elsewhere) {
      view = elsewhere
      told.push(`denied ${taskId}, cap ${elsewhere.cap}`)
    },
    warn: (text) => void told.push(text),
  })
  return { claims, takings, readings, told }
}

async function turn(act: () => void): Promise<void> {
  act()
  await new Promise((resolve) => setImmediate(resolve))
}

it('a slot is secured when the store has given it', async () => {
  const { claims, takings, told } = onStage()
  expect(claims.secured('a')).toBe(true)
  claims.claim(slot)
  const secured = claims.secured('a')
  await takings[0]?.give(null)
  expect([await secured, claims.secured('a'), told]).toEqual([true, true, ['take a']])
})

it('whoever leaves hears at once that it is not, and the answer means nothing to the next claim', async () => {
  const { claims, takings, told } = onStage()
  claims.claim(slot)
  const first = claims.secured('a')
  claims.leave('a')
  claims.claim(slot)
  const second = claims.secured('a')
  expect(await first).toBe(false)
  await takings[0]?.give(full)
  expect([claims.secured('a'), told]).toEqual([second, ['take a', 'leave a', 'take a']])
  await takings[1]?.give(null)
  expect(await second).toBe(true)
})

it('after a denial it looks again: what has become free meanwhile may have been read before', async () => {
  const { claims, takings, readings, told } = onStage()
  claims.claim(slot)
  const secured = claims.secured('a')
  await takings[0]?.give(full)
  expect([await secured, readings.length]).toEqual([false, 1])
  await readings[0]?.give(NOBODY_ELSEWHERE)
  expect(told).toEqual(['take a', 'denied a, cap null', 'seen 0'])
})

it('a store that fails gives nothing, is not asked at once again, and keeps nothing', async () => {
  const { claims, takings, readings, told } = onStage()
  claims.claim(slot)
  const secured = claims.secured('a')
  await takings[0]?.refuse()
  expect([await secured, readings.length]).toEqual([false, 0])
  expect(told).toEqual([
    'take a',
    'The store gives no slot, so tasks wait for one: The disk is full.',
    'leave a',
    'denied a, cap 0',
  ])
  claims.claim(slot)
  await takings[1]?.refuse()
  expect(told.filter((words) => words.includes('disk'))).toHaveLength(1)
})

it('however many look at once, each sees what was so when it asked, in two readings', async () => {
  const { claims, readings, told } = onStage()
  const first = claims.refresh()
  const others = Promise.all(Array.from({ length: 100 }, () => claims.refresh()))
  await readings[0]?.give(NOBODY_ELSEWHERE)
  await first
  expect([readings.length, told]).toEqual([2, []])
  await readings[1]?.give(full)
  await others
  expect([readings.length, told]).toEqual([2, ['seen 1']])
  const again = claims.refresh()
  await readings[2]?.give({ ...full, held: [{ ...slot, taskId: 'other' }] })
  await again
  const failing = claims.refresh()
  await readings[3]?.refuse()
  await failing
  expect(told).toEqual(['seen 1'])
})

it('others are told how many wait when that has changed', () => {
  const { claims, told } = onStage()
  for (const count of [0, 1, 1, 2, 0]) claims.waits(count)
  expect(told).toEqual(['waits 1', 'waits 2', 'waits 0'])
})
