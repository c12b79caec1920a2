/**
 * A task on the whole runtime, from a request to its result: real files, real tools, a model that does as
 * told.
 */
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RuntimeError, UsageError } from '../../src/errors.ts'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import type { Runtime } from '../../src/runtime.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { gatedStore } from '../../src/testing/gated-store.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, fails, say, scriptedModel, use, uses as asks } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { heldModel, heldTool, uses } from '../support/held.ts'
import { openRuntime, when, workspaceWith } from '../support/runtime.ts'

const stateOf = async (runtime: Runtime, id: string) => (await runtime.tasks({ id }))[0]?.state
const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('a run', () => {
  it('goes from a prompt through real tools to a result', async () => {
    const workspace = await workspaceWith({ 'a.txt': 'hello\n' })
    const model = scriptedModel({ coder: [use('read_file', { path: 'a.txt' }), complete('It says hello.')] })
    const runtime = await openRuntime({ workspace, model })
    const result = await runtime.run({ agent: 'coder', message: 'What does a.txt say?' })
    expect(result).toMatchObject({ status: 'completed', result: 'It says hello.', turns: 2 })
    expect(result.usage.inputTokens).toBeGreaterThan(0)
    expect(JSON.stringify(model.requests[1]?.lines)).toContain('hello')
    model.assertAllSpoken()
  })

  it('gives typed data, which must be what was asked for', async () => {
    const model = scriptedModel({
      lead: [complete('Two.', { count: 'two' }), complete('Two.', { count: 2 })],
    })
    const runtime = await openRuntime({ model })
    const result = await runtime.run({ message: 'Count.', output: z.object({ count: z.number() }) })
    expect(result.status === 'completed' && result.data.count + 1).toBe(3)
    const told = model.requests[1]?.lines.at(-1)
    expect(told).toMatchObject({
      role: 'tool',
      result: { code: 'task/bad-result', message: expect.stringContaining('count') },
    })
  })

  it('ends as failed with a reason when the model cannot be reached for good', async () => {
    const runtime = await openRuntime({ model: scriptedModel({ lead: [fails('model/unauthorised')] }) })
    const result = await runtime.run({ message: 'Go.' })
    expect(result).toMatchObject({ status: 'failed', reason: { code: 'model/unauthorised' } })
  })

  it('refuses what cannot be, at once and by name', async () => {
    const runtime = await openRuntime({ model: scriptedModel({}) })
    await expect(runtime.run({ agent: 'codr', message: 'Go.' })).rejects.toThrow('Did you mean "coder"?')
    await expect(runtime.run({ message: ' ' })).rejects.toSatisfy(UsageError.is)
    await expect(runtime.run({ message: 'Go.', limits: { maxTurns: 1.5 } })).rejects.toThrow('maxTurns')
    expect(await runtime.tasks()).toEqual([])
  })

  it('is cancelled by its signal, before it begins and on the way', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const early = await runtime.run({ message: 'Go.', signal: AbortSignal.abort() })
    expect([early.status, model.requests.length]).toEqual(['cancelled', 0])
    const abort = new AbortController()
    const running = runtime.run({ message: 'Go.', signal: abort.signal })
    await when(() => model.requests.length === 1)
    abort.abort()
    expect(await running).toMatchObject({ status: 'cancelled', reason: { code: 'task/cancelled' } })
    expect(model.aborted).toBe(1)
  })

  it('shares a signal with as many others as a server has', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const abort = new AbortController()
    const running = Array.from({ length: 50 }, () => runtime.run({ message: 'Go.', signal: abort.signal }))
    await when(() => model.requests.length === 50)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
    abort.abort()
    expect(new Set((await Promise.all(running)).map(({ status }) => status))).toEqual(new Set(['cancelled']))
  })

  it('keeps two runtimes in one process apart', async () => {
    const models = [heldModel(), heldModel()] as const
    const [one, two] = await Promise.all(models.map((model) => openRuntime({ model })))
    if (!one || !two) throw new Error('There should be two.')
    const [first, second] = [one.run({ message: 'One.' }), two.run({ message: 'Two.' })]
    await Promise.all([
      when(() => models[0].requests.length === 1),
      when(() => models[1].requests.length === 1),
    ])
    models[1].answer({ text: 'Second.' })
    expect((await second).result).toBe('Second.')
    expect((await one.tasks()).map(({ status }) => status)).toEqual(['running'])
    models[0].answer({ text: 'First.' })
    expect((await first).result).toBe('First.')
  })
})

