import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../src/protocol/model.ts'
import { complete, fails, hangs, say, scriptedModel, use, uses } from '../../src/testing/scripted-model.ts'
import { aRequest, askModel } from '../support/model-requests.ts'

const said = (turn: number): ModelRequest['lines'][number] => ({
  role: 'agent',
  turn,
  text: 'Before.',
  calls: [],
})
const after = (turns: number, parts: Partial<ModelRequest> = {}) =>
  aRequest({ turn: turns + 1, lines: Array.from({ length: turns }, (_, index) => said(index + 1)), ...parts })

describe('a scripted model', () => {
  it('says the line of the turn, also when asked again after a crash, and by another copy of it', async () => {
    const script = {
      explorer: [
        use('read_file', { path: 'a' }),
        uses([{ tool: 'ls', input: {} }], 'Look.'),
        complete('Done.', { n: 1 }),
      ],
    }
    const [one, other] = [scriptedModel(script), scriptedModel(script)]
    for (const model of [one, one, other]) {
      expect((await askModel(model, after(2))).calls).toEqual([
        { tool: 'attempt_completion', input: { result: 'Done.', data: { n: 1 } } },
      ])
      expect(await askModel(model, after(0))).toMatchObject({
        text: '',
        calls: [{ tool: 'read_file', input: { path: 'a' } }],
      })
      expect(await askModel(model, after(1))).toMatchObject({
        text: 'Look.',
        calls: [{ tool: 'ls', input: {} }],
      })
    }
  })

  it('keeps agents apart', async () => {
    const model = scriptedModel({ lead: [say('I lead.')], explorer: [say('I look.')] })
    expect((await askModel(model, after(0, { agent: 'explorer' }))).text).toBe('I look.')
    expect((await askModel(model, after(0, { agent: 'lead' }))).text).toBe('I lead.')
  })

  it('knows its place although old turns were summarised', async () => {
    const lines = [{ role: 'note', source: 'summary', text: 'Much happened.' }, said(2)] as const
    const model = scriptedModel({ explorer: [say('1'), say('2'), say('3')] })
    expect((await askModel(model, aRequest({ turn: 3, lines }))).text).toBe('3')
  })

  it('answers a summary without using up a line', async () => {
    const model = scriptedModel({ explorer: [say('1')] }, { summary: say('In short.') })
    expect((await askModel(model, after(0, { purpose: 'summary' }))).text).toBe('In short.')
    expect((await askModel(model, after(0))).text).toBe('1')
  })

  it('says which line is missing', async () => {
    const model = scriptedModel({ explorer: [say('1')] })
    const message = 'The script has no line for explorer, turn 2: its script has 1.'
    await expect(askModel(model, after(1))).rejects.toMatchObject({ code: 'model/bad-request', message })
    await expect(askModel(model, after(0, { agent: 'constructor' }))).rejects.toThrow(
      'constructor, turn 1: it has no script',
    )
    expect(() => model.assertAllSpoken()).toThrow(
      'never spoken: explorer, turn 1; asked for, but not in the script: explorer, turn 2, constructor, turn 1',
    )
  })

  it('is content when all was spoken', async () => {
    const model = scriptedModel({ explorer: [say('1'), say('2')] })
    await askModel(model, after(0))
    expect(() => model.assertAllSpoken()).toThrow('never spoken: explorer, turn 2.')
    await askModel(model, after(1))
    model.assertAllSpoken()
    expect(model.requests).toHaveLength(2)
  })

  it('fails as often as it was told to, each task for itself', async () => {
    const model = scriptedModel({
      explorer: [fails('model/unavailable', { times: 2, retryAfterMs: 9, then: say('At last.') })],
    })
    for (const taskId of ['t1', 't2']) {
      for (let attempt = 0; attempt < 2; attempt++) {
        const failed = { code: 'model/unavailable', retryAfterMs: 9 }
        await expect(askModel(model, after(0, { taskId }))).rejects.toMatchObject(failed)
      }
      expect((await askModel(model, after(0, { taskId }))).text).toBe('At last.')
    }
  })

  it('fails always unless told otherwise', async () => {
    const model = scriptedModel({ explorer: [fails('model/torn-stream')] })
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(askModel(model)).rejects.toMatchObject({ code: 'model/torn-stream' })
    }
  })

  it('hangs until it is stopped, and leaves a line that waits', async () => {
    for (const line of [hangs(), () => new Promise<never>(() => {})]) {
      const controller = new AbortController()
      const reply = askModel(scriptedModel({ explorer: [line] }), after(0), { signal: controller.signal })
      controller.abort()
      await expect(reply).rejects.toMatchObject({ code: 'model/stopped' })
    }
  })

  it('counts what it costs, more for a longer conversation', async () => {
    const model = scriptedModel((request) => say(`Line ${request.lines.length}, ${'x'.repeat(100)}`))
    const short = await askModel(model, after(1))
    const long = await askModel(model, after(9))
    expect(short.usage.outputTokens).toBeGreaterThan(25)
    expect(long.usage.inputTokens).toBeGreaterThan(short.usage.inputTokens)
  })
})
