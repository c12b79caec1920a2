/** L3, L4: a resume has one outcome, and whoever loses a race is told. */
import { describe, expect, it } from 'vitest'
import type { TaskView } from '../../src/protocol/task.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import type { Store } from '../../src/host.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, say, use, uses } from '../../src/testing/scripted-model.ts'
import { openRuntime, when } from '../support/runtime.ts'
import { newTask, openStage, refusing, settled, type Stage, type StageOptions } from './stage.ts'

const step = use('list_files', { path: '.' })
const full = (more: object = {}): StageOptions => ({ concurrency: { background: 1, ...more } })

/** A task in the background that is paused in the middle of its work. */
async function openPaused(options: StageOptions = full()): Promise<Stage & { readonly task: Task }> {
  const stage = await openStage(options)
  const [task] = await stage.background('Paused')
  await pauseAt(stage, task as Task, 'Paused')
  return { ...stage, task: task as Task }
}

async function pauseAt({ models }: Stage, task: Task, message: string): Promise<void> {
  await models.body(message)
  const pausing = task.pause()
  await models.say(message, step)
  await pausing
  await when(() => task.status === 'paused')
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  )

describe('L3: a resume at the cap', () => {
  it('waits in the queue, and runs when there is a slot', async () => {
    const { runtime, models, background, hooks, task } = await openPaused()
    await background('Other')
    await task.resume()
    expect([task.status, runtime.slots()]).toEqual(['queued', { running: 1, cap: 1, queued: 1 }])
    await models.say('Other', complete('Done.'))
    await models.body('Paused')
    expect(models.open).toEqual(['Paused'])
    expect(hooks.filter((heard) => heard.includes('Paused'))).toEqual([
      'SubagentStart Paused',
      'TaskPaused Paused user',
      'SubagentStop Paused paused',
      'TaskQueued Paused 0',
      'SubagentStart Paused',
      'TaskResumed Paused',
    ])
  })

  it('stays paused where nobody queues: the reason is told, kept and shown', async () => {
    const { runtime, store, models, background, task } = await openPaused(full({ atCap: 'reject' }))
    await background('Other')
    await expect(task.resume()).rejects.toMatchObject({
      code: 'limit/background',
      message: expect.stringContaining('maximum concurrent background tasks (1) reached'),
    })
    expect(await runtime.tasks({ id: task.id })).toMatchObject([{ status: 'paused', pausedBy: ['no-slot'] }])
    const elsewhere = await openRuntime({ store })
    expect(await elsewhere.tasks({ id: task.id })).toMatchObject([
      { status: 'paused', pausedBy: ['no-slot'] },
    ])
    await models.say('Other', complete('Done.'))
    await when(() => runtime.slots().running === 0)
    await task.resume()
    await models.body('Paused')
  })

  it('may use the last slot', async () => {
    const { runtime, models, task } = await openPaused(full({ atCap: 'reject' }))
    await task.resume()
    await models.body('Paused')
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
  })

  it('and a fresh launch for the last slot: whoever asks first has it, the other waits or is told', async () => {
    for (const atCap of ['queue', 'reject'] as const) {
      for (const isResumeFirst of [true, false]) {
        const { runtime, models, background, task } = await openPaused(full({ atCap }))
        const resuming = () => codeOf(task.resume())
        const [resumed, [fresh]] = isResumeFirst
          ? await Promise.all([resuming(), background('Fresh')])
          : await Promise.all([background('Fresh'), resuming()]).then(([a, b]) => [b, a] as const)
        await settled(runtime)
        expect(models.open).toHaveLength(1)
        expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: atCap === 'queue' ? 1 : 0 })
        const hasFreshWon = models.open[0] === 'Fresh'
        expect([resumed, fresh?.status]).toEqual(
          atCap === 'queue'
            ? ['done', hasFreshWon ? 'running' : 'queued']
            : [hasFreshWon ? 'limit/background' : 'done', hasFreshWon ? 'running' : 'rejected'],
        )
      }
    }
  })
})