describe('L2: a fact', () => {
  it('is heard by nobody before it is durable', async () => {
    const store = gatedStore(memoryStore())
    const model = heldModel()
    const runtime = await openRuntime({ model, store })
    const heard: string[] = []
    runtime.subscribe((event) => heard.push(event.type))
    const running = runtime.run({ message: 'Go.' })
    await store.arrival()
    await tick()
    expect([heard, model.requests.length]).toEqual([[], 0])
    await store.letOne()
    await store.arrival()
    expect([heard, model.requests.length]).toEqual([['task.created'], 0])
    await store.letOne()
    await when(() => model.requests.length === 1)
    model.answer(uses('nothing'))
    await store.arrival()
    const taskId = store.waiting[0]?.taskId ?? ''
    await tick()
    expect(await stateOf(runtime, taskId)).toBe('running.thinking')
    await store.letOne()
    await store.arrival()
    expect(await stateOf(runtime, taskId)).toBe('running.acting')
    store.open()
    await when(() => model.requests.length === 2)
    model.answer({ text: 'Done.' })
    expect((await running).status).toBe('completed')
  })

  it('that the store refuses ends the task here, and nothing else', async () => {
    const store = memoryStore()
    let isFull = false
    const append: typeof store.append = (entry, previous) =>
      isFull && entry.taskId === doomed
        ? Promise.reject(new RuntimeError('store/conflict', 'Full.'))
        : store.append(entry, previous)
    let doomed = ''
    const model = heldModel()
    const runtime = await openRuntime({ model, store: { ...store, append } })
    const task = await runtime.start({ message: 'Go.' })
    doomed = task.id
    isFull = true
    model.answer({ text: 'Done.' })
    const events: string[] = []
    for await (const { type } of task.events()) events.push(type)
    expect(events).toEqual(['task.created', 'task.started'])
    const lost = {
      status: 'failed',
      reason: { code: 'task/lost', message: expect.stringContaining('Full.') },
    }
    expect([await task.result(), await runtime.result(task.id)]).toMatchObject([lost, lost])
    expect([task.status, (await runtime.tasks({ id: task.id }))[0]?.status]).toEqual(['lost', 'lost'])
    // Nobody holds it now. Whoever wants something of it hears what is wrong with its journal.
    await expect(task.cancel()).rejects.toMatchObject({ code: 'store/conflict' })
    await expect(task.pause()).rejects.toMatchObject({ code: 'store/conflict' })
    const other = runtime.run({ message: 'Go on.' })
    await when(() => model.requests.length === 2)
    model.answer({ text: 'Done.' })
    expect((await other).status).toBe('completed')
  })
})

it('L7: a task ends once, also when a wish was on its way as it ended', async () => {
  const kept = memoryStore()
  const store = gatedStore(kept)
  const model = heldModel()
  const runtime = await openRuntime({ model, store })
  const starting = runtime.start({ message: 'Go.' })
  for (let fact = 0; fact < 2; fact++) await store.arrival().then(() => store.letOne())
  const task = await starting
  model.answer({ text: 'Done.' })
  await store.arrival()
  const wishes = [task.pause(), task.cancel(), task.cancel('Again.')]
  await when(() => store.waiting.length === 4)
  store.open()
  await Promise.all(wishes)
  expect((await task.result()).status).toBe('completed')
  const types = (await kept.read(task.id)).map(({ fact }) => fact.type)
  expect(types.filter((type) => type === 'task.ended')).toHaveLength(1)
  expect(types.at(-1)).toBe('task.ended')
})

describe('pause and resume', () => {
  it('T7: keep a reply that was paid for, and go on with it', async () => {
    const model = heldModel()
    const tool = heldTool('look')
    const runtime = await openRuntime({ model, tools: [tool] })
    const task = await runtime.start({ message: 'Go.' })
    await task.pause()
    expect([task.status, model.aborted]).toEqual(['pausing', 0])
    model.answer(uses('look'))
    await when(() => task.status === 'paused')
    expect(tool.runs.length).toBe(0)
    await task.resume()
    await when(() => tool.runs.length === 1)
    expect(model.requests.length).toBe(1)
    tool.finish()
    await when(() => model.requests.length === 2)
    model.answer({ text: 'Done.' })
    expect(await task.result()).toMatchObject({ status: 'completed', turns: 2 })
  })

  it('a resume in the same breath as the pause is not lost', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    const both = Promise.all([task.pause(), task.resume()])
    model.answer(uses('nothing'))
    await both
    await when(() => model.requests.length === 2)
    model.answer({ text: 'Done.' })
    expect((await task.result()).status).toBe('completed')
  })

  it('two wishes to resume are one run', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    await task.pause()
    const events: string[] = []
    runtime.subscribe(({ type }) => events.push(type))
    const both = Promise.all([task.resume(), task.resume()])
    model.answer(uses('nothing'))
    await both
    expect(events.filter((type) => type === 'task.resumed')).toHaveLength(1)
    await task.cancel()
  })

  it('after ten seconds of pausing, calls are told to end and what they say is kept', async () => {
    const clock = handClock()
    const model = heldModel()
    const tool = heldTool('look')
    const runtime = await openRuntime({ model, clock, tools: [tool] })
    const task = await runtime.start({ message: 'Go.' })
    model.answer(uses('look'))
    await when(() => tool.runs.length === 1)
    await task.pause()
    clock.advance(9_999)
    expect(tool.runs[0]?.signal.aborted).toBe(false)
    clock.advance(1)
    await when(() => task.status === 'paused')
    const facts: TaskEvent[] = []
    for await (const event of task.events()) {
      facts.push(event)
      if (event.type === 'call.ended') break
    }
    expect(facts.at(-1)).toMatchObject({ result: { kind: 'failed', code: 'tool/stopped' } })
  })

  it('say so when the task is over, or unknown', async () => {
    const runtime = await openRuntime({ model: scriptedModel({ lead: [say('Done.')] }) })
    const { taskId } = await runtime.run({ message: 'Go.' })
    await expect(runtime.pause(taskId)).rejects.toMatchObject({ code: 'task/has-ended' })
    await expect(runtime.resume('t_none')).rejects.toMatchObject({ code: 'task/no-such-task' })
    await runtime.cancel(taskId)
    await expect(runtime.cancel('t_none')).rejects.toMatchObject({ code: 'task/no-such-task' })
  })
})

