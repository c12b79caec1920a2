/** A task has others work for it, and its model is told of each end exactly once (L7, L8). */
import { describe, expect, it } from 'vitest'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, say, type ScriptedReply, use, uses } from '../../src/testing/scripted-model.ts'
import { when } from '../support/runtime.ts'
import { answerOf, notesIn } from './puppets.ts'
import { newTask, openStage, refusing, settled, type Stage, type StageOptions } from './stage.ts'

const spawns = (...calls: ReturnType<typeof newTask>[]): ScriptedReply => uses(calls)
const inBackground = (...messages: readonly string[]) =>
  spawns(...messages.map((message) => newTask(message, { background: true })))

/** A parent, and what its model was shown of an end, in all its requests and in the journal. */
async function openFamily(options: StageOptions = {}) {
  const stage = await openStage(options)
  const parent = await stage.runtime.start({ message: 'Parent' })
  return { ...stage, parent }
}

/** How often the last request of a model holds a text: as often as the model was told it. */
function timesTold({ models }: Pick<Stage, 'models'>, message: string, text: string): number {
  const last = models.askedOf(message).at(-1)
  return JSON.stringify(last?.lines).split(text).length - 1
}

describe('a task in front', () => {
  it('answers the call that started it with its report', async () => {
    const { models, find } = await openFamily()
    await models.say('Parent', spawns(newTask('Child', { title: 'A child' })))
    await models.say('Child', complete('It is in a.ts.'))
    const { request } = await models.body('Parent')
    const child = await find('A child')
    expect(answerOf(request, 'new_task')).toEqual({
      kind: 'ok',
      output: {
        running: [],
        results: [
          {
            taskId: child.id,
            agent: 'lead',
            title: 'A child',
            status: 'completed',
            result: 'It is in a.ts.',
            turns: 1,
            durationMs: expect.any(Number),
          },
        ],
      },
    })
    expect(notesIn(request)).toEqual([])
  })

  it('that was lost has not ended: it is told of when it was taken up, and has', async () => {
    let isBroken = true
    const store = refusing(
      ({ taskId, fact }) => isBroken && taskId.includes('-') && fact.type === 'model.replied',
    )
    const family = await openFamily({ store })
    const { models, runtime, parent, find } = family
    await models.say('Parent', spawns(newTask('Child')))
    await models.say('Child', complete('Lost.'))
    const { id } = await find('Child')
    await when(() => models.open.length === 0)
    await settled(runtime)
    expect(parent.state).toBe('running.delegating')
    isBroken = false
    await runtime.resume(id)
    await models.say('Child', complete('Found.'))
    const { request } = await models.body('Parent')
    expect(answerOf(request, 'new_task')).toMatchObject({
      kind: 'ok',
      output: { results: [{ status: 'completed', result: 'Found.' }] },
    })
  })

  it('sees its message, and nothing of the conversation of its parent', async () => {
    const { models } = await openFamily()
    await models.say('Parent', { ...spawns(newTask('Child')), text: 'I have a plan.' })
    const { request } = await models.body('Child')
    expect(request.lines).toEqual([{ role: 'user', text: 'Child' }])
  })

  it('and others in the same reply work one after the other, in order', async () => {
    const { models } = await openFamily()
    await models.say('Parent', spawns(newTask('1'), newTask('2'), newTask('3')))
    for (const message of ['1', '2', '3']) {
      await models.body(message)
      expect(models.open).toEqual([message])
      await models.say(message, complete(`${message} is done.`))
    }
    const { request } = await models.body('Parent')
    expect(request.lines.filter(({ role }) => role === 'tool')).toHaveLength(3)
    expect(['1', '2', '3'].map((it) => timesTold({ models }, 'Parent', `${it} is done.`))).toEqual([1, 1, 1])
  })

  it.each<[string, (stage: Stage) => Promise<unknown>, object]>([
    [
      'failed',
      async ({ models }) => (await models.body('Child')).fail('model/unauthorised'),
      { status: 'failed', reason: { code: 'model/unauthorised' } },
    ],
    [
      'was cancelled',
      async ({ models, runtime, find }) => {
        await models.body('Child')
        await runtime.cancel((await find('Child')).id, 'Enough.')
      },
      { status: 'cancelled', reason: { code: 'task/cancelled', message: 'Enough.' } },
    ],
  ])('that %s is told of by name', async (_, end, report) => {
    const family = await openFamily()
    await family.models.say('Parent', spawns(newTask('Child')))
    await end(family)
    const { request } = await family.models.body('Parent')
    expect(answerOf(request, 'new_task')).toMatchObject({ kind: 'ok', output: { results: [report] } })
    expect(notesIn(request)).toEqual([])
  })

  it('that was moved to the background answers the call, and its end is told once later', async () => {
    const { runtime, models, find } = await openFamily()
    await models.say('Parent', spawns(newTask('Child')))
    await models.body('Child')
    const child = await find('Child')
    await runtime.toBackground(child.id)
    const { request, say: reply } = await models.body('Parent')
    expect(answerOf(request, 'new_task')).toEqual({
      kind: 'ok',
      output: { running: [child.id], background: [child.id], results: [] },
    })
    reply(use('wait_for_tasks'))
    await models.say('Child', complete('At last.'))
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'At last.')).toBe(1)
  })
})

