/** Ctrl-C and its kin: the task rests, what it started dies, and the person learns how to go on. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, processesWith, until, workspaceOf } from './binary.ts'
import { inTerminal } from './pseudo-terminal.ts'
import { calls, scriptedServer } from './scripted-server.ts'

const troupe = builtBinary()
const isAlive = async (word: string) => (await processesWith(word)).length > 0

/** A run whose command sleeps under a number that nothing else on this machine has. */
async function sleeping(script: (seconds: string) => string) {
  const seconds = `1000.${Date.now()}${Math.floor(Math.random() * 1_000)}`
  const server = await scriptedServer([calls('execute_command', { command: script(seconds) })])
  const args = ['run', 'Sleep.', '--mode', 'bypassPermissions']
  return { seconds, args, cwd: await workspaceOf(), environment: server.environment, server }
}

/** Leaves a process behind, and ends when the file `stop` is there. */
const untilStopped = (it: string) => `sleep ${it} & until [ -e stop ]; do sleep 0.05; done; echo stopped`

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s', (signal, exitCode) => {
  it(`once: pauses the task, keeps what was under way, ends with ${exitCode}, and it can be resumed`, async () => {
    const { seconds, args, cwd, environment, server } = await sleeping(untilStopped)
    const { child, ended, stderr } = troupe.start([...args, '--json'], { cwd, environment })
    await until(() => isAlive(seconds), 'the command runs')
    child.kill(signal)
    await until(() => stderr().includes('Stopping'), 'it says that it stops')
    await writeFile(join(cwd, 'stop'), '')
    const stopped = await ended
    expect(stopped.code).toBe(exitCode)
    const told = JSON.parse(stopped.stdout) as { readonly taskId: string }
    expect(told).toMatchObject({ status: 'paused', reason: { code: 'task/stopped' } })
    expect(stopped.stderr).toContain(`troupe resume ${told.taskId}`)
    expect(await isAlive(seconds)).toBe(false)
    expect(server.requests).toHaveLength(1)

    const resumed = await troupe.run(['resume', told.taskId, '--json'], { cwd, environment })
    expect(JSON.parse(resumed.stdout)).toMatchObject({ taskId: told.taskId, status: 'completed', turns: 2 })
    expect(resumed.code).toBe(0)
    expect(JSON.stringify(server.requests.at(-1)?.body.messages)).toContain('stopped')
  })

  it(`once, with --no-store: cancels the task, leaves nothing behind, ends with ${exitCode}`, async () => {
    const { seconds, args, cwd, environment } = await sleeping((it) => `sleep ${it} & sleep ${it}`)
    const { child, ended } = troupe.start([...args, '--no-store', '--json'], { cwd, environment })
    await until(() => isAlive(seconds), 'the command runs')
    child.kill(signal)
    const { code, stdout, stderr } = await ended
    expect(code).toBe(exitCode)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', reason: { code: 'task/cancelled' } })
    expect(stderr).toContain('Stopping')
    expect(stderr).toMatch(/→ .*Run the same command again/)
    expect(await isAlive(seconds)).toBe(false)
    expect(existsSync(join(cwd, '.troupe/state'))).toBe(false)
  })
})

describe('once', () => {
  it('a command that goes on is ended when its time is over, and that is kept', async () => {
    const { seconds, args, cwd, environment, server } = await sleeping((it) => `sleep ${it}`)
    const { child, ended } = troupe.start([...args, '--json'], { cwd, environment })
    await until(() => isAlive(seconds), 'the command runs')
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(130)
    expect(await isAlive(seconds)).toBe(false)
    const { taskId } = JSON.parse(stdout) as { readonly taskId: string }
    expect((await troupe.run(['resume', taskId], { cwd, environment })).code).toBe(0)
    const told = server.requests.at(-1)?.body.messages.find(({ role }) => role === 'tool')?.content
    // It is known what became of it: nothing is in doubt.
    expect(told).toMatch(/stopped/)
    expect(told).not.toMatch(/unknown/)
  }, 60_000)
})

describe('twice', () => {
  it('kills what ignores being asked, at once, and leaves with nothing but how to go on', async () => {
    const { seconds, args, cwd, environment } = await sleeping((it) => `trap '' TERM; sleep ${it}`)
    const { child, ended } = troupe.start([...args, '--json'], { cwd, environment })
    await until(() => isAlive(seconds), 'the command runs')
    // Two of a kind may come as one; these two can't.
    child.kill('SIGINT')
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect([130, 143]).toContain(code)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/Left at once\. Go on with it: troupe resume t_\w+\n$/)
    await until(async () => !(await isAlive(seconds)), 'the killed command is gone')
  })
})

describe('in a terminal', () => {
  it('Ctrl-C once pauses the task, and the terminal is as it was', async () => {
    const { seconds, args, ...rest } = await sleeping(untilStopped)
    const terminal = inTerminal(troupe, args, rest)
    await terminal.shows('execute_command')
    await until(() => isAlive(seconds), 'the command runs')
    terminal.press('\x03')
    await terminal.shows('Stopping')
    await writeFile(join(rest.cwd, 'stop'), '')
    expect((await terminal.ended).code).toBe(130)
    expect(terminal.screen()).toMatch(/paused[\s\S]*troupe resume t_/)
    expect(terminal.screen().lastIndexOf('\x1b[?25h')).toBeGreaterThan(
      terminal.screen().lastIndexOf('\x1b[?25l'),
    )
    expect(await isAlive(seconds)).toBe(false)
  })

  it('Ctrl-C twice leaves at once: nothing survives, and the cursor is back', async () => {
    const { seconds, args, ...rest } = await sleeping((it) => `trap '' TERM; sleep ${it}`)
    const terminal = inTerminal(troupe, args, rest)
    await until(() => isAlive(seconds), 'the command runs')
    await terminal.shows('execute_command')
    terminal.press('\x03\x03')
    expect((await terminal.ended).code).toBe(130)
    expect(terminal.screen()).not.toContain('✗')
    expect(terminal.screen().lastIndexOf('\x1b[?25h')).toBeGreaterThan(
      terminal.screen().lastIndexOf('\x1b[?25l'),
    )
    await until(async () => !(await isAlive(seconds)), 'the killed command is gone')
  })

  it('Ctrl-C while it asks withdraws the question and does not run the call', async () => {
    const { seconds, ...rest } = await sleeping((it) => `sleep ${it}`)
    const terminal = inTerminal(troupe, ['run', 'Sleep.'], rest)
    await terminal.shows('y yes')
    terminal.press('\x03')
    expect((await terminal.ended).code).toBe(130)
    expect(terminal.screen()).toContain('withdrawn')
    expect(await isAlive(seconds)).toBe(false)
  })
})

it('a signal before there is a prompt starts nothing', async () => {
  const server = await scriptedServer([])
  const { child, ended } = troupe.start(['run', '-'], { environment: server.environment, input: null })
  await until(() => catchesHangUp(child.pid), 'it listens to signals')
  child.kill('SIGHUP')
  const { code, stdout } = await ended
  expect({ code, stdout, requests: server.requests.length }).toEqual({ code: 129, stdout: '', requests: 0 })
})

/** Whether a process catches SIGHUP, which Node by itself does not, told by the kernel. */
async function catchesHangUp(pid: number | undefined): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const caught = BigInt(`0x${/^SigCgt:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`)
  return (caught & 1n) !== 0n
}
