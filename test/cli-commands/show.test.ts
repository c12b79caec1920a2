/** `troupe show`: one task as a page, wherever it lives, and whatever it has come to. */
import { describe, expect, it } from 'vitest'
import { complete, fails, say, use, uses } from '../../src/testing/scripted-model.ts'
import { builtBinary, until } from '../cli/binary.ts'
import { atWork, heldLine } from './other-process.ts'

const troupe = builtBinary()
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

const PLAN = {
  todos: [
    { text: 'Look', status: 'done' },
    { text: 'Write', status: 'doing' },
  ],
}

/** A task at rest before a call that it may not make unasked. */
async function asking(onAsk: 'park' | 'refuse' = 'park') {
  const coder = [
    use('update_todo_list', PLAN, 'I look first.'),
    use('write_file', { path: 'a.txt', content: 'hello\n' }, 'I write it.'),
    complete('Written.'),
  ]
  const work = await atWork(troupe, { coder }, { onAsk })
  const task = await work.runtime.start({
    agent: 'coder',
    message: 'Write a.txt.\nOne line will do.',
    boundary: { writePatterns: ['*.txt'], deniedTools: ['execute_command'] },
    limits: { maxTurns: 9, timeoutMs: 300_000 },
  })
  return { ...work, task, short: task.id.slice(-6) }
}

describe('a task of another process', () => {
  it('its goal, boundary, limits with what is left, steps, what it waits for, and what to type', async () => {
    const { troupe: run, task, short } = await asking()
    await until(() => task.state === 'running.asking', 'it asks')
    const { code, stdout, stderr } = await run('show', short)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const text = stdout.replaceAll(/\d+:\d\d/g, 'm:ss').replaceAll(/[\d.]+k? tokens/g, 'n tokens')
    expect(text.split('\n')).toEqual([
      '? Write a.txt.',
      `  ${task.id}  coder · scripted`,
      '  waits for you, in another process  m:ss · 2 turns · n tokens',
      '',
      'goal       Write a.txt.',
      '           One line will do.',
      'boundary   writes: *.txt · not the tools: execute_command',
      'limits     9 turns, 7 left · running time m:ss, m:ss left',
      '           a reply m:ss · a tool m:ss',
      'steps      ✓ Look',
      '           ▸ Write',
      'waits for  your yes to write_file a.txt',
      '',
      'conversation',
      '  you',
      '  │ Write a.txt.',
      '  │ One line will do.',
      '  coder',
      '  │ I look first.',
      '  ✓ update_todo_list 1 of 2 done',
      '    │ Steps: 1 done, 1 doing, 0 open.',
      '  coder',
      '  │ I write it.',
      '  … write_file a.txt  no result yet',
      '',
      '→ It waits for you: troupe approvals',
      '',
    ])
  })

  it('--json: the object of `tasks`, and everything else as data', async () => {
    const { json, task } = await asking()
    await until(() => task.state === 'running.asking', 'it asks')
    const told = await json<Record<string, unknown> & { lines: unknown[]; left: { timeoutMs: number } }>(
      'show',
      task.id,
    )
    expect(told).toMatchObject({
      taskId: task.id,
      status: 'running',
      state: 'running.asking',
      heldBy: 'elsewhere',
      message: 'Write a.txt.\nOne line will do.',
      boundary: [{ writePatterns: ['*.txt'], deniedTools: ['execute_command'] }],
      limits: { maxTurns: 9, timeoutMs: 300_000 },
      left: { turns: 7 },
      todos: PLAN.todos,
      waiting: [{ id: `${task.id}/2.0`, kind: 'approval' }],
      tasks: [],
      linesBefore: 0,
    })
    expect(told.lines).toHaveLength(4)
    expect(told.left.timeoutMs).toBeGreaterThan(100_000)
    expect(told.left.timeoutMs).toBeLessThan(300_000)
  })

  it('those that work for it, and which of them it waits for', async () => {
    const { line, release } = heldLine(complete('There are none.'))
    const input = { agent: 'explorer', message: 'Read the docs', title: 'Read the docs', background: true }
    const lead = [use('new_task', input), use('wait_for_tasks'), complete('All is well.')]
    const { troupe: run, json, runtime } = await atWork(troupe, { lead, explorer: [line] })
    const task = await runtime.start({ message: 'Survey this' })
    await until(() => task.state === 'running.delegating', 'it waits')
    const { stdout } = await run('show', task.id)
    expect(stdout).toMatch(new RegExp(`^waits for {2}the end of ${task.id.slice(-6)}-1\\.0$`, 'm'))
    expect(stdout).toMatch(
      /^tasks that work for it\n.*\n● \w{6}-1\.0 {2}Read the docs {2}explorer {2}thinking/m,
    )
    expect(stdout).toMatch(/→ To see what it does: troupe logs \w{6} --follow\n$/)
    const child = await run('show', `${task.id}-1.0`)
    expect(child.stdout).toMatch(new RegExp(`^works for +${task.id.slice(-6)}$`, 'm'))
    expect(child.stdout).toMatch(/^boundary +.*reads only$/m)
    // It thinks: its time runs.
    const { left, limits } = await json<Record<string, { timeoutMs: number }>>('show', `${task.id}-1.0`)
    expect(left?.timeoutMs).toBeLessThan(limits?.timeoutMs ?? 0)
    release()
    await task.result()
  })
})

