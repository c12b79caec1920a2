/** A cancel reaches all that work for a task, changes nothing twice, and waits for nobody who won't end. */
import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import type { Model, Store } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, say, use, uses } from '../../src/testing/scripted-model.ts'
import { takeCensus } from '../supervisor/census.ts'
import { heldTool } from '../support/held.ts'
import { when } from '../support/runtime.ts'
import { answerOf } from './puppets.ts'
import { newTask, openStage, settled } from './stage.ts'

const inBackground = (...messages: readonly string[]) =>
  uses(messages.map((message) => newTask(message, { background: true })))
/** A store that takes nothing of a child from a fact on until it is let. */
function holdingFrom(moment: string) {
  const store = memoryStore()
  let held: Promise<void> | null = null
  let letGo = () => {}
  const through = async ({ fact, taskId }: Entry, write: () => Promise<void>) => {
    if (fact.type === moment && taskId.includes('-')) held = new Promise((resolve) => (letGo = resolve))
    if (taskId.includes('-')) await held
    return write()
  }
  const slow: Store = {
    ...store,
    create: (entry) => through(entry, () => store.create(entry)),
    append: (entry, previous) => through(entry, () => store.append(entry, previous)),
  }
  return { store: slow, isHeld: () => held !== null, let: () => letGo() }
}

const step = use('list_files', { path: '.' })

describe('a cancel reaches', () => {
  it('every descendant: that thinks, waits, asks, is paused, is queued, at any depth', async () => {
    const census = takeCensus()
    const stage = await openStage({ concurrency: { background: 3 }, inspect: census.inspect })
    const { runtime, models, find } = stage
    const stranger = await runtime.start({ message: 'Stranger' })
    const root = await runtime.start({ message: 'Root' })
    await models.say('Root', inBackground('Thinks', 'Paused', 'Asks'))
    await models.say('Paused', step)
    await models.body('Paused')
    const pausing = runtime.pause((await find('Paused')).id)
    await models.say('Paused', step)
    await pausing
    await models.say('Asks', use('ask_followup_question', { question: 'Which?' }))
    await when(() => runtime.approvals.list().length === 1)
    await models.say('Thinks', inBackground('Deep', 'Deeper', 'Queued'))
    await models.say('Deep', uses([newTask('Deepest')]))
    await models.body('Deepest')
    await settled(runtime)
    expect(await find('Queued')).toMatchObject({ status: 'queued' })
    await root.cancel('Enough.')
    await when(() => models.open.length === 1)
    await settled(runtime)
    const others = (await runtime.tasks()).filter(({ id }) => id !== stranger.id)
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 'cancelled'))
    expect(others).toHaveLength(8)
    expect(runtime.slots()).toEqual({ running: 0, cap: 3, queued: 0 })
    expect([models.open, runtime.approvals.list()]).toEqual([['Stranger'], []])
    expect(census.orphans(new Set([stranger.id]))).toEqual([])
  })

  it('those that work in the background of a child that has ended', async () => {
    const { runtime, models, find } = await openStage()
    const root = await runtime.start({ message: 'Root' })
    await models.say('Root', uses([newTask('Child')]))
    await models.say('Child', inBackground('Orphan'))
    await models.say('Child', complete('I am done.'))
    await models.body('Root')
    expect(await find('Child')).toMatchObject({ status: 'completed' })
    await root.cancel()
    await when(() => models.open.length === 0)
    await settled(runtime)
    expect(await find('Orphan')).toMatchObject({ status: 'cancelled' })
  })

  it('a child that is spawned in the very moment', async () => {
    for (const moment of ['task.created', 'task.started'] as const) {
      const { store, isHeld, let: letWrite } = holdingFrom(moment)
      const { runtime, models } = await openStage({ store })
      const parent = await runtime.start({ message: 'Parent' })
      await models.say('Parent', inBackground('Child'))
      await when(isHeld)
      await parent.cancel()
      await settled(runtime)
      letWrite()
      await when(() => runtime.slots().running === 0)
      await settled(runtime)
      expect([models.open, models.askedOf('Child').length <= 1]).toEqual([[], true])
      expect((await runtime.tasks()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    }
  })

  it.each(['cancel', 'pause'] as const)('a child that is only about to be spawned: %s', async (how) => {
    const { runtime, models, find } = await openStage()
    const parent = await runtime.start({ message: 'Parent' })
    runtime.subscribe((event) => {
      if (event.type === 'call.checked') void parent[how]()
    })
    await models.say('Parent', inBackground('Child'))
    const child = await find('Child')
    await when(() => ['cancelled', 'paused'].includes(parent.status))
    await settled(runtime)
    const held = { cancel: ['cancelled', []], pause: ['paused', [`parent/${parent.id}`]] }[how]
    const [view] = await runtime.tasks({ id: child.id })
    expect([models.open, [view?.status, view?.pausedBy]]).toEqual([[], held])
  })

  it('the children of a task whose time is up', async () => {
    const clock = handClock()
    const { runtime, models, find } = await openStage({ clock })
    const root = await runtime.start({ message: 'Root', limits: { timeoutMs: 20_000 } })
    await models.say('Root', inBackground('Child'))
    await when(() => models.open.length === 2)
    for (let passed = 0; passed < 20_000; passed += 4_000) clock.advance(4_000)
    expect(await root.result()).toMatchObject({ status: 'timedOut' })
    await settled(runtime)
    expect(await find('Child')).toMatchObject({ status: 'cancelled' })
  })
})

