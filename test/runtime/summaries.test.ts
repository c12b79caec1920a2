/** A conversation that grows too long is told in short, as a fact that the record keeps. */
import { describe, expect, it } from 'vitest'
import { digest, linesToSummarise } from '../../src/actors/effects/summary.ts'
import { createConversation } from '../../src/protocol/conversation.ts'
import type { Fact } from '../../src/protocol/journal.ts'
import type { ModelRequest } from '../../src/protocol/model.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, fails, say, scriptedModel, use } from '../../src/testing/scripted-model.ts'
import { call, reply, SPEC } from '../model-based/facts.ts'
import { openRuntime, workspaceWith } from '../support/runtime.ts'

const WINDOW = 1_000
const USAGE = { inputTokens: 1, outputTokens: 1 }
const read = (path: string) => ({
  ...use('read_file', { path }),
  usage: { inputTokens: 10, outputTokens: 10 },
})
const nearlyFull = (path: string) => ({ ...read(path), usage: { inputTokens: 790, outputTokens: 10 } })
const textsOf = ({ lines }: ModelRequest) => lines.map((line) => JSON.stringify(line))

async function run(model: ReturnType<typeof scriptedModel>) {
  const files = { 'a.txt': 'alpha\n', 'b.txt': 'beta\n', 'c.txt': 'gamma\n' }
  const store = memoryStore()
  const runtime = await openRuntime({ workspace: await workspaceWith(files), model, store })
  const result = await runtime.run({ message: 'Read all three.' })
  const facts = (await store.read(result.taskId)).map(({ fact }) => fact)
  return { result, summaries: facts.filter((fact) => fact.type === 'conversation.summarised') }
}

describe('at four fifths of the window', () => {
  it('old turns are told in short, the goal and the last two turns stay word for word', async () => {
    const script = { lead: [read('a.txt'), read('b.txt'), nearlyFull('c.txt'), complete('Done.')] }
    const model = scriptedModel(script, { contextWindow: WINDOW, summary: say('a.txt says alpha.') })
    const { result, summaries } = await run(model)
    expect(result).toMatchObject({ status: 'completed', turns: 4 })
    expect(summaries).toMatchObject([{ turn: 1, text: 'a.txt says alpha.' }])

    const asked = model.requests.find(({ purpose }) => purpose === 'summary')
    expect(asked?.tools).toEqual([])
    expect(asked?.lines.at(-1)).toEqual({ role: 'user', text: expect.stringContaining('summary') })
    const [last] = model.requests.slice(-1)
    const texts = last ? textsOf(last) : []
    expect(texts[0]).toContain('Read all three.')
    expect(texts[1]).toContain('"source":"summary","text":"a.txt says alpha."')
    expect(texts.some((text) => text.includes('lines 1-1 of 1') && text.includes('alpha'))).toBe(false)
    expect(texts.filter((text) => text.includes('beta') || text.includes('gamma'))).toHaveLength(2)
  })

  it('what the summary cost is counted', async () => {
    const summary = { ...say('Short.'), usage: { inputTokens: 1_000, outputTokens: 5 } }
    const script = {
      lead: [
        read('a.txt'),
        nearlyFull('b.txt'),
        { ...complete('Done.'), usage: { inputTokens: 1, outputTokens: 1 } },
      ],
    }
    const { result } = await run(scriptedModel(script, { contextWindow: WINDOW, summary }))
    expect(result.usage).toEqual({ inputTokens: 10 + 790 + 1_000 + 1, outputTokens: 10 + 10 + 5 + 1 })
  })

  it('a summary that cannot be had is made from what the runtime knows', async () => {
    const script = { lead: [read('a.txt'), read('nowhere.txt'), nearlyFull('b.txt'), complete('Done.')] }
    const model = scriptedModel(script, { contextWindow: WINDOW, summary: fails('model/unavailable') })
    const { result, summaries } = await run(model)
    expect(result.status).toBe('completed')
    expect(summaries).toMatchObject([{ text: expect.stringContaining('called read_file {"path":"a.txt"}') }])
  })
})

it('what was told in short before, and what the user said, is not forgotten', async () => {
  const say = (text: string): Fact => ({ type: 'conversation.summarised', turn: 1, text, usage: USAGE })
  const conversation = createConversation({ ...SPEC, message: 'The goal.' })
  conversation.hear({ type: 'model.replied', turn: 1, reply: reply([call(0, { turn: 1 })]) })
  conversation.hear({ type: 'call.approved', callId: '1.0', note: 'Only on staging.' })
  conversation.hear({ type: 'call.ended', callId: '1.0', result: { kind: 'ok', output: 'done' } })
  conversation.hear(say('First summary.'))
  conversation.hear({ type: 'model.replied', turn: 2, reply: reply([call(0, { turn: 2 })]) })
  const told = digest(linesToSummarise(conversation.lines, 2))
  expect(told).toContain('First summary.')
  expect(told).toContain('called mail')
  conversation.hear({ ...say(told), turn: 2 } as Fact)
  expect(conversation.lines.map((line) => ('text' in line ? line.text : ''))).toEqual([
    'The goal.',
    'Only on staging.',
    told,
  ])
})

it('what the runtime tells in short is bounded', () => {
  const lines = Array.from(
    { length: 2_000 },
    (_, turn) => ({ role: 'agent', turn, text: 'x'.repeat(400), calls: [] }) as const,
  )
  expect(digest(lines).length).toBeLessThan(17_000)
})

it('a conversation that the model finds too long is shortened and the turn asked for again', async () => {
  let hasOverflown = false
  const overflow = () => {
    if (hasOverflown) return complete('Done.')
    hasOverflown = true
    return fails('model/context-overflow')
  }
  const model = scriptedModel({ lead: [read('a.txt'), overflow] }, { summary: say('Short.') })
  const { result, summaries } = await run(model)
  expect(result).toMatchObject({ status: 'completed', turns: 2 })
  expect(summaries).toHaveLength(1)
})

it('one that is too long from the start fails by name', async () => {
  const { result } = await run(scriptedModel({ lead: [fails('model/context-overflow')] }))
  expect(result).toMatchObject({ status: 'failed', reason: { code: 'model/context-overflow' } })
})
