/** `resume` and `continue`: what was begun goes on, here or where it lives, and is seen to its end. */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, until, workspaceOf } from '../../cli/binary.ts'
import { inTerminal, withoutLooks } from '../../cli/pseudo-terminal.ts'
import { calls, scriptedServer } from '../../cli/scripted-server.ts'
import { askedIn, killedCommand, liveCommand, liveRun } from './live-run.ts'

const troupe = builtBinary()

interface Told {
  readonly taskId: string
  readonly status: string
  readonly result: string
}

describe('a task whose process was killed', () => {
  it('goes on with what is left to do; the model is told what is not known, and nothing is done twice', async () => {
    const live = await killedCommand(troupe)
    const { code, stdout, stderr } = await live.type('resume', live.taskId)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    expect(stderr).toMatch(/✓ done {2}2 turns · 1 call/)
    expect(live.server.requests).toHaveLength(2)
    expect(askedIn(live)).toMatch(/unknown|not known/)
    expect(await readFile(join(live.cwd, 'runs'), 'utf8')).toBe('x\n')
  })

  it('is shown as it was, in place, without telling again what it had done', async () => {
    const answers = [
      calls('list_files', { path: '.' }, 'I look first.'),
      calls('write_file', { path: 'a', content: '' }),
    ]
    const live = await liveRun(troupe, answers, ['--on-ask', 'park'])
    expect((await live.run.ended).code).toBe(3)
    const { environment } = live.server
    const terminal = inTerminal(troupe, ['resume', live.taskId], { cwd: live.cwd, environment })
    await terminal.shows('y yes')
    expect(withoutLooks(terminal.screen())).not.toContain('list_files')
    terminal.press('y')
    expect((await terminal.ended).code).toBe(0)
    const screen = withoutLooks(terminal.screen())
    expect(screen).toContain('Do it.')
    expect(screen).toMatch(/✓ write_file +a/)
    expect(screen).toMatch(/✓ done {2}3 turns · 2 calls/)
  })

  it('can be told something on the way, and asked by another model', async () => {
    const live = await killedCommand(troupe)
    const args = ['resume', live.taskId, '--message', 'Be quick.', '--model', 'gpt-other', '--json']
    const { code, stdout } = await live.type(...args)
    expect({ code, told: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 0,
      told: { status: 'completed' },
    })
    expect(askedIn(live)).toContain('Be quick.')
    expect(live.server.requests.at(-1)?.body.model).toBe('gpt-other')
  })

  it('stream-json: what happens from now on, then the result', async () => {
    const live = await killedCommand(troupe)
    const { code, stdout } = await live.type('resume', live.taskId, '--output-format', 'stream-json')
    expect(code).toBe(0)
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types).not.toContain('task.created')
    expect(types).toContain('task.resumed')
    expect(types.slice(-2)).toEqual(['task.ended', 'result'])
  })
})

describe('a task that another process works on', () => {
  it('is followed there; Ctrl-C ends that and nothing else', async () => {
    const live = await liveCommand(troupe)
    const { environment } = live.server
    const terminal = inTerminal(troupe, ['resume', live.taskId], { cwd: live.cwd, environment })
    await terminal.shows('followed here')
    await terminal.shows('execute_command')
    terminal.press('\x03')
    expect((await terminal.ended).code).toBe(130)
    expect(withoutLooks(terminal.screen())).toMatch(/going on in another process/)
    expect(withoutLooks(terminal.screen())).toContain(`→ Follow it again: troupe resume ${live.taskId}`)
    expect(live.hasTold('task.pauseAsked')).toBe(false)

    const again = live.begin('resume', live.taskId, '--output-format', 'stream-json')
    await until(() => again.stderr().includes('followed here'), 'it is followed')
    await live.stop()
    const { code, stdout } = await again.ended
    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; seq?: number })
    expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['call.ended', 'task.ended']))
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', result: 'Done.' })
    expect((await live.run.ended).code).toBe(0)
  })

  it('of two that resume it at once, one works on it and the other follows; it is done once', async () => {
    const live = await killedCommand(troupe)
    await live.stop()
    const both = [1, 2].map(() => live.begin('resume', live.taskId, '--json').ended)
    for (const { code, stdout } of await Promise.all(both)) {
      const told = JSON.parse(stdout) as Told & { readonly error?: { readonly code: string } }
      // Whoever comes when it is over is told so.
      if (code === 0) expect(told).toMatchObject({ status: 'completed', result: 'Done.' })
      else expect(told.error?.code).toBe('task/has-ended')
    }
    expect(live.server.requests).toHaveLength(2)
  })
})

