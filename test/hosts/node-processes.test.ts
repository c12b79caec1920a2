import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeProcesses, type ProcessGround } from '../../src/hosts/node-processes.ts'
import { codeOf, directoryOf, never } from './workspace.ts'

interface Asked {
  readonly cwd?: string
  readonly timeoutMs?: number
  readonly keepBytes?: number
  readonly signal?: AbortSignal
  readonly progress?: (text: string) => void
  readonly ground?: Partial<ProcessGround>
}

const run = async (line: string, asked: Asked = {}) => {
  const { cwd = '/', timeoutMs = 60_000, keepBytes = 1000, signal = never, progress = () => {} } = asked
  return nodeProcesses(asked.ground).run({ line, cwd, timeoutMs, keepBytes }, { signal, progress })
}

/** Whether it still runs; one that has ended and was not asked how does not. */
function runs(pid: string | number): boolean {
  try {
    const [state] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').slice(-1)
    return state !== undefined && !state.startsWith('Z') && !state.startsWith('X')
  } catch {
    return false
  }
}

/** Aborts as soon as the command says the word. */
function stopAt(word: string) {
  const stop = new AbortController()
  let seen = ''
  const progress = (text: string) => {
    seen += text
    if (seen.includes(word)) stop.abort()
  }
  return { signal: stop.signal, progress }
}

describe('a command', () => {
  it('says how it ended and what it printed', async () => {
    expect(await run('echo hi; exit 3')).toMatchObject({
      exitCode: 3,
      signal: null,
      why: 'exited',
      output: 'hi\n',
      bytesDropped: 0,
    })
    expect(await run('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL', why: 'exited' })
    expect(await run('if')).toMatchObject({ exitCode: 2, why: 'exited' })
  })

  it('runs where it is told to, with nothing to read', async () => {
    const root = await directoryOf()
    expect((await run('pwd; cat', { cwd: root })).output).toBe(`${root}\n`)
  })

  it('merges both streams in the order of arrival, and shows them while it runs', async () => {
    const root = await directoryOf()
    let shown = ''
    // It goes on only when what it said has arrived.
    const progress = (text: string) => {
      shown += text
      writeFileSync(join(root, text.trim()), '')
    }
    const until = (word: string) => `until [ -e ${word} ]; do sleep 0.01; done`
    const line = `echo one; ${until('one')}; echo two >&2; ${until('two')}; echo three`
    const { output } = await run(line, { cwd: root, progress })
    expect(output).toBe('one\ntwo\nthree\n')
    expect(shown).toBe(output)
  })

  it('takes a line that begins with a dash for a line', async () => {
    expect(await run('-x; echo still here')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('still here'),
    })
  })

  it('reads no startup file, whatever the environment says', async () => {
    const root = await directoryOf({
      evil: 'echo evil\n',
      '.bashrc': 'echo evil\n',
      '.bash_profile': 'echo evil\n',
    })
    const environment = {
      ...process.env,
      BASH_ENV: `${root}/evil`,
      ENV: `${root}/evil`,
      HOME: root,
      'BASH_FUNC_echo%%': '() { printf evil; }',
    }
    expect((await run('echo good', { ground: { environment } })).output).toBe('good\n')
  })

  it('inherits no secret', async () => {
    const environment = {
      PATH: process.env['PATH'],
      MY_API_KEY: 'secret-1',
      OPENAI_BASE_URL: 'secret-2',
      GH_TOKEN: 'secret-3',
      PLAIN: 'plain',
    }
    const { output } = await run('env', { ground: { environment } })
    expect(output).toContain('PLAIN=plain')
    expect(output).not.toContain('secret')
  })

  it('keeps the beginning and the end of endless output, and nothing else', async () => {
    const { output, bytesDropped, exitCode } = await run(
      'echo first; yes €uro | head -c 30100000; echo; echo last',
      { keepBytes: 1000 },
    )
    expect(exitCode).toBe(0)
    expect(output.startsWith('first\n')).toBe(true)
    expect(output.endsWith('\nlast\n')).toBe(true)
    expect(Buffer.byteLength(output)).toBeLessThan(2100)
    expect(bytesDropped).toBeGreaterThan(29_990_000)
    expect(output).toContain(`… ${bytesDropped} bytes dropped here …`)
    expect(output).not.toContain('\ufffd')
  })
})

