/** L10: whoever watches cannot slow, break or change a task. */
import { describe, expect, it } from 'vitest'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, say, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { heldModel, uses } from '../support/held.ts'
import { openRuntime, when, workspaceWith } from '../support/runtime.ts'

const script = { lead: [use('list_files'), complete('Done.')] }
const FACTS = [
  'task.created',
  'task.started',
  'model.replied',
  'call.checked',
  'call.ended',
  'model.replied',
  'call.checked',
  'call.ended',
  'task.ended',
]

async function collect(events: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const collected: TaskEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

describe('events', () => {
  it('of a task are typed, in order, numbered without a gap, and end with it', async () => {
    const runtime = await openRuntime({ model: scriptedModel(script) })
    const task = await runtime.start({ message: 'Go.' })
    const events = await collect(task.events())
    expect(events.map(({ type }) => type)).toEqual(FACTS)
    expect(events.map((event) => 'seq' in event && event.seq)).toEqual(FACTS.map((_, index) => index + 1))
    expect(new Set(events.map((event) => 'taskId' in event && event.taskId))).toEqual(new Set([task.id]))
  })

  it('begin after what is known, also when the task is over', async () => {
    const runtime = await openRuntime({ model: scriptedModel(script) })
    const task = await runtime.start({ message: 'Go.' })
    await task.result()
    expect((await collect(task.events({ since: 7 }))).map(({ type }) => type)).toEqual([
      ...FACTS.slice(7),
      'caught_up',
    ])
  })

  it('lose nothing for a reader that is slow', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    const reading = task.events()
    const opening = await reading.next()
    const first: TaskEvent[] = opening.done ? [] : [opening.value]
    for (let turn = 1; turn <= 5; turn++) {
      await when(() => model.requests.length === turn)
      model.answer(turn < 5 ? uses('nothing') : { text: 'Done.' })
    }
    await task.result()
    const rest = await collect(reading)
    expect([...first, ...rest].map((event) => 'seq' in event && event.seq)).toEqual(
      Array.from({ length: rest.length + 1 }, (_, index) => index + 1),
    )
    expect(rest.at(-1)?.type).toBe('task.ended')
  })

  it('of all tasks tell a reader that fell behind how much it lost', async () => {
    const runtime = await openRuntime({ model: scriptedModel(() => say('Done.')) })
    const reading = runtime.events()
    const opening = reading.next()
    for (let task = 0; task < 2_600; task++) await runtime.run({ message: 'Go.' })
    await opening
    const next = await reading.next()
    expect(next.value).toMatchObject({ type: 'events.lost', count: 2_600 * 4 - 1 - 10_000 })
  })

  it('carry signs of life only for those who ask', async () => {
    let speak = () => {}
    const cue = new Promise<void>((resolve) => (speak = resolve))
    const line = async () => {
      await cue
      return say('Well then.')
    }
    const runtime = await openRuntime({ model: scriptedModel({ lead: [line] }) })
    const task = await runtime.start({ message: 'Go.' })
    const quiet = collect(task.events())
    const lively = collect(task.events({ progress: true }))
    speak()
    expect((await quiet).some(({ type }) => type === 'progress')).toBe(false)
    expect((await lively).map((event) => (event.type === 'progress' ? event.text : '')).join('')).toBe(
      'Well then.',
    )
  })

  it('can be left at any moment, also while waiting', async () => {
    const runtime = await openRuntime({ model: heldModel() })
    const task = await runtime.start({ message: 'Go.' })
    for (const events of [runtime.events(), task.events({ since: 2 })]) {
      const waiting = events.next()
      expect(await events.return?.()).toMatchObject({ done: true })
      expect(await waiting).toMatchObject({ done: true })
      expect(await events.next()).toMatchObject({ done: true })
    }
  })

  it('tell what became durable while the runtime was closing', async () => {
    const model = heldModel()
    const runtime = await openRuntime({ model })
    const task = await runtime.start({ message: 'Go.' })
    const reading = collect(task.events())
    const closing = runtime.close()
    model.answer(uses('nothing'))
    await closing
    const types = (await reading).map(({ type }) => type)
    expect(types).toEqual(['task.created', 'task.started', 'task.pauseAsked', 'model.replied'])
    expect(await collect(runtime.events())).toEqual([])
  })

  it('end when the runtime closes', async () => {
    const runtime = await openRuntime({ model: heldModel() })
    const task = await runtime.start({ message: 'Go.' })
    const both = Promise.all([collect(runtime.events()), collect(task.events())])
    await runtime.close({ graceMs: 0 })
    const [, ofTask] = await both
    expect(ofTask.map(({ type }) => type).slice(0, 2)).toEqual(['task.created', 'task.started'])
  })
})

