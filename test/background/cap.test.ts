/** L3: never more live bodies in the background than the cap, and a slot comes back on every way out. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { RuntimeError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import { openai } from '../../src/models/openai.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, say, use } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { heldTool } from '../support/held.ts'
import { openaiServer } from '../support/openai-server.ts'
import { when, workspaceWith } from '../support/runtime.ts'
import { puppets } from './puppets.ts'
import { newTask, openStage, refusing, settled } from './stage.ts'

const cap = (background: number) => ({ concurrency: { background } })

describe('L3: the cap counts', () => {
  it('open requests at the server of the model, which are never more than it', async () => {
    const open: (() => void)[] = []
    const server = await openaiServer(async () => {
      await new Promise<void>((resolve) => open.push(resolve))
      return { text: 'Done.' }
    })
    const model = openai('gpt-test', { baseURL: server.url, apiKey: 'key' })
    const { runtime, background } = await openStage({ ...cap(2), model })
    const tasks = await background('A', 'B', 'C', 'D', 'E')
    let most = 0
    while (tasks.some(({ status }) => status !== 'completed')) {
      most = Math.max(most, server.openExchanges())
      if (runtime.slots().running === Math.min(2, open.length)) open.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(most).toBe(2)
    expect(server.requests).toHaveLength(5)
    await server.close()
  })

  it('no task in the foreground', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    await runtime.start({ message: 'Front 1' })
    await runtime.start({ message: 'Front 2' })
    await background('Back')
    await when(() => models.open.length === 3)
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
  })

  it('no task that is paused or has ended', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const [paused] = await background('Paused')
    const pausing = paused?.pause()
    await models.say('Paused', use('list_files', { path: '.' }))
    await pausing
    await background('Ended')
    await models.say('Ended', complete('Done.'))
    await background('Third')
    await models.body('Third')
    expect(paused?.status).toBe('paused')
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
  })

  it('no task that waits for a person; its next turn waits for a slot, ahead of fresh launches', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const [asks] = await background('Asks', 'Second', 'Third')
    await models.say('Asks', use('ask_followup_question', { question: 'Which?' }))
    await models.body('Second')
    expect([asks?.state, runtime.slots()]).toEqual(['running.asking', { running: 1, cap: 1, queued: 1 }])
    const [request] = runtime.approvals.list()
    await runtime.approvals.answer(request?.id ?? '', { text: 'This one.' })
    await settled(runtime)
    expect([asks?.state, models.open]).toEqual(['running.returning', ['Second']])
    await models.say('Second', complete('Done.'))
    await models.body('Asks')
    expect(models.open).toEqual(['Asks'])
  })

  it('no task that backs off', async () => {
    const clock = handClock()
    const { models, background } = await openStage({ ...cap(1), clock })
    const [first] = await background('A', 'B')
    ;(await models.body('A')).fail('model/rate-limited')
    await models.body('B')
    expect(first?.state).toBe('running.backingOff')
    clock.advance(60_000)
    await when(() => first?.state === 'running.returning')
    expect(models.open).toEqual(['B'])
    await models.say('B', complete('Done.'))
    await models.body('A')
  })

  it('no task that waits for others, however nested: a chain deeper than the cap comes to its end', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const [root] = await background('0')
    for (const depth of [0, 1, 2]) {
      const call = newTask(`${depth + 1}`, { background: depth === 1 })
      await models.say(`${depth}`, { ...say(''), calls: [call] })
      if (depth === 1) await models.say('1', use('wait_for_tasks'))
    }
    for (const depth of [3, 2, 1, 0]) await models.say(`${depth}`, complete(`${depth} is done.`))
    expect(await root?.result()).toMatchObject({ status: 'completed', result: '0 is done.' })
    expect(models.most).toBe(1)
    expect(runtime.slots()).toEqual({ running: 0, cap: 1, queued: 0 })
  })
})

describe('L3: a task that is moved to the background', () => {
  it('moves when there is a slot for it, and never makes one more', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const front = await runtime.start({ message: 'Front' })
    await background('Back')
    await when(() => models.open.length === 2)
    let isMoved = false
    const moving = runtime.toBackground(front.id).then(() => (isMoved = true))
    await settled(runtime)
    expect([isMoved, runtime.slots()]).toEqual([false, { running: 1, cap: 1, queued: 1 }])
    await models.say('Back', complete('Done.'))
    await moving
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
    expect(await runtime.tasks({ id: front.id })).toMatchObject([{ background: true }])
    await background('Next')
    await settled(runtime)
    expect(models.open).toEqual(['Front'])
    await models.say('Front', complete('Done.'))
    await models.body('Next')
  })

  it('that cannot move goes on in front, and can be paused and resumed as before', async () => {
    const concurrency = { background: 1, atCap: 'reject' } as const
    const { runtime, models, background } = await openStage({ concurrency })
    const front = await runtime.start({ message: 'Front' })
    await background('Back')
    await when(() => models.open.length === 2)
    await expect(runtime.toBackground(front.id)).rejects.toMatchObject({ code: 'limit/background' })
    const pausing = front.pause()
    await models.say('Front', use('list_files', { path: '.' }))
    await pausing
    await when(() => front.status === 'paused')
    await front.resume()
    await models.body('Front')
    expect(runtime.slots().running).toBe(1)
  })

  it('while it is paused or has ended leaves no wish behind', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const [one, two] = await Promise.all(['One', 'Two'].map((message) => runtime.start({ message })))
    await background('Back')
    await when(() => models.open.length === 3)
    const moving = [one, two].map((task) => runtime.toBackground(task?.id ?? '').catch((e: unknown) => e))
    await settled(runtime)
    expect(runtime.slots().queued).toBe(2)
    await models.say('One', complete('Done.'))
    const pausing = two?.pause()
    await models.say('Two', use('list_files', { path: '.' }))
    await pausing
    await models.say('Back', complete('Done.'))
    expect(await moving[0]).toMatchObject({ code: 'task/has-ended' })
    await moving[1]
    await settled(runtime)
    expect([two?.status, runtime.slots()]).toEqual(['paused', { running: 0, cap: 1, queued: 0 }])
  })
})

describe('L3: a body that will not end', () => {
  it('holds the slot of its task until it has ended, and is reported once', async () => {
    const clock = handClock()
    const { runtime, models, background, warnings } = await openStage({ ...cap(1), clock })
    models.stubborn.add('Stubborn')
    const [stubborn] = await background('Stubborn', 'Next')
    const body = await models.body('Stubborn')
    await stubborn?.cancel()
    await settled(runtime)
    for (let n = 0; n < 8; n += 1) clock.advance(5_000)
    await settled(runtime)
    expect([stubborn?.status, models.open]).toEqual(['cancelling', ['Stubborn']])
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 1 })
    expect(warnings.filter((text) => text.includes('goes on'))).toEqual([
      `The model "puppet" goes on with task ${stubborn?.id} although it was told to end.`,
    ])
    body.fail('model/stopped')
    await models.body('Next')
    expect(await stubborn?.result()).toMatchObject({ status: 'cancelled' })
  })

  it('that is a tool is reported by name, and holds its slot too', async () => {
    const clock = handClock()
    const tool = heldTool('dig', { isStubborn: true })
    const { runtime, models, background, warnings } = await openStage({ ...cap(1), clock, tools: [tool] })
    const [task] = await background('Dig')
    await models.say('Dig', use('dig'))
    await when(() => tool.runs.length === 1)
    await task?.cancel()
    for (let n = 0; n < 4; n += 1) clock.advance(5_000)
    expect(warnings).toEqual([
      `The tool "dig" goes on with call 1.0 of ${task?.id} although it was told to end.`,
    ])
    expect(runtime.slots().running).toBe(1)
    tool.finish()
    expect(await task?.result()).toMatchObject({ status: 'cancelled' })
    expect(runtime.slots().running).toBe(0)
  })

  it('is killed if it is a process, together with all that it started', async () => {
    const workspace = await workspaceWith()
    const { runtime, models } = await openStage({
      ...cap(1),
      workspace,
      policy: { mode: 'bypassPermissions' },
    })
    const task = await runtime.start({ message: 'Run', background: true, boundary: { readOnly: false } })
    const command = "trap '' TERM INT HUP; sleep 1000 & echo $! > child; echo $$ > own; wait; sleep 1000"
    await models.say('Run', use('execute_command', { command }))
    const pidIn = async (name: string) =>
      Number(await readFile(join(workspace, name), 'utf8').catch(() => '0'))
    let pids: number[] = []
    while (pids.length < 2)
      pids = (await Promise.all([pidIn('own'), pidIn('child')])).filter((pid) => pid > 0)
    expect(pids.every(isAlive)).toBe(true)
    await task.cancel()
    expect(await task.result()).toMatchObject({ status: 'cancelled' })
    expect([pids.some(isAlive), runtime.slots().running]).toEqual([false, 0])
  })
})

/** A process that nobody has fetched yet is dead: it has no body any more. */
function isAlive(pid: number): boolean {
  try {
    const [state] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').slice(-1)
    return state !== undefined && !state.startsWith('Z')
  } catch {
    return false
  }
}

