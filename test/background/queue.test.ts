/** At the cap: who waits, in what order, and what is refused without a trace. */
import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { handClock } from '../../src/testing/hand-clock.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, say, use, uses } from '../../src/testing/scripted-model.ts'
import { takeCensus } from '../supervisor/census.ts'
import { when, workspaceWith } from '../support/runtime.ts'
import { answerOf } from './puppets.ts'
import { newTask, openStage, settled, type StageOptions } from './stage.ts'

const at = (background: number, more: StageOptions['concurrency'] = {}) => ({
  concurrency: { background, ...more },
})

describe('whoever waits for a slot', () => {
  it('comes first if it came first', async () => {
    const { runtime, models, background } = await openStage(at(1))
    await background('A', 'B', 'C', 'D')
    const order: string[] = []
    for (const message of ['A', 'B', 'C', 'D']) {
      await when(() => models.open.length > 0)
      order.push(...models.open)
      await models.say(message, complete('Done.'))
      await settled(runtime)
    }
    expect(order).toEqual(['A', 'B', 'C', 'D'])
  })

  it('sees its place: in its handle, in the list, in a hook', async () => {
    const { runtime, hooks, background } = await openStage(at(1))
    const tasks = await background('A', 'B', 'C')
    await settled(runtime)
    expect(tasks.map(({ state }) => state)).toEqual(['running.thinking', 'queued', 'queued'])
    expect((await runtime.tasks()).map(({ title, status, ahead }) => [title, status, ahead])).toEqual([
      ['A', 'running', null],
      ['B', 'queued', 0],
      ['C', 'queued', 1],
    ])
    expect(hooks).toEqual(['TaskQueued B 0', 'TaskQueued C 1', 'SubagentStart A'])
    await tasks[0]?.cancel()
    await settled(runtime)
    expect(await runtime.tasks({ id: tasks[2]?.id })).toMatchObject([{ status: 'queued', ahead: 0 }])
  })

  it('has no body, and no hook of a start', async () => {
    const { runtime, models, hooks, background } = await openStage(at(1))
    await background('A', 'B')
    await settled(runtime)
    expect([models.open, models.askedOf('B')]).toEqual([['A'], []])
    expect(hooks).not.toContain('SubagentStart B')
  })

  it('can be cancelled: it leaves the queue, and never ran', async () => {
    const { runtime, models, hooks, background } = await openStage(at(1))
    const [first, second, third] = await background('A', 'B', 'C')
    await second?.cancel('Not needed.')
    expect(await second?.result()).toMatchObject({
      status: 'cancelled',
      turns: 0,
      reason: { code: 'task/cancelled', message: 'Not needed.' },
    })
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 1 })
    await models.say('A', complete('Done.'))
    await first?.result()
    await models.body('C')
    expect([models.askedOf('B'), third?.status]).toEqual([[], 'running'])
    expect(hooks.filter((heard) => heard.includes(' B'))).toEqual(['TaskQueued B 0'])
  })

  it('is not started by a message, and reads it when it runs', async () => {
    const { runtime, models, background } = await openStage(at(1))
    const [, second] = await background('A', 'B')
    await second?.message('One more thing.')
    await second?.message('And another.')
    await settled(runtime)
    expect([second?.status, models.open]).toEqual(['queued', ['A']])
    await models.say('A', complete('Done.'))
    const { request } = await models.body('B')
    expect(request.lines).toEqual(
      ['B', 'One more thing.', 'And another.'].map((text) => ({ role: 'user', text })),
    )
  })

  it('spends none of its time', async () => {
    const clock = handClock()
    const { runtime, models } = await openStage({ ...at(1), clock })
    await runtime.start({ message: 'A', background: true, limits: { timeoutMs: 10_000_000 } })
    const waits = await runtime.start({ message: 'B', background: true, limits: { timeoutMs: 8_000 } })
    await models.body('A')
    for (let n = 0; n < 20; n += 1) clock.advance(5_000)
    expect(waits.status).toBe('queued')
    await models.say('A', complete('Done.'))
    await models.body('B')
    clock.advance(7_999)
    await settled(runtime)
    expect(waits.status).toBe('running')
    clock.advance(1)
    expect(await waits.result()).toMatchObject({ status: 'timedOut' })
  })

  it('loses its place when it is paused, and comes last when it goes on', async () => {
    const { runtime, models, background } = await openStage(at(1))
    const [, second] = await background('A', 'B', 'C')
    await second?.pause()
    expect([second?.status, runtime.slots().queued]).toEqual(['paused', 1])
    await second?.resume()
    await models.say('A', complete('Done.'))
    await models.say('C', complete('Done.'))
    await models.body('B')
    expect(models.open).toEqual(['B'])
  })
})