describe('L7: the end of a task in the background is told once', () => {
  it('while the parent thinks: before its next turn', async () => {
    const { models, parent } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    const thinking = await models.body('Parent')
    await models.say('Child', complete('Found it.'))
    await when(() => models.open.length === 1)
    thinking.say(use('list_files', { path: '.' }))
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
    await models.say('Parent', use('list_files', { path: '.' }))
    const { request } = await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
    expect(notesIn(request)).toHaveLength(1)
    await models.say('Parent', complete('Done.'))
    expect(await parent.result()).toMatchObject({ status: 'completed', turns: 4 })
  })

  it('while the parent says its last word: it does not end before it has read it', async () => {
    const { models, parent, facts } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    const thinking = await models.body('Parent')
    await models.say('Child', complete('Found it.'))
    const isHeard = async () => (await facts(parent.id, 'child.ended')).length === 1
    while (!(await isHeard()));
    thinking.say(complete('I found nothing.'))
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
    await models.say('Parent', complete('It was found.'))
    expect(await parent.result()).toMatchObject({ status: 'completed', result: 'It was found.' })
  })

  it.each([
    ['by a call', complete('I found nothing.')],
    ['in words', say('I found nothing.')],
  ])('in the very breath in which the parent ends %s', async (_, last) => {
    const { models, parent, facts } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    const [child, thinking] = await Promise.all([models.body('Child'), models.body('Parent')])
    child.say(complete('Found it.'))
    thinking.say(last)
    await when(() => parent.status === 'completed' || models.open.length === 1)
    if (parent.status !== 'completed') await models.say('Parent', complete('It was found.'))
    await parent.result()
    const heard = (await facts(parent.id, 'child.ended')).length
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(heard)
  })

  it('while the parent acts', async () => {
    const { runtime, models, parent } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    await models.say('Parent', use('ask_followup_question', { question: 'Which?' }))
    await models.say('Child', complete('Found it.'))
    await when(() => models.open.length === 0 && runtime.approvals.list().length === 1)
    expect(parent.state).toBe('running.asking')
    await runtime.approvals.answer(runtime.approvals.list()[0]?.id ?? '', { text: 'This.' })
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
  })

  it('while the parent is paused', async () => {
    const { models, parent } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    await models.body('Parent')
    const pausing = parent.pause({ subtree: false })
    await models.say('Parent', use('list_files', { path: '.' }))
    await pausing
    await models.say('Child', complete('Found it.'))
    await when(() => models.open.length === 0)
    expect(parent.status).toBe('paused')
    await parent.resume()
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
  })

  it('while the parent itself waits for a slot', async () => {
    const { runtime, models, background } = await openStage({ concurrency: { background: 2 } })
    const [parent] = await background('Parent')
    await models.say('Parent', inBackground('Child'))
    await models.body('Parent')
    const pausing = parent?.pause({ subtree: false })
    await models.say('Parent', use('list_files', { path: '.' }))
    await pausing
    await background('Other')
    await parent?.resume()
    expect(parent?.status).toBe('queued')
    await models.say('Child', complete('Found it.'))
    await models.body('Parent')
    expect(timesTold({ models }, 'Parent', 'Found it.')).toBe(1)
    expect(runtime.slots().running).toBe(2)
  })

  it('not at all to a parent that has ended; the result stays where it can be read', async () => {
    const { runtime, models, parent, find, facts } = await openFamily()
    await models.say('Parent', inBackground('Child'))
    await models.say('Parent', complete('I do not wait.'))
    await parent.result()
    await models.say('Child', complete('Found it.'))
    const { id } = await find('Child')
    expect(await runtime.result(id)).toMatchObject({ status: 'completed', result: 'Found it.' })
    expect(await facts(parent.id, 'child.ended')).toEqual([])
  })

  it.each<[string, (stage: Stage, id: string) => Promise<unknown>, string]>([
    [
      'failed',
      async ({ models }) => (await models.body('Child')).fail('model/bad-request'),
      'model/bad-request',
    ],
    ['was cancelled', async ({ runtime }, id) => runtime.cancel(id, 'Enough.'), 'task/cancelled'],
  ])('also of one that %s', async (_, end, code) => {
    const family = await openFamily()
    await family.models.say('Parent', inBackground('Child'))
    await family.models.body('Child')
    await end(family, (await family.find('Child')).id)
    await when(() => family.runtime.slots().running === 0)
    await family.models.say('Parent', use('list_files', { path: '.' }))
    await family.models.body('Parent')
    expect(timesTold(family, 'Parent', code)).toBe(1)
  })
})

