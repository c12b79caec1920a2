/** L3 over processes that share a store on disk: the cap is the workspace's, and so is a free slot. */
import { describe, expect, it } from 'vitest'
import { complete, uses } from '../../src/testing/scripted-model.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { type Puppets, puppets } from '../background/puppets.ts'
import { newTask, openStage, type Stage, type StageOptions } from '../background/stage.ts'
import { SHORT, until, workplaceWorld } from '../stores/workplace-world.ts'
import { when } from '../support/runtime.ts'

const world = workplaceWorld()

/** A runtime on the store of a directory, as if it was alone in its process. */
async function openOn(
  directory: string,
  models: Puppets,
  concurrency: NonNullable<StageOptions['concurrency']>,
): Promise<Stage> {
  const store = await openSqlite({ directory, times: SHORT })
  return openStage({ store, model: models.model, concurrency })
}

const resultsOf = (tasks: readonly Task[]) => Promise.all(tasks.map((task) => task.result()))

describe('two runtimes on one store', () => {
  it('never have more bodies than the smallest cap, and get through with all that waits', async () => {
    const [directory, models] = [await world.directory(), puppets()]
    const [wide, narrow] = [
      await openOn(directory, models, { background: 4 }),
      await openOn(directory, models, { background: 2 }),
    ]
    const messages = (mark: string) => Array.from({ length: 8 }, (_, index) => `${mark}${index}`)
    // The cap of a process counts from the moment in which it has something to do.
    const tasks = [
      ...(await narrow.background(...messages('B'))),
      ...(await wide.background(...messages('A'))),
    ]
    for (let ended = 0; ended < 16; ended += 1) {
      await when(() => models.open.length > 0)
      await models.say(models.open.at(-1) as string, complete('Done.'))
    }
    expect((await resultsOf(tasks)).map(({ status }) => status)).toEqual(Array(16).fill('completed'))
    expect(models.most).toBe(2)
    await until('all slots are free', () => [wide, narrow].every((it) => it.runtime.slots().running === 0))
  })

  it('show the same load, and what one gives back the other takes', async () => {
    const [directory, models] = [await world.directory(), puppets()]
    const [first, second] = [
      await openOn(directory, models, { background: 1 }),
      await openOn(directory, models, { background: 3 }),
    ]
    await first.background('A')
    await models.body('A')
    const waits = await second.background('B', 'C')
    expect(waits.map(({ status }) => status)).toEqual(['queued', 'queued'])
    const load = { running: 1, cap: 1, queued: 2 }
    expect(second.runtime.slots()).toEqual(load)
    await until('the first sees who waits', () => first.runtime.slots().queued === 2)
    expect(first.runtime.slots()).toEqual(load)
    await models.say('A', complete('Done.'))
    await models.say('B', complete('Done.'))
    await models.say('C', complete('Done.'))
    expect((await resultsOf(waits)).map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect(models.most).toBe(1)
  })

  it('leave a slot with the task that waits for another in front of it', async () => {
    const [directory, models] = [await world.directory(), puppets()]
    const [first, second] = [
      await openOn(directory, models, { background: 1 }),
      await openOn(directory, models, { background: 1 }),
    ]
    const [parent] = await first.background('parent')
    await models.body('parent')
    const [other] = await second.background('other')
    await models.say('parent', uses([newTask('child')]))
    await models.say('child', complete('The child is done.'))
    await models.say('parent', complete('All is done.'))
    expect((await parent?.result())?.status).toBe('completed')
    await models.say('other', complete('Done.'))
    expect((await other?.result())?.status).toBe('completed')
    expect(models.most).toBe(1)
  })
})

describe('beside another process', () => {
  it('a slot is denied that it has taken, and given when it gives it back', async () => {
    const [directory, models] = [await world.directory(), puppets()]
    const neighbour = await world.neighbour({ directory, cap: 1, times: SHORT })
    const { background, runtime } = await openOn(directory, models, { background: 5 })
    await neighbour.call('takeSlot', 'n1', { background: 1 })
    const [task] = await background('A')
    expect([task?.status, runtime.slots()]).toEqual(['queued', { running: 1, cap: 1, queued: 1 }])
    await neighbour.call('close')
    await models.say('A', complete('Done.'))
    expect((await task?.result())?.status).toBe('completed')
  })

  it('its slots are free when it is killed, and whoever waits for one begins', async () => {
    const [directory, models] = [await world.directory(), puppets()]
    const neighbour = await world.neighbour({ directory, cap: 1, times: SHORT })
    await neighbour.call('takeSlot', 'n1', { background: 1 })
    const { background, runtime } = await openOn(directory, models, { background: 2 })
    const tasks = await background('A', 'B')
    expect(tasks.map(({ status }) => status)).toEqual(['queued', 'queued'])
    await neighbour.kill()
    await models.body('A')
    await models.body('B')
    expect(runtime.slots()).toEqual({ running: 2, cap: 2, queued: 0 })
  })
})
