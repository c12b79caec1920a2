/** `approve` and `deny`: what waits is answered from any terminal, and for exactly what was shown. */
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, until, workspaceOf } from '../../cli/binary.ts'
import { crewServer, spawning } from '../../cli/crew-server.ts'
import { inTerminal, withoutLooks } from '../../cli/pseudo-terminal.ts'
import { calls } from '../../cli/scripted-server.ts'
import { askedIn, type LiveRun, liveRun } from './live-run.ts'

const troupe = builtBinary()
const HOSTILE = 'a\x1b[31mb\u202ec \n'
const write = (path: string, content = 'x') => calls('write_file', { path, content })
const question = calls('ask_followup_question', { question: 'Which way?', options: ['Left', 'Right'] })
const fileIn = ({ cwd }: Pick<LiveRun, 'cwd'>, path: string) =>
  readFile(join(cwd, path), 'utf8').catch(() => null)

/** A run that has nothing left to do before somebody answers. */
async function parked(answer: ReturnType<typeof write>) {
  const live = await liveRun(troupe, [answer], ['--on-ask', 'park'])
  const ended = await live.run.ended
  return { ...live, ended }
}

describe('run --on-ask park', () => {
  it('ends with 3 when only a person is waited for, says what to type, and has done nothing', async () => {
    const { ended, taskId, ...live } = await parked(write('a.txt'))
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(/‖ waiting for you/)
    expect(ended.stderr).toContain('→ See what waits for you: troupe approvals')
    expect(ended.stderr).toContain(`→ Go on with it: troupe resume ${taskId}`)
    const told = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '') as unknown
    expect(told).toMatchObject({
      status: 'paused',
      reason: { message: expect.stringContaining('troupe approvals') },
    })
    expect(await fileIn(live, 'a.txt')).toBeNull()
  })

  it('goes on while something else goes on, and takes an answer from another terminal meanwhile', async () => {
    const scripts = { 'Do both.': [spawning(['Read it']), write('a.txt')], 'Read it': [{ text: 'Read.' }] }
    const server = await crewServer(scripts, ['Read it'])
    const surroundings = { cwd: await workspaceOf(), environment: server.environment }
    const args = ['run', 'Do both.', '--on-ask', 'park', '--output-format', 'stream-json']
    const run = troupe.start(args, surroundings)
    await until(() => run.stdout().includes('"verdict":"ask"'), 'the task asks')
    await until(() => server.waiting().length === 1, 'the other one asks its model')
    const [, taskId = ''] = /"taskId":"([^"]+)"/.exec(run.stdout()) ?? []
    expect(await troupe.run(['approve', taskId, '--yes'], surroundings)).toMatchObject({ code: 0 })
    await until(async () => (await fileIn(surroundings, 'a.txt')) === 'x', 'the call is made')
    await server.release('Read it')
    expect((await run.ended).code).toBe(0)
  })

  it('a task that is done is done, whatever waits below it', async () => {
    const child = [calls('ask_followup_question', { question: 'Which?', options: [] })]
    const server = await crewServer({ 'Do both.': [spawning(['Ask it'], 'lead')], 'Ask it': child })
    const { code, stdout, stderr } = await troupe.run(['run', 'Do both.', '--on-ask', 'park'], {
      cwd: await workspaceOf(),
      environment: server.environment,
    })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    expect(stderr).toContain('→ Something that works for it waits for you: troupe approvals')
  })
})

