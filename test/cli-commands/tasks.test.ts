/** `troupe tasks`: what goes on in a workspace, seen from another process. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { complete, say, use, uses } from '../../src/testing/scripted-model.ts'
import { builtBinary, until, workspaceOf } from '../cli/binary.ts'
import { inTerminal, withoutLooks } from '../cli/pseudo-terminal.ts'
import { crewServer } from '../cli/crew-server.ts'
import { atWork, heldLine } from './other-process.ts'

const troupe = builtBinary()
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

const spawning = (message: string) => ({
  tool: 'new_task',
  input: { agent: 'explorer', message, title: message, background: true },
})

/** A lead that waits for two readers, of which one may work at a time. */
async function family() {
  const { line, release } = heldLine(complete('There are none.'))
  const lead = [
    uses([spawning('Read the parser'), spawning('Read the docs')]),
    use('wait_for_tasks', { until: 'all' }),
    complete('All is well.'),
  ]
  const work = await atWork(troupe, { lead, explorer: [line] }, { concurrency: { background: 1 } })
  const task = await work.runtime.start({ message: 'Survey this' })
  await until(() => task.state === 'running.delegating', 'the lead waits for its readers')
  return { ...work, task, release }
}

describe('where there is nothing', () => {
  it('says how to begin, and makes nothing', async () => {
    const cwd = await workspaceOf()
    const { code, stdout } = await troupe.run(['tasks'], { cwd })
    expect(stdout).toMatch(/^There are no tasks here yet\.\n→ troupe run ".+"\n$/)
    expect(await troupe.run(['tasks', '--json'], { cwd })).toMatchObject({ code: 0, stdout: '[]\n' })
    expect({ code, made: existsSync(join(cwd, '.troupe')) }).toEqual({ code: 0, made: false })
  })
})

describe('tasks of another process', () => {
  it('are listed as a tree with their states, and how full the background is', async () => {
    const { troupe: run, task, release } = await family()
    const { stdout, stderr, code } = await run('tasks')
    expect(stderr).toBe('')
    const short = task.id.slice(-6)
    expect(stdout.replaceAll(/\d+:\d\d/g, 'm:ss').split('\n')).toEqual([
      'Background (1/1, queued 1)',
      '',
      '  id          task                agent     state            time turns tokens',
      expect.stringMatching(`^● ${short} +Survey this +lead +waits for tasks +m:ss +2 +[\\d.]+k?$`),
      expect.stringMatching(`^● ${short}-1.0  ├┄ Read the parser  explorer  thinking +m:ss +0 +0$`),
      expect.stringMatching(`^● ${short}-1.1  └┄ Read the docs    explorer  queued, next +m:ss +0 +0$`),
      '',
    ])
    release()
    await task.result()
    expect((await run('tasks')).stdout).toMatch(/^ {2}id [\s\S]*✓ \w+ +Survey this +lead +done/)
    expect(code).toBe(0)
  })

  it('--json: an array of objects whose keys are kept, the oldest first', async () => {
    const { json, task, release } = await family()
    const told = await json<Record<string, unknown>[]>('tasks')
    const keys =
      'taskId status state result turns usage durationMs parent agent title background pausedBy heldBy'
    expect(Object.keys(told[0] ?? {})).toEqual([...keys.split(' '), 'createdAt'])
    const facts = { result: '', pausedBy: [], heldBy: 'elsewhere', agent: 'explorer', parent: task.id }
    expect(told).toMatchObject([
      { taskId: task.id, status: 'running', state: 'running.delegating', parent: null, background: false },
      { ...facts, status: 'running', title: 'Read the parser', background: true },
      { ...facts, status: 'queued', state: 'queued', title: 'Read the docs', background: true },
    ])
    release()
    await task.result()
    const [done] = await json<Record<string, unknown>[]>('tasks', '--status', 'completed')
    expect(done).toMatchObject({ status: 'completed', result: 'All is well.', heldBy: 'nobody', turns: 3 })
  })

  it('filters: by status, agent, parent (by a part of its id), and what has not ended', async () => {
    const { json, task, release } = await family()
    const titles = async (...flags: readonly string[]) =>
      (await json<{ title: string }[]>('tasks', ...flags)).map(({ title }) => title)
    expect(await titles('--status', 'queued')).toEqual(['Read the docs'])
    expect(await titles('--agent', 'lead')).toEqual(['Survey this'])
    expect(await titles('--parent', task.id.slice(-6))).toEqual(['Read the parser', 'Read the docs'])
    release()
    await task.result()
    expect(await titles('--unfinished')).toEqual([])
  })

  it('only the newest of what has ended are shown, and all of them with --all', async () => {
    const { troupe: run, runtime, json } = await atWork(troupe, { lead: [say('Done.')] })
    for (let at = 0; at < 20; at += 1) await runtime.run({ message: 'Say it', title: `Number ${at}.` })
    const shown = (await run('tasks')).stdout
    expect(shown.match(/Number \d+/g)?.length).toBe(15)
    expect(shown).toContain('Number 19.')
    expect(shown).toContain('… 5 more ended: troupe tasks --all')
    expect((await run('tasks', '--all')).stdout.match(/Number \d+/g)?.length).toBe(20)
    expect(await json('tasks'), 'a script is told of all').toHaveLength(20)
  })

  it('L10: no title or name reaches the terminal raw', async () => {
    const hostile = 'a\x1b[31mb\x9bc\u202ed\u200be\x07'
    const { troupe: run, runtime } = await atWork(troupe, { lead: [say(hostile)] })
    await runtime.run({ message: hostile, title: hostile })
    for (const flags of [['tasks'], ['tasks', '--json'], ['tasks', '--parent', hostile]]) {
      const { stdout, stderr } = await run(...flags)
      expect(`${stdout}${stderr}`).not.toMatch(RAW)
      expect(`${stdout}${stderr}`).toContain('31mb')
    }
  })
})

