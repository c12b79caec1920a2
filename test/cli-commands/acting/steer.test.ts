/** `pause`, `cancel` and `message` from another terminal: tasks that live elsewhere, nowhere, or no more. */
import { describe, expect, it } from 'vitest'
import { builtBinary, until } from '../../cli/binary.ts'
import { calls } from '../../cli/scripted-server.ts'
import { askedIn, killedCommand, liveCommand, liveRun } from './live-run.ts'

const troupe = builtBinary()
const done = (taskId: string) => ({ code: 0, told: { taskId, done: true } })

describe('on a task that another process works on', () => {
  it('pause holds it there: its command comes to its end, and nothing else begins', async () => {
    const live = await liveCommand(troupe)
    expect(await live.typed('pause', live.taskId)).toEqual(done(live.taskId))
    await until(() => live.hasTold('task.pauseAsked'), 'the other process has heard of it')
    await live.stop()
    await until(() => live.hasTold('call.ended'), 'the command has ended')
    const { told } = await live.typed('tasks')
    expect(told).toEqual([
      expect.objectContaining({ taskId: live.taskId, status: 'paused', pausedBy: ['user'] }),
    ])
    expect(live.server.requests).toHaveLength(1)

    // Where it lives it goes on, and both terminals see it to its end.
    const resumed = await live.typed('resume', live.taskId)
    expect(resumed).toMatchObject({
      code: 0,
      told: { taskId: live.taskId, status: 'completed', result: 'Done.' },
    })
    const first = await live.run.ended
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'result',
      turns: 2,
    })
  })

  it('message is read before the next turn', async () => {
    const live = await liveCommand(troupe)
    expect(await live.typed('message', live.taskId, 'Mind the \u202egap.')).toEqual(done(live.taskId))
    await live.stop()
    expect((await live.run.ended).code).toBe(0)
    expect(live.server.requests[1]?.body.messages.at(-1)).toMatchObject({ role: 'user' })
    expect(askedIn(live)).toContain('Mind the \u202egap.')
  })

  it('message takes its text from standard input, too', async () => {
    const live = await liveCommand(troupe)
    const surroundings = { cwd: live.cwd, input: 'Read from a pipe.\n' }
    expect((await troupe.run(['message', live.taskId, '-'], surroundings)).code).toBe(0)
    await live.stop()
    await live.run.ended
    expect(askedIn(live)).toContain('Read from a pipe.')
  })

  it('cancel ends it there, with the reason that was given', async () => {
    const live = await liveCommand(troupe)
    expect(await live.typed('cancel', live.taskId, '--reason', 'The wrong file.')).toEqual(done(live.taskId))
    const { code, stdout } = await live.run.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      status: 'cancelled',
      reason: { code: 'task/cancelled', message: expect.stringContaining('The wrong file.') },
    })
    expect(await live.typed('cancel', live.taskId)).toEqual(done(live.taskId))
  })
})

describe('on a task whose process is dead', () => {
  it('message is kept, and read when it goes on; what was under way is told as unknown', async () => {
    const live = await killedCommand(troupe)
    const said = await live.type('message', live.taskId, 'Welcome back.')
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining(`troupe resume ${live.taskId}`) })
    const resumed = await live.typed('resume', live.taskId)
    expect(resumed).toMatchObject({ code: 0, told: { status: 'completed' } })
    expect(askedIn(live)).toContain('Welcome back.')
    expect(live.server.requests).toHaveLength(2)
  })

  it('pause holds it, also against being resumed by anybody else', async () => {
    const live = await killedCommand(troupe)
    expect(await live.typed('pause', live.taskId)).toEqual(done(live.taskId))
    const { told } = await live.typed('tasks')
    const [task] = told as readonly [{ readonly pausedBy: readonly string[] }]
    expect([...task.pausedBy].toSorted()).toEqual(['interrupted', 'user'])
    expect((await live.typed('resume', live.taskId)).code).toBe(0)
  })

  it('cancel ends it', async () => {
    const live = await killedCommand(troupe)
    const said = await live.type('cancel', live.taskId)
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining('is cancelled') })
    expect(await live.typed('resume', live.taskId)).toMatchObject({
      code: 1,
      told: { error: { code: 'task/has-ended', message: expect.stringContaining('troupe continue') } },
    })
  })
})

describe('on a task that has ended', () => {
  it.each([
    ['pause', []],
    ['message', ['Too late.']],
    ['cancel', []],
    ['resume', []],
  ] as const)('%s changes nothing, and says how to go on from there', async (verb, more) => {
    const live = await liveRun(troupe, [])
    await live.run.ended
    expect(await live.typed(verb, live.taskId, ...more)).toEqual({
      code: 1,
      told: {
        ...(verb === 'resume' ? {} : { taskId: live.taskId }),
        error: { code: 'task/has-ended', message: expect.stringContaining(`troupe continue ${live.taskId}`) },
      },
    })
    const inWords = await live.type(verb, live.taskId, ...more)
    expect(inWords).toMatchObject({ code: 1, stdout: '' })
    expect(inWords.stderr).toContain(
      `is over: done. Go on from where it ended: troupe continue ${live.taskId}`,
    )
  })
})

describe('names', () => {
  it('several at once: each is told, and one that fails stops no other', async () => {
    const live = await killedCommand(troupe)
    const ended = (await live.type('run', 'Another.', '--json')).stdout
    const { taskId: other } = JSON.parse(ended) as { readonly taskId: string }
    const { code, stdout } = await live.type('pause', live.taskId, other, '--json')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [
        { taskId: live.taskId, done: true },
        { taskId: other, error: { code: 'task/has-ended', message: expect.any(String) } },
      ],
    })
  })

  it('one that means nothing is refused before anything is done', async () => {
    const live = await killedCommand(troupe)
    expect(await live.typed('cancel', live.taskId, 'nothing-like-it')).toMatchObject({
      code: 1,
      told: { error: { code: 'task/no-such-task' } },
    })
    expect((await live.typed('tasks')).told).toEqual([expect.objectContaining({ status: 'paused' })])
  })

  it.each([['pause'], ['cancel'], ['message'], ['approve'], ['deny'], ['resume'], ['continue']])(
    'troupe %s alone asks which',
    async (verb) => {
      expect(await troupe.run([verb])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/Which/),
      })
    },
  )
})

it('L13: none of them works for a task, whatever it has cleaned out of its environment', async () => {
  const verbs = [
    'pause',
    'cancel',
    'message',
    'approve',
    'deny',
    'resume',
    'continue',
    'trust',
    'doctor --adopt',
  ]
  const line = verbs.map((verb) => `env -i "${process.execPath}" "${troupe.main}" ${verb} x x`).join('; ')
  const live = await liveRun(
    troupe,
    [calls('execute_command', { command: line })],
    ['--mode', 'bypassPermissions'],
  )
  await live.run.ended
  const told = askedIn(live)
  for (const verb of verbs) expect(told).toContain(`troupe ${verb.split(' ')[0]} is for people`)
}, 60_000)