describe('answered while its process is gone', () => {
  it('a yes holds when it is back, and the journal says whose it was', async () => {
    const live = await parked(write('a.txt', HOSTILE))
    const said = await live.type('approve', live.taskId, '--yes')
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining(`troupe resume ${live.taskId}`) })
    expect(await fileIn(live, 'a.txt')).toBeNull()
    const resumed = await live.type('resume', live.taskId, '--output-format', 'stream-json')
    expect(resumed.code).toBe(0)
    expect(await fileIn(live, 'a.txt')).toBe(HOSTILE)
    const { stdout } = await live.type('export', live.taskId)
    expect(stdout).toMatch(new RegExp(`"by":"terminal of ${userInfo().username} \\(\\d+\\)"`))
  })

  it('a no holds, too, and its note reaches the model', async () => {
    const live = await parked(write('a.txt'))
    const request = `${live.taskId}/1.0`
    const said = await live.typed('deny', request, '--note', 'Use another name.')
    expect(said).toEqual({ code: 0, told: { taskId: live.taskId, done: true } })
    expect((await live.typed('resume', live.taskId)).code).toBe(0)
    expect(await fileIn(live, 'a.txt')).toBeNull()
    expect(askedIn(live)).toContain('Use another name.')
  })

  it('a question is answered in words, or not at all', async () => {
    const answered = await parked(question)
    expect((await answered.typed('approve', answered.taskId, '--text', 'Straight on')).code).toBe(0)
    await answered.typed('resume', answered.taskId)
    expect(askedIn(answered)).toContain('Straight on')

    const refused = await parked(question)
    expect((await refused.typed('deny', refused.taskId)).code).toBe(0)
    await refused.typed('resume', refused.taskId)
    expect(askedIn(refused)).toContain('did not answer')
  })

  it('the first answer counts', async () => {
    const live = await parked(write('a.txt'))
    expect((await live.typed('deny', live.taskId)).code).toBe(0)
    expect(await live.typed('approve', live.taskId, '--yes')).toMatchObject({
      code: 1,
      told: { error: { code: 'call/not-asking' } },
    })
    await live.typed('resume', live.taskId)
    expect(await fileIn(live, 'a.txt')).toBeNull()
  })

  it('resume without a terminal waits on, and ends with 3 again; with --on-ask refuse it is refused', async () => {
    const live = await parked(write('a.txt'))
    expect((await live.typed('resume', live.taskId)).code).toBe(3)
    expect(live.server.requests).toHaveLength(1)
    expect((await live.typed('resume', live.taskId, '--on-ask', 'refuse')).code).toBe(0)
    expect(await fileIn(live, 'a.txt')).toBeNull()
  })
})

describe('in a terminal', () => {
  it('approve shows every byte of what would be done, and asks; no key but y is a yes', async () => {
    const live = await parked(write('a.txt', HOSTILE))
    const { environment } = live.server
    const look = async (key: string) => {
      const terminal = inTerminal(troupe, ['approve', live.taskId], { cwd: live.cwd, environment })
      await terminal.shows('y yes')
      terminal.press(key)
      const { code } = await terminal.ended
      return { code, screen: withoutLooks(terminal.screen()) }
    }
    const no = await look('n')
    expect(no.code).toBe(1)
    expect(no.screen).toContain('lead wants to run write_file')
    expect(no.screen).toContain('│ + a\\x1b[31mb\\u202ec\\x20')
    expect(no.screen).toContain('Nothing was answered; it still waits.')
    expect((await look('\x03')).screen).toContain('Nothing was answered; it still waits.')

    const yes = await look('y')
    expect(yes.code).toBe(0)
    await live.typed('resume', live.taskId)
    expect(await fileIn(live, 'a.txt')).toBe(HOSTILE)
  })

  it('approve shows a question, and takes the number of an option', async () => {
    const live = await parked(question)
    const { environment } = live.server
    const terminal = inTerminal(troupe, ['approve', live.taskId], { cwd: live.cwd, environment })
    await terminal.shows('Enter: no answer')
    terminal.press('2\r')
    expect((await terminal.ended).code).toBe(0)
    await live.typed('resume', live.taskId)
    expect(askedIn(live)).toContain('Right')
  })
})

describe('without a terminal', () => {
  it('approve wants to hear --yes, and answers nothing without it; deny shows what it denies', async () => {
    const live = await parked(write('a.txt', HOSTILE))
    expect(await live.type('approve', live.taskId)).toMatchObject({ code: 2, stdout: '' })
    expect(await live.type('approve', live.taskId, '--text', 'Yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--text answers questions'),
    })
    const denied = await live.type('deny', live.taskId)
    expect(denied.code).toBe(0)
    expect(denied.stderr).toContain('│ + a\\x1b[31mb\\u202ec\\x20')
    expect(denied.stderr).not.toContain('\x1b')
  })
})
