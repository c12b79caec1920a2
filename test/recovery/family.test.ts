import { describe, expect, it, onTestFinished } from 'vitest'
import { createRuntime } from '../../src/hosts/node.ts'
import type { Store } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import type { Runtime } from '../../src/runtime.ts'
import { complete, scriptedModel, uses } from '../../src/testing/testing.ts'
import { newTask, openStage, settled, type Stage } from '../background/stage.ts'
import { workspaceWith } from '../support/runtime.ts'
import { cutOff, recorded, upTo } from './cut-off.ts'

/**
 * A lead that waits in front of one child, while another works in the background, both for as long as it
 * takes.
 */
async function familyAtWork(): Promise<{ stage: Stage; lead: string }> {
  const stage = await openStage()
  const { runtime, models } = stage
  const { id } = await runtime.start({ message: 'lead' })
  await models.say('lead', uses([newTask('beside', { background: true }), newTask('before')]))
  await models.body('beside')
  await models.body('before')
  await settled(runtime)
  return { stage, lead: id }
}

/** Opens what a crash has left behind, with a model that ends every task at once. */
async function takeOver(store: Store): Promise<Runtime> {
  const model = scriptedModel(() => complete('Done.'))
  const warn = (text: string) => expect.fail(text)
  const runtime = await createRuntime({
    workspace: await workspaceWith(),
    settings: false,
    store,
    model,
    warn,
  })
  onTestFinished(() => runtime.close({ graceMs: 0 }))
  return runtime
}

const isOf = (taskId: string, type: string) => (entry: Entry) =>
  entry.taskId === taskId && entry.fact.type === type

describe('L7: a crash at every fact of what a family is told', () => {
  it('a cancel that was cut off in the middle ends all that work for the task', async () => {
    const { stage, lead } = await familyAtWork()
    await stage.runtime.cancel(lead)
    await settled(stage.runtime)
    const entries = await recorded(stage.store)
    const first = upTo(entries, isOf(lead, 'task.cancelAsked'))
    expect(first).toBeGreaterThan(1)
    for (let count = first; count <= entries.length; count += 1) {
      const runtime = await takeOver(await cutOff(entries, count))
      await runtime.recover()
      await settled(runtime)
      const statuses = (await runtime.tasks()).map(({ status }) => status)
      expect(statuses, `after ${count} facts`).toEqual(['cancelled', 'cancelled', 'cancelled'])
    }
  })

  it('a resume that was cut off in the middle leaves nobody held', async () => {
    const { stage, lead } = await familyAtWork()
    const { runtime: first, models } = stage
    const pausing = first.pause(lead)
    // A reply that was paid for is kept.
    await settled(first)
    await models.say('beside', uses([{ tool: 'list_tasks', input: {} }]))
    await models.say('before', uses([{ tool: 'list_tasks', input: {} }]))
    await pausing
    await settled(first)
    expect((await first.tasks()).map(({ status }) => status)).toEqual(['paused', 'paused', 'paused'])
    const held = (await recorded(stage.store)).length
    await first.resume(lead)
    await settled(first)

    const entries = await recorded(stage.store)
    const resumed = upTo(entries, isOf(lead, 'task.resumeAsked'))
    for (let count = held; count <= entries.length; count += 1) {
      const runtime = await takeOver(await cutOff(entries, count))
      await runtime.recover()
      await settled(runtime)
      const statuses = new Set((await runtime.tasks()).map(({ status }) => status))
      // What the user holds stays so; what they have let go of goes on, all of it.
      expect([...statuses], `after ${count} facts`).toEqual([count < resumed ? 'paused' : 'completed'])
    }
  })

  it('a result that was cut off on its way is told once', async () => {
    const { stage } = await familyAtWork()
    const { runtime: first, models } = stage
    await models.say('beside', complete('The report.'))
    await models.say('before', complete('Another report.'))
    await settled(first)
    const entries = await recorded(stage.store)
    const ended = upTo(entries, ({ fact }) => fact.type === 'task.ended')
    for (let count = ended; count <= entries.length; count += 1) {
      const store = await cutOff(entries, count)
      const runtime = await takeOver(store)
      await runtime.recover()
      await settled(runtime)
      const told = (await recorded(store)).flatMap(({ fact }) =>
        fact.type === 'child.ended' ? [fact.report.taskId] : [],
      )
      expect(new Set(told).size, `after ${count} facts`).toBe(2)
      expect(told.length, `after ${count} facts`).toBe(2)
    }
  })
})

describe('L7: a task that nobody had comes to its end', () => {
  it('and the one it worked for, which lives here, is told', async () => {
    const { stage, lead } = await familyAtWork()
    const entries = await recorded(stage.store)
    const store = await cutOff(entries, entries.length)
    const [, beside] = (await store.tasks()).map(({ spec }) => spec.id)
    const { runtime, models } = await openStage({ store })
    // Somebody else has it when its parent is taken up, and has gone later.
    const lease = await store.acquire(beside ?? '')
    await runtime.resume(lead)
    await models.body('before')
    expect(lease.runId).toBeGreaterThan(0)
    await store.release(beside ?? '')

    await runtime.cancel(beside ?? '', 'No longer needed.')
    await models.say('before', complete('Done.'))
    const { request } = await models.body('lead')
    expect(JSON.stringify(request.lines).split('No longer needed.')).toHaveLength(2)
  })
})