describe('what a process leaves behind that was killed', () => {
  it('is interrupted, and one command for all of it is named', async () => {
    const server = await crewServer({}, ['Wait for me'])
    const cwd = await workspaceOf()
    const running = troupe.start(['run', 'Wait for me'], {
      cwd,
      environment: server.environment,
    })
    await until(() => server.waiting().length === 1, 'the task asks its model')
    const live = await troupe.run(['tasks', '--json'], { cwd })
    expect(JSON.parse(live.stdout)).toMatchObject([{ status: 'running', heldBy: 'elsewhere' }])

    running.child.kill('SIGKILL')
    await running.ended
    const { stdout } = await troupe.run(['tasks'], { cwd })
    expect(stdout).toMatch(/^Background \(0\/10\)$/m)
    expect(stdout).toMatch(/^‖ \w{6} +Wait for me +lead +interrupted/m)
    expect(stdout).toMatch(/^→ 1 task was interrupted: troupe resume \w{6}$/m)
    const dead = JSON.parse((await troupe.run(['tasks', '--json'], { cwd })).stdout) as unknown
    expect(dead).toMatchObject([{ status: 'paused', pausedBy: ['interrupted'], heldBy: 'nobody' }])
    // To look at it has changed nothing: nobody has taken it up.
    expect((await troupe.run(['tasks'], { cwd })).stdout).toBe(stdout)
  })
})

describe('--watch', () => {
  it('without a terminal prints it anew when something has changed, until it is stopped', async () => {
    const { cwd, task, release, troupe: run } = await family()
    const watching = troupe.start(['tasks', '--watch'], { cwd, input: null })
    await until(() => watching.stdout().includes('queued, next'), 'the list is shown')
    // Meanwhile it looks several times, and nothing happens but that time goes on.
    for (let at = 0; at < 5; at += 1) await run('tasks')
    release()
    await task.result()
    await until(() => /lead +done/.test(watching.stdout()), 'it is shown anew')
    watching.child.kill('SIGINT')
    const { code, stdout, stderr } = await watching.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(stdout).not.toContain('\x1b')
    const pictures = stdout.replaceAll(/\d+:\d\d/g, 'm:ss').split('\n\n  id')
    expect(new Set(pictures).size, 'not for the time alone').toBe(pictures.length)
  })

  it('in a terminal draws in place, and leaves it as it was, with the last picture', async () => {
    const { cwd, task, release } = await family()
    const watching = inTerminal(troupe, ['tasks', '--watch'], { cwd, environment: {} })
    await watching.shows('queued, next')
    release()
    await task.result()
    await watching.shows(/lead +.{0,9}done/)
    watching.press('\x03')
    const { code } = await watching.ended
    expect(code).toBe(130)
    expect(watching.screen()).toMatch(/\x1b\[\?25h(?![\s\S]*\x1b\[\?25l)/)
    expect(withoutLooks(watching.screen()).trimEnd()).toMatch(/Read the docs +explorer +done[^\n]*$/)
  })
})

it.each([
  [['tasks', 'x'], /flags only.*troupe show x/],
  [['tasks', '--status', 'runing'], /Did you mean "running"\?/],
  [['tasks', '--parent', 'zz9'], /no task "zz9"/],
  [['tasks', '--watch', '--json'], /draws for people/],
])('%j is refused in words', async (args, words) => {
  const { code, stdout, stderr } = await troupe.run(args, { cwd: await workspaceOf() })
  expect({ isZero: code === 0, stdout }).toEqual({ isZero: false, stdout: '' })
  expect(stderr).toMatch(words)
})