describe('the queue is bounded', () => {
  it('and whoever finds it full is refused', async () => {
    const { runtime, background } = await openStage(at(1, { queue: 1 }))
    const tasks = await background('A', 'B', 'C')
    await settled(runtime)
    expect(tasks.map(({ status }) => status)).toEqual(['running', 'queued', 'rejected'])
    expect(await tasks[2]?.result()).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'limit/queue',
        message:
          'Cannot start background task: maximum concurrent background tasks (1) reached, and the queue of 1 is full. ' +
          'Stop one first, or wait for one with wait_for_tasks.',
      },
    })
    expect(runtime.slots().queued).toBe(1)
  })

  it('but never refuses whoever has waited, or works in the stead of one that has', async () => {
    const { runtime, models, background } = await openStage(at(1, { queue: 0 }))
    await background('A')
    await models.say('A', { ...say(''), calls: [newTask('A1')] })
    await models.say('A1', use('ask_followup_question', { question: 'Which?' }))
    await when(() => runtime.approvals.list().length > 0)
    await background('B')
    await models.body('B')
    const [request] = runtime.approvals.list()
    await runtime.approvals.answer(request?.id ?? '', { text: 'This.' })
    await settled(runtime)
    expect([models.open, runtime.slots().queued]).toEqual([['B'], 1])
    await models.say('B', complete('Done.'))
    await models.say('A1', complete('Done.'))
    await models.body('A')
    expect(answerOf(models.askedOf('A').at(-1), 'new_task')).toMatchObject({
      output: { results: [{ status: 'completed' }] },
    })
  })

  it('takes as many as it has room for, and loses none of them', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `T${n}`)
    const { runtime, models, background } = await openStage(at(10, { queue: 290 }))
    const tasks = await background(...names)
    expect(tasks.filter(({ status }) => status === 'rejected')).toEqual([])
    const order: string[] = []
    while (order.length < names.length) {
      await when(() => models.open.length > 0)
      const [first = ''] = models.open
      order.push(first)
      await models.say(first, complete('Done.'))
    }
    await Promise.all(tasks.map((task) => task.result()))
    expect(models.most).toBe(10)
    expect(runtime.slots()).toEqual({ running: 0, cap: 10, queued: 0 })
  })
})

