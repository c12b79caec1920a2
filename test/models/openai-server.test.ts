import { expect, it } from 'vitest'
import { openai } from '../../src/models/openai.ts'
import type { Line } from '../../src/protocol/model.ts'
import { aRequest, askModel } from '../support/model-requests.ts'
import { openaiProcess } from '../support/openai-process.ts'
import { openaiServer } from '../support/openai-server.ts'

it('a server in a process of its own answers turns with calls, then with its text, and ends when told', async () => {
  const server = await openaiProcess([
    '--turns',
    '2',
    '--tool',
    'read_file',
    '--input',
    '{"path":"a.ts"}',
    '--text',
    'Read.',
  ])
  const model = openai('gpt-test', { baseURL: server.url })
  const lines: Line[] = [{ role: 'user', text: 'Read a.ts twice.' }]
  for (const turn of [1, 2]) {
    const { text, calls } = await askModel(model, aRequest({ turn, lines }))
    expect({ text, calls }).toEqual({
      text: `Turn ${turn}.`,
      calls: [{ tool: 'read_file', input: { path: 'a.ts' } }],
    })
    const kept = calls.map((call, index) => ({ ...call, id: `${turn}.${index}`, effect: 'pure' as const }))
    lines.push({ role: 'agent', turn, text, calls: kept })
    lines.push({
      role: 'tool',
      callId: `${turn}.0`,
      tool: 'read_file',
      result: { kind: 'ok', output: 'text' },
    })
  }
  expect(await askModel(model, aRequest({ turn: 3, lines }))).toMatchObject({ text: 'Read.', calls: [] })
  await server.close()
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
})

it('two servers side by side know nothing of each other, and a closed one is gone', async () => {
  const [one, other] = await Promise.all([
    openaiServer(() => ({ text: 'One.' })),
    openaiServer(() => ({ text: 'Other.' })),
  ])
  expect((await askModel(openai('a', { baseURL: one.url }))).text).toBe('One.')
  await one.close()
  expect((await askModel(openai('a', { baseURL: other.url }))).text).toBe('Other.')
  await expect(askModel(openai('a', { baseURL: one.url }))).rejects.toMatchObject({
    code: 'model/unavailable',
  })
  expect([one.requests.length, other.requests.length]).toEqual([1, 1])
  await other.close()
})

it('a script that throws is seen, not waited for', async () => {
  const server = await openaiServer(() => {
    throw new Error('No such turn.')
  })
  await expect(askModel(openai('a', { baseURL: server.url }))).rejects.toThrow('No such turn.')
  await server.close()
})
