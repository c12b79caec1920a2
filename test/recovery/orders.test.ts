import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Store } from '../../src/host.ts'
import type { Runtime } from '../../src/runtime.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { complete, hangs, type Script, scriptedModel, use } from '../../src/testing/testing.ts'
import { when, workspaceWith } from '../support/runtime.ts'

const HANGING: Script = { lead: [hangs()], explorer: [hangs()] }
const DELEGATING: Script = {
  lead: [use('new_task', { agent: 'explorer', message: 'look' }), complete('Done.')],
  explorer: [hangs()],
}

interface Opened {
  readonly runtime: Runtime
  readonly warnings: readonly string[]
}

/** One process on the workspace, as far as the store can tell. */
async function open(workspace: string, script: Script, wrap = (store: Store) => store): Promise<Opened> {
  const warnings: string[] = []
  const store = await openSqlite({ directory: join(workspace, '.troupe/state') })
  const runtime = await createRuntime({
    workspace,
    settings: false,
    warn: (text) => void warnings.push(text),
    onAsk: 'park',
    store: wrap(store),
    model: scriptedModel(script),
  })
  onTestFinished(() => runtime.close({ graceMs: 0 }))
  return { runtime, warnings }
}

/** Tasks that were at work when their process went away; nobody has them. */
async function leftBehind(script: Script, state: string, messages = ['work']) {
  const workspace = await workspaceWith()
  const { runtime } = await open(workspace, script)
  const tasks = await Promise.all(messages.map((message) => runtime.start({ message })))
  await when(() => tasks.every((task) => task.state === state))
  await runtime.close({ graceMs: 0 })
  return { workspace, ids: tasks.map(({ id }) => id) }
}

describe('L4: orders for a task that nobody has', () => {
  it('at the same moment are all carried out, one after the other', async () => {
    const { workspace, ids } = await leftBehind(HANGING, 'running.thinking')
    const [id = ''] = ids
    const { runtime } = await open(workspace, HANGING)
    const said = ['one', 'two', 'three']
    await Promise.all([
      ...said.map((text) => runtime.message(id, text)),
      runtime.pause(id),
      runtime.message(id, 'four'),
    ])
    const told = (await runtime.journal(id)).flatMap(({ fact }) =>
      fact.type === 'task.messaged' ? [fact.text] : [],
    )
    expect(told.toSorted()).toEqual([...said, 'four'].toSorted())
    expect(await runtime.tasks({ id })).toMatchObject([{ status: 'paused', heldBy: 'nobody' }])
  })

  it('are carried out also while it is being taken up here', async () => {
    const { workspace, ids } = await leftBehind(HANGING, 'running.thinking')
    const [id = ''] = ids
    let read = () => {}
    const { runtime } = await open(workspace, HANGING, (store) => ({
      ...store,
      async acquire(taskId) {
        const lease = await store.acquire(taskId)
        // It is ours from here on, and does not live here yet.
        await new Promise<void>((resolve) => (read = resolve))
        return lease
      },
    }))
    const resuming = runtime.resume(id)
    const acquired = read
    await when(() => read !== acquired)
    const message = runtime.message(id, 'hello')
    read()
    await Promise.all([resuming, message])
    expect(await runtime.tasks({ id })).toMatchObject([{ status: 'running', heldBy: 'here' }])
  })

  it('may be to resume it, several times at once', async () => {
    const { workspace, ids } = await leftBehind(HANGING, 'running.thinking')
    const [id = ''] = ids
    const { runtime } = await open(workspace, HANGING)
    await Promise.all([runtime.resumeAll(), runtime.resume(id), runtime.recover(), runtime.resumeAll()])
    expect(await runtime.tasks({ id })).toMatchObject([{ status: 'running', heldBy: 'here' }])
    const begun = (await runtime.journal(id)).filter(({ fact }) => fact.type === 'task.resumed')
    expect(begun).toHaveLength(1)
  })
})

describe('recovery of several tasks', () => {
  it('goes on when one of them can not be read, and says so', async () => {
    const { workspace, ids } = await leftBehind(HANGING, 'running.thinking', ['one', 'two'])
    const [one = '', two = ''] = ids
    const { runtime, warnings } = await open(workspace, HANGING, (store) => ({
      ...store,
      read: (id, after) => (id === one ? Promise.reject(new Error('It is torn.')) : store.read(id, after)),
    }))
    await runtime.resumeAll()
    expect(await runtime.tasks({ id: two })).toMatchObject([{ status: 'running' }])
    expect(warnings).toEqual([expect.stringContaining(`${one} can't be taken up: It is torn.`)])
  })

  it('does not take a child that came first for one that has moved to the background', async () => {
    const { workspace, ids } = await leftBehind(DELEGATING, 'running.delegating')
    const [lead = ''] = ids
    const { runtime } = await open(workspace, DELEGATING)
    const [child] = await runtime.tasks({ parent: lead })
    await runtime.resume(child?.id ?? '')
    await runtime.resume(lead)
    await when(() => runtime.slots().running === 0)
    await runtime.message(lead, 'hello')
    expect(await runtime.tasks()).toMatchObject([
      { state: 'running.delegating' },
      { state: 'running.thinking' },
    ])
    expect((await runtime.journal(lead)).filter(({ fact }) => fact.type === 'call.ended')).toEqual([])
  })
})
