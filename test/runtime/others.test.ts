/** What hosts, models, tools and schemas get wrong stays data, and is told in words (L8, L9). */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RuntimeError, UsageError } from '../../src/errors.ts'
import type { Model } from '../../src/host.ts'
import type { ModelReply } from '../../src/protocol/model.ts'
import type { Runtime } from '../../src/runtime.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { heldModel, heldTool, uses } from '../support/held.ts'
import { openRuntime, when } from '../support/runtime.ts'

const told = (model: ReturnType<typeof scriptedModel>) =>
  model.requests.at(-1)?.lines.find(({ role }) => role === 'tool')

describe('a request', () => {
  it.each([
    [{ writePattern: [] }, 'writePatterns'],
    [{ filepatterns: ['src/**'] }, 'filePatterns'],
    [{ writePatterns: 'none' }, 'writePatterns'],
    [{ deniedTools: ['write_fil'] }, 'write_file'],
  ])('L5: whose boundary is misspelled is refused, by name: %j', async (boundary, named) => {
    const runtime = await openRuntime({ model: scriptedModel({}) })
    await expect(runtime.start({ message: 'Go.', boundary: boundary as never })).rejects.toThrow(named)
    const agents = [{ name: 'mine', description: '', instructions: 'Work.', boundary: boundary as never }]
    await expect(openRuntime({ agents, model: scriptedModel({}) })).rejects.toThrow(
      /writePatterns|filePatterns|write_file|mine/,
    )
  })

  it.each([
    undefined,
    {},
    { message: 5 },
    { message: 'Go.', agent: 42 },
    { message: 'Go.', limits: { maxTurn: 1 } },
    { message: 'Go.', limits: { timeoutMs: '5' } },
    { message: 'Go.', signal: {} },
    { message: 'Go.', output: 5 },
  ])('that makes no sense is a usage error: %j', async (request) => {
    const runtime = await openRuntime({ model: scriptedModel({}) })
    await expect(runtime.run(request as never)).rejects.toSatisfy(UsageError.is)
  })

  it('takes only less than the runtime gives', async () => {
    const store = memoryStore()
    const runtime = await openRuntime({
      store,
      model: scriptedModel({ lead: [complete('Done.')] }),
      limits: { retries: 1, toolTimeoutMs: 50 },
    })
    const { taskId } = await runtime.run({ message: 'Go.', limits: { retries: 9, toolTimeoutMs: 9_999 } })
    const [birth] = await store.read(taskId)
    expect(birth?.fact).toMatchObject({ spec: { limits: { retries: 1, toolTimeoutMs: 50 } } })
  })

  it('that cannot be kept is rejected, which is data', async () => {
    const create = () => Promise.reject(new Error('No database.'))
    const runtime = await openRuntime({ model: scriptedModel({}), store: { ...memoryStore(), create } })
    const task = await runtime.start({ message: 'Go.' })
    expect(task.status).toBe('rejected')
    for await (const event of task.events()) expect.fail(`There should be no ${event.type}.`)
    expect(await task.result()).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('No database.') },
    })
  })

  it('keeps what it holds: nothing of the host is frozen', async () => {
    const boundary = { filePatterns: ['**'] }
    const runtime = await openRuntime({ model: scriptedModel({ lead: [complete('Done.')] }) })
    await runtime.run({ message: 'Go.', boundary })
    expect(Object.isFrozen(boundary.filePatterns)).toBe(false)
  })
})

it.each<[string, RegExp, (runtime: Runtime, id: string) => Promise<unknown>]>([
  ['pause', /^pause: .*"subtre"/, (runtime, id) => runtime.pause(id, { subtre: false } as never)],
  ['resume', /^resume: .*"subtree"/, (runtime, id) => runtime.resume(id, { subtree: false } as never)],
  ['startAll', /^startAll takes an array/, (runtime) => runtime.startAll({} as never)],
])(
  'a misspelled option of %s is a usage error that names it, and nothing happens',
  async (_, words, call) => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    const error: unknown = await call(runtime, task.id).catch((thrown: unknown) => thrown)
    expect(error).toSatisfy(UsageError.is)
    expect((error as Error).message).toMatch(words)
    expect((await runtime.tasks()).map(({ status }) => status)).toEqual(['running'])
  },
)

