/** Pauses and resumes that meet while what they hold is being born, spawned, moved or written. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/protocol/journal.ts'
import type { TaskView } from '../../src/protocol/task.ts'
import { complete, use, uses } from '../../src/testing/scripted-model.ts'
import { when } from '../support/runtime.ts'
import { slowStore } from './slow-store.ts'
import { newTask, openStage, refusing, settled, type Stage } from './stage.ts'

const step = use('list_tasks', {})
const inBackground = uses([newTask('Child', { background: true })])
const isHeld = ({ pausedBy, status }: TaskView) => pausedBy.length > 0 || status === 'paused'
const heldIn = async ({ runtime }: Pick<Stage, 'runtime'>) => (await runtime.tasks()).filter(isHeld)

/** What came of it, or that nothing did yet. */
function outcomeOf(promise: Promise<unknown>): () => string {
  let outcome = 'under way'
  promise.then(
    () => (outcome = 'done'),
    (error: unknown) => (outcome = String(error)),
  )
  return () => outcome
}

describe('a pause and a resume of a parent leave nothing held', () => {
  it('that meet the birth of its child', async () => {
    const slow = slowStore()
    const stage = await openStage({ store: slow.store })
    const { runtime, models } = stage
    const parent = await runtime.start({ message: 'Parent' })
    slow.hold(({ fact }) => fact.type === 'task.created')
    await models.say('Parent', inBackground)
    await when(() => slow.held.length === 1)
    const paused = outcomeOf(parent.pause())
    await when(() => parent.status === 'pausing' || parent.status === 'paused')
    const resumed = outcomeOf(parent.resume())
    await settled(runtime)
    slow.open()
    await when(() => models.open.length === 2)
    await settled(runtime)
    expect([paused(), resumed(), await heldIn(stage)]).toEqual(['done', 'done', []])
  })

  it('when the hold is still on its way to its child', async () => {
    const slow = slowStore()
    const stage = await openStage({ store: slow.store })
    const { runtime, models } = stage
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child')]))
    await models.body('Child')
    await settled(runtime)
    slow.hold(({ taskId }) => taskId !== parent.id)
    const paused = outcomeOf(parent.pause())
    await when(() => parent.status === 'paused')
    const resumed = outcomeOf(parent.resume())
    await settled(runtime)
    slow.open()
    await models.say('Child', step)
    await settled(runtime)
    expect([paused(), resumed(), await heldIn(stage)]).toEqual(['done', 'done', []])
    expect(models.open).toEqual(['Child'])
  })

  it('when a child that was born meanwhile is only about to be held', async () => {
    const slow = slowStore()
    const stage = await openStage({ store: slow.store })
    const { runtime, models } = stage
    const parent = await runtime.start({ message: 'Parent' })
    slow.hold(({ taskId }) => taskId !== parent.id)
    await models.say('Parent', inBackground)
    await when(() => slow.held.length === 1)
    await parent.pause({ subtree: false })
    slow.let()
    await when(() => slow.held[0]?.fact.type === 'task.pauseAsked')
    await parent.resume()
    slow.open()
    await when(() => models.open.length === 2)
    await settled(runtime)
    expect(await heldIn(stage)).toEqual([])
  })

  it('where nobody queues: the family has its slot again, and goes on', async () => {
    const stage = await openStage({ concurrency: { background: 1, atCap: 'reject' } })
    const { runtime, models } = stage
    const parent = await runtime.start({ message: 'Parent', background: true })
    await models.say('Parent', uses([newTask('Child')]))
    await models.body('Child')
    await parent.pause()
    await models.say('Child', step)
    await settled(runtime)
    expect(await heldIn(stage)).toHaveLength(2)
    await parent.resume()
    await settled(runtime)
    expect([models.open, await heldIn(stage)]).toEqual([['Child'], []])
    expect(runtime.slots()).toMatchObject({ running: 1, queued: 0 })
    await models.say('Child', complete('Done.'))
    await models.say('Parent', complete('Done.'))
    expect(await parent.result()).toMatchObject({ status: 'completed' })
    expect(runtime.slots().running).toBe(0)
  })
})

