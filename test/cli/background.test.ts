/** `troupe run` with tasks in the background: the cap, the queue, and that nothing ends before they have. */
import { describe, expect, it } from 'vitest'
import { builtBinary, processesWith, until, workspaceOf } from './binary.ts'
import { crewServer, spawning, WAIT_FOR_ALL } from './crew-server.ts'
import { inTerminal, withoutLooks } from './pseudo-terminal.ts'
import { calls } from './scripted-server.ts'

const troupe = builtBinary()
const PARTS = ['Part one', 'Part two', 'Part three']
const reports = Object.fromEntries(PARTS.map((part) => [part, [{ text: `I have read ${part}.` }]]))
const SLEEPER = '---\ndescription: Sleeps.\npermissions:\n  readOnly: false\n---\nYou sleep.\n'
/** The lines in which the end of a task is told. */
const endsIn = (stderr: string) => stderr.split('\n').filter((line) => / [✓✗] (explorer|lead): /.test(line))
const timesIn = (text: string, part: string) => text.split(part).length - 1

describe('--max-background 1', () => {
  it('works on one at a time, shows who waits, and tells each result once to the person and the model', async () => {
    const server = await crewServer({ 'Read all.': [spawning(PARTS), WAIT_FOR_ALL], ...reports }, PARTS)
    const { environment } = server
    const terminal = inTerminal(troupe, ['run', 'Read all.', '--max-background', '1'], {
      cwd: await workspaceOf(),
      environment,
    })
    await terminal.shows('Background (1/1, queued 2)')
    await until(() => server.waiting().length > 0, 'one of them asks its model')
    expect(server.waiting()).toEqual(['Part one'])
    await server.release('Part one')
    await terminal.shows('Background (1/1, queued 1)')
    await server.release('Part two')
    await terminal.shows('Background (1/1)')
    expect(PARTS.map((part) => server.requestsOf(part).length)).toEqual([1, 1, expect.any(Number)])
    await server.release('Part three')
    expect((await terminal.ended).code).toBe(0)

    const screen = withoutLooks(terminal.screen())
    expect(PARTS.map((part) => timesIn(screen, `✓ explorer: ${part}: I have read ${part}.`))).toEqual([
      1, 1, 1,
    ])
    const told = JSON.stringify(server.requestsOf('Read all.').at(-1)?.messages)
    expect(PARTS.map((part) => timesIn(told, `I have read ${part}.`))).toEqual([1, 1, 1])
  })
})