describe('cancel', () => {
  it('L3: waits until the body has really ended, and drops what it says then', async () => {
    const model = heldModel({ isStubborn: true })
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    await task.cancel('Enough.')
    expect([task.status, model.aborted]).toEqual(['cancelling', 1])
    model.answer({ text: 'Done after all.' })
    expect(await task.result()).toMatchObject({ status: 'cancelled', reason: { message: 'Enough.' } })
  })
})

describe('limits', () => {
  it('L11: running time is limited, and a pause does not count', async () => {
    const clock = handClock()
    const model = heldModel()
    const runtime = await openRuntime({ model, clock })
    const task = await runtime.start({ message: 'Go.', limits: { timeoutMs: 1_000 } })
    clock.advance(600)
    await task.pause()
    model.answer(uses('nothing'))
    await when(() => task.status === 'paused')
    clock.advance(3_600_000)
    await task.resume()
    await when(() => model.requests.length === 2)
    clock.advance(399)
    await tick()
    expect(task.state).toBe('running.thinking')
    clock.advance(1)
    expect(await task.result()).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
  })

  it('a tool that takes too long is ended, and the model is told', async () => {
    const clock = handClock()
    const model = heldModel()
    const tool = heldTool('look')
    const runtime = await openRuntime({ model, clock, tools: [tool], limits: { toolTimeoutMs: 50 } })
    const task = await runtime.start({ message: 'Go.' })
    model.answer(uses('look'))
    await when(() => tool.runs.length === 1)
    clock.advance(50)
    await when(() => model.requests.length === 2)
    expect(model.requests[1]?.lines.at(-1)).toMatchObject({ result: { code: 'tool/timed-out' } })
    await task.cancel()
  })

  it('a failed model call is tried again when the other side said, not earlier', async () => {
    const clock = handClock()
    const model = heldModel()
    const runtime = await openRuntime({ model, clock })
    const task = await runtime.start({ message: 'Go.' })
    model.fail(new RuntimeError('model/rate-limited', 'Slow down.', { retryAfterMs: 5_000 }))
    await when(() => task.state === 'running.backingOff')
    clock.advance(4_999)
    await tick()
    expect(model.requests.length).toBe(1)
    clock.advance(1)
    await when(() => model.requests.length === 2)
    model.answer({ text: 'Done.' })
    expect(await task.result()).toMatchObject({ status: 'completed', turns: 1 })
  })

  it('a reply with more calls than anyone plans is not taken', async () => {
    const calls = Array.from({ length: 129 }, () => ({ tool: 'list_files', input: {} }))
    const model = scriptedModel({ lead: [asks(calls)] })
    const runtime = await openRuntime({ model, limits: { retries: 0 } })
    const result = await runtime.run({ message: 'Go.' })
    expect(result).toMatchObject({ status: 'failed', reason: { code: 'model/unreadable-reply' } })
  })

  it('a long output is cut in the middle, and says so', async () => {
    const big = defineTool({
      name: 'big',
      description: 'Big.',
      input: z.object({}),
      effect: 'pure',
      execute: () => `a${'x'.repeat(50_000)}z`,
    })
    const model = scriptedModel({ lead: [use('big'), complete('Done.')] })
    const runtime = await openRuntime({ model, tools: [big] })
    await runtime.run({ message: 'Go.' })
    const told = model.requests[1]?.lines.at(-1)
    const output = told?.role === 'tool' && told.result.kind === 'ok' ? String(told.result.output) : ''
    expect(output).toMatch(/^ax+\n… 20002 bytes left out …\nx+z$/)
  })
})