describe('a group', () => {
  const group = (...messages: readonly string[]) => messages.map((message) => ({ message, background: true }))

  it('is let in whole, part of it to wait', async () => {
    const { runtime } = await openStage(at(2))
    const tasks = await runtime.startAll(group('A', 'B', 'C'))
    await settled(runtime)
    expect(tasks.map(({ status }) => status)).toEqual(['running', 'running', 'queued'])
  })

  it.each([
    ['the queue has no room for all', { queue: 1 }],
    ['there are not slots for all', { atCap: 'reject' }],
  ] as const)('is refused whole when %s, though some had found room', async (_, more) => {
    const store = memoryStore()
    const { runtime, models, hooks } = await openStage({ ...at(2, more), store })
    const tasks = await runtime.startAll(group('A', 'B', 'C', 'D'))
    await settled(runtime)
    expect(tasks.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect([await store.tasks(), hooks, models.open]).toEqual([[], [], []])
    expect(runtime.slots()).toEqual({ running: 0, cap: 2, queued: 0 })
  })
})

const SENTENCE =
  'Cannot start background task: maximum concurrent background tasks (1) reached. ' +
  'Stop one first, or wait for one with wait_for_tasks.'

describe("atCap: 'reject'", () => {
  it('says so to the host as data, in one exact sentence', async () => {
    const { background } = await openStage(at(1, { atCap: 'reject' }))
    const [, refused] = await background('A', 'B')
    expect([refused?.status, refused?.state]).toEqual(['rejected', 'rejected'])
    expect(await refused?.result()).toMatchObject({
      status: 'rejected',
      turns: 0,
      reason: { code: 'limit/background', message: SENTENCE },
    })
  })

  it('fails that call of the model only: its other calls run, and its turn goes on', async () => {
    const workspace = await workspaceWith({ 'seen.txt': 'Here.' })
    const { runtime, models, background } = await openStage({ ...at(1, { atCap: 'reject' }), workspace })
    await background('Full')
    const parent = await runtime.start({ message: 'Parent' })
    await models.say('Parent', {
      ...uses([
        { tool: 'list_files', input: { path: '.' } },
        newTask('Refused', { background: true }),
        { tool: 'read_file', input: { path: 'seen.txt' } },
        newTask('In front'),
      ]),
    })
    await models.say('In front', complete('Done in front.'))
    const { request } = await models.body('Parent')
    const results = request.lines.flatMap((line) => (line.role === 'tool' ? [[line.tool, line.result]] : []))
    expect(results).toEqual([
      ['list_files', expect.objectContaining({ kind: 'ok' })],
      ['new_task', expect.objectContaining({ kind: 'failed', code: 'limit/background', message: SENTENCE })],
      ['read_file', expect.objectContaining({ kind: 'ok' })],
      ['new_task', expect.objectContaining({ kind: 'ok' })],
    ])
    expect(parent.status).toBe('running')
  })

  it('leaves nothing behind: no journal, no hook, no process, no actor, no row, no notice', async () => {
    const store = memoryStore()
    const census = takeCensus()
    const { runtime, models, hooks, notices, background } = await openStage({
      ...at(1, { atCap: 'reject' }),
      store,
      inspect: census.inspect,
    })
    const [full] = await background('Full')
    const parent = await runtime.start({ message: 'Parent' })
    await models.body('Parent')
    const before = [hooks.length, notices.length, (await readdir('/proc/self/task')).length]
    const events: string[] = []
    runtime.subscribe(({ type }) => events.push(type))
    const [refused] = await background('Refused')
    expect(events).toEqual([])
    await models.say('Parent', { ...say(''), calls: [newTask('Refused too', { background: true })] })
    await models.body('Parent')
    expect([hooks.length, notices.length]).toEqual(before.slice(0, 2))
    const ids = new Set([full?.id ?? '', parent.id])
    expect((await store.tasks()).map(({ spec }) => spec.id).sort()).toEqual([...ids].sort())
    expect((await runtime.tasks()).map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(await store.read(refused?.id ?? '')).toEqual([])
    await expect(runtime.result(refused?.id ?? '')).rejects.toMatchObject({ code: 'task/no-such-task' })
    expect(census.orphans(ids)).toEqual([])
    expect(models.open).toEqual(['Full', 'Parent'])
  })

  it('is logged once with how many run, until there is room again', async () => {
    const { runtime, models, warnings, background } = await openStage(at(1, { atCap: 'reject' }))
    await background('A', 'B', 'C', 'D')
    const once = 'Background tasks: 1/1 run, 0 wait. Refused a task, and what comes next.'
    expect(warnings).toEqual([once])
    await models.say('A', complete('Done.'))
    await when(() => runtime.slots().running === 0)
    await background('E', 'F')
    expect(warnings).toEqual([once, once])
  })

  it('is logged once also when the limit of a single agent is reached', async () => {
    const { runtime, warnings } = await openStage(at(5, { atCap: 'reject', perAgent: { explorer: 1 } }))
    for (const message of ['A', 'B', 'C', 'D'])
      await runtime.start({ message, agent: 'explorer', background: true })
    expect(warnings).toHaveLength(1)
  })
})

describe('a launch that the store does not take', () => {
  it('leaves nothing behind either: no hook, no notice, no report to its parent', async () => {
    const store = memoryStore()
    const failing: typeof store = {
      ...store,
      create: (entry) =>
        entry.fact.type === 'task.created' && entry.fact.spec.parent !== null
          ? Promise.reject(new Error('The disk is full.'))
          : store.create(entry),
    }
    const { runtime, models, hooks, notices, facts, background } = await openStage({
      ...at(1),
      store: failing,
    })
    await background('Full')
    await models.body('Full')
    const parent = await runtime.start({ message: 'Parent' })
    const before = [hooks.length, notices.length]
    await models.say('Parent', { ...say(''), calls: [newTask('Child', { background: true })] })
    const { request } = await models.body('Parent')
    expect(answerOf(request, 'new_task')).toMatchObject({ kind: 'failed', message: 'The disk is full.' })
    await settled(runtime)
    expect(await facts(parent.id, 'child.ended')).toEqual([])
    expect([hooks.length, notices.length]).toEqual(before)
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
  })
})

it('a call that starts a task in the background answers at once, while the task waits for its turn', async () => {
  const { runtime, models, background, find } = await openStage(at(1))
  await background('Full')
  await runtime.start({ message: 'Parent' })
  await models.say('Parent', { ...say(''), calls: [newTask('Child', { background: true })] })
  const { request } = await models.body('Parent')
  const child = await find('Child')
  expect(answerOf(request, 'new_task')).toEqual({
    kind: 'ok',
    output: {
      taskId: child.id,
      status: 'queued, next in line',
      capacity: 'Background (1/1, queued 1)',
      next: 'You will be told when it ends; or wait with wait_for_tasks.',
    },
  })
  expect(child.status).toBe('queued')
})
