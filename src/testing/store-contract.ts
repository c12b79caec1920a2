import { RuntimeError } from '../errors.ts'
import type { Store } from '../host.ts'
import type { ChartFact, Entry } from '../protocol/journal.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { TestKit } from './model-contract.ts'

/** What a store under test brings. */
export interface StoreContract {
  /** A fresh, empty store each time. */
  readonly open: () => Promise<Store>
}

type Check = (store: Store, expect: TestKit['expect']) => Promise<void>

const CASES: Readonly<Record<string, Check>> = {
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
    await store.append({ ...entry('t1', 2, 0), fact: { type: 'task.ended', at: 2, outcome: DONE } })
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

  'a closed store refuses everything, by name': async (store, expect) => {
    await store.create(birth('t1'))
    await store.close()
    expect(await refusal(store.append(entry('t1', 2, 0)))).toEqual('store/closed')
    expect(await refusal(store.create(birth('t2')))).toEqual('store/closed')
    expect(await refusal(store.read('t1'))).toEqual('store/closed')
    await store.close()
  },
}

/** The suite that every store must pass. It is what the comments on `Store` mean. */
export function storeContract(name: string, { open }: StoreContract, kit: TestKit): void {
  kit.describe(`${name} keeps the contract of a store`, () => {
    for (const [title, check] of Object.entries(CASES)) {
      kit.it(title, async () => {
        const store = await open()
        try {
          await check(store, kit.expect)
        } finally {
          await store.close()
        }
      })
    }
  })
}

const DONE = { status: 'completed', result: 'Done.' } as const

async function refusal(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    return RuntimeError.is(error) ? error.code : String(error)
  }
}

function birth(taskId: string): Entry {
  return { v: 1, taskId, seq: 1, runId: 0, fact: { type: 'task.created', at: 1, spec: specOf(taskId) } }
}

function entry(taskId: string, seq: number, runId = 0): Entry {
  const fact: ChartFact = { type: 'task.pauseAsked', by: 'user' }
  return { v: 1, taskId, seq, runId, fact: { ...fact, at: seq } }
}

function specOf(id: string): TaskSpec {
  return {
    id,
    agent: 'coder',
    message: 'Do it.',
    title: 'Do it.',
    parent: null,
    depth: 0,
    background: false,
    asksToStop: false,
    instructions: 'Work.',
    notes: null,
    tools: [],
    model: { name: 'scripted', contextWindow: 1_000 },
    boundary: [],
    limits: {
      maxTurns: 3,
      timeoutMs: null,
      idleMs: null,
      toolTimeoutMs: 1_000,
      modelTimeoutMs: 1_000,
      approvalTimeoutMs: null,
      retries: 1,
    },
    dataSchema: null,
  }
}