describe('two resumes', () => {
  it.each([
    ['at once', 1],
    ['in the queue', 0],
  ])('are one run, and both messages arrive in order: %s', async (_, free) => {
    const { models, background, facts, task } = await openPaused()
    if (free === 0) await background('Other')
    await Promise.all([task.resume({ message: 'First.' }), task.resume({ message: 'Second.' })])
    if (free === 0) await models.say('Other', complete('Done.'))
    const { request } = await models.body('Paused')
    const said = request.lines.flatMap((line) => (line.role === 'user' ? [line.text] : []))
    expect(said).toEqual(['Paused', 'First.', 'Second.'])
    expect(await facts(task.id, 'task.resumed')).toHaveLength(1)
    expect(models.askedOf('Paused')).toHaveLength(2)
  })

  it('of a task that runs change nothing', async () => {
    const { models, facts, background } = await openStage(full())
    const [task] = await background('A')
    await models.body('A')
    await Promise.all([task?.resume(), task?.resume()])
    expect(await facts(task?.id ?? '', 'task.resumed')).toEqual([])
    expect(models.open).toEqual(['A'])
  })
})

describe('L4: stop beats resume', () => {
  it.each([
    ['the cancel first', true],
    ['the resume first', false],
  ])('a resume against a cancel: the resume is told that it lost, %s', async (_, isCancelFirst) => {
    const { runtime, models, hooks, task } = await openPaused()
    const [first, second] = isCancelFirst
      ? [task.cancel(), codeOf(task.resume())]
      : [codeOf(task.resume()), task.cancel()]
    const told = await (isCancelFirst ? second : first)
    await Promise.all([first, second])
    expect(await task.result()).toMatchObject({ status: 'cancelled' })
    expect(told).toBe('task/has-ended')
    await settled(runtime)
    expect([models.open, runtime.slots().running]).toEqual([[], 0])
    const count = (what: string) => hooks.filter((heard) => heard.startsWith(what)).length
    expect(count('SubagentStop')).toBe(count('SubagentStart'))
  })

  it('a resume against the completion: a task that has ended is not resumed, and that is told', async () => {
    const { runtime, models } = await openStage()
    const task = await runtime.start({ message: 'A' })
    const body = await models.body('A')
    await task.pause()
    body.say(say('The last word.'))
    const told = await codeOf(task.resume())
    expect(await task.result()).toMatchObject({ status: 'completed', result: 'The last word.' })
    expect(told).toBe('task/has-ended')
  })

  it('a resume of what has ended, or never was, is told so', async () => {
    const { runtime, models, background } = await openStage(full())
    const [task] = await background('A')
    await models.say('A', complete('Done.'))
    await task?.result()
    expect(await codeOf(task?.resume() ?? Promise.resolve())).toBe('task/has-ended')
    expect(await codeOf(runtime.resume('nothing'))).toBe('task/no-such-task')
  })
})

describe('several who hold a task', () => {
  it('let it go on when the last one lets go, and whoever lets go before is told who holds it', async () => {
    const { models, task } = await openPaused()
    await task.pause({ by: 'night-shift' })
    await task.pause({ by: 'audit' })
    await expect(task.resume()).rejects.toMatchObject({
      code: 'task/held',
      message: `Task "${task.id}" is still held, by night-shift, audit.`,
    })
    await expect(task.resume({ by: 'audit' })).rejects.toMatchObject({ code: 'task/held' })
    expect([task.status, models.open]).toEqual(['paused', []])
    await task.resume({ by: 'night-shift' })
    await models.body('Paused')
  })

  it('all of them hold what works for it too', async () => {
    const { runtime, models, find } = await openStage()
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child')]))
    await models.body('Child')
    const child = await find('Child')
    const pausing = [parent.pause(), parent.pause({ by: 'night-shift' })]
    await models.say('Child', step)
    await Promise.all(pausing)
    await when(() => parent.status === 'paused')
    await expect(parent.resume()).rejects.toMatchObject({ code: 'task/held' })
    await settled(runtime)
    expect(models.open).toEqual([])
    expect(await runtime.tasks({ id: child.id })).toMatchObject([{ status: 'paused' }])
    await parent.resume({ by: 'night-shift' })
    await models.body('Child')
  })
})