describe('--all', () => {
  it('goes on with everything that nobody works on, and ends as the one that went worst', async () => {
    const live = await killedCommand(troupe)
    const failing = await scriptedServer([calls('list_files', {}), { status: 401 }])
    // Its second reply is the one that fails: it is killed before it asks for it.
    const surroundings = { cwd: live.cwd, environment: failing.environment }
    const parked = await scriptedServer([calls('write_file', { path: 'a', content: '' })])
    const waiting = await troupe.run(['run', 'Ask.', '--on-ask', 'park', '--json'], {
      cwd: live.cwd,
      environment: parked.environment,
    })
    expect(waiting.code).toBe(3)
    const { taskId: second } = JSON.parse(waiting.stdout) as Told

    const all = await troupe.run(['resume', '--all', '--on-ask', 'refuse', '--json'], surroundings)
    const told = JSON.parse(all.stdout) as readonly Told[]
    expect(told.map(({ taskId }) => taskId)).toEqual([live.taskId, second])
    expect(told.map(({ status }) => status)).toEqual(['failed', 'failed'])
    expect(all.code).toBe(1)

    const nothing = await live.typed('resume', '--all')
    expect(nothing).toEqual({ code: 0, told: [] })
    expect(await live.type('resume', '--all')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing to resume'),
    })
  })

  it('text: a line for each; what waits for a person waits on, which is 3', async () => {
    const live = await killedCommand(troupe)
    const parked = await scriptedServer([calls('write_file', { path: 'a', content: '' })])
    const surroundings = { cwd: live.cwd, environment: parked.environment }
    expect((await troupe.run(['run', 'Ask.', '--on-ask', 'park'], surroundings)).code).toBe(3)
    const { code, stdout } = await live.type('resume', '--all')
    expect(stdout).toMatch(
      new RegExp(`✓ done +${live.taskId} {2}Do it\\.\\n‖ waiting for you +t_\\S+ {2}Ask\\.\\n`),
    )
    expect(code).toBe(3)
  })

  it('leaves alone what another process works on', async () => {
    const live = await liveCommand(troupe)
    expect(await live.typed('resume', '--all')).toEqual({ code: 0, told: [] })
    await live.stop()
    expect((await live.run.ended).code).toBe(0)
  })

  it.each([
    [['resume', '--all', 'abc'], /not both/],
    [['resume', '--all', '--message', 'x'], /--message is for one task/],
    [['resume', 'abc', 'def'], /takes one task/],
    [['resume', 'abc', '--timeout', '5m'], /no flag --timeout/],
  ])('2: %j is refused in words', async (args, words) => {
    expect(await troupe.run(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(words),
    })
  })
})

describe('continue', () => {
  it('is a new task that knows what was said, and the old one stays as it was', async () => {
    const live = await liveRun(troupe, [{ text: 'The answer is 42.' }])
    expect((await live.run.ended).code).toBe(0)
    const { code, told } = await live.typed('continue', live.taskId, 'Why 42?')
    expect({ code, told }).toMatchObject({ code: 0, told: { status: 'completed', result: 'Done.' } })
    expect((told as Told).taskId).not.toBe(live.taskId)
    const said = live.server.requests.at(-1)?.body.messages.map(({ content }) => content)
    expect(said?.filter((it) => ['Do it.', 'The answer is 42.', 'Why 42?'].includes(it ?? ''))).toEqual([
      'Do it.',
      'The answer is 42.',
      'Why 42?',
    ])
    expect(said?.at(-1)).toBe('Why 42?')
    const tasks = (await live.typed('tasks', '--all')).told as readonly Told[]
    expect(tasks.map(({ status }) => status)).toEqual(['completed', 'completed'])
  })

  it('takes the prompt from standard input, too', async () => {
    const live = await liveRun(troupe, [{ text: 'The answer is 42.' }])
    await live.run.ended
    const { environment } = live.server
    const given = { cwd: live.cwd, environment, input: 'From a pipe?' }
    expect((await troupe.run(['continue', live.taskId], given)).code).toBe(0)
    expect(askedIn(live)).toContain('From a pipe?')
  })

  it('what has not ended is resumed instead', async () => {
    const live = await killedCommand(troupe)
    expect(await live.type('continue', live.taskId, 'Go on.')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('resume it'),
    })
  })
})

describe('"autoResume" in the settings of the user', () => {
  const file = { 'settings.json': '{"autoResume": true}' }

  it('goes on by itself with what was cut off, whatever else is begun', async () => {
    const live = await killedCommand(troupe)
    const { environment } = live.server
    const surroundings = { cwd: live.cwd, environment: { ...environment, TROUPE_HOME: await homeWith(file) } }
    // Both come upon the same command, which ends at once by now.
    await live.stop()
    const args = ['run', 'Another.', '--mode', 'bypassPermissions']
    expect((await inTerminal(troupe, args, surroundings).ended).code).toBe(0)
    expect((await live.type('logs', live.taskId, '--json')).stdout).toContain('"type":"task.resumed"')
  })

  it('refuses nothing that waits for the person, where nobody is there to answer', async () => {
    const live = await liveRun(
      troupe,
      [calls('write_file', { path: 'a', content: '' })],
      ['--on-ask', 'park'],
    )
    expect((await live.run.ended).code).toBe(3)
    const { environment } = live.server
    const surroundings = { cwd: live.cwd, environment: { ...environment, TROUPE_HOME: await homeWith(file) } }
    expect((await troupe.run(['run', 'Another.'], surroundings)).code).toBe(0)
    const waiting = (await live.typed('approvals')).told as readonly { readonly taskId: string }[]
    expect(waiting.map(({ taskId }) => taskId)).toEqual([live.taskId])
  })
})

/** A home of the same person, with other settings. */
async function homeWith(files: Readonly<Record<string, string>>): Promise<string> {
  const home = await workspaceOf(files)
  await cp(join(troupe.environment['TROUPE_HOME'] ?? '', 'installation.key'), join(home, 'installation.key'))
  return home
}

it('run --no-store keeps nothing, so that there is nothing to resume', async () => {
  const server = await scriptedServer([])
  const surroundings = { cwd: await workspaceOf(), environment: server.environment }
  expect((await troupe.run(['run', 'Do it.', '--no-store'], surroundings)).code).toBe(0)
  expect(JSON.parse((await troupe.run(['tasks', '--all', '--json'], surroundings)).stdout)).toEqual([])
})
