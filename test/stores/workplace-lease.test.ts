/** L4: one writer for each task, also when processes die, stand still, and wake again. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import { birth, entry } from './workplace-tasks.ts'
import { HAS_PROC, SHORT, until, workplaceWorld } from './workplace-world.ts'

const RACES = 1_000
const HOUR_MS = 3_600_000
const RACE_LIMIT_MS = 120_000
const world = workplaceWorld()

describe('a task of another process', () => {
  it('is not to be had while that process lives', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory })
    await neighbour.call('create')
    const { store } = await world.open(directory)
    expect(await codeOf(store.acquire('t1'))).toBe('store/held')
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['elsewhere'])
    expect(await codeOf(store.append(entry('t1', 2)))).toBe('store/stale-writer')
    await neighbour.call('append', 't1', { seq: 2 })
  })

  it('is to be had at once when that process was killed, and says when it was last seen', async () => {
    const directory = await world.directory()
    const before = Date.now()
    const neighbour = await world.neighbour({ directory })
    await neighbour.call('create')
    const { store } = await world.open(directory)
    await neighbour.kill()
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['nobody'])
    const { runId, seenAt } = await store.acquire('t1')
    expect(runId).toBe(1)
    expect(seenAt).toBeGreaterThanOrEqual(before)
    expect(seenAt).toBeLessThanOrEqual(Date.now())
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['here'])
  })

  // Only /proc tells when a process was started.
  it.runIf(HAS_PROC)('is to be had when its number is a later process’s', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory })
    await neighbour.call('create')
    const { store } = await world.open(directory)
    expect(await codeOf(store.acquire('t1'))).toBe('store/held')
    const file = await world.file(directory)
    file.prepare("UPDATE owner SET born = '1'").run()
    expect((await store.acquire('t1')).runId).toBe(1)
  })

  it('is to be had when that process lets go of it', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory })
    await neighbour.call('create')
    await neighbour.call('release')
    const { store } = await world.open(directory)
    expect((await store.acquire('t1')).runId).toBe(1)
    expect(await neighbour.call('append', 't1', { seq: 2 }).catch(String)).toContain('store/stale-writer')
  })
})

describe.each(['atOnce', 'afterTimers'] as const)(
  'a process that stands still for a lease, asked %s',
  (when) => {
    it('writes nothing when it wakes, may not act, and is told once', async () => {
      const { directory, neighbour, acting } = await stopped(when)
      const { store } = await world.open(directory, { times: SHORT })
      const taken = () => store.acquire('t1').then(Boolean, () => false)
      await until('it is taken over', taken)
      const append = neighbour.call('append', 't1', { seq: 2 }).catch(String)
      neighbour.signal('SIGCONT')
      expect(await acting).toEqual({ isAtOnce: false, outcome: 'store/stale-writer' })
      expect(await append).toContain('store/stale-writer')
      await until('it is told', () => neighbour.events('lost').length)
      for (const call of ['append', 'create', 'acquire', 'mayAct', 'takeSlot'] as const) {
        const refusal = await neighbour.call(call, call === 'create' ? 't2' : 't1', { seq: 2 }).catch(String)
        expect([call, refusal]).toEqual([call, 'Error: store/stale-writer'])
      }
      expect(neighbour.events('lost').map(({ code }) => code)).toEqual(['store/stale-writer'])
      expect((await store.read('t1')).length).toBe(1)
    })

    it('goes on when nobody has taken over, but asks first', async () => {
      const { neighbour, acting } = await stopped(when)
      const since = performance.now()
      await until('a lease is over', () => performance.now() - since > SHORT.leaseMs)
      neighbour.signal('SIGCONT')
      expect(await acting).toEqual({ isAtOnce: false, outcome: 'yes' })
      await neighbour.call('append', 't1', { seq: 2 })
      expect(neighbour.events('lost')).toEqual([])
    })

    async function stopped(at: typeof when) {
      const directory = await world.directory()
      const neighbour = await world.neighbour({ directory, times: SHORT, cap: 1 })
      await neighbour.call('create')
      const acting = neighbour.call('actAfterStop', 't1', { count: SHORT.leaseMs / 2, when: at })
      await until('it acts', () => neighbour.events('acting').length)
      neighbour.signal('SIGSTOP')
      return { directory, neighbour, acting }
    }
  },
)

describe('this process', () => {
  it('may act at once while it renews', async () => {
    const { store, workplace } = await world.open(await world.directory())
    await store.create(birth('t1'))
    await workplace.mayAct()
    expect(workplace.mayAct()).toBe(null)
  })

  it('asks first when the machine has slept, which only the wall clock shows', async () => {
    const { store, workplace } = await world.open(await world.directory())
    await store.create(birth('t1'))
    await workplace.mayAct()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS })
    onTestFinished(() => void vi.useRealTimers())
    const asked = workplace.mayAct()
    expect(asked).not.toBe(null)
    await asked
    expect(workplace.mayAct()).toBe(null)
  })

  it('asks first when it has stood still, whatever became of its wall clock', async () => {
    const times = { leaseMs: 600, renewalMs: 150 }
    const { store, workplace } = await world.open(await world.directory(), { times })
    await store.create(birth('t1'))
    await workplace.mayAct()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => void vi.useRealTimers())
    const since = performance.now()
    while (performance.now() - since < times.leaseMs / 2) continue
    const asked = workplace.mayAct()
    expect(asked).not.toBe(null)
    await asked
  })

  it('is told once that it could not renew, and writes nothing more', async () => {
    const directory = await world.directory()
    const lost: unknown[] = []
    const times = { leaseMs: 400, renewalMs: 100 }
    const { store, workplace } = await world.open(directory, { times, part: { lost: (e) => lost.push(e) } })
    await store.create(birth('t1'))
    const file = await world.file(directory)
    file.exec('BEGIN IMMEDIATE')
    await until('it is told', () => lost.length)
    file.exec('COMMIT')
    expect(lost.map((error) => RuntimeError.is(error) && error.code)).toEqual(['store/stale-writer'])
    expect(await codeOf(store.append(entry('t1', 2)))).toBe('store/stale-writer')
    expect(await codeOf(Promise.resolve(workplace.mayAct()))).toBe('store/stale-writer')
    expect((await store.read('t1')).length).toBe(1)
  })

  it('hears of it also when it was buried by mistake, with its next write', async () => {
    const directory = await world.directory()
    const lost: unknown[] = []
    const { store } = await world.open(directory, { part: { lost: (error) => lost.push(error) } })
    await store.create(birth('t1'))
    const file = await world.file(directory)
    file.exec('DELETE FROM owner; UPDATE task SET owner = NULL')
    expect(await codeOf(store.append(entry('t1', 2)))).toBe('store/stale-writer')
    expect(lost).toHaveLength(1)
  })

  it('leaves no row behind when it closes, unless it still holds something', async () => {
    const directory = await world.directory()
    const first = await world.open(directory)
    const second = await world.open(directory)
    await first.store.create(birth('t1'))
    await second.store.create(birth('t2'))
    await first.store.release('t1')
    await Promise.all([first.store.close(), second.store.close()])
    const file = await world.file(directory)
    const owners = file.prepare('SELECT task.id FROM owner JOIN task ON owner.id = task.owner').all()
    expect([owners, file.prepare('SELECT count(*) AS count FROM owner').get()]).toEqual([
      [{ id: 't2' }],
      { count: 1 },
    ])
  })

  it('ends by itself: to show that it lives keeps no process alive', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    await neighbour.call('create')
    await neighbour.call('takeSlot')
    await neighbour.call('waits', '', { count: 3 })
    expect(await neighbour.end()).toBe(0)
    const { store } = await world.open(directory)
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['nobody'])
  })

  it('writes nothing before it has something to hold', async () => {
    const directory = await world.directory()
    const { store, workplace } = await world.open(directory, { part: {} })
    await store.tasks()
    await workplace.elsewhere()
    await store.close()
    const file = await world.file(directory)
    expect(file.prepare('SELECT * FROM sqlite_sequence').all()).toEqual([])
    expect(file.prepare('SELECT count(*) AS count FROM owner').get()).toEqual({ count: 0 })
  })
})

describe('two processes', () => {
  it(
    `want the same task ${RACES} times each: one has it each time`,
    async () => {
      const directory = await world.directory()
      const { store } = await world.open(directory)
      await store.create(birth('t1'))
      await store.release('t1')
      const both = await Promise.all([world.neighbour({ directory }), world.neighbour({ directory })])
      const outcomes = await Promise.all(
        both.map((neighbour) => neighbour.call('contend', 't1', { count: RACES })),
      )
      const [mine = { runIds: [] }, yours = { runIds: [] }] = outcomes as {
        runIds: number[]
        isBroken: boolean
      }[]
      expect(outcomes).toMatchObject([{ isBroken: false }, { isBroken: false }])
      const all = [...mine.runIds, ...yours.runIds].sort((a, b) => a - b)
      expect(all).toEqual(Array.from({ length: 2 * RACES }, (_, i) => i + 1))
    },
    RACE_LIMIT_MS,
  )
})

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    return RuntimeError.is(error) ? error.code : String(error)
  }
}