describe('wait_for_tasks', () => {
  const wait = (input: unknown = {}) => use('wait_for_tasks', input)
  const told = (stage: Stage, ...texts: readonly string[]) =>
    texts.map((text) => timesTold(stage, 'Parent', text))

  it('waits for any, and tells of it alone; what ends later is told later', async () => {
    const family = await openFamily()
    const { models } = family
    await models.say('Parent', inBackground('A', 'B'))
    await models.say('Parent', wait())
    await models.say('B', complete('B is done.'))
    await models.body('Parent')
    expect(told(family, 'A is done.', 'B is done.')).toEqual([0, 1])
    await models.say('Parent', wait())
    await models.say('A', complete('A is done.'))
    const { request } = await models.body('Parent')
    expect(told(family, 'A is done.', 'B is done.')).toEqual([1, 1])
    expect(notesIn(request)).toEqual([])
    await models.say('Parent', wait())
    const last = await models.body('Parent')
    expect(JSON.stringify(answerOf(last.request, 'wait_for_tasks'))).toContain('nothing to wait for')
  })

  it.each([
    ['all', { until: 'all' }, ['A', 'B', 'C']],
    ['two of three', { until: { quorum: 2 } }, ['C', 'A']],
  ])('waits for %s', async (_, input, needed) => {
    const family = await openFamily()
    const { models, parent } = family
    await models.say('Parent', inBackground('A', 'B', 'C'))
    await models.say('Parent', wait(input))
    for (const message of needed) {
      await when(() => parent.state === 'running.delegating')
      await models.say(message, complete(`${message} is done.`))
    }
    await models.body('Parent')
    expect(told(family, ...needed.map((it) => `${it} is done.`))).toEqual(needed.map(() => 1))
  })

  it('gives up when its time is over: the tasks go on, and are told of later', async () => {
    const clock = handClock()
    const family = await openFamily({ clock })
    const { models, parent, find } = family
    await models.say('Parent', inBackground('A'))
    await models.say('Parent', wait({ timeout_ms: 5_000 }))
    await when(() => parent.state === 'running.delegating')
    clock.advance(5_000)
    const { request } = await models.body('Parent')
    const { id } = await find('A')
    expect(answerOf(request, 'wait_for_tasks')).toMatchObject({
      output: { running: [id], gaveUp: true, results: [] },
    })
    await models.say('A', complete('A is done.'))
    await when(() => models.open.length === 1)
    await models.say('Parent', wait({ tasks: [id] }))
    await models.body('Parent')
    expect(told(family, 'A is done.')).toEqual([1])
  })

  it('beside calls of its own tells once too, however often it is called', async () => {
    const family = await openFamily()
    const { models } = family
    await models.say('Parent', inBackground('A'))
    await models.say('Parent', uses([wait(), wait(), wait({ until: 'all' })].flatMap(({ calls }) => calls)))
    await models.say('A', complete('A is done.'))
    await models.body('Parent')
    expect(told(family, 'A is done.')).toEqual([1])
  })

  it('goes on waiting over a pause', async () => {
    const family = await openFamily()
    const { models, parent } = family
    await models.say('Parent', inBackground('A'))
    await models.say('Parent', wait())
    await when(() => parent.state === 'running.delegating')
    await parent.pause({ subtree: false })
    await models.say('A', complete('A is done.'))
    await settled(family.runtime)
    expect([parent.status, models.open]).toEqual(['paused', []])
    await parent.resume()
    await models.body('Parent')
    expect(told(family, 'A is done.')).toEqual([1])
  })

  it('knows only the tasks of whoever waits', async () => {
    const { models, runtime } = await openFamily()
    const other = await runtime.start({ message: 'Other', background: true })
    await models.say('Parent', wait({ tasks: [other.id] }))
    const { request } = await models.body('Parent')
    expect(answerOf(request, 'wait_for_tasks')).toMatchObject({ kind: 'failed', code: 'task/no-such-task' })
  })
})
