import { expect, it } from 'vitest'
import { createAwake, RENEWAL_MS } from '../../src/actors/awake.ts'
import { createInbox } from '../../src/actors/inbox.ts'
import type { Clock } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { aSpec } from '../support/live-task.ts'

const HOUR_MS = 3_600_000
const SLEPT_MS = HOUR_MS - RENEWAL_MS

function open() {
  const clock = handClock()
  const awake = createAwake(clock)
  const store = memoryStore()
  async function task(id: string, by: Clock = clock) {
    const heard: Entry[] = []
    const hear = (entry: Entry) => void heard.push(entry)
    const inbox = createInbox({ taskId: id, store, clock: by, awake, last: null, hear, lost: () => {} })
    await inbox.create({ ...aSpec(), id })
    const retry = () => inbox.post({ type: 'retry.due' })
    return { retry, slept: () => heard.map(({ fact }) => fact.asleepMs) }
  }
  return { clock, awake, task }
}

it('L11: how much was slept is told from the first fact on after it, to each task that was there', async () => {
  const { clock, awake, task } = open()
  const one = await task('one')
  const other = await task('other')
  awake.after(300_000, () => {})
  await one.retry()
  clock.sleep(HOUR_MS)
  const young = await task('young')
  await one.retry()
  await one.retry()
  clock.advance(60_000)
  await other.retry()
  await young.retry()
  expect(one.slept()).toEqual([undefined, undefined, SLEPT_MS, SLEPT_MS])
  expect(other.slept()).toEqual([undefined, SLEPT_MS])
  expect(young.slept()).toEqual([undefined, undefined])
})

it('L11: sleeps between two facts add up', async () => {
  const { clock, awake, task } = open()
  const { retry, slept } = await task('one')
  awake.after(300_000, () => {})
  clock.sleep(HOUR_MS)
  clock.advance(30_000)
  clock.sleep(HOUR_MS)
  await retry()
  expect(slept()).toEqual([undefined, 2 * SLEPT_MS])
})

it('L11: nobody slept for longer than the time since the last fact', async () => {
  const { clock, awake, task } = open()
  const standing: Clock = { now: () => 5, alarm: clock.alarm }
  const { retry, slept } = await task('one', standing)
  awake.after(300_000, () => {})
  clock.sleep(HOUR_MS)
  await retry()
  expect(slept()).toEqual([undefined, undefined])
})