describe('a pause of a task', () => {
  /** A parent, its child in the background and that one's own, all thinking. */
  async function openTree(store: Store = memoryStore()) {
    const stage = await openStage({ store })
    const parent = await stage.runtime.start({ message: 'Parent' })
    await stage.models.say('Parent', uses([newTask('Child', { background: true })]))
    await stage.models.say('Child', uses([newTask('Grandchild', { background: true })]))
    await when(() => stage.models.open.length === 3)
    const [child, grandchild] = await Promise.all(['Child', 'Grandchild'].map(stage.find))
    return { ...stage, parent, child: child as TaskView, grandchild: grandchild as TaskView }
  }
  const rest = async ({ models }: Stage) => {
    for (const message of [...models.open]) await models.say(message, step)
  }
  const statuses = async ({ runtime }: Stage) => (await runtime.tasks()).map(({ status }) => status)

  it('holds all that work for it, and lets go of them with it', async () => {
    const tree = await openTree()
    const pausing = tree.parent.pause()
    await rest(tree)
    await pausing
    await settled(tree.runtime)
    expect((await tree.runtime.tasks()).map(({ status, pausedBy }) => [status, pausedBy])).toEqual([
      ['paused', ['user']],
      ['paused', [`parent/${tree.parent.id}`]],
      ['paused', [`parent/${tree.parent.id}`]],
    ])
    await tree.parent.resume()
    await when(() => tree.models.open.length === 3)
  })

  it('is still held by it when the runtime has closed', async () => {
    const store = memoryStore()
    const tree = await openTree({ ...store, close: async () => {} })
    const pausing = tree.parent.pause()
    await rest(tree)
    await pausing
    await settled(tree.runtime)
    await tree.runtime.close({ graceMs: 0 })
    const later = await openStage({ store })
    expect((await later.runtime.tasks()).map(({ pausedBy }) => pausedBy)).toEqual([
      ['user', 'shutdown'],
      [`parent/${tree.parent.id}`, 'shutdown'],
      [`parent/${tree.parent.id}`, 'shutdown'],
    ])
  })

  it('is not undone by the resume of one of them, who is told who holds it', async () => {
    const tree = await openTree()
    const pausing = tree.parent.pause()
    await rest(tree)
    await pausing
    await settled(tree.runtime)
    await expect(tree.runtime.resume(tree.child.id)).rejects.toMatchObject({
      code: 'task/held',
      message: `Task "${tree.child.id}" is still held, by parent/${tree.parent.id}.`,
    })
    expect(await statuses(tree)).toEqual(['paused', 'paused', 'paused'])
  })

  it('alone holds nobody else', async () => {
    const tree = await openTree()
    const pausing = tree.parent.pause({ subtree: false })
    await tree.models.say('Parent', step)
    await pausing
    await settled(tree.runtime)
    expect(await statuses(tree)).toEqual(['paused', 'running', 'running'])
  })

  it('of all holds all, and the resume of all lets all go, also those that somebody held before', async () => {
    const tree = await openTree()
    const pausing = Promise.all([tree.runtime.pause(tree.child.id), tree.runtime.pauseAll()])
    await rest(tree)
    await pausing
    await settled(tree.runtime)
    expect(await statuses(tree)).toEqual(['paused', 'paused', 'paused'])
    await tree.runtime.resumeAll()
    await when(() => tree.models.open.length === 3)
  })

  it.each([
    [
      'the parent',
      (stage: Stage, id: string) => stage.runtime.pause(id),
      (stage: Stage, id: string) => stage.runtime.resume(id),
    ],
    ['all', (stage: Stage) => stage.runtime.pauseAll(), (stage: Stage) => stage.runtime.resumeAll()],
  ])('holds a task that is being born in that moment, and lets go of it: %s', async (_, pause, resume) => {
    const store = memoryStore()
    let letBirth = () => {}
    let isBeingBorn = false
    const slow: typeof store = {
      ...store,
      async create(entry) {
        const isHeld = entry.fact.type === 'task.created' && entry.fact.spec.title === 'Grandchild'
        if (isHeld) isBeingBorn = true
        if (isHeld) await new Promise<void>((resolve) => (letBirth = resolve))
        return store.create(entry)
      },
    }
    const stage = await openStage({ store: slow })
    const { runtime, models } = stage
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', uses([newTask('Child')]))
    await models.say('Child', uses([newTask('Grandchild')]))
    await when(() => isBeingBorn)
    const pausing = pause(stage, parent.id)
    await settled(runtime)
    letBirth()
    await pausing
    await settled(runtime)
    expect(await statuses(stage)).toEqual(['paused', 'paused', 'paused'])
    await resume(stage, parent.id)
    await models.body('Grandchild')
    expect(models.open).toEqual(['Grandchild'])
  })
})