describe('a cancel', () => {
  it('twice is one, and after the end changes nothing', async () => {
    const { runtime, models, facts, hooks, notices, background } = await openStage()
    const [task] = await background('A')
    const id = task?.id ?? ''
    await models.body('A')
    await Promise.all([task?.cancel('First.'), task?.cancel('Second.'), runtime.cancel(id, 'Third.')])
    expect(await task?.result()).toMatchObject({ status: 'cancelled', reason: { message: 'First.' } })
    await task?.cancel('Fourth.')
    expect(await task?.result()).toMatchObject({ reason: { message: 'First.' } })
    expect(await facts(id, 'task.ended')).toHaveLength(1)
    expect(hooks.filter((heard) => heard.startsWith('SubagentStop'))).toEqual(['SubagentStop A cancelled'])
    expect(notices.filter(({ kind }) => kind === 'ended')).toHaveLength(1)
  })

  it('of nothing is told so', async () => {
    const { runtime } = await openStage()
    await expect(runtime.cancel('nothing')).rejects.toMatchObject({ code: 'task/no-such-task' })
  })

  it('keeps a result that comes late, and marks it in the result and in the report', async () => {
    const { runtime, models, find } = await openStage()
    await runtime.start({ message: 'Parent' })
    await models.say('Parent', inBackground('Child'))
    models.stubborn.add('Child')
    const body = await models.body('Child')
    const { id } = await find('Child')
    await runtime.cancel(id, 'Enough.')
    await when(() => body.isAborted())
    body.say(complete('Found it after all.'))
    expect(await runtime.result(id)).toMatchObject({
      status: 'cancelled',
      result: 'Found it after all.',
      late: true,
    })
    await models.say('Parent', use('wait_for_tasks'))
    const { request } = await models.body('Parent')
    expect(answerOf(request, 'wait_for_tasks')).toMatchObject({
      output: { results: [{ status: 'cancelled', result: 'Found it after all.', late: true }] },
    })
  })

  it('is delayed by no child whose model hangs or whose tool throws on its abort', async () => {
    const dig = heldTool('dig', { isStubborn: true })
    const clock = handClock()
    const { runtime, models, warnings, find } = await openStage({ tools: [dig], clock })
    const root = await runtime.start({ message: 'Root' })
    await models.say('Root', inBackground('Hangs', 'Digs', 'Good'))
    models.stubborn.add('Hangs')
    await models.say('Digs', use('dig'))
    await when(() => dig.runs.length === 1 && models.open.length === 3)
    dig.runs[0]?.signal.addEventListener('abort', () => {
      throw new Error('An abort that throws.')
    })
    const isThrown = new Promise<void>((resolve) => process.once('uncaughtException', () => resolve()))
    await root.cancel('Enough.')
    await isThrown
    expect(await root.result()).toMatchObject({ status: 'cancelled' })
    await when(() => models.open.length === 1)
    expect(await find('Good')).toMatchObject({ status: 'cancelled' })
    for (let n = 0; n < 4; n += 1) clock.advance(4_000)
    expect(warnings.filter((text) => text.includes('although it was told to end'))).toHaveLength(2)
    dig.finish()
    ;(await models.body('Hangs')).fail('model/stopped')
    await when(() => runtime.slots().running === 0)
    expect(await find('Hangs')).toMatchObject({ status: 'cancelled' })
  })

  it.each([
    [
      'at once',
      () => {
        throw new Error('Broken.')
      },
    ],
    ['later', () => Promise.reject(new RuntimeError('model/unavailable', 'Broken.'))],
  ])('of a task whose model throws %s when it is told to end still ends it', async (_, onAbort) => {
    const model: Model = {
      name: 'rude',
      contextWindow: 1_000,
      reply: (_request, { signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener(
            'abort',
            () =>
              void Promise.resolve()
                .then(onAbort)
                .then(resolve as never, reject),
          )
        }),
    }
    const { runtime, background } = await openStage({ model })
    const [task] = await background('A')
    await when(() => task?.status === 'running')
    await task?.cancel('Enough.')
    expect(await task?.result()).toMatchObject({ status: 'cancelled', reason: { message: 'Enough.' } })
    expect(runtime.slots().running).toBe(0)
  })
})

describe('close', () => {
  it('brings all to rest, tells every start its stop, and leaves nobody behind', async () => {
    const store = memoryStore()
    const census = takeCensus()
    const stage = await openStage({
      concurrency: { background: 1 },
      store: { ...store, close: async () => {} },
      inspect: census.inspect,
    })
    const { runtime, models, hooks } = stage
    const root = await runtime.start({ message: 'Root' })
    await models.say('Root', inBackground('Works', 'Queued'))
    await when(() => models.open.length === 2)
    await runtime.close({ graceMs: 0 })
    expect(await root.result()).toMatchObject({ status: 'paused' })
    expect(models.open).toEqual([])
    expect(hooks.filter((heard) => heard.startsWith('SubagentSt'))).toEqual([
      'SubagentStart Works',
      'SubagentStop Works paused',
    ])
    expect(census.orphans(new Set())).toEqual([])
    const ends = (await store.tasks()).map(({ hasEnded }) => hasEnded)
    expect(ends).toEqual([false, false, false])
  })

  it('is delayed by nobody who hangs for longer than it gives', async () => {
    const clock = handClock()
    const stage = await openStage({ clock })
    const { runtime, models, warnings } = stage
    await stage.background('Hangs', 'Good')
    models.stubborn.add('Hangs')
    await when(() => models.open.length === 2)
    const closing = runtime.close({ graceMs: 5_000 })
    await models.say('Good', say('Done.'))
    await settled(runtime)
    clock.advance(5_000)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(2_000)
    await closing
    expect(warnings).toContain('1 calls did not end when they were told to, and were left behind.')
  })
})
