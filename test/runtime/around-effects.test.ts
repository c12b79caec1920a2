/** What is kept, heard and told before and after the effect of a call. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../../src/stores/memory.ts'
import { gatedStore } from '../../src/testing/gated-store.ts'
import { complete, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { openRuntime, when, workspaceWith } from '../support/runtime.ts'

const TURNS = 20

/** What can follow at once from what has happened has followed after so many turns of the event loop. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A task at its first call, the verdict on which waits to become durable. */
async function atVerdict(effect: 'pure' | 'non_idempotent') {
  const store = gatedStore(memoryStore())
  const heard: string[] = []
  let runs = 0
  let end = () => {}
  const tool = defineTool({
    name: 'act',
    description: 'Ends when it is told.',
    input: z.strictObject({}),
    effect,
    execute() {
      runs += 1
      return new Promise<string>((resolve) => (end = () => resolve('done')))
    },
  })
  const model = scriptedModel({ lead: [use('act'), complete('Done.')] })
  const runtime = await openRuntime({ model, store, tools: [tool], policy: { allow: ['act'] } })
  runtime.subscribe((event) => heard.push(event.type))
  const running = runtime.run({ message: 'Go.' })
  for (;;) {
    await store.arrival()
    if (store.waiting[0]?.fact.type === 'call.checked') break
    await store.letOne()
  }
  await rest()
  return { store, heard, running, runs: () => runs, end: () => end() }
}

describe('L2: a call that changes nothing', () => {
  it('may run before its verdict is durable, which is told of when it is durable', async () => {
    const { store, heard, running, runs, end } = await atVerdict('pure')
    await when(() => runs() === 1)
    expect(heard).not.toContain('call.checked')
    await store.letOne()
    await when(() => heard.includes('call.checked'))
    store.open()
    end()
    expect((await running).status).toBe('completed')
  })
})

describe('L6: a call that changes something', () => {
  it('runs once its verdict is durable, not sooner', async () => {
    const { store, running, runs, end } = await atVerdict('non_idempotent')
    expect(runs()).toBe(0)
    store.open()
    await when(() => runs() === 1)
    end()
    expect((await running).status).toBe('completed')
  })

  it('ends in the journal only when it has ended', async () => {
    const { store, running, runs, end } = await atVerdict('non_idempotent')
    await store.letOne()
    await when(() => runs() === 1)
    await rest()
    expect(store.waiting).toEqual([])
    end()
    await store.arrival()
    expect(store.waiting).toMatchObject([{ fact: { type: 'call.ended', result: { kind: 'ok' } } }])
    store.open()
    expect((await running).status).toBe('completed')
  })
})

it('what one task has read is not read by another', async () => {
  const write = use('write_file', { path: 'a.txt', content: 'new' })
  const calls: Readonly<Record<string, readonly ReturnType<typeof use>[]>> = {
    reader: [use('read_file', { path: 'a.txt' })],
    writer: [write],
  }
  const told = new Map<string, string>()
  const model = scriptedModel(({ lines }) => {
    const [first] = lines.filter(({ role }) => role === 'user')
    const name = first?.role === 'user' ? first.text : ''
    const results = lines.filter(({ role }) => role === 'tool')
    told.set(name, JSON.stringify(results))
    // The reader lives on while the other one writes.
    return (
      calls[name]?.[results.length] ??
      (name === 'reader' ? use('ask_followup_question', { question: 'And?' }) : complete('Done.'))
    )
  })
  const workspace = await workspaceWith({ 'a.txt': 'old' })
  const policy = { allow: ['read_file', 'write_file'] }
  const runtime = await openRuntime({ model, workspace, policy, onAsk: 'park' })
  const reader = await runtime.start({ message: 'reader' })
  await when(() => runtime.approvals.list().length === 1)
  expect(told.get('reader')).toContain('old')
  await runtime.run({ message: 'writer' })
  expect(told.get('writer')).toContain('file/not-read')
  await reader.cancel()
})