describe('a parent that is lost', () => {
  /** A parent whose journal takes no such fact, and its child. */
  async function openFamily(refused: string) {
    let isRefused = (_: Entry) => false
    const stage = await openStage({ store: refusing((entry) => isRefused(entry)) })
    const parent = await stage.runtime.start({ message: 'Parent' })
    await stage.models.say('Parent', inBackground)
    await when(() => stage.models.open.length === 2)
    isRefused = ({ taskId, fact }) => taskId === parent.id && fact.type === refused
    return { ...stage, parent }
  }

  it('leaves nobody held by a pause of its own that was not kept', async () => {
    const family = await openFamily('task.pauseAsked')
    const { runtime, models, parent } = family
    await expect(parent.pause()).rejects.toMatchObject({ code: 'store/conflict' })
    await models.say('Child', step)
    await settled(runtime)
    const held = (await heldIn(family)).filter(({ id }) => id !== parent.id)
    expect([parent.status, held]).toEqual(['lost', []])
    expect(models.open).toContain('Child')
  })

  it('while it is paused is still paused, and those below with it, until it is taken up', async () => {
    const family = await openFamily('task.messaged')
    const { runtime, models, parent } = family
    await parent.pause()
    await models.say('Parent', step)
    await models.say('Child', step)
    await settled(runtime)
    expect(await heldIn(family)).toHaveLength(2)
    await expect(parent.message('Hear this.')).rejects.toMatchObject({ code: 'store/conflict' })
    await settled(runtime)
    expect([parent.status, models.open]).toEqual(['lost', []])
    await runtime.resume(parent.id)
    await when(() => models.open.length === 2)
    expect(await heldIn(family)).toEqual([])
  })
})

it('a child that is spawned with the pause of its parent on its way is held too', async () => {
  const slow = slowStore()
  const { runtime, models, find } = await openStage({ store: slow.store })
  const parent = await runtime.start({ message: 'Parent' })
  const isOwn = (type: string) => slow.hold(({ taskId, fact }) => taskId === parent.id && fact.type === type)
  isOwn('call.checked')
  await models.say('Parent', inBackground)
  await when(() => slow.held.length === 1)
  isOwn('task.pauseAsked')
  const pausing = parent.pause()
  slow.let()
  await models.body('Child')
  await when(() => slow.held.length === 1)
  expect((await find('Child')).pausedBy).toEqual([])
  slow.open()
  await pausing
  expect((await find('Child')).pausedBy).toEqual([`parent/${parent.id}`])
})

it('a task moves to the background and goes on, with a pause and a resume in flight', async () => {
  const slow = slowStore()
  const { runtime, models } = await openStage({ store: slow.store, concurrency: { background: 1 } })
  const { id } = await runtime.start({ message: 'Parent' })
  await models.say('Parent', uses([newTask('Child')]))
  await models.body('Child')
  await settled(runtime)
  slow.hold(({ taskId }) => taskId === id)
  const outcomes = [runtime.toBackground(id), runtime.pause(id, { subtree: false }), runtime.resume(id)].map(
    outcomeOf,
  )
  await when(() => slow.held.length === 1)
  await settled(runtime)
  slow.open()
  await settled(runtime)
  expect(outcomes.map((outcome) => outcome())).toEqual(['done', 'done', 'done'])
  await models.say('Child', complete('Done.'))
  await settled(runtime)
  expect([models.open, runtime.slots()]).toEqual([['Parent'], { running: 1, cap: 1, queued: 0 }])
  await models.say('Parent', complete('Done.'))
  expect(await runtime.result(id)).toMatchObject({ status: 'completed' })
  expect(runtime.slots()).toMatchObject({ running: 0, queued: 0 })
})
