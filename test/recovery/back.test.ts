/** What was so before a process went away is so again when another has taken its tasks up. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/protocol/journal.ts'
import type { TaskView } from '../../src/protocol/task.ts'
import { use, uses } from '../../src/testing/testing.ts'
import { newTask, openStage, settled, type Stage } from '../background/stage.ts'
import { when } from '../support/runtime.ts'
import { cutOff, recorded } from './cut-off.ts'

const TODOS = [
  { text: 'look', status: 'done' },
  { text: 'write', status: 'doing' },
] as const
const ONE_SLOT = { concurrency: { background: 1 } }

async function everything({
  runtime,
  store,
}: Stage): Promise<{ views: readonly TaskView[]; entries: readonly Entry[] }> {
  await settled(runtime)
  return { views: await runtime.tasks(), entries: await recorded(store) }
}

const leftBy = (entries: readonly Entry[]) => cutOff(entries, entries.length)

describe('after a crash', () => {
  it('todo list, holders, turns, boundary and cost are back', async () => {
    const stage = await openStage()
    const { runtime, models } = stage
    const boundary = { writePatterns: ['src/**'], readOnly: false }
    const { id } = await runtime.start({ message: 'A', boundary })
    await models.say('A', use('update_todo_list', { todos: TODOS }))
    await models.body('A')
    const pausing = runtime.pause(id, { by: 'night-shift' })
    await runtime.pause(id)
    await models.say('A', use('list_tasks'))
    await pausing
    const { views, entries } = await everything(stage)

    const store = await leftBy(entries)
    const again = await openStage({ store })
    expect(await again.runtime.tasks()).toEqual(views.map((view) => ({ ...view, heldBy: 'nobody' })))
    // The user's wish does not let go of what others hold.
    await expect(again.runtime.resume(id)).rejects.toMatchObject({ code: 'task/held' })
    const [view] = await again.runtime.tasks()
    expect(view).toMatchObject({ todos: TODOS, pausedBy: ['night-shift'], turns: 2, heldBy: 'here' })
    const [record] = await store.tasks()
    expect(record?.spec.boundary).toEqual([boundary])
  })

  it('what a person is asked is asked again, under the same mark, and an answer given meanwhile holds', async () => {
    const stage = await openStage()
    const { id } = await stage.runtime.start({ message: 'A' })
    await stage.models.say('A', uses([{ tool: 'write_file', input: { path: 'a.txt', content: 'one' } }]))
    await when(() => stage.runtime.approvals.list().length > 0)
    const [asked] = stage.runtime.approvals.list()
    const { entries } = await everything(stage)

    const store = await leftBy(entries)
    const between = await openStage({ store })
    const [waiting] = await between.runtime.approvals.all()
    expect(waiting).toMatchObject({ id: asked?.id, shown: asked?.shown, askedAt: asked?.askedAt })
    await between.runtime.approvals.answer(asked?.id ?? '', { allow: true, shown: asked?.shown, by: 'ada' })
    await expect(between.runtime.approvals.answer(asked?.id ?? '', { allow: false })).rejects.toMatchObject({
      code: 'call/not-asking',
    })

    const again = await openStage({ store: await leftBy(await recorded(store)) })
    await again.runtime.resume(id)
    const { request } = await again.models.body('A')
    expect(JSON.stringify(request.lines)).toContain('Wrote a.txt')
    expect(again.runtime.approvals.list()).toEqual([])
  })

  it('one that is taken up while it asks, asks again', async () => {
    const stage = await openStage()
    const { id } = await stage.runtime.start({ message: 'A' })
    await stage.models.say('A', use('ask_followup_question', { question: 'Which?' }))
    await when(() => stage.runtime.approvals.list().length > 0)
    const [asked] = stage.runtime.approvals.list()
    const again = await openStage({ store: await leftBy((await everything(stage)).entries) })
    await again.runtime.recover()
    await when(() => again.runtime.approvals.list().length > 0)
    expect(again.runtime.approvals.list()).toEqual([asked])
    await again.runtime.approvals.answer(`${id}/1.0`, { text: 'Red.' })
    expect(JSON.stringify((await again.models.body('A')).request.lines)).toContain('Red.')
  })

  it('what worked goes on before what had not begun, which waits in the same order', async () => {
    const stage = await openStage(ONE_SLOT)
    await stage.background('A', 'B', 'C', 'D')
    await stage.models.body('A')
    const { views, entries } = await everything(stage)
    expect(views.map(({ ahead }) => ahead)).toEqual([null, 0, 1, 2])

    for (const how of ['resumeAll', 'recover'] as const) {
      const again = await openStage({ ...ONE_SLOT, store: await leftBy(entries) })
      await again.runtime[how]()
      await again.models.body('A')
      await settled(again.runtime)
      const now = await again.runtime.tasks()
      expect(
        now.map(({ title, ahead }) => [title, ahead]),
        how,
      ).toEqual(views.map(({ title, ahead }) => [title, ahead]))
      expect(again.models.most, how).toBe(1)
    }
  })

  it('a task in front of which one of the background waits does not wait for a slot that nobody will give', async () => {
    const stage = await openStage(ONE_SLOT)
    await stage.background('A')
    await stage.models.say('A', uses([newTask('B')]))
    await stage.models.body('B')
    const { views, entries } = await everything(stage)
    expect(views.map(({ state }) => state)).toEqual(['running.delegating', 'running.thinking'])
    for (const how of ['resumeAll', 'recover'] as const) {
      const again = await openStage({ ...ONE_SLOT, store: await leftBy(entries) })
      await again.runtime[how]()
      await again.models.say('B', use('attempt_completion', { result: 'Found.' }))
      const { request } = await again.models.body('A')
      expect(JSON.stringify(request.lines), how).toContain('Found.')
      expect(again.models.most, how).toBe(1)
    }
  })

  it('S6: who had a slot or a place is not refused one, however full it is by now', async () => {
    const stage = await openStage({ concurrency: { background: 2 } })
    await stage.background('A', 'B', 'C')
    await stage.models.body('B')
    const { entries } = await everything(stage)
    for (const concurrency of [
      { background: 1, atCap: 'reject' },
      { background: 1, queue: 1 },
    ] as const)
      for (const how of ['resumeAll', 'recover'] as const) {
        const again = await openStage({ concurrency, store: await leftBy(entries) })
        await again.runtime[how]()
        await again.models.body('A')
        await settled(again.runtime)
        const now = await again.runtime.tasks()
        expect(now.map(({ status, ahead }) => [status, ahead])).toEqual([
          ['running', null],
          ['queued', 0],
          ['queued', 1],
        ])
      }
  })
})
