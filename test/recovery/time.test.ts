/** L11: what a task had left to run before a crash is what it has left after it. */
import { describe, expect, it } from 'vitest'
import { handClock } from '../../src/testing/hand-clock.ts'
import { use } from '../../src/testing/testing.ts'
import { openStage, settled } from '../background/stage.ts'
import { cutOff, recorded } from './cut-off.ts'

const LIMIT_MS = 60_000
const DOWN_MS = 3_600_000

/** A task that has run for so long, of which its journal knows the first part, and its beat the second. */
async function cutOffAfter({ known, alive }: { readonly known: number; readonly alive: number }) {
  const clock = handClock()
  const { runtime, models, store } = await openStage({ clock })
  const limits = { timeoutMs: LIMIT_MS, idleMs: null, modelTimeoutMs: LIMIT_MS * 100 }
  const { id } = await runtime.start({ message: 'A', background: true, limits })
  await models.body('A')
  clock.advance(known)
  await models.say('A', use('list_files', { path: '.' }))
  await models.body('A')
  clock.advance(alive)
  const entries = await recorded(store)
  const left = await cutOff(entries, entries.length)
  const seenAt = clock.now()
  clock.advance(DOWN_MS)
  const again = {
    ...left,
    acquire: async (taskId: string) => ({ ...(await left.acquire(taskId)), seenAt }),
  }
  return { id, clock, store: again }
}

describe('a limit of running time over a crash', () => {
  it('goes on with what was left, and neither begins anew nor counts the time in between', async () => {
    const { id, clock, store } = await cutOffAfter({ known: 20_000, alive: 4_000 })
    const { runtime, models } = await openStage({ clock, store })
    await runtime.resumeAll()
    await models.body('A')
    clock.advance(LIMIT_MS - 24_000 - 1)
    await settled(runtime)
    expect(await runtime.tasks({ id })).toMatchObject([{ status: 'running' }])
    clock.advance(1)
    expect(await runtime.result(id)).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
  })

  it('counts until the last sign of life, and that is when it was interrupted', async () => {
    const { id, clock, store } = await cutOffAfter({ known: 20_000, alive: 4_000 })
    const before = (await store.read(id)).at(-1)?.fact.at ?? 0
    const { runtime } = await openStage({ clock, store })
    await runtime.resumeAll()
    const facts = (await runtime.journal(id)).map(({ fact }) => fact)
    expect(facts.find(({ type }) => type === 'task.interrupted')?.at).toBe(before + 4_000)
    expect(facts.find(({ type }) => type === 'task.resumeAsked')?.at).toBe(before + 4_000 + DOWN_MS)
  })

  it('is not filled up by crash after crash', async () => {
    const { id, clock, store } = await cutOffAfter({ known: 20_000, alive: 0 })
    let left = store
    for (let crash = 0; crash < 3; crash += 1) {
      const { runtime, models } = await openStage({ clock, store: left })
      await runtime.resumeAll()
      await models.body('A')
      clock.advance(10_000)
      await models.say('A', use('list_files', { path: '.' }))
      await models.body('A')
      const entries = await recorded(left)
      const next = await cutOff(entries, entries.length)
      left = { ...next, acquire: async (taskId) => ({ ...(await next.acquire(taskId)), seenAt: 0 }) }
      clock.advance(DOWN_MS)
    }
    const { runtime, models } = await openStage({ clock, store: left })
    await runtime.resumeAll()
    await models.body('A')
    clock.advance(9_999)
    await settled(runtime)
    expect(await runtime.tasks({ id })).toMatchObject([{ status: 'running' }])
    clock.advance(1)
    expect(await runtime.result(id)).toMatchObject({ status: 'timedOut' })
  })
})