describe('a task that has ended', () => {
  it('its result, or the reason, and how to go on from there', async () => {
    const { troupe: run, runtime } = await atWork(troupe, {
      lead: [say('First line.\n\nSecond line.')],
      coder: [fails('model/refused', { message: 'It would not.' })],
    })
    const done = await runtime.run({ message: 'Say it' })
    const told = (await run('show', done.taskId)).stdout
    expect(told).toMatch(/^✓ Say it\n.*\n {2}done {2}0:/)
    expect(told).toMatch(
      /\nresult\n {2}First line\.\n\n {2}Second line\.\n\n→ .*: troupe continue \w{6} "…"\n$/,
    )
    const failed = await runtime.run({ message: 'Do it', agent: 'coder' })
    expect((await run('show', failed.taskId)).stdout).toMatch(
      /^✗ Do it[\s\S]*\nreason {5}model\/refused\n {11}It would not\./,
    )
  })

  it('of a long conversation shows the end, with --full all of it, and nothing cut', async () => {
    const long = Array.from({ length: 30 }, (_, at) => `Row ${at}`).join('\n')
    const turns = Array.from({ length: 10 }, (_, at) => use('list_files', {}, `Turn ${at}.`))
    const { troupe: run, runtime } = await atWork(troupe, { lead: [...turns, complete('Done.')] })
    const { taskId } = await runtime.run({ message: long })
    const { stdout } = await run('show', taskId)
    expect(stdout).toMatch(/^ {11}… 22 more: --full shows all$/m)
    expect(stdout).toMatch(/^ {2}… 11 before: --full shows all$/m)
    expect(stdout).not.toContain('Turn 0.')
    const { stdout: full } = await run('show', taskId, '--full')
    for (const text of ['Turn 0.', 'Turn 9.', 'Row 29']) expect(full).toContain(text)
    expect(full).not.toContain('--full')
  })
})

describe('what a process has left behind', () => {
  it('says that nobody has it, and what it waits for still', async () => {
    const { troupe: run, task, close } = await asking()
    await until(() => task.state === 'running.asking', 'it asks')
    await close()
    const { stdout } = await run('show', task.id)
    expect(stdout).toMatch(/^\? Write a\.txt\.\n.*\n {2}waits for you, in no process/)
    expect(stdout).toMatch(/^waits for {2}your yes to write_file a\.txt$/m)
  })

  it('L10: nothing hostile reaches the terminal raw', async () => {
    const hostile = 'a\x1b[31mb\x9bc\u202ed\u200be\x07'
    const { troupe: run, runtime } = await atWork(troupe, {
      lead: [
        uses([{ tool: `no${hostile}`, input: { path: hostile } }], hostile),
        use('update_todo_list', { todos: [{ text: hostile, status: 'open' }] }),
        use('update_todo_list', { todos: [{ text: hostile, status: 'done' }] }),
        complete(hostile),
      ],
    })
    const { taskId } = await runtime.run({ message: hostile, title: hostile })
    for (const flags of [[], ['--full'], ['--json']]) {
      const { stdout, stderr } = await run('show', taskId, ...flags)
      expect(`${stdout}${stderr}`).not.toMatch(RAW)
      expect(stdout).toContain('31mb')
    }
  })
})

it.each([
  [['show'], /Which task\? troupe show <id>/],
  [['show', 'a', 'b'], /takes one task.*"b"/],
  [['show', 'nothing'], /no task "nothing"\. There are no tasks here/],
])('%j is refused in words', async (args, words) => {
  const { runtime, troupe: run } = await atWork(troupe, {})
  expect(await runtime.tasks()).toEqual([])
  const { code, stdout, stderr } = await run(...args)
  expect({ isZero: code === 0, stdout }).toEqual({ isZero: false, stdout: '' })
  expect(stderr).toMatch(words)
})
