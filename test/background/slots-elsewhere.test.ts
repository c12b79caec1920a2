/** Several processes on one workspace: the slots are the workspace's, and each has its own queue for them. */
import { describe, expect, it } from 'vitest'
import { complete, use, uses } from '../../src/testing/scripted-model.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { when } from '../support/runtime.ts'
import { type Place, type SharedSlots, sharedSlots } from '../support/shared-slots.ts'
import { type Puppets, puppets } from './puppets.ts'
import { newTask, openStage, settled, type Stage, type StageOptions } from './stage.ts'

interface Process extends Stage {
  readonly place: Place
  start(...messages: readonly string[]): Promise<readonly Task[]>
}

interface Workspace {
  readonly slots: SharedSlots
  /** Bodies of all processes. */
  readonly models: Puppets
  open(concurrency?: StageOptions['concurrency'], more?: StageOptions): Promise<Process>
  /** All of them have come to rest. */
  settle(): Promise<void>
}

function workspace(): Workspace {
  const slots = sharedSlots()
  const models = puppets()
  const all: Process[] = []
  return {
    slots,
    models,
    async open(concurrency = { background: 1 }, more = {}) {
      const place = slots.join()
      const stage = await openStage({ concurrency, model: models.model, ...more, store: place.store })
      const process = { ...stage, place, start: stage.background }
      all.push(process)
      return process
    },
    async settle() {
      for (const { runtime } of [...all, ...all]) await settled(runtime)
    },
  }
}

const one = (tasks: readonly Task[]) => tasks[0] as Task

describe('the cap is the workspace’s', () => {
  it('over all processes, and it is the smallest of theirs', async () => {
    const { slots, models, open, settle } = workspace()
    const [wide, narrow] = [await open({ background: 5 }), await open({ background: 2 })]
    const first = await wide.start('A', 'B', 'C')
    const second = await narrow.start('D', 'E')
    await settle()
    expect([models.open, slots.taken.length]).toEqual([['A', 'B'], 2])
    expect([wide.runtime.slots(), narrow.runtime.slots()]).toEqual([
      { running: 2, cap: 2, queued: 3 },
      { running: 2, cap: 2, queued: 3 },
    ])
    for (let ended = 0; ended < 5; ended += 1) {
      await when(() => models.open.length > 0)
      await models.say(models.open[0] as string, complete('Done.'))
      await settle()
    }
    const results = await Promise.all([...first, ...second].map((task) => task.result()))
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('completed'))
    expect([models.most, slots.most, slots.taken]).toEqual([2, 2, []])
  })

  it('also when all of them want the last one at the same moment', async () => {
    const { slots, models, open, settle } = workspace()
    const all = [await open(), await open(), await open(), await open()]
    const tasks = await Promise.all(all.map(({ start }, index) => start(`T${index}`).then(one)))
    await settle()
    expect([models.open.length, slots.most]).toEqual([1, 1])
    expect(tasks.map(({ status }) => status).toSorted()).toEqual(['queued', 'queued', 'queued', 'running'])
    expect(all.some(({ place }) => place.asked.denials > 0)).toBe(true)
    for (let ended = 0; ended < 4; ended += 1) {
      await when(() => models.open.length > 0)
      await models.say(models.open[0] as string, complete('Done.'))
    }
    await Promise.all(tasks.map((task) => task.result()))
    expect([models.most, slots.most]).toEqual([1, 1])
  })

  it('while forty tasks of three processes come, wait, pause, go on and go', async () => {
    const { slots, models, open, settle } = workspace()
    const all = [await open({ background: 3 }), await open({ background: 4 }), await open({ background: 9 })]
    const messages = Array.from({ length: 40 }, (_, index) => `T${index}`)
    const started = messages.map((message, index) => all[index % 3]?.start(message).then(one))
    const tasks = await Promise.all(started as Promise<Task>[])
    const paused = tasks.filter((_, index) => index % 5 === 0)
    await Promise.all(paused.map((task) => task.pause().catch(() => {})))
    const resumed = Promise.all(paused.map((task) => task.resume().catch(() => {})))
    for (let ended = 0; ended < 40; ended += 1) {
      await when(() => models.open.length > 0)
      expect(models.open.length).toBeLessThanOrEqual(3)
      await models.say(models.open.at(ended % 2 ? 0 : -1) as string, complete('Done.'))
    }
    await resumed
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.filter(({ status }) => status === 'completed')).toHaveLength(40)
    await settle()
    expect([slots.most, slots.taken, all.map(({ runtime }) => runtime.slots().running)]).toEqual([
      3,
      [],
      [0, 0, 0],
    ])
  })

  it('and a refusal names it', async () => {
    const { open, settle } = workspace()
    const [first, second] = [await open({ background: 1 }), await open({ background: 7, queue: 0 })]
    await first.start('A')
    await settle()
    expect(await one(await second.start('B')).result()).toMatchObject({
      status: 'rejected',
      reason: { code: 'limit/queue', message: expect.stringContaining('tasks (1) reached') },
    })
  })
})

