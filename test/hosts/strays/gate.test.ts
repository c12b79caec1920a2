/** L6: that a command begins is kept before anything of it runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { CommandEnd } from '../../../src/host.ts'
import { birthByPs } from '../../../src/hosts/node/processes/birth.ts'
import { bashArguments, closeGate, GATED_STDIO, openGate } from '../../../src/hosts/node/processes/gate.ts'
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'
import type { ProcessMark } from '../../../src/protocol/journal.ts'
import { codeOf, directoryOf, never } from '../workspace.ts'
import { birthOf, groupRuns, isThere, ownersOf, runs, until } from './stage.ts'

const ownerOf = ownersOf('gate')
/** These look at processes by themselves, and only Linux shows them as files. */
const canLook = process.platform === 'linux'

type Began = (process: ProcessMark) => Promise<void>

const run = (line: string, began?: Began, asked: { cwd?: string; signal?: AbortSignal } = {}) =>
  nodeProcesses().run(
    { line, cwd: asked.cwd ?? '/', timeoutMs: 60_000, keepBytes: 100_000 },
    { signal: asked.signal ?? never, progress: () => {}, ...(began && { began }) },
  )

// See `canLook`.
describe.runIf(canLook)('a command whose beginning is kept first', () => {
  it('L6: never runs when our process dies before it is kept', async () => {
    const cwd = await directoryOf()
    const owner = await ownerOf('echo x >> side', cwd, 'hold')
    expect(runs(owner.stray.group)).toBe(true)
    await owner.kill()
    await until(() => !groupRuns(owner.stray.group))
    expect(isThere(cwd, 'side')).toBe(false)
  })

  it('never runs when it cannot be kept, and is gone when that is said', async () => {
    const cwd = await directoryOf()
    const marks: ProcessMark[] = []
    const refusing = run('echo x >> side', async (mark) => void (marks.push(mark), refuse()), { cwd })
    await expect(refusing).rejects.toThrow('could not be kept: the task is lost')
    expect(await codeOf(refusing)).toBe('command/unavailable')
    expect(marks.map(({ group }) => groupRuns(group))).toEqual([false])
    expect(isThere(cwd, 'side')).toBe(false)
  })

  it('never runs when it was stopped before that was kept, even if it is kept later', async () => {
    const cwd = await directoryOf()
    const stop = new AbortController()
    let keep = () => {}
    const began = async () => {
      stop.abort()
      await new Promise<void>((resolve) => (keep = resolve))
    }
    const end = await run('echo x >> side', began, { cwd, signal: stop.signal })
    keep()
    expect(end).toMatchObject({ why: 'stopped', output: '' })
    expect(isThere(cwd, 'side')).toBe(false)
  })

  it('is named by its group, when that began, and its mark', async () => {
    const marks: (ProcessMark & { seen: string })[] = []
    const began = async (mark: ProcessMark) => void marks.push({ ...mark, seen: birthOf(mark.group) })
    const { output } = await run('echo $$ $TROUPE_COMMAND; ps -o pgid= -p $$', began)
    const [mark] = marks
    expect(output).toMatch(new RegExp(`^${mark?.group} ${mark?.mark}\n *${mark?.group}\n$`))
    expect(mark?.startedAt).toBe(mark?.seen)
    expect(mark?.startedAt).toMatch(/^[0-9a-f-]{36}:\d+$/)
  })
})

describe('when a process began', () => {
  it('is told by `ps` where nothing else tells it', async () => {
    const birth = await birthByPs(process.pid)
    expect(birth).toMatch(/^\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4}$/)
    expect(await birthByPs(process.pid)).toBe(birth)
    const shell = spawn('true')
    await once(shell, 'exit')
    expect(await birthByPs(shell.pid ?? 0)).toBe(null)
  })
})

describe('the gate', () => {
  it.each([
    'env | sort | grep -v TROUPE_COMMAND',
    'echo "$0|$#|$-|$SHLVL|$PPID"; shopt; set -o',
    'ls /proc/self/fd 2>/dev/null; cat; echo "end of input"',
    'echo x >&3',
    '-x',
    `printf '%s\\n' 'a "quoted" $word' \`echo back\` # and a comment`,
    'if',
    'exit 3',
    'kill -KILL $$',
    'sleep 120 & true',
  ])('changes nothing of %j', async (line) => {
    const plain = ({ exitCode, signal, why, output }: CommandEnd) => ({ exitCode, signal, why, output })
    expect(plain(await run(line, async () => {}))).toEqual(plain(await run(line)))
  })

  it('counts no time of a command before it runs', async () => {
    const processes = nodeProcesses()
    const cwd = await directoryOf()
    const other = () => processes.run(command('sleep 2.1', 60_000), context())
    const command = (line: string, timeoutMs: number) => ({ line, cwd, timeoutMs, keepBytes: 100 })
    const context = (began?: Began) => ({ signal: never, progress: () => {}, ...(began && { began }) })
    const end = await processes.run(
      command('echo hi', 2000),
      context(async () => void (await other())),
    )
    expect(end).toMatchObject({ why: 'exited', output: 'hi\n' })
    expect(end.durationMs).toBeLessThan(2000)
  })

  it('stays shut once it is stopped, whatever is kept then', async () => {
    const cwd = await directoryOf()
    const stop = new AbortController()
    const shell = spawn('/bin/bash', bashArguments('/bin/bash', 'echo x >> side', true), {
      cwd,
      stdio: [...GATED_STDIO],
    })
    const gone = once(shell, 'exit')
    await openGate(shell, async () => stop.abort(), stop.signal)
    closeGate(shell)
    expect(await gone).toEqual([125, null])
    expect(isThere(cwd, 'side')).toBe(false)
  })

  it('hears of a shell that was killed behind it', async () => {
    const began = async ({ group }: ProcessMark) => {
      process.kill(group, 'SIGKILL')
      await until(() => !runs(group))
    }
    expect(await run('echo hi', began)).toMatchObject({ signal: 'SIGKILL', why: 'exited', output: '' })
  })
})

function refuse(): never {
  throw new Error('the task is lost')
}
