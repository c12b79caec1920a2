import type { Store } from '../host.ts'
import type { TestKit } from './model-contract.ts'
import { birth, end, entry, refusal } from './store-entries.ts'

interface Stores {
  readonly store: Store
  /** One more on the same place: as after a restart, or in another process. */
  readonly again: () => Promise<Store>
}

type Check = (stores: Stores, expect: TestKit['expect']) => Promise<void>

/** What every store does that outlives its process, and that several of them may share. */
export const DURABLE_STORE_CASES: Readonly<Record<string, Check>> = {
  'what was written is there when it is opened again': async ({ store, again }, expect) => {
    for (const taskId of ['t1', 't2', 't3']) await store.create(birth(taskId))
    await store.append(entry('t1', 2, 4), 0)
    await store.append(end('t2', 2))
    await store.append(end('t3', 2))
    await store.forget(['t3'])
    await store.release('t1')
    const before = [await store.read('t1'), await store.since(0, 10), await store.tasks()]
    await store.close()
    const later = await again()
    expect([await later.read('t1'), await later.since(0, 10), await later.tasks()]).toEqual(before)
    expect(await refusal(later.create(birth('t3')))).toEqual('task/duplicate-id')
    const { runId } = await later.acquire('t1')
    expect(runId > 4).toEqual(true)
    await later.append(entry('t1', 3, runId))
    const [, , , , newest] = await later.since(0, 10)
    expect(newest?.entry).toEqual(entry('t1', 3, runId))
  },

  'a task that was not let go of stays held as long as the process lives': async (
    { store, again },
    expect,
  ) => {
    await store.create(birth('t1'))
    await store.close()
    const later = await again()
    expect((await later.tasks()).map(({ heldBy }) => heldBy)).toEqual(['elsewhere'])
    expect(await refusal(later.acquire('t1'))).toEqual('store/held')
    expect(await refusal(later.append(entry('t1', 2)))).toEqual('store/stale-writer')
    expect((await later.read('t1')).length).toEqual(1)
  },

  'of two that are open at once, one holds a task, and the other takes it when it is let go of': async (
    { store, again },
    expect,
  ) => {
    const other = await again()
    await store.create(birth('t1'))
    expect(await refusal(other.acquire('t1'))).toEqual('store/held')
    await other.release('t1')
    expect(await refusal(other.acquire('t1'))).toEqual('store/held')
    await store.append(entry('t1', 2))
    await store.release('t1')
    const { runId } = await other.acquire('t1')
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['elsewhere'])
    expect((await other.tasks()).map(({ heldBy }) => heldBy)).toEqual(['here'])
    expect(await refusal(store.append(entry('t1', 3)))).toEqual('store/stale-writer')
    expect(await refusal(store.append(entry('t1', 3, runId)))).toEqual('store/stale-writer')
    await other.append(entry('t1', 3, runId))
    expect((await store.read('t1')).map((it) => it.runId)).toEqual([0, 0, runId])
  },

  'of two that want a task at once, one gets it': async ({ store, again }, expect) => {
    const other = await again()
    await store.create(birth('t1'))
    await store.release('t1')
    const both = await Promise.all([store, other].map((it) => refusal(it.acquire('t1'))))
    expect(both.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(['null', 'store/held'])
  },

  'of two that make a task of the same id at once, one does': async ({ store, again }, expect) => {
    const other = await again()
    const both = await Promise.all([store, other].map((it) => refusal(it.create(birth('t1')))))
    expect(both.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(['null', 'task/duplicate-id'])
    expect((await other.read('t1')).length).toEqual(1)
  },

  'what one forgets, the other does not find': async ({ store, again }, expect) => {
    const other = await again()
    await store.create(birth('t1'))
    await store.append(end('t1', 2))
    expect((await other.read('t1')).length).toEqual(2)
    await other.forget(['t1'])
    expect([await store.read('t1'), await store.tasks()]).toEqual([[], []])
  },
}