describe('a resume that fails half-way', () => {
  it('because the store refuses it: the slot is back, its stop is told, and nothing is lost', async () => {
    const store = memoryStore()
    let isBroken = false
    const failing = refusing(({ fact }) => isBroken && fact.type === 'task.resumed', store)
    const { runtime, hooks, models, task } = await openPaused({ ...full(), store: failing })
    const other = await openRuntime({ store })
    const [before] = await other.tasks({ id: task.id })
    isBroken = true
    const told = await codeOf(task.resume())
    isBroken = false
    await settled(runtime)
    expect(runtime.slots()).toEqual({ running: 0, cap: 1, queued: 0 })
    expect(hooks.slice(-2)).toEqual(['SubagentStart Paused', 'SubagentStop Paused lost'])
    expect(models.open).toEqual([])
    expect(told).toBe('task/lost')
    // That somebody wanted it to go on is durable: elsewhere it waits for its turn, with all that it had.
    const [after] = await other.tasks({ id: task.id })
    const wanted = {
      status: 'queued',
      state: 'queued',
      heldBy: 'nobody',
      pausedBy: [],
      durationMs: after?.durationMs,
    }
    expect(after).toEqual({ ...before, ...wanted })
  })

  it('because its hook throws: it goes on', async () => {
    const hooks = {
      SubagentStart: () => {
        throw new Error('Broken.')
      },
    }
    const { models, warnings, task } = await openPaused({ ...full(), hooks })
    await task.resume()
    await models.body('Paused')
    expect(warnings.filter((text) => text.includes('SubagentStart failed'))).toHaveLength(2)
  })

  it('because its hook hangs and it is cancelled or paused meanwhile: slot and stop come back at once', async () => {
    for (const how of ['cancel', 'pause'] as const) {
      const clock = handClock()
      let hangs = false
      const SubagentStart = () => (hangs ? new Promise(() => {}) : undefined)
      const stage = await openPaused({ ...full(), clock, hooks: { SubagentStart } })
      const { runtime, hooks, models, task } = stage
      hangs = true
      const resuming = codeOf(task.resume())
      await when(() => hooks.at(-1) === 'SubagentStart Paused')
      expect(runtime.slots().running).toBe(1)
      await task[how]()
      await settled(runtime)
      expect([runtime.slots().running, models.open]).toEqual([0, []])
      expect(hooks.filter((heard) => heard.startsWith('SubagentSt'))).toEqual([
        'SubagentStart Paused',
        'SubagentStop Paused paused',
        'SubagentStart Paused',
        `SubagentStop Paused ${how === 'cancel' ? 'cancelled' : 'paused'}`,
      ])
      expect(await resuming).toBe(how === 'cancel' ? 'task/has-ended' : 'task/held')
    }
  })

  it('because its hook hangs: it goes on when the hook has had its time', async () => {
    const clock = handClock()
    let hangs = false
    const SubagentStart = () => (hangs ? new Promise(() => {}) : undefined)
    const { models, hooks, task } = await openPaused({ ...full(), clock, hooks: { SubagentStart } })
    hangs = true
    const resuming = task.resume()
    await when(() => hooks.at(-1) === 'SubagentStart Paused')
    clock.advance(60_000)
    await resuming
    await models.body('Paused')
    expect(task.status).toBe('running')
  })
})
