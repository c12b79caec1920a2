/** Two things that meet: at a slot, at an end, at a hook. Who comes first may differ; the laws do not. */
import { describe, expect, it } from 'vitest'
import type { Hooks } from '../../src/host.ts'
import type { Runtime } from '../../src/runtime.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, say, use, uses } from '../../src/testing/scripted-model.ts'
import { openRuntime, when } from '../support/runtime.ts'
import { answerOf, puppets } from './puppets.ts'
import { slowStore } from './slow-store.ts'
import { newTask, openStage, settled, type Stage } from './stage.ts'

/** More than a launch takes. */
const MICROTASKS = 40
const step = use('list_tasks', {})
const hang = () => new Promise<void>(() => {})

async function pass(microtasks: number): Promise<void> {
  for (let n = 0; n < microtasks; n += 1) await Promise.resolve()
}

/** A stage has every hook there is. Here are those that are given, and no other. */
async function openWith(hooks: Partial<Hooks>) {
  const models = puppets()
  const runtime = await openRuntime({ model: models.model, hooks, concurrency: { background: 1 } })
  const start = (message: string) => runtime.start({ message, background: true })
  return { runtime, models, start }
}

type Small = Awaited<ReturnType<typeof openWith>>

const aMoment = () => Promise.resolve()
const WITH_AND_WITHOUT_HOOKS: [string, Partial<Hooks>][] = [
  ['without a hook', {}],
  ['with a hook', { SubagentStart: aMoment, SubagentStop: aMoment }],
]

function pauseAndResume(runtime: Runtime, taskId: string): void {
  void runtime.pause(taskId).catch(() => {})
  void runtime.resume(taskId).catch(() => {})
}

describe('L3: a pause and a resume never let two run at a cap of one', () => {
  /** What is wrong after each number of microtasks, if anything is. */
  async function meet(hooks: Partial<Hooks>, act: (small: Small, microtasks: number) => Promise<void>) {
    const wrong: string[] = []
    for (let microtasks = 0; microtasks <= MICROTASKS; microtasks += 1) {
      const small = await openWith(hooks)
      const { runtime, models } = small
      await act(small, microtasks)
      await settled(runtime)
      const { running, queued } = runtime.slots()
      const found = `most ${models.most}, open ${models.open.length}, ${running}/${queued}`
      if (found !== 'most 1, open 1, 1/1') wrong.push(`after ${microtasks}: ${found}`)
      await runtime.close({ graceMs: 0 })
    }
    return wrong
  }

  it.each(WITH_AND_WITHOUT_HOOKS)('%s, however far a start has come', async (_, hooks) => {
    const wrong = await meet(hooks, async ({ runtime, start }, microtasks) => {
      const first = new Promise<string>((resolve) => {
        runtime.subscribe((event) => event.type === 'task.created' && resolve(event.taskId))
      })
      const starting = [start('A'), start('B')]
      const taskId = await first
      await pass(microtasks)
      pauseAndResume(runtime, taskId)
      await Promise.all(starting)
    })
    expect(wrong).toEqual([])
  })

  it.each(WITH_AND_WITHOUT_HOOKS)('%s, however far a resume has come', async (_, hooks) => {
    const wrong = await meet(hooks, async ({ runtime, models, start }, microtasks) => {
      const a = await start('A')
      await models.body('A')
      await a.pause()
      await models.say('A', step)
      await when(() => a.status === 'paused')
      void a.resume().catch(() => {})
      const starting = start('B')
      await pass(microtasks)
      pauseAndResume(runtime, a.id)
      await starting
    })
    expect(wrong).toEqual([])
  })
})

describe('L3: where nobody queues, whoever asks from within is refused, and not the one before', () => {
  const concurrency = { background: 1, atCap: 'reject' } as const

  async function holdsTo({ runtime, models }: Stage, outer: Task, inner: Promise<Task> | undefined) {
    await settled(runtime)
    expect([outer.status, (await inner)?.status]).toEqual(['running', 'rejected'])
    expect([models.open, runtime.slots().running]).toEqual([['Outer'], 1])
    await models.say('Outer', complete('Done.'))
    await outer.result()
    expect(runtime.slots().running).toBe(0)
  }

  it('from a listener that is told of the slots', async () => {
    const stage = await openStage({ concurrency })
    const { runtime } = stage
    const inner = new Promise<Task>((resolve) => {
      const stop = runtime.subscribe(({ type }) => {
        if (type !== 'slots') return
        stop()
        resolve(runtime.start({ message: 'Inner', background: true }))
      })
    })
    const outer = await runtime.start({ message: 'Outer', background: true })
    await holdsTo(stage, outer, inner)
  })

  it('from an inspection', async () => {
    const inner: Promise<Task>[] = []
    const stage: Stage = await openStage({
      concurrency,
      inspect(event) {
        if (inner.length > 0 || event.type !== '@xstate.event' || event.event.type !== 'slots.wished') return
        inner.push(stage.runtime.start({ message: 'Inner', background: true }))
      },
    })
    const outer = await stage.runtime.start({ message: 'Outer', background: true })
    await holdsTo(stage, outer, inner[0])
  })
})