const brokenTools = [
  defineTool({
    name: 'throw_now',
    description: 'Throws.',
    input: z.object({}),
    effect: 'pure',
    execute() {
      throw new Error('At once.')
    },
  }),
  defineTool({
    name: 'throw_later',
    description: 'Throws later.',
    input: z.object({}),
    effect: 'pure',
    execute: () => Promise.reject(new Error('Later.')),
  }),
]

describe('L3: the slot comes back', () => {
  it.each(['throw_now', 'throw_later'])('when a tool throws and the task fails: %s', async (tool) => {
    const { runtime, models, background } = await openStage({ ...cap(1), tools: brokenTools })
    const [task] = await background('A')
    await models.say('A', use(tool))
    ;(await models.body('A')).fail('model/unauthorised')
    expect(await task?.result()).toMatchObject({ status: 'failed', reason: { code: 'model/unauthorised' } })
    expect(runtime.slots().running).toBe(0)
  })

  it.each<[string, Model['reply']]>([
    [
      'at once',
      () => {
        throw new RuntimeError('model/bad-request', 'No.')
      },
    ],
    ['later', () => Promise.reject(new RuntimeError('model/bad-request', 'No.'))],
    ['what is no error', () => Promise.reject(Object.create(null) as Error)],
  ])('when the model throws %s', async (_, reply) => {
    const { runtime, background } = await openStage({
      ...cap(1),
      model: { name: 'broken', contextWindow: 1_000, reply },
    })
    const tasks = await background('A', 'B', 'C')
    for (const task of tasks) expect(await task.result()).toMatchObject({ status: 'failed' })
    expect(runtime.slots()).toEqual({ running: 0, cap: 1, queued: 0 })
  })

  it.each([
    ['its time is up', { timeoutMs: 60_000 }, 'limit/timeout'],
    ['it is idle', { idleMs: 60_000 }, 'limit/idle'],
  ])('when %s', async (_, limits, code) => {
    const clock = handClock()
    const { runtime, models } = await openStage({ ...cap(1), clock })
    const task = await runtime.start({ message: 'Slow', background: true, limits })
    await models.body('Slow')
    for (let n = 0; n < 12; n += 1) clock.advance(5_000)
    expect(await task.result()).toMatchObject({ status: 'timedOut', reason: { code } })
    expect(runtime.slots().running).toBe(0)
  })

  it('when it is cancelled', async () => {
    const { runtime, models, background } = await openStage(cap(1))
    const [task] = await background('A', 'B')
    await models.body('A')
    await task?.cancel()
    await models.body('B')
    expect(runtime.slots()).toEqual({ running: 1, cap: 1, queued: 0 })
  })

  it.each(['task.created', 'task.started', 'slot.given', 'model.replied', 'task.ended'])(
    'when the store refuses %s',
    async (type) => {
      let isBroken = true
      const store = refusing(({ fact }) => isBroken && fact.type === type)
      const { runtime, models, background } = await openStage({ ...cap(1), store })
      await background('A', 'Queued')
      if (type === 'slot.given') {
        await models.say('A', use('ask_followup_question', { question: 'Which?' }))
        const [request] = await askedIn(runtime)
        await runtime.approvals.answer(request?.id ?? '', { text: 'This.' })
      } else if (type !== 'task.created' && type !== 'task.started') await models.say('A', complete('Done.'))
      if (type !== 'task.created' && type !== 'task.started') await models.say('Queued', complete('Done.'))
      await when(() => runtime.slots().running === 0 && runtime.slots().queued === 0)
      isBroken = false
      const [next] = await background('Next')
      await models.say('Next', complete('Done.'))
      expect(await next?.result()).toMatchObject({ status: 'completed' })
    },
  )
})