describe('nothing outlives its command', () => {
  it('what it left in the background is ended, and not waited for', async () => {
    const { output, durationMs } = await run('sleep 120 & echo $!; echo hi')
    const [pid = '', word] = output.split('\n')
    expect(word).toBe('hi')
    expect(runs(pid)).toBe(false)
    expect(durationMs).toBeLessThan(15_000)
  })

  it('also when it has closed its pipes and will not hear: the group is dead when it settles', async () => {
    const { output } = await run('(trap "" TERM; exec >/dev/null 2>&1; sleep 120; true) & echo $!')
    expect(runs(output.trim())).toBe(false)
  })

  it.each([
    ['setsid', 'setsid sleep 120 >/dev/null 2>&1 & echo $!; sleep 0.1'],
    ['a double fork', '(setsid bash -c "sleep 120 >/dev/null 2>&1 & echo \\$!" &) | cat'],
  ])('what left the group by %s goes with it', async (_, line) => {
    const { output, durationMs } = await run(line)
    expect(output).toMatch(/^\d+\n$/)
    if (process.platform === 'linux') expect(runs(output.trim())).toBe(false)
    expect(durationMs).toBeLessThan(15_000)
  })

  it('a process that left the group and its mark, and holds the pipe, keeps nobody waiting', async () => {
    const root = await directoryOf()
    const line =
      'env -u TROUPE_COMMAND setsid bash -c "echo \\$\\$ > pid; exec sleep 120" & while [ ! -s pid ]; do sleep 0.01; done; cat pid; echo hi'
    const { output, durationMs } = await run(line, { cwd: root })
    const pid = Number.parseInt(output)
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    expect(output).toBe(`${pid}\nhi\n`)
    expect(durationMs).toBeLessThan(15_000)
    expect(runs(pid)).toBe(true)
  })

  it('on a time limit the whole group goes', async () => {
    const end = await run('sleep 120 & echo $!; (sleep 120; true) & echo $!; wait', { timeoutMs: 3000 })
    expect(end.why).toBe('timedOut')
    expect(end.output.trim().split('\n').map(runs)).toEqual([false, false])
  })

  it('when stopped it may put its things in order first', async () => {
    const line = "trap 'echo bye; exit 7' TERM; echo ready; for _ in $(seq 2000); do sleep 0.02; done"
    const end = await run(line, { ...stopAt('ready'), ground: { termGraceMs: 15_000 } })
    expect(end).toMatchObject({ why: 'stopped', exitCode: 7 })
    expect(end.output).toContain('bye')
  })

  it('also what job control put into a group of its own, its mark taken away', async () => {
    const root = await directoryOf()
    const sleeper = 'env -u TROUPE_COMMAND bash -c "> on; exec sleep 120"'
    const line = `set -m; ${sleeper} & echo $!; while [ ! -e on ]; do sleep 0.01; done; echo hi`
    const { output } = await run(line, { cwd: root })
    expect(output).toMatch(/^\d+\nhi\n$/)
    expect(runs(Number.parseInt(output))).toBe(false)
  })

  it('when stopped and it will not, the whole group is killed', async () => {
    const end = await run(
      "trap '' TERM; (trap '' TERM; sleep 120; true) & echo $!; echo ready; for _ in $(seq 2000); do sleep 0.02; done",
      stopAt('ready'),
    )
    expect(end).toMatchObject({ why: 'stopped', exitCode: null, signal: 'SIGKILL' })
    expect(runs(end.output.split('\n')[0] ?? '')).toBe(false)
  })

  it('a command that was stopped before it began does not begin', async () => {
    expect(await run('echo hi', { signal: AbortSignal.abort() })).toMatchObject({
      why: 'stopped',
      output: '',
    })
  })

  it('all can be killed at once, without waiting', async () => {
    const processes = nodeProcesses()
    const starts: (() => void)[] = []
    const started = Array.from({ length: 3 }, () => new Promise<void>((resolve) => starts.push(resolve)))
    const ends = starts.map((start) =>
      processes.run(
        { line: 'trap "" TERM; echo on; sleep 120; true', cwd: '/', timeoutMs: 60_000, keepBytes: 100 },
        { signal: never, progress: start },
      ),
    )
    await Promise.all(started)
    processes.killAll()
    expect((await Promise.all(ends)).map((end) => end.signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL'])
    processes.killAll()
  })

  it('says nothing of what it wrote twice, and loses nothing, when many end at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => run(`seq 1 2000; echo end ${n}`, { keepBytes: 100_000 })),
    )
    const numbers = Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join('')
    expect(all.map((end) => end.output)).toEqual(all.map((_, n) => `${numbers}end ${n}\n`))
  })
})

describe('a command that cannot start', () => {
  it.each([
    ['no bash', 'echo', { ground: { bash: null } }],
    ['a bash that is gone', 'echo', { ground: { bash: '/nowhere/bash' } }],
    ['no directory', 'echo', { cwd: '/nowhere' }],
    ['a line with a NUL', 'echo \0', {}],
    ['a line longer than the system takes', `echo ${'x'.repeat(3_000_000)}`, {}],
  ])('%s', async (_, line, asked) => {
    expect(await codeOf(run(line, asked))).toBe('command/unavailable')
  })
})