describe('a model', () => {
  const usage = { inputTokens: 1, outputTokens: 1 }
  const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  it.each([
    ['nothing', undefined],
    ['no text', { calls: [], stop: 'done', usage }],
    ['no calls', { text: '', stop: 'done', usage }],
    ['no usage', { text: 'Hello.', calls: [], stop: 'done' }],
    ['an unknown stop', { text: 'Hello.', calls: [], stop: 'bored', usage }],
    ['a call without a name', { text: '', calls: [{ input: {} }], stop: 'done', usage }],
    ['an input nested too deep', { text: '', calls: [{ tool: 'x', input: deep }], stop: 'done', usage }],
    ['a circular input', { text: '', calls: [{ tool: 'x', input: circular }], stop: 'done', usage }],
    ['an input JSON cannot hold', { text: '', calls: [{ tool: 'x', input: 1n }], stop: 'done', usage }],
  ])('that answers with %s fails by name', async (_, reply) => {
    const model: Model = { name: 'odd', contextWindow: 1_000, reply: async () => reply as ModelReply }
    const runtime = await openRuntime({ model, limits: { retries: 0 } })
    expect(await runtime.run({ message: 'Go.' })).toMatchObject({
      status: 'failed',
      reason: { code: 'model/unreadable-reply' },
    })
  })

  it.each([
    new Error('Oops.'),
    'a string',
    Object.create(null),
    Object.assign(new RuntimeError('unexpected', 'Odd.'), { code: 'model/from-the-future' }),
  ])('that throws %s fails, and never hangs', async (thrown) => {
    const model: Model = { name: 'odd', contextWindow: 1_000, reply: () => Promise.reject(thrown as Error) }
    expect((await (await openRuntime({ model })).run({ message: 'Go.' })).status).toBe('failed')
  })

  it('that never answers is asked again, and then fails by its limit', async () => {
    const clock = handClock()
    const model = heldModel()
    const runtime = await openRuntime({ model, clock, limits: { modelTimeoutMs: 1_000, retries: 1 } })
    const task = await runtime.start({ message: 'Go.' })
    clock.advance(1_000)
    await when(() => task.state === 'running.backingOff')
    clock.advance(60_000)
    await when(() => model.requests.length === 2)
    clock.advance(1_000)
    expect(await task.result()).toMatchObject({ status: 'failed', reason: { code: 'model/timed-out' } })
  })

  it.each([Number.POSITIVE_INFINITY, 1e12, -5, Number.NaN])(
    'that wants to be left alone for %d ms has failed',
    async (retryAfterMs) => {
      const reply = () => Promise.reject(new RuntimeError('model/rate-limited', 'Later.', { retryAfterMs }))
      const runtime = await openRuntime({ model: { name: 'slow', contextWindow: 1_000, reply } })
      expect(await runtime.run({ message: 'Go.' })).toMatchObject({
        status: 'failed',
        reason: { code: 'model/rate-limited' },
      })
    },
  )

  it('is told what data it owes', async () => {
    const model = scriptedModel({ lead: [complete('Two.', { count: 2 })] })
    const runtime = await openRuntime({ model })
    await runtime.run({ message: 'Count.', output: z.object({ count: z.number() }) })
    const end = model.requests[0]?.tools.find(({ name }) => name === 'attempt_completion')
    expect(end?.input).toMatchObject({
      required: ['result', 'data'],
      properties: { data: { properties: { count: { type: 'number' } } } },
    })
  })
})

describe('a tool', () => {
  const circular: unknown[] = []
  circular.push(circular)
  const toJSON = () => {
    throw new Error('Not me.')
  }

  it.each([
    ['a big integer', 1n],
    ['a circle', circular],
    ['an object that refuses', { toJSON }],
  ])('L6: that returns %s has run, and the model is told so', async (_, output) => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      access: () => ({ reads: [], writes: [], command: null }),
      execute: () => output,
    })
    const model = scriptedModel({ lead: [use('pay'), complete('Done.')] })
    const runtime = await openRuntime({ model, tools: [pay], policy: { allow: ['pay'] } })
    expect((await runtime.run({ message: 'Pay.' })).status).toBe('completed')
    expect(told(model)).toMatchObject({
      result: { code: 'tool/threw', message: expect.stringContaining('It ran') },
    })
  })

  it('is given an input of its own', async () => {
    const sort = defineTool({
      name: 'sort',
      description: 'Sorts.',
      input: z.object({ list: z.any() }),
      effect: 'pure',
      execute: ({ list }) => (list as number[]).sort((a, b) => a - b),
    })
    const model = scriptedModel({ lead: [use('sort', { list: [2, 1] }), complete('Done.')] })
    await (await openRuntime({ model, tools: [sort] })).run({ message: 'Sort.' })
    expect(told(model)).toMatchObject({ result: { kind: 'ok', output: [1, 2] } })
  })

  it('that goes on after it was told to end is reported', async () => {
    const clock = handClock()
    const warnings: string[] = []
    const tool = heldTool('look', { isStubborn: true })
    const model = heldModel()
    const runtime = await openRuntime({
      model,
      clock,
      tools: [tool],
      limits: { toolTimeoutMs: 100 },
      warn: (text) => warnings.push(text),
    })
    const task = await runtime.start({ message: 'Go.' })
    model.answer(uses('look'))
    await when(() => tool.runs.length === 1)
    clock.advance(100)
    expect([tool.runs[0]?.signal.aborted, warnings]).toEqual([true, []])
    clock.advance(10_000)
    expect(warnings.join()).toContain('"look" goes on')
    tool.finish()
    await when(() => model.requests.length === 2)
    await task.cancel()
  })

  it('whose schema takes for ever is answered for', async () => {
    const clock = handClock()
    const stuck = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => new Promise<never>(() => {}) },
    }
    const tool = defineTool({
      name: 'look',
      description: 'Looks.',
      input: stuck,
      jsonSchema: { type: 'object' },
      effect: 'pure',
      execute: () => 1,
    })
    const model = scriptedModel({ lead: [use('look'), complete('Done.')] })
    const runtime = await openRuntime({ model, clock, tools: [tool] })
    const task = await runtime.start({ message: 'Go.' })
    await when(() => task.state === 'running.acting')
    clock.advance(10_000)
    await task.result()
    expect(told(model)).toMatchObject({ result: { code: 'tool/timed-out' } })
  })

  it.each([
    { timeoutMs: Number.NaN },
    { timeoutMs: -1 },
    { input: z.string() },
    { input: z.object({}), name: 'no name' },
  ])('declared with %j is refused at once', (odd) => {
    const declare = () =>
      defineTool({ name: 'x', description: '', input: z.object({}), execute: () => 1, ...(odd as object) })
    expect(declare).toThrow(/timeoutMs|object|no name/)
    expect(() =>
      defineTool({ name: 'x', description: '', input: z.object({}), execute: () => 1 }),
    ).not.toThrow()
  })
})

it('two agents of one name are refused', async () => {
  const agent = { name: 'mine', description: '', instructions: 'Work.' }
  await expect(openRuntime({ agents: [agent, agent], model: scriptedModel({}) })).rejects.toThrow(
    'two agents called "mine"',
  )
})