async function askedIn(runtime: { approvals: { list(): readonly { id: string }[] } }) {
  await when(() => runtime.approvals.list().length > 0)
  return runtime.approvals.list()
}

describe('L3: caps for single agents and models', () => {
  it('hold besides the one for all, and who is held up by one does not hold up the others', async () => {
    const concurrency = { background: 3, perAgent: { explorer: 1 } }
    const { runtime, models } = await openStage({ concurrency })
    const start = (message: string, agent: string) => runtime.start({ message, agent, background: true })
    await start('E1', 'explorer')
    const second = await start('E2', 'explorer')
    await start('C1', 'coder')
    await start('C2', 'coder')
    await start('C3', 'coder')
    await settled(runtime)
    expect(models.open).toEqual(['E1', 'C1', 'C2'])
    expect(second.status).toBe('queued')
    await models.say('E1', complete('Done.'))
    await models.body('E2')
    expect(models.open).toEqual(['C1', 'C2', 'E2'])
  })

  it('count a model that is chosen only at run time, also of agents without a model of their own', async () => {
    const small = puppets('small')
    const agents = [
      { name: 'a', description: '', instructions: 'Work.', model: 'alias-1' },
      { name: 'b', description: '', instructions: 'Work.', model: 'alias-2' },
      { name: 'c', description: '', instructions: 'Work.' },
    ]
    const { runtime, models } = await openStage({
      agents,
      concurrency: { background: 9, perModel: { small: 1, puppet: 1 } },
      models: () => small.model,
    })
    for (const agent of ['a', 'b', 'c'])
      for (const n of [1, 2]) await runtime.start({ message: `${agent}${n}`, agent, background: true })
    await settled(runtime)
    expect([small.open, models.open]).toEqual([['a1'], ['c1']])
    await small.say('a1', complete('Done.'))
    await small.body('a2')
    await small.say('a2', complete('Done.'))
    await small.body('b1')
    expect(small.most).toBe(1)
  })

  it.each([
    ['perAgent', { explorer: 1 }, 'limit/agent', 'for agent "explorer" (1) reached'],
    ['perModel', { puppet: 1 }, 'limit/model', 'for model "puppet" (1) reached'],
  ])('refuse by name: %s', async (key, limit, code, sentence) => {
    const { runtime } = await openStage({
      concurrency: { background: 3, atCap: 'reject', [key]: limit },
    })
    await runtime.start({ message: 'A', agent: 'explorer', background: true })
    const refused = await runtime.start({ message: 'B', agent: 'explorer', background: true })
    expect(await refused.result()).toMatchObject({ status: 'rejected', reason: { code } })
    expect(await refused.result()).toHaveProperty('reason.message', expect.stringContaining(sentence))
  })

  it('name the one that is in the way, also when a whole group is refused', async () => {
    const { runtime } = await openStage({
      concurrency: { background: 9, atCap: 'reject', perAgent: { explorer: 1 } },
    })
    const group = ['coder', 'explorer', 'explorer'].map((agent, n) => ({
      message: `${n}`,
      agent,
      background: true,
    }))
    for (const task of await runtime.startAll(group))
      expect(await task.result()).toHaveProperty(
        'reason.message',
        expect.stringContaining('for agent "explorer" (1) reached'),
      )
  })
})

describe('TROUPE_MAX_BACKGROUND_TASKS', () => {
  it.each([
    ['2', undefined, 2, 0],
    ['2', 5, 5, 0],
    ['two', undefined, 10, 1],
    ['0', undefined, 10, 1],
  ])('%s, with %s in code, makes a cap of %d', async (value, background, made, warned) => {
    vi.stubEnv('TROUPE_MAX_BACKGROUND_TASKS', value)
    const concurrency = background === undefined ? {} : { background }
    const { runtime, warnings } = await openStage({ concurrency })
    vi.unstubAllEnvs()
    expect([runtime.slots().cap, warnings.length]).toEqual([made, warned])
  })
})