describe('while tasks of it work in the background', () => {
  async function begun(parts = PARTS, args: readonly string[] = []) {
    const server = await crewServer({ 'Read all.': [spawning(parts)], ...reports }, parts)
    const surroundings = { cwd: await workspaceOf(), environment: server.environment }
    const run = troupe.start(['run', 'Read all.', ...args], surroundings)
    await until(() => server.waiting().length === parts.length, 'all of them ask their models')
    return { server, ...run }
  }

  it('the command goes on and prints no result; each end is told once, also without a terminal', async () => {
    const { server, stderr, stdout, ended } = await begun()
    await until(() => stderr().includes('Waiting for'), 'it says that it waits')
    for (const part of PARTS) {
      expect(stdout()).toBe('')
      await server.release(part)
      await until(() => stderr().includes(`explorer: ${part}: I have read ${part}.`), 'the end is told')
    }
    const last = await ended
    expect({ code: last.code, stdout: last.stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    expect(timesIn(last.stderr, 'Waiting for 3 background tasks.')).toBe(1)
    expect(endsIn(last.stderr)).toHaveLength(3)
    expect(last.stderr).toMatch(/✓ explorer: Part one: I have read Part one\. {2}\(t_\S+\)\n/)
    expect(last.stderr).toMatch(/✓ done {2}4 tasks · /)
    expect(last.stderr).not.toContain('Background (')
  })

  it('--quiet waits as well, and says nothing of it', async () => {
    const { server, stdout, ended } = await begun(['Part one'], ['--quiet'])
    expect(stdout()).toBe('')
    await server.release('Part one')
    expect(await ended).toMatchObject({ code: 0, stdout: 'Done.\n', stderr: '' })
  })

  it('also those that they spawn meanwhile are waited for', async () => {
    const scripts = {
      'Read all.': [spawning(['Split it'], 'lead')],
      'Split it': [spawning(['Part one'])],
      // A call first: what is only held still while the command leaves would not come to its end.
      'Part one': [calls('list_files', {}), { text: 'I have read Part one.' }],
    }
    const server = await crewServer(scripts, ['Split it', 'Part one'])
    const { environment } = server
    const { stderr, stdout, ended } = troupe.start(['run', 'Read all.'], {
      cwd: await workspaceOf(),
      environment,
    })
    await until(() => stderr().includes('Waiting for 1 background task.'), 'it says that it waits')
    await server.release('Split it')
    await until(() => stderr().includes('✓ lead: Split it: Done.'), 'the one that it waits for has ended')
    await until(() => server.waiting().includes('Part one'), 'another one is at work')
    expect(stdout()).toBe('')
    await server.release('Part one')
    const last = await ended
    expect(last).toMatchObject({ code: 0, stdout: 'Done.\n' })
    expect(last.stderr).toContain('✓ explorer: Part one: I have read Part one.')
    expect(timesIn(last.stderr, 'Waiting for')).toBe(1)
  })

  it('the exit code is that of the task, whatever becomes of the others', async () => {
    const failing = { status: 400, error: { error: { message: 'No.' } } }
    const codeWith = async (root: object, part: object) => {
      const server = await crewServer({ 'Read all.': [spawning(['Part one']), root], 'Part one': [part] })
      return troupe.run(['run', 'Read all.'], { cwd: await workspaceOf(), environment: server.environment })
    }
    const childFailed = await codeWith({ text: 'Done.' }, failing)
    expect(childFailed).toMatchObject({ code: 0, stdout: 'Done.\n' })
    expect(endsIn(childFailed.stderr)).toEqual([
      expect.stringMatching(/✗ explorer: Part one: failed: .*No\./),
    ])
    const rootFailed = await codeWith(failing, { text: 'I have read it.' })
    expect(rootFailed).toMatchObject({ code: 1, stdout: '' })
    expect(endsIn(rootFailed.stderr)).toEqual([expect.stringMatching(/✓ explorer: Part one: I have read it/)])
  })

  it('Ctrl-C pauses all of them; what the task had done stays done, and they can go on', async () => {
    // A call first: whose last word comes while it is held still has ended.
    const script = (part: string) => [calls('list_files', {}), { text: `I have read ${part}.` }]
    const scripts = Object.fromEntries(PARTS.map((part) => [part, script(part)]))
    const server = await crewServer({ 'Read all.': [spawning(PARTS)], ...scripts }, PARTS)
    const surroundings = { cwd: await workspaceOf(), environment: server.environment }
    const { child, stderr, ended } = troupe.start(['run', 'Read all.'], surroundings)
    await until(() => stderr().includes('Waiting for') && server.waiting().length === 3, 'it waits for all')
    child.kill('SIGINT')
    await until(() => stderr().includes('Stopping'), 'it says that it stops')
    for (const part of PARTS) await server.release(part)
    const last = await ended
    expect({ code: last.code, stdout: last.stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    expect(endsIn(last.stderr)).toEqual([])
    expect(last.stderr).toContain('→ 3 tasks of it can go on: troupe resume --all')

    const resumed = await troupe.run(['resume', '--all', '--json'], surroundings)
    expect(resumed.code).toBe(0)
    const results = JSON.parse(resumed.stdout) as readonly { readonly result: string }[]
    expect(results.map(({ result }) => result)).toEqual(PARTS.map((part) => `I have read ${part}.`))
    // The reply that each of them was waiting for was paid for, and is not asked for again.
    expect(PARTS.map((part) => server.requestsOf(part).length)).toEqual([2, 2, 2])
  })

  it('Ctrl-C twice leaves at once, without a result, and nothing survives', async () => {
    const seconds = `1000.${Date.now()}${Math.floor(Math.random() * 1_000)}`
    const sleep = calls('execute_command', { command: `trap '' TERM; sleep ${seconds}` })
    const server = await crewServer({ 'Read all.': [spawning(['Part one'], 'sleeper')], 'Part one': [sleep] })
    // Only an agent that the person trusts may do more than read in the background.
    const cwd = await workspaceOf({ '.troupe/agents/sleeper.md': SLEEPER })
    const { environment } = server
    expect((await inTerminal(troupe, ['trust', '--yes'], { cwd, environment }).ended).code).toBe(0)
    const args = ['run', 'Read all.', '--mode', 'bypassPermissions']
    const { child, stderr, ended } = troupe.start(args, { cwd, environment })
    const isAlive = async () => (await processesWith(seconds)).length > 0
    await until(async () => stderr().includes('Waiting for') && (await isAlive()), 'it waits for a command')
    // Two of a kind may come as one; these two can't.
    child.kill('SIGINT')
    child.kill('SIGTERM')
    const { code, stdout } = await ended
    expect([130, 143]).toContain(code)
    expect(stdout).toBe('')
    await until(async () => !(await isAlive()), 'the killed command is gone')
  })

  it('Ctrl-C while the task itself waits for them pauses it and them, and one resume goes on with all', async () => {
    const script = (part: string) => [calls('list_files', {}), { text: `I have read ${part}.` }]
    const scripts = Object.fromEntries(PARTS.map((part) => [part, script(part)]))
    const server = await crewServer({ 'Read all.': [spawning(PARTS), WAIT_FOR_ALL], ...scripts }, PARTS)
    const surroundings = { cwd: await workspaceOf(), environment: server.environment }
    const { child, ended, stderr } = troupe.start(['run', 'Read all.', '--json'], surroundings)
    await until(() => server.waiting().length === 3, 'all of them ask their models')
    await until(() => server.requestsOf('Read all.').length === 2, 'the task has asked its model twice')
    child.kill('SIGINT')
    await until(() => stderr().includes('Stopping'), 'it says that it stops')
    for (const part of PARTS) await server.release(part)
    const stopped = await ended
    expect(stopped.code).toBe(130)
    const { taskId, status } = JSON.parse(stopped.stdout) as {
      readonly taskId: string
      readonly status: string
    }
    expect(status).toBe('paused')

    const resumed = await troupe.run(['resume', taskId], surroundings)
    expect(resumed).toMatchObject({ code: 0, stdout: 'Done.\n' })
    const told = JSON.stringify(server.requestsOf('Read all.').at(-1)?.messages)
    expect(PARTS.map((part) => timesIn(told, `I have read ${part}.`))).toEqual([1, 1, 1])
  })
})

describe('stream-json', () => {
  it('tells the events of every task, each without a gap, and how many work and wait', async () => {
    const server = await crewServer({ 'Read all.': [spawning(PARTS), WAIT_FOR_ALL], ...reports }, PARTS)
    const args = ['run', 'Read all.', '--max-background', '1', '--output-format', 'stream-json']
    const run = troupe.start(args, { cwd: await workspaceOf(), environment: server.environment })
    await until(() => run.stdout().includes('"queued":2'), 'two wait for the first')
    for (const part of PARTS) await server.release(part)
    const { code, stdout } = await run.ended
    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    const root = lines.find(({ type }) => type === 'task.created')?.taskId
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', taskId: root })

    const facts = lines.slice(0, -1).filter(({ type }) => type !== 'slots')
    const tasks = new Set(facts.map(({ taskId }) => taskId))
    expect(tasks.size).toBe(4)
    for (const task of tasks) {
      const own = facts.filter(({ taskId }) => taskId === task)
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => index + 1))
      expect(own.at(-1)?.type).toBe('task.ended')
    }
    const slots = lines.filter(({ type }) => type === 'slots')
    expect(slots).toContainEqual({ type: 'slots', running: 1, cap: 1, queued: 2 })
    expect(slots.at(-1)).toEqual({ type: 'slots', running: 0, cap: 1, queued: 0 })
    expect(slots.filter(({ running = 0 }) => running > 1)).toEqual([])
  })
})

interface Line {
  readonly type: string
  readonly taskId?: string
  readonly seq?: number
  readonly running?: number
}
