/** L4: the right to a task ends when its body has ended, not when somebody has asked for that. */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Store } from '../../src/host.ts'
import type { Runtime } from '../../src/runtime.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { complete, scriptedModel, use } from '../../src/testing/testing.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { when, workspaceWith } from '../support/runtime.ts'

/** A call that ends when the test says so, whatever it is told. */
function stubborn() {
  let calls = 0
  let end = () => {}
  const tool = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.strictObject({}),
    execute() {
      calls += 1
      return new Promise<string>((resolve) => (end = () => resolve('done')))
    },
  })
  return { tool, calls: () => calls, end: () => end() }
}

/** Two runtimes on one store, as far as it can tell. */
async function twoProcesses() {
  const workspace = await workspaceWith()
  const work = stubborn()
  const open = async (wrap = (store: Store) => store): Promise<Runtime> => {
    const runtime = await createRuntime({
      workspace,
      settings: false,
      store: wrap(await openSqlite({ directory: join(workspace, '.troupe/state') })),
      tools: [work.tool],
      policy: { allow: ['work'] },
      model: scriptedModel({ lead: [use('work'), complete('Done.')] }),
    })
    onTestFinished(() => runtime.close({ graceMs: 0 }))
    return runtime
  }
  return { work, open }
}

describe('a task that is being paused', () => {
  it('is held as long as its body lives, and another process that resumes it asks the one that has it', async () => {
    const { work, open } = await twoProcesses()
    const one = await open()
    const task = await one.start({ message: 'Work.' })
    await when(() => work.calls() === 1)
    await task.pause()
    expect(task.status).toBe('pausing')

    const other = await open()
    expect(await other.tasks()).toMatchObject([{ status: 'pausing', heldBy: 'elsewhere' }])
    const resuming = other.resume(task.id)
    await when(() => one.slots().running === 0)
    expect(await other.tasks()).toMatchObject([{ heldBy: 'elsewhere' }])
    work.end()
    await resuming
    expect(await task.result()).toMatchObject({ status: 'completed' })
    expect(work.calls()).toBe(1)
  })
})

describe('the result of a task in another process', () => {
  it('is the one it came to, also when it comes to it while it is looked who has it', async () => {
    const { work, open } = await twoProcesses()
    const one = await open()
    const task = await one.start({ message: 'Work.' })
    await when(() => work.calls() === 1)
    let looks = 0
    const other = await open((store) => ({
      ...store,
      async tasks(which) {
        looks += 1
        work.end()
        await task.result()
        return store.tasks(which)
      },
    }))
    expect(await other.result(task.id)).toMatchObject({ status: 'completed' })
    expect(looks).toBeGreaterThan(0)
  })
})
