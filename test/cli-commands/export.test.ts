/** `troupe export`: a journal that can be given away. What is left out of it: see redaction.test.ts. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/protocol/journal.ts'
import { complete, say, use } from '../../src/testing/scripted-model.ts'
import { builtBinary } from '../cli/binary.ts'
import { atWork } from './other-process.ts'

const troupe = builtBinary()

const entriesIn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)

describe('a journal', () => {
  it('is every entry in order, one a line, and without secrets exactly what was written', async () => {
    const odd = 'a\x1b[31m\u202e 最後 "quoted" \\ \ud83d\ude00'
    const { troupe: run, runtime } = await atWork(troupe, { lead: [use('list_files', {}, odd), say(odd)] })
    const { taskId } = await runtime.run({ message: odd })
    const { code, stdout, stderr } = await run('export', taskId.slice(-6))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(entriesIn(stdout)).toEqual(await runtime.journal(taskId))
    expect(stdout, 'no terminal obeys it').not.toMatch(/[\x1b\u202e]/)
  })

  it('--tree: with those of all that work for it, directly or not', async () => {
    const spawning = (message: string) => use('new_task', { agent: 'lead', message })
    const { troupe: run, runtime } = await atWork(troupe, (request) => {
      const [first] = request.lines.filter(({ role }) => role === 'user')
      const goal = first?.role === 'user' ? first.text : ''
      if (request.lines.some(({ role }) => role === 'tool')) return complete('Done.')
      return goal === 'One' ? spawning('Two') : goal === 'Two' ? spawning('Three') : complete('Done.')
    })
    const { taskId } = await runtime.run({ message: 'One' })
    await runtime.run({ message: 'Other' })
    const ids = async (...flags: readonly string[]) => [
      ...new Set(entriesIn((await run('export', taskId, ...flags)).stdout).map((entry) => entry.taskId)),
    ]
    expect(await ids()).toEqual([taskId])
    expect(await ids('--tree')).toEqual([taskId, `${taskId}-1.0`, `${taskId}-1.0-1.0`])
  })
})

describe('what nobody else may see', () => {
  it('is left out: of the environment, of .env files, and what has the form of a key', async () => {
    const key = ['ghp', 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8zA0cDaB3d'].join('_')
    const files = { '.env': 'DB_PASSWORD=from-the-file\n', 'notes.txt': `a ${key}\nb from-the-file\n` }
    const { cwd, runtime } = await atWork(
      troupe,
      { lead: [use('read_file', { path: 'notes.txt' }, 'from-my-shell'), complete('Ordinary words.')] },
      {},
      files,
    )
    const { taskId } = await runtime.run({ message: 'Read notes.txt' })
    const environment = { MY_API_TOKEN: 'from-my-shell' }
    const { stdout } = await troupe.run(['export', taskId], { cwd, environment })
    for (const secret of [key, 'from-the-file', 'from-my-shell']) expect(stdout).not.toContain(secret)
    for (const mark of ['[redacted]', '[redacted DB_PASSWORD]', '[redacted MY_API_TOKEN]'])
      expect(stdout).toContain(mark)
    expect(stdout).toContain('Ordinary words.')
    const told = entriesIn(stdout)
    const kept = await runtime.journal(taskId)
    expect(told.map(({ seq, fact }) => [seq, fact.type])).toEqual(
      kept.map(({ seq, fact }) => [seq, fact.type]),
    )
  })
})

it.each([
  [['export'], /Which task\? troupe export <id>/],
  [['export', 'nothing'], /no task "nothing"/],
])('%j is refused in words', async (args, words) => {
  const { troupe: run, runtime } = await atWork(troupe, {})
  expect(await runtime.tasks()).toEqual([])
  const { code, stdout, stderr } = await run(...args)
  expect({ isZero: code === 0, stdout }).toEqual({ isZero: false, stdout: '' })
  expect(stderr).toMatch(words)
})
