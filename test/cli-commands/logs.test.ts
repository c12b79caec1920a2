/** `troupe logs`: what happened in a task, and what happens, in whatever process it lives. */
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { TaskEvent } from '../../src/protocol/journal.ts'
import { complete, fails, say, use } from '../../src/testing/scripted-model.ts'
import { builtBinary, until, watched } from '../cli/binary.ts'
import { atWork, heldLine } from './other-process.ts'

const troupe = builtBinary()
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

/** A task whose second turn is said when it is released. */
async function halfway() {
  const { line, release } = heldLine(complete('There it is.'))
  const work = await atWork(troupe, { lead: [use('list_files', { path: '.' }, 'I look.'), line] })
  const task = await work.runtime.start({ message: 'Look' })
  await until(() => task.state === 'running.thinking' && work.runtime.slots().running === 0, 'it thinks')
  await until(async () => (await work.runtime.journal(task.id)).length >= 5, 'its first call is over')
  return { ...work, task, release }
}

/** Without the time of day, and the day it was. */
const untimed = (text: string) =>
  text.replaceAll(/^\d\d:\d\d:\d\d/gm, 'time').replace(/^\d{4}-\d\d-\d\d$/m, 'day')

describe('what happened', () => {
  it('one line a fact, with its time and number, in words', async () => {
    const { troupe: run, runtime } = await atWork(troupe, {
      lead: [
        fails('model/unavailable', { times: 1, then: use('read_file', { path: 'no.txt' }), retryAfterMs: 1 }),
        use('write_file', { path: 'a.txt', content: 'x' }, 'I write.'),
        complete('I could not.'),
      ],
    })
    const { taskId } = await runtime.run({ message: 'Try it' })
    const { code, stdout, stderr } = await run('logs', taskId)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = untimed(stdout)
      .replaceAll(/[\d.]+k? tokens/g, 'n tokens')
      .replaceAll(/ in [\d.]+ s/g, ' in t')
      .split('\n')
    expect(lines).toEqual([
      'day',
      'time    1  ▸ is asked for: Try it, agent lead, model scripted',
      'time    2  ▸ begins to work',
      'time    3  ✗ turn 1: model/unavailable, asked again in t: Scripted: model/unavailable.',
      'time    4  · asks its model again',
      'time    5  ▸ turn 1 → read_file (n tokens)',
      'time    6  · read_file no.txt: may run',
      expect.stringMatching(/^time {4}7 {2}✗ read_file no\.txt.*: file\/not-found: /),
      'time    8  ▸ turn 2 → write_file (n tokens) I write.',
      expect.stringMatching(/^time {4}9 {2}\? write_file a\.txt: waits for you: /),
      expect.stringMatching(/^time {3}10 {2}✗ write_file a\.txt: refused: Nobody can be asked here/),
      'time   11  ▸ turn 3 → attempt_completion (n tokens)',
      'time   12  · attempt_completion: may run',
      'time   13  ✓ attempt_completion',
      'time   14  ✓ done: I could not.',
      '',
    ])
  })

  it('--since leaves out what is known, and calls keep their names', async () => {
    const { troupe: run, task } = await halfway()
    const lines = untimed((await run('logs', task.id, '--since', '4')).stdout).split('\n')
    expect(lines.slice(1, 2)).toEqual([expect.stringMatching(/^time {4}5 {2}✓ list_files \./)])
  })

  it('--json: the events as the runtime tells them, one a line', async () => {
    const { troupe: run, runtime } = await atWork(troupe, { lead: [say('Done.\u202e')] })
    const { taskId } = await runtime.run({ message: 'x' })
    const { stdout } = await run('logs', taskId, '--json', '--since', '1')
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TaskEvent)
    const events: unknown[] = []
    for await (const event of runtime.events({ task: taskId, since: 1 }))
      if (event.type !== 'caught_up') events.push({ ...event, cursor: undefined })
    expect(told.map((event) => ({ ...event, cursor: undefined }))).toEqual(events)
    expect(stdout).not.toMatch(RAW)
  })

  it('L10: nothing hostile reaches the terminal raw', async () => {
    const hostile = 'a\x1b[31mb\x9bc\u202ed\u200be\x07\nfalse  ✓ line'
    const { troupe: run, runtime } = await atWork(troupe, {
      lead: [use(`no${hostile}`, { path: hostile }, hostile), complete(hostile)],
    })
    const { taskId } = await runtime.run({ message: hostile, title: hostile })
    const { stdout } = await run('logs', taskId)
    expect(stdout).not.toMatch(RAW)
    expect(stdout, 'a line is a fact').not.toMatch(/^false/m)
    expect(stdout).toContain('31mb')
  })
})