describe('a listener', () => {
  it('that throws harms neither the task nor the others, and is reported', async () => {
    const warnings: string[] = []
    const runtime = await openRuntime({ model: scriptedModel(script), warn: (text) => warnings.push(text) })
    const heard: string[] = []
    runtime.subscribe(() => {
      throw new Error('The listener is broken.')
    })
    runtime.subscribe(({ type }) => heard.push(type))
    expect((await runtime.run({ message: 'Go.' })).status).toBe('completed')
    expect(heard.filter((type) => type !== 'progress')).toEqual(FACTS)
    expect(warnings[0]).toContain('The listener is broken.')
  })

  it('that fails later harms nobody either', async () => {
    const warnings: string[] = []
    const warn = (text: string) => {
      warnings.push(text)
      throw new Error('Even the ear is broken.')
    }
    const late = async () => {
      throw new Error('Too late.')
    }
    const runtime = await openRuntime({ model: scriptedModel(script), warn, inspect: late })
    runtime.subscribe(late)
    expect((await runtime.run({ message: 'Go.' })).status).toBe('completed')
    await when(() => warnings.length >= 2)
    expect(warnings.join()).toContain('Too late.')
  })

  it('is let go by its own hand only', async () => {
    const runtime = await openRuntime({ model: scriptedModel(script) })
    let count = 0
    const listener = () => (count += 1)
    const stop = runtime.subscribe(listener)
    runtime.subscribe(listener)
    stop()
    await runtime.run({ message: 'Go.' })
    expect(count).toBeGreaterThan(0)
  })

  it('cannot change what happened', async () => {
    const store = memoryStore()
    const runtime = await openRuntime({ store, model: scriptedModel(script) })
    runtime.subscribe((event) => {
      if (event.type === 'model.replied') Object.assign(event.reply, { text: 'forged' })
    })
    runtime.subscribe((event) => Object.assign(event, { forged: true }))
    runtime.subscribe((event) => {
      if (event.type === 'model.replied') Object.assign(event.reply.calls[0]?.input ?? {}, { forged: true })
    })
    const { taskId } = await runtime.run({ message: 'Go.' })
    expect(JSON.stringify(await store.read(taskId))).not.toContain('forged')
  })

  it('that was let go hears nothing more', async () => {
    const runtime = await openRuntime({ model: scriptedModel(script) })
    const heard: string[] = []
    runtime.subscribe(({ type }) => heard.push(type))()
    await runtime.run({ message: 'Go.' })
    expect(heard).toEqual([])
  })

  it('of XState that throws is contained too', async () => {
    const warnings: string[] = []
    const inspect = () => {
      throw new Error('No.')
    }
    const runtime = await openRuntime({
      model: scriptedModel(script),
      inspect,
      warn: (text) => warnings.push(text),
    })
    expect((await runtime.run({ message: 'Go.' })).status).toBe('completed')
    expect(warnings[0]).toContain('inspection callback threw')
  })
})

describe('tasks', () => {
  it('says how each stands, from its first fact to its last', async () => {
    const workspace = await workspaceWith()
    const model = heldModel()
    const runtime = await openRuntime({ workspace, model })
    const first = await runtime.start({ message: 'One.\nMore.', agent: 'explorer' })
    model.answer({ text: 'Done.' })
    await first.result()
    const second = await runtime.start({ message: 'Two.', title: 'The second' })
    const views = await runtime.tasks()
    expect(views).toMatchObject([
      {
        id: first.id,
        agent: 'explorer',
        title: 'One.',
        status: 'completed',
        turns: 1,
        outcome: { result: 'Done.' },
      },
      {
        id: second.id,
        agent: 'lead',
        title: 'The second',
        status: 'running',
        state: 'running.thinking',
        outcome: null,
      },
    ])
    expect(await runtime.tasks({ status: 'running' })).toHaveLength(1)
    expect(await runtime.result(first.id)).toMatchObject({ status: 'completed', result: 'Done.' })
  })
})