describe('a slot that becomes free', () => {
  it('goes to a task that waits in another process', async () => {
    const { models, open, settle } = workspace()
    const [first, second] = [await open(), await open()]
    await first.start('A')
    const waits = one(await second.start('B'))
    await settle()
    expect([waits.status, models.open]).toEqual(['queued', ['A']])
    await models.say('A', complete('Done.'))
    await models.say('B', complete('Done.'))
    expect((await waits.result()).status).toBe('completed')
  })

  it('is one of a process that lives no more, too', async () => {
    const { slots, models, open, settle } = workspace()
    const [dead, living] = [await open({ background: 2 }), await open({ background: 2 })]
    await dead.start('A', 'B')
    const waits = one(await living.start('C'))
    await settle()
    expect([waits.status, slots.taken.length]).toEqual(['queued', 2])
    dead.place.die()
    await models.body('C')
    expect([waits.status, living.runtime.slots()]).toEqual(['running', { running: 1, cap: 2, queued: 0 }])
  })

  it('stays with a task that waits for another in front of it, however many wait elsewhere', async () => {
    const { models, open, settle } = workspace()
    const [first, second] = [await open(), await open()]
    const parent = one(await first.start('parent'))
    await second.start('other')
    await models.say('parent', uses([newTask('child')]))
    await models.body('child')
    await settle()
    expect(models.open).toEqual(['child'])
    await models.say('child', complete('The child is done.'))
    await models.say('parent', complete('All is done.'))
    expect(await parent.result()).toMatchObject({ status: 'completed' })
    await models.body('other')
    expect(models.most).toBe(1)
  })
})

describe('what is given here holds once the store has given it', () => {
  it('before that a run has no hook, no fact and no body', async () => {
    const { models, open, settle } = workspace()
    const { place, start, runtime, hooks, facts } = await open()
    const first = one(await start('A'))
    await settle()
    const starting = start('B')
    await settle()
    place.hold()
    await models.say('A', complete('Done.'))
    await first.result()
    const waits = one(await starting)
    await settle()
    expect([waits.status, runtime.slots().running, place.asked.slots]).toEqual(['queued', 1, 2])
    expect([hooks.includes('SubagentStart B'), models.open]).toEqual([false, []])
    expect(await facts(waits.id)).toMatchObject([{ type: 'task.created' }])
    place.open()
    await models.body('B')
    expect(hooks).toContain('SubagentStart B')
  })

  it('and a task that has waited for a person goes on no sooner', async () => {
    const { models, open, settle } = workspace()
    const { place, start, runtime, facts } = await open()
    const task = one(await start('A'))
    await models.say('A', use('ask_followup_question', { question: 'Which?' }))
    await when(() => runtime.approvals.list().length > 0)
    await settle()
    place.hold()
    const [asked] = runtime.approvals.list()
    await runtime.approvals.answer(asked?.id ?? '', { text: 'This one.' })
    await settle()
    expect([task.state, runtime.slots().running]).toEqual(['running.returning', 1])
    expect(await facts(task.id, 'slot.given')).toEqual([])
    place.open()
    await models.say('A', complete('Done.'))
    expect(await task.result()).toMatchObject({ status: 'completed' })
  })

  it('and a task in the foreground moves to the background no sooner', async () => {
    const { models, open, settle } = workspace()
    const [first, second] = [await open({ background: 2 }), await open({ background: 2 })]
    const task = await second.runtime.start({ message: 'B' })
    await models.body('B')
    second.place.hold()
    const turned = second.runtime.toBackground(task.id)
    await first.start('X', 'Y')
    await models.body('X')
    await models.body('Y')
    expect(await second.facts(task.id, 'task.turned')).toEqual([])
    second.place.open()
    await settle()
    // Denied: it works on in the foreground, and moves when there is a slot.
    expect([await second.facts(task.id, 'task.turned'), second.runtime.slots().queued]).toEqual([[], 1])
    await models.say('X', complete('Done.'))
    await turned
    expect(await second.facts(task.id, 'task.turned')).toHaveLength(1)
  })

  it('a task that nobody wants any more leaves none behind', async () => {
    const { slots, models, open, settle } = workspace()
    const { place, start, find, hooks, runtime } = await open({ background: 2 })
    place.hold()
    const starting = start('A', 'B')
    const [first, second] = [await find('A'), await find('B')]
    await settle()
    expect([slots.taken, runtime.slots().running]).toEqual([[], 2])
    await runtime.pause(second.id)
    await runtime.cancel(first.id)
    await starting
    expect((await runtime.result(first.id)).status).toBe('cancelled')
    place.open()
    await settle()
    expect([slots.taken, runtime.slots().running, models.open]).toEqual([[], 0, []])
    expect(hooks.filter((heard) => heard.startsWith('SubagentStart'))).toEqual([])
    await runtime.resume(second.id)
    await models.body('B')
    expect(slots.taken).toEqual([second.id])
  })
})