describe('--follow', () => {
  it('goes on across processes, each fact once, and ends with the task', async () => {
    const { cwd, task, runtime, release } = await halfway()
    const following = troupe.start(['logs', task.id, '-f'], { cwd })
    await until(() => following.stdout().includes('list_files .: may run'), 'it tells what was')
    release()
    await task.result()
    const { code, stdout, stderr } = await following.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const numbers = [...stdout.matchAll(/^\d\d:\d\d:\d\d +(\d+) /gm)].map(([, number]) => Number(number))
    const { length } = await runtime.journal(task.id)
    expect(numbers).toEqual(Array.from({ length }, (_, at) => at + 1))
    expect(stdout).toMatch(/✓ done: There it is\.\n$/)
  })

  it('--json tells once that all there was has been told', async () => {
    const { cwd, task, release } = await halfway()
    const following = troupe.start(['logs', task.id, '--follow', '--json'], { cwd })
    await until(() => following.stdout().includes('caught_up'), 'it has caught up')
    release()
    const { stdout } = await following.ended
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as TaskEvent).type)
    expect(types.filter((type) => type === 'caught_up')).toHaveLength(1)
    expect([types[0], types.at(-1)]).toEqual(['task.created', 'task.ended'])
  })

  it('Ctrl-C ends the following with 130, and leaves the task alone', async () => {
    const { cwd, task, release } = await halfway()
    const following = troupe.start(['logs', task.id, '-f'], { cwd })
    await until(() => following.stdout().includes('may run'), 'it follows')
    following.child.kill('SIGINT')
    expect(await following.ended).toMatchObject({ code: 130, signal: null })
    release()
    expect(await task.result()).toMatchObject({ status: 'completed' })
  })

  it('of a task that stands still says so, and what would let it go on', async () => {
    const { cwd, task, close } = await halfway()
    await close()
    const following = troupe.start(['logs', task.id, '-f'], { cwd })
    await until(() => following.stderr() !== '', 'it says something')
    expect(following.stderr()).toMatch(/^It stands still: interrupted\..*troupe resume \w{6}\n$/)
    following.child.kill('SIGINT')
    await following.ended
  })

  it('a reader that has gone ends it', async () => {
    const { cwd, task, release } = await halfway()
    const line = `"$0" "$1" logs ${task.id} -f | head -n 2`
    const env = troupe.environment
    const piped = watched(spawn('bash', ['-c', line, process.execPath, troupe.main], { cwd, env }))
    await until(() => piped.stdout().split('\n').length === 3, 'two lines were read')
    release()
    const { code, stderr } = await piped.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('of a task that has ended ends at once', async () => {
    const { troupe: run, runtime } = await atWork(troupe, { lead: [say('Done.')] })
    const { taskId } = await runtime.run({ message: 'x' })
    expect(await run('logs', taskId, '-f')).toMatchObject({ code: 0, stderr: '' })
  })
})

it.each([
  [['logs'], /Which task\? troupe logs <id>/],
  [['logs', 'x', '--since', '-1'], /--since needs a value/],
  [['logs', 'x', '--since', '1e3'], /the number of a fact/],
  [['logs', 'nothing'], /no task "nothing"/],
])('%j is refused in words', async (args, words) => {
  const { troupe: run, runtime } = await atWork(troupe, {})
  expect(await runtime.tasks()).toEqual([])
  const { code, stdout, stderr } = await run(...args)
  expect({ isZero: code === 0, stdout }).toEqual({ isZero: false, stdout: '' })
  expect(stderr).toMatch(words)
})