describe('a cancel that meets', () => {
  it.each([
    ['the last reply', 'model.replied'],
    ['the end', 'task.ended'],
  ])('%s of a task on its way into the journal ends what works for it', async (_, type) => {
    const slow = slowStore()
    const { runtime, models, find } = await openStage({ store: slow.store })
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child', { background: true })]))
    await when(() => models.open.length === 2)
    slow.hold(({ taskId, fact }) => taskId === parent.id && fact.type === type)
    await models.say('Parent', say('All done.'))
    await when(() => slow.held.length === 1)
    const cancelling = runtime.cancel(parent.id, 'Stop it all.')
    slow.open()
    await cancelling
    await settled(runtime)
    expect([(await find('Child')).status, models.open]).toEqual(['cancelled', []])
  })

  it('a child that has ended of itself, by its parent’s model, ends what that has left behind', async () => {
    const { runtime, models, find } = await openStage()
    await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child', { background: true })]))
    await models.body('Parent')
    await models.say('Child', uses([newTask('Grandchild', { background: true })]))
    await models.body('Grandchild')
    await models.say('Child', say('That is all.'))
    await settled(runtime)
    const { id, status } = await find('Child')
    expect(status).toBe('completed')
    await models.say('Parent', use('cancel_task', { task: id }))
    const { request } = await models.body('Parent')
    await settled(runtime)
    expect(answerOf(request, 'cancel_task')).toMatchObject({
      kind: 'ok',
      output: expect.stringContaining('had ended before (completed)'),
    })
    expect((await find('Grandchild')).status).toBe('cancelled')
  })
})

describe('a message that meets the end', () => {
  const MESSAGE = 'Wait, one more thing.'
  const codeOf = (said: Promise<void>) =>
    said.then(
      () => 'accepted',
      (error: { readonly code?: string }) => error.code,
    )

  it('is refused when nobody reads it any more', async () => {
    const { runtime, models } = await openStage()
    const task = await runtime.start({ message: 'A' })
    const said = new Promise((resolve) => {
      runtime.subscribe(({ type }) => type === 'model.replied' && resolve(codeOf(task.message(MESSAGE))))
    })
    await models.say('A', say('Done.'))
    expect(await task.result()).toMatchObject({ status: 'completed', turns: 1 })
    expect(await said).toBe('task/has-ended')
  })

  it('is refused when the last reply is on its way into the journal before it', async () => {
    const slow = slowStore()
    const { runtime, models } = await openStage({ store: slow.store })
    const task = await runtime.start({ message: 'A' })
    slow.hold(({ fact }) => fact.type === 'model.replied')
    await models.say('A', say('Done.'))
    await when(() => slow.held.length === 1)
    const said = codeOf(task.message(MESSAGE))
    slow.open()
    expect(await task.result()).toMatchObject({ status: 'completed', turns: 1 })
    expect(await said).toBe('task/has-ended')
  })

  it.each(WITH_AND_WITHOUT_HOOKS)('is read by the model or refused, at any moment, %s', async (_, hooks) => {
    const told: unknown[] = []
    for (let microtasks = 0; microtasks <= MICROTASKS; microtasks += 1) {
      const { runtime, models, start } = await openWith(hooks)
      const task = await start('A')
      const body = await models.body('A')
      body.say(say('Done.'))
      await pass(microtasks)
      const said = codeOf(task.message(MESSAGE))
      await settled(runtime)
      const isRead = JSON.stringify(models.askedOf('A').at(-1)?.lines).includes(MESSAGE)
      const code = await said
      expect([microtasks, code]).toEqual([microtasks, isRead ? 'accepted' : 'task/has-ended'])
      told.push(code)
      await runtime.close({ graceMs: 0 })
    }
    expect(new Set(told)).toEqual(new Set(['accepted', 'task/has-ended']))
  })
})

describe('a start hook that hangs', () => {
  it('does not hold up a start', async () => {
    const { runtime } = await openStage({ clock: handClock(), hooks: { SubagentStart: hang } })
    const started: Task[] = []
    void runtime.start({ message: 'A', background: true }).then((task) => started.push(task))
    await settled(runtime)
    expect(started.map(({ status }) => status)).toEqual(['queued'])
  })

  it.each([true, false])('does not hold up new_task, and no cancel: background %s', async (background) => {
    const { runtime, models, find } = await openStage({ clock: handClock(), hooks: { SubagentStart: hang } })
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child', { background })]))
    await find('Child')
    await settled(runtime)
    expect(parent.state).toBe(background ? 'running.thinking' : 'running.delegating')
    if (background) {
      const { request } = await models.body('Parent')
      expect(answerOf(request, 'new_task')).toMatchObject({ kind: 'ok' })
    }
    await parent.cancel('Enough.')
    await settled(runtime)
    expect([parent.status, (await find('Child')).status]).toEqual(['cancelled', 'cancelled'])
    expect(runtime.slots()).toMatchObject({ running: 0, queued: 0 })
  })
})