/** Two processes with one slot: the second gives it to B by its chart, and the first takes it before. */
async function denied(concurrency: StageOptions['concurrency'] = { background: 1 }) {
  const shared = workspace()
  const first = await shared.open()
  const second = await shared.open(concurrency)
  second.place.hold()
  const starting = second.start('B')
  const { id } = await second.find('B')
  const other = one(await first.start('A'))
  await shared.models.body('A')
  second.place.open()
  const task = one(await starting)
  await shared.settle()
  expect([task.id, second.place.asked]).toMatchObject([id, { slots: 1, denials: 1 }])
  return { ...shared, first, second, other, task }
}

describe('whoever is denied a slot', () => {
  it('waits, is told so once, and begins when there is one', async () => {
    const { models, second, task, settle } = await denied()
    expect([task.status, models.open]).toEqual(['queued', ['A']])
    expect(second.hooks).toEqual(['TaskQueued B 0'])
    await second.start('C')
    await models.say('A', complete('Done.'))
    await models.body('B')
    await settle()
    expect(second.hooks).toEqual(['TaskQueued B 0', 'TaskQueued C 1', 'SubagentStart B'])
  })

  it('has its old place, before those that came later, however often it is denied', async () => {
    const { models, first, second, settle } = await denied({ background: 1, queue: 9 })
    await second.start('C', 'D')
    for (const [denials, next] of [
      [2, 'X'],
      [3, 'Y'],
    ] as const) {
      second.place.hold()
      await models.say(models.open[0] as string, complete('Done.'))
      await settle()
      await first.start(next)
      await models.body(next)
      second.place.open()
      await settle()
      expect(second.place.asked.denials).toBe(denials)
      expect((await second.runtime.tasks()).map(({ title, ahead }) => [title, ahead])).toEqual([
        ['B', 0],
        ['C', 1],
        ['D', 2],
      ])
    }
    const order: string[] = []
    for (const message of ['Y', 'B', 'C', 'D']) {
      await when(() => models.open.length > 0)
      order.push(...models.open)
      await models.say(message, complete('Done.'))
      await settle()
    }
    expect(order).toEqual(['Y', 'B', 'C', 'D'])
    expect(second.hooks.filter((heard) => heard.startsWith('TaskQueued'))).toHaveLength(3)
  })

  it('was admitted: it waits also where launches at the cap are rejected', async () => {
    const { models, second, task } = await denied({ background: 1, atCap: 'reject' })
    expect(task.status).toBe('queued')
    expect(one(await second.start('C')).status).toBe('rejected')
    await models.say('A', complete('Done.'))
    await models.say('B', complete('Done.'))
    expect(await task.result()).toMatchObject({ status: 'completed' })
  })

  it('goes on as far as whoever resumed it is concerned: it is the next', async () => {
    const { models, first, second, other, task, settle } = await denied()
    await task.pause()
    await models.say('A', complete('Done.'))
    await other.result()
    await settle()
    second.place.hold()
    const resumed = task.resume()
    await settle()
    expect(second.runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
    await first.start('X')
    await models.body('X')
    second.place.open()
    await resumed
    await settle()
    expect([task.status, models.open]).toEqual(['queued', ['X']])
    expect(second.hooks.filter((heard) => heard.startsWith('TaskQueued'))).toEqual([
      'TaskQueued B 0',
      'TaskQueued B 0',
    ])
  })
})

describe('a store that cannot be asked for a slot', () => {
  it('gives none: its tasks wait, people are told once, and it is not asked at once again', async () => {
    const { slots, models, open, settle } = workspace()
    const [first, second] = [await open({ background: 2 }), await open({ background: 2 })]
    second.place.fail(true)
    const [one, two] = await second.start('A', 'B')
    await settle()
    expect([one?.status, two?.status, models.open]).toEqual(['queued', 'queued', []])
    expect(second.warnings).toEqual([expect.stringContaining('The disk is full.')])
    const { slots: before } = second.place.asked
    await settle()
    expect(second.place.asked.slots).toBe(before)
    second.place.fail(false)
    await first.start('C')
    await models.body('A')
    await settle()
    expect([slots.taken.length, two?.status]).toEqual([2, 'queued'])
  })
})

it('a process that is alone asks for every slot once, and is never denied one', async () => {
  const { slots, models, open } = workspace()
  const { place, start, runtime } = await open({ background: 2 })
  const tasks = await start('A', 'B', 'C', 'D')
  for (const message of ['A', 'B', 'C', 'D']) await models.say(message, complete('Done.'))
  await Promise.all(tasks.map((task) => task.result()))
  expect([place.asked, slots.most, models.most]).toMatchObject([{ slots: 4, denials: 0 }, 2, 2])
  await runtime.close()
  await when(() => slots.taken.length === 0)
})
