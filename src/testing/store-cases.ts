import type { Store } from '../host.ts'
import type { TestKit } from './model-contract.ts'
import { birth, end, entry, refusal, VIEW } from './store-entries.ts'

type Check = (store: Store, expect: TestKit['expect']) => Promise<void>

/** What every store does, by what the reader of a report should know of it. */
export const STORE_CASES: Readonly<Record<string, Check>> = {
  'reads back what was written, in order': async (store, expect) => {
    await store.create(birth('t1'))
    await store.append(entry('t1', 2), 0)
    await store.append(entry('t1', 3))
    expect((await store.read('t1')).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect((await store.read('t1'))[0]).toEqual(birth('t1'))
    expect((await store.read('t1', 2)).map(({ seq }) => seq)).toEqual([3])
  },

  'an id is used once, ended or not': async (store, expect) => {
    await store.create(birth('t1'))
    expect(await refusal(store.create(birth('t1')))).toEqual('task/duplicate-id')
    expect((await store.read('t1')).length).toEqual(1)
  },

  'one of two writers of the same number wins': async (store, expect) => {
    await store.create(birth('t1'))
    const both = await Promise.all([0, 0].map((runId) => refusal(store.append(entry('t1', 2, runId)))))
    expect(both.filter((code) => code === null).length).toEqual(1)
    expect(both.includes('store/conflict')).toEqual(true)
  },

  'a number that leaves a gap is refused': async (store, expect) => {
    await store.create(birth('t1'))
    expect(await refusal(store.append(entry('t1', 3, 0)))).toEqual('store/conflict')
  },

  'a writer of an older run is refused, and the token moves with the fact that begins a run': async (
    store,
    expect,
  ) => {
    await store.create(birth('t1'))
    await store.append(entry('t1', 2, 1), 0)
    expect(await refusal(store.append(entry('t1', 3, 0)))).toEqual('store/stale-writer')
    expect(await refusal(store.append(entry('t1', 3, 2), 0))).toEqual('store/stale-writer')
    await store.append(entry('t1', 3, 2), 1)
    expect((await store.read('t1')).map(({ runId }) => runId)).toEqual([0, 1, 2])
  },

  'a refused fact leaves nothing behind, the token neither': async (store, expect) => {
    await store.create(birth('t1'))
    expect(await refusal(store.append(entry('t1', 9, 1), 0))).toEqual('store/conflict')
    await store.append(entry('t1', 2, 0))
    expect((await store.read('t1')).length).toEqual(2)
  },

  'writes of one task resolve in the order they were made, and a refusal spoils no other': async (
    store,
    expect,
  ) => {
    await store.create(birth('t1'))
    await store.create(birth('t2'))
    const order: string[] = []
    const note = (name: string, write: Promise<void>) =>
      refusal(write).then((code) => order.push(code ?? name))
    await Promise.all([
      note('first', store.append(entry('t1', 2, 0))),
      note('refused', store.append(entry('t1', 2, 0))),
      note('second', store.append(entry('t1', 3, 0))),
      store.append(entry('t2', 2, 0)),
    ])
    expect(order).toEqual(['first', 'store/conflict', 'second'])
    expect((await store.read('t2')).length).toEqual(2)
  },

  'keeps tasks apart, and knows which have ended': async (store, expect) => {
    await store.create(birth('t1'))
    await store.create(birth('t2'))
    await store.append(end('t1', 2))
    const tasks = await store.tasks()
    expect(tasks.map(({ spec, hasEnded }) => [spec.id, hasEnded])).toEqual([
      ['t1', true],
      ['t2', false],
    ])
    expect((await store.read('t2')).length).toEqual(1)
  },

  'an unknown task has no entries, and takes none': async (store, expect) => {
    expect(await store.read('nobody')).toEqual([])
    expect(await refusal(store.append(entry('nobody', 1)))).toEqual('task/no-such-task')
  },

  'what a reader does to what it read changes nothing': async (store, expect) => {
    await store.create(birth('t1'))
    const read = [...(await store.read('t1'))]
    read.pop()
    expect((await store.read('t1')).length).toEqual(1)
  },

  'whoever takes a task writes under a new token, and an older one is refused': async (store, expect) => {
    await store.create(birth('t1'))
    await store.append(entry('t1', 2, 1), 0)
    const { runId } = await store.acquire('t1')
    expect(runId > 1).toEqual(true)
    expect(await refusal(store.append(entry('t1', 3, 1)))).toEqual('store/stale-writer')
    await store.append(entry('t1', 3, runId))
    expect((await store.acquire('t1')).runId > runId).toEqual(true)
    expect(await refusal(store.append(entry('t1', 4, runId)))).toEqual('store/stale-writer')
    expect((await store.read('t1')).length).toEqual(3)
  },

  'a task is held here until it is let go of, or has ended': async (store, expect) => {
    for (const taskId of ['t1', 't2', 't3']) await store.create(birth(taskId))
    await store.release('t1')
    await store.append(end('t2', 2))
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['nobody', 'nobody', 'here'])
    await store.acquire('t1')
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['here', 'nobody', 'here'])
  },

  'an unknown task cannot be taken, and there is nothing wrong with letting go of it': async (
    store,
    expect,
  ) => {
    expect(await refusal(store.acquire('nobody'))).toEqual('task/no-such-task')
    expect(await refusal(store.release('nobody'))).toEqual(null)
  },

  'entries of all tasks come in the order in which they became durable, from a cursor on': async (
    store,
    expect,
  ) => {
    await store.create(birth('t1'))
    await store.create(birth('t2'))
    await Promise.all([store.append(entry('t1', 2)), store.append(entry('t2', 2))])
    await store.append(entry('t1', 3))
    const all = await store.since(0, 10)
    const names = (kept: typeof all) => kept.map(({ entry: { taskId, seq } }) => `${taskId}/${seq}`)
    expect(names(all)).toEqual(['t1/1', 't2/1', 't1/2', 't2/2', 't1/3'])
    expect(all[0]?.entry).toEqual(birth('t1'))
    const first = await store.since(0, 2)
    expect(names(first)).toEqual(['t1/1', 't2/1'])
    expect(names(await store.since(first[1]?.cursor ?? 0, 10))).toEqual(['t1/2', 't2/2', 't1/3'])
    expect(await store.since(all[4]?.cursor ?? 0, 10)).toEqual([])
  },

  'what was refused is in no order of entries either': async (store, expect) => {
    await store.create(birth('t1'))
    await refusal(store.append(entry('t1', 7)))
    await refusal(store.create(birth('t1')))
    expect((await store.since(0, 10)).length).toEqual(1)
  },

  'forgets ended tasks and no others, and their ids stay used': async (store, expect) => {
    for (const taskId of ['t1', 't2', 't3']) await store.create(birth(taskId))
    await store.append(end('t1', 2))
    await store.append(end('t3', 2))
    await store.forget(['t1', 't2', 'nobody'])
    expect((await store.tasks()).map(({ spec }) => spec.id)).toEqual(['t2', 't3'])
    expect(await store.read('t1')).toEqual([])
    expect((await store.since(0, 10)).map(({ entry: { taskId } }) => taskId)).toEqual(['t2', 't3', 't3'])
    expect(await refusal(store.create(birth('t1')))).toEqual('task/duplicate-id')
    expect(await refusal(store.append(entry('t1', 3)))).toEqual('task/no-such-task')
    expect(await refusal(store.acquire('t1'))).toEqual('task/no-such-task')
    await store.append(entry('t2', 2))
  },

  'how a task stood is kept for ended tasks at most, and as it was given': async (store, expect) => {
    await store.create(birth('t1'))
    await store.create(birth('t2'))
    await store.append(end('t1', 2))
    for (const id of ['t1', 't2', 'nobody']) store.keepView({ ...VIEW, id })
    await store.append(entry('t2', 2))
    const [ended, open] = await store.tasks()
    expect(ended?.view ?? { ...VIEW, id: 't1' }).toEqual({ ...VIEW, id: 't1' })
    expect(open?.view).toEqual(null)
  },

  'what was asked before it was closed is done': async (store, expect) => {
    const writes = [store.create(birth('t1')), store.append(entry('t1', 2)), store.append(entry('t1', 2))]
    const settled = Promise.all(writes.map(refusal))
    await store.close()
    expect(await settled).toEqual([null, null, 'store/conflict'])
  },

  'a closed store refuses everything, by name': async (store, expect) => {
    await store.create(birth('t1'))
    await store.close()
    expect(await refusal(store.append(entry('t1', 2, 0)))).toEqual('store/closed')
    expect(await refusal(store.create(birth('t2')))).toEqual('store/closed')
    expect(await refusal(store.read('t1'))).toEqual('store/closed')
    expect(await refusal(store.since(0, 1))).toEqual('store/closed')
    expect(await refusal(store.tasks())).toEqual('store/closed')
    expect(await refusal(store.acquire('t1'))).toEqual('store/closed')
    expect(await refusal(store.forget(['t1']))).toEqual('store/closed')
    expect(await refusal(store.release('t1'))).toEqual(null)
    await store.close()
  },
}
