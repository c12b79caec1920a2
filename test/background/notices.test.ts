/** What a person is told: one end for each task in the background, however slow the person's side is. */
import { expect, it } from 'vitest'
import type { Notice } from '../../src/host.ts'
import { complete, use, uses } from '../../src/testing/scripted-model.ts'
import { when } from '../support/runtime.ts'
import { newTask, openStage, refusing, settled } from './stage.ts'

const ends = (notices: readonly Notice[]) => notices.filter(({ kind }) => kind === 'ended')

it('one end for each task: a stable id, its name, its outcome, a line of its result', async () => {
  const { models, notices, background } = await openStage()
  const [a, b, c] = await background('A', 'B', 'C')
  await models.say('A', complete('\n  Found it in a.ts.\nAnd much more that is read elsewhere.'))
  ;(await models.body('B')).fail('model/unauthorised')
  await c?.cancel('Not needed.')
  await when(() => ends(notices).length === 3)
  const shown = ends(notices).map(({ id, title, agent, status, text }) => [id, title, agent, status, text])
  expect(shown).toHaveLength(3)
  expect(shown).toEqual(
    expect.arrayContaining([
      [`${a?.id}/ended`, 'A', 'lead', 'completed', 'Found it in a.ts.'],
      [`${b?.id}/ended`, 'B', 'lead', 'failed', 'A puppet failed.'],
      [`${c?.id}/ended`, 'C', 'lead', 'cancelled', 'Not needed.'],
    ]),
  )
})

it('one for a task that was moved to the background, and none for one in front', async () => {
  const { runtime, models, notices } = await openStage()
  const moved = await runtime.start({ message: 'Moved' })
  await models.body('Moved')
  await runtime.toBackground(moved.id)
  await models.say('Moved', uses([newTask('In the background too')]))
  await models.say('In the background too', complete('Done.'))
  await models.say('Moved', complete('Moved and done.'))
  await moved.result()
  const front = await runtime.start({ message: 'Front' })
  await models.say('Front', uses([newTask('In front')]))
  await models.say('In front', complete('Done.'))
  await models.say('Front', complete('Done.'))
  await front.result()
  expect(ends(notices).map(({ title }) => title)).toEqual(['In the background too', 'Moved'])
  expect(notices.filter(({ title }) => title.includes('ront'))).toEqual([])
})

it('one for a task that was lost, and none for one that was never kept', async () => {
  const store = refusing(
    ({ fact }) =>
      fact.type === 'model.replied' || (fact.type === 'task.created' && fact.spec.title === 'Unborn'),
  )
  const { runtime, models, notices, background } = await openStage({ store })
  await background('Unborn', 'Lost')
  await models.say('Lost', complete('Done.'))
  await when(() => runtime.slots().running === 0)
  expect(ends(notices).map(({ title, status }) => [title, status])).toEqual([['Lost', 'failed']])
  expect(notices.filter(({ title }) => title === 'Unborn')).toEqual([])
})

it('how tasks get on: queued, running, asking, paused, each once', async () => {
  const { runtime, models, notices, background } = await openStage({ concurrency: { background: 1 } })
  const [a] = await background('A', 'B')
  await models.body('A')
  await a?.pause()
  await models.say('A', step)
  await models.say('B', use('ask_followup_question', { question: 'Which?' }))
  await when(() => runtime.approvals.list().length === 1)
  await settled(runtime)
  const shown = notices.map(({ title, status, text }) => `${title} ${status}: ${text}`)
  expect(shown.sort()).toEqual([
    'A paused: Held by user.',
    'A running: ',
    'B asking: It waits for a person.',
    'B queued: Next to run.',
    'B running: ',
  ])
  expect(new Set(notices.map(({ id }) => id)).size).toBe(notices.length)
})

const step = use('list_files', { path: '.' })

it('while the person is at one, the oldest progress is dropped and counted, and no end is', async () => {
  const told: Notice[] = []
  let letOne = () => {}
  const notify = (notice: Notice) => {
    told.push(notice)
    return new Promise<void>((resolve) => (letOne = resolve))
  }
  const names = Array.from({ length: 150 }, (_, n) => `T${n}`)
  const { runtime, models, warnings, background } = await openStage({
    human: { notify },
    concurrency: { background: 5, queue: 500 },
  })
  const tasks = await background(...names)
  for (const name of names) await models.say(name, complete(`${name} is done.`))
  await Promise.all(tasks.map((task) => task.result()))
  expect([told.length, runtime.slots().running]).toEqual([1, 0])
  for (let seen = 0; seen < told.length; ) {
    seen = told.length
    letOne()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(new Set(ends(told).map(({ title }) => title))).toEqual(new Set(names))
  expect(ends(told)).toHaveLength(names.length)
  const progress = told.length - names.length
  const dropped = told.reduce((sum, notice) => sum + notice.dropped, 0)
  expect(progress).toBeLessThanOrEqual(101)
  expect(progress + dropped).toBe(145 + 150)
  expect(warnings.filter((text) => text.includes('notify is still at'))).toHaveLength(1)
})

it('a person whose side throws, at once or later, or never answers, delays no task', async () => {
  for (const notify of [
    () => {
      throw new Error('Broken.')
    },
    () => Promise.reject(new Error('Broken.')),
    () => new Promise(() => {}),
  ]) {
    const { runtime, models, background } = await openStage({ human: { notify } })
    const [task] = await background('A')
    await models.say('A', complete('Done.'))
    expect(await task?.result()).toMatchObject({ status: 'completed' })
    expect(runtime.slots().running).toBe(0)
  }
})
