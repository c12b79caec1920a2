/** L3: never more live bodies than the cap, in the whole workspace. */
import { describe, expect, it } from 'vitest'
import { NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'
import { limits, slot } from './workplace-tasks.ts'
import { until, workplaceWorld } from './workplace-world.ts'

const CROWDED = 150
const world = workplaceWorld()

describe('the slots of a workspace', () => {
  it('are shared by all processes, to the smallest cap of any', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 2 })
    const { workplace } = await world.open(directory, { part: { cap: 5 } })
    expect(await neighbour.call('takeSlot', 'n1', { background: 2 })).toBe(null)
    expect(await workplace.takeSlot(slot('t1'), limits(5))).toBe(null)
    expect(await workplace.takeSlot(slot('t2'), limits(5))).toEqual({
      cap: 2,
      held: [slot('n1')],
      waiting: 0,
    })
    expect(await neighbour.call('takeSlot', 'n2', { background: 2 })).toEqual({
      cap: 5,
      held: [slot('t1')],
      waiting: 0,
    })
    workplace.leaveSlot('t1')
    await until('one is free', async () => !(await neighbour.call('takeSlot', 'n2', { background: 2 })))
    expect(await workplace.elsewhere()).toMatchObject({ held: [slot('n1'), slot('n2')] })
  })

  it('are never taken beyond the cap, however many want them at once', async () => {
    const directory = await world.directory()
    const marks = ['a', 'b', 'c']
    const all = await Promise.all(marks.map((mark) => world.neighbour({ directory, cap: 2, mark })))
    const counts = await Promise.all(
      all.map((it) => it.call('crowd', '', { count: CROWDED, background: 2 }) as Promise<{ most: number }>),
    )
    expect(counts.map((it) => ({ ...it, most: it.most > 2 }))).toEqual(
      marks.map(() => ({ taken: CROWDED, most: false })),
    )
    // It was crowded: at some time the others had one, too.
    expect(counts.some(({ most }) => most === 2)).toBe(true)
  })

  it('come back when their process dies, and its cap with it', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    const { workplace } = await world.open(directory, { part: { cap: 2 } })
    expect(await neighbour.call('takeSlot', 'n1', { background: 1 })).toBe(null)
    expect(await workplace.takeSlot(slot('t1'), limits(2))).toMatchObject({ cap: 1 })
    await neighbour.kill()
    expect(await workplace.elsewhere()).toEqual(NOBODY_ELSEWHERE)
    expect(await workplace.takeSlot(slot('t1'), limits(2))).toBe(null)
    expect(await workplace.takeSlot(slot('t2'), limits(2))).toBe(null)
    expect(await workplace.takeSlot(slot('t3'), limits(2))).toEqual(NOBODY_ELSEWHERE)
    const file = await world.file(directory)
    expect(file.prepare('SELECT task_id FROM slot').all()).toEqual([{ task_id: 't1' }, { task_id: 't2' }])
  })

  it('come back from the dead also when nobody writes: whoever waits is told', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    await neighbour.call('takeSlot', 'n1')
    let count = 0
    const changed = () => void (count += 1)
    const { workplace } = await world.open(directory, { times: { renewalMs: 100 }, part: { changed } })
    expect(await workplace.takeSlot(slot('t1'), limits(1))).toMatchObject({ held: [slot('n1')] })
    const before = count
    await neighbour.kill()
    const rows = (await world.file(directory)).prepare('SELECT * FROM slot')
    await until('it is buried', () => rows.all().length === 0)
    await until('it is told', () => count > before)
    expect(await workplace.elsewhere()).toEqual(NOBODY_ELSEWHERE)
  })

  it('come back when their process closes', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    const { workplace } = await world.open(directory, { part: { cap: 1 } })
    await neighbour.call('takeSlot', 'n1')
    await neighbour.call('close')
    expect(await workplace.takeSlot(slot('t1'), limits(1))).toBe(null)
  })

  it('have caps for single agents and models, too, counted over all', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 9 })
    const { workplace } = await world.open(directory, { part: { cap: 9 } })
    await neighbour.call('takeSlot', 'n1', { background: 9 })
    const agents = limits(9, { perAgent: { helper: 1 } })
    const models = limits(9, { perModel: { small: 1 } })
    expect(await workplace.takeSlot(slot('t1'), agents)).toMatchObject({ held: [slot('n1')] })
    expect(await workplace.takeSlot(slot('t1'), models)).toMatchObject({ held: [slot('n1')] })
    expect(await workplace.takeSlot(slot('t1', 'other'), agents)).toBe(null)
    expect(await workplace.takeSlot(slot('t2', 'helper', 'large'), models)).toBe(null)
    // A cap of nothing that is called like something every object has.
    expect(await workplace.takeSlot(slot('t3', 'constructor', 'toString'), limits(9))).toBe(null)
  })

  it('are taken and left in the order in which that is asked for', async () => {
    const { workplace } = await world.open(await world.directory(), { part: {} })
    const first = workplace.takeSlot(slot('t1'), limits(1))
    workplace.leaveSlot('t1')
    const second = workplace.takeSlot(slot('t1'), limits(1))
    const third = workplace.takeSlot(slot('t2'), limits(1))
    workplace.leaveSlot('t1')
    const fourth = workplace.takeSlot(slot('t2'), limits(1))
    const taken = await Promise.all([first, second, third, fourth])
    expect(taken.map((it) => it === null)).toEqual([true, true, false, true])
  })

  it('are not taken twice by one task: a task that comes back has its own', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    const { workplace } = await world.open(directory, { part: { cap: 1 } })
    expect(await neighbour.call('takeSlot', 't1')).toBe(null)
    expect(await workplace.takeSlot(slot('t1'), limits(1))).toBe(null)
    expect(await workplace.takeSlot(slot('t1'), limits(1))).toBe(null)
    expect(await workplace.elsewhere()).toMatchObject({ held: [] })
    expect(await neighbour.call('takeSlot', 'n1')).toMatchObject({ held: [slot('t1')] })
  })

  it('are waited for: the others know how many wait, and hear when something changes', async () => {
    const directory = await world.directory()
    const neighbour = await world.neighbour({ directory, cap: 1 })
    const changes: number[] = []
    const changed = () => void changes.push(performance.now())
    const { workplace } = await world.open(directory, { part: { changed } })
    await workplace.takeSlot(slot('t1'), limits(1))
    for (let count = 1; count <= 7; count += 1) await neighbour.call('waits', '', { count })
    await until('it is known', async () => (await workplace.elsewhere()).waiting === 7)
    await until('it is told', () => changes.length)
    await neighbour.call('waits', '', { count: 0 })
    await until('it is known', async () => (await workplace.elsewhere()).waiting === 0)
    expect(await workplace.elsewhere()).toEqual({ cap: 1, held: [], waiting: 0 })
  })
})
