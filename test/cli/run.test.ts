/** `troupe run` without a terminal: what a script may rely on. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, processesWith, workspaceOf } from './binary.ts'
import { calls, scriptedServer } from './scripted-server.ts'

const troupe = builtBinary()
const COMMANDS = [
  ...['run', 'resume', 'continue'],
  ...['tasks', 'show', 'logs', 'approvals', 'export'],
  ...['pause', 'cancel', 'message', 'approve', 'deny'],
  ...['agents', 'doctor', 'policy', 'trust'],
]

describe('what is asked', () => {
  it('fifty turns of tools through a real server end in one object on stdout', async () => {
    const cwd = await workspaceOf({ 'a.txt': 'hello\n' })
    const turns = Array.from({ length: 50 }, (_, n) => calls('read_file', { path: 'a.txt' }, `Turn ${n}.`))
    const server = await scriptedServer(turns)
    const args = ['run', '--agent', 'coder', '--model', 'gpt-test', '--output-format', 'json', 'Read it.']
    const { code, stdout } = await troupe.run(args, { cwd, environment: server.environment })

    expect(server.requests).toHaveLength(51)
    expect(new Set(server.requests.map(({ body }) => body.model))).toEqual(new Set(['gpt-test']))
    const told = JSON.parse(stdout) as Record<string, unknown>
    expect(told).toMatchObject({ status: 'completed', result: 'Done.', turns: 51 })
    expect(Object.keys(told)).toEqual(['taskId', 'status', 'result', 'turns', 'usage', 'durationMs'])
    expect(code).toBe(0)
  }, 60_000)

  it('the prompt may come from stdin, alone or as data below the argument', async () => {
    const asked = async (args: readonly string[], input: string) => {
      const server = await scriptedServer([])
      const { code } = await troupe.run(['run', ...args], { environment: server.environment, input })
      expect(code).toBe(0)
      return server.requests[0]?.body.messages.find(({ role }) => role === 'user')?.content
    }
    expect(await asked([], 'Count the files.')).toBe('Count the files.')
    expect(await asked(['-'], 'Count the files.')).toBe('Count the files.')
    const both = await asked(['Review this.'], 'diff --git a b\n')
    expect(both).toMatch(/^Review this\.\n\n.*data.*\n\ndiff --git a b\n$/s)
    expect(await asked(['Review this.'], '')).toBe('Review this.')
  })
})

describe('what is told', () => {
  it('text: the result alone on stdout, one line a call on stderr, and no control sequence', async () => {
    const cwd = await workspaceOf({ 'a.txt': 'hello\n' })
    const server = await scriptedServer([
      calls('read_file', { path: 'a.txt' }),
      calls('read_file', { path: 'b.txt' }),
    ])
    const { code, stdout, stderr } = await troupe.run(['run', 'Read.'], {
      cwd,
      environment: server.environment,
    })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' })
    const lines = stderr.split('\n').map((line) => line.trim())
    expect(lines.filter((line) => line.includes('read_file'))).toEqual([
      '✓ read_file        a.txt',
      '✗ read_file        b.txt  file/not-found',
    ])
    expect(stderr).toMatch(/✓ done {2}3 turns · 2 calls · [\d.]+k? tokens/)
    expect(stderr).not.toContain('\x1b')
  })

  it('stream-json: the events of the journal one a line without a gap, the result last', async () => {
    const server = await scriptedServer([calls('list_files', { path: '.' })])
    const args = ['run', 'List.', '--output-format', 'stream-json']
    const { code, stdout } = await troupe.run(args, {
      cwd: await workspaceOf({ a: '' }),
      environment: server.environment,
    })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; seq?: number })
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', result: 'Done.' })
    const events = lines.slice(0, -1)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['task.created', 'task.ended'])
    expect(code).toBe(0)
  })

  it('L10: nothing hostile reaches stdout or stderr raw, in any format', async () => {
    const hostile = 'a\x1b[31mb\x9bc\u202ed\u200be\x07'
    const cwd = await workspaceOf({ 'a.txt': hostile })
    for (const format of ['text', 'json', 'stream-json']) {
      const server = await scriptedServer([
        calls('read_file', { path: `no${hostile}` }, `Look: ${hostile}`),
        calls(`tool${'\u202e'}`, {}),
        calls('attempt_completion', { result: hostile }),
      ])
      const args = ['run', `Title ${hostile}`, '--verbose', '--output-format', format]
      const { stdout, stderr } = await troupe.run(args, { cwd, environment: server.environment })
      const isRaw = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/
      expect(`${stdout}${stderr}`).not.toMatch(isRaw)
      const said =
        format === 'text'
          ? stdout
          : (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { result: string }).result
      expect(said).toBe(format === 'text' ? 'a\\x1b[31mb\\x9bc\\u202ed\\u200be\\x07\n' : hostile)
    }
  })

  it('FORCE_COLOR colours plain lines, NO_COLOR and a pipe do not', async () => {
    const stderrWith = async (environment: Readonly<Record<string, string>>) => {
      const server = await scriptedServer([calls('read_file', { path: 'a' })])
      return (await troupe.run(['run', 'x'], { environment: { ...server.environment, ...environment } }))
        .stderr
    }
    expect(await stderrWith({ FORCE_COLOR: '1' })).toContain('\x1b[31m✗\x1b[0m')
    expect(await stderrWith({ NO_COLOR: '1' })).not.toContain('\x1b')
    expect(await stderrWith({})).not.toContain('\x1b')
  })

  it('the built-in model says in one line what it is, and how to use a real one', async () => {
    const cwd = await workspaceOf({ 'a.txt': 'hello\n' })
    const { code, stderr } = await troupe.run(['run', 'Survey this.', '--mode', 'acceptEdits'], { cwd })
    expect(stderr.split('\n')[0]).toMatch(/Built-in model: rules, offline.*OPENAI_API_KEY/)
    expect(code).toBe(0)
    const quiet = await troupe.run(['run', 'Survey this.', '--quiet', '--json'], { cwd })
    expect(quiet).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('without a terminal', () => {
  it('what needs a yes is refused, is not done, and the person is told how to allow it', async () => {
    const cwd = await workspaceOf()
    const write = calls('write_file', { path: 'a.txt', content: 'x' })
    const server = await scriptedServer([write])
    const refused = await troupe.run(['run', 'Write.'], { cwd, environment: server.environment })
    expect(refused.stderr).toMatch(/✗ write_file +a\.txt {2}refused/)
    expect(refused.stderr).toMatch(/1 call needed a yes.*--mode acceptEdits/)
    await expect(readFile(join(cwd, 'a.txt'))).rejects.toThrow('ENOENT')

    const allowed = await troupe.run(['run', 'Write.', '--mode', 'acceptEdits'], {
      cwd,
      environment: server.environment,
    })
    expect(allowed.stderr).toMatch(/✓ write_file +a\.txt\n/)
    expect(await readFile(join(cwd, 'a.txt'), 'utf8')).toBe('x')
  })
})

describe('exit codes', () => {
  it('1: it failed, and what to type next is said', async () => {
    const server = await scriptedServer([{ status: 401 }])
    const { code, stdout, stderr } = await troupe.run(['run', 'x', '--json'], {
      environment: server.environment,
    })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', reason: { code: 'model/unauthorised' } })
    expect(stderr).toMatch(/→ Check OPENAI_API_KEY/)
  })

  it('4: it ran out of turns', async () => {
    const server = await scriptedServer([calls('list_files', {}), calls('list_files', { path: '.' })])
    const run = await troupe.run(['run', 'x', '--json', '--max-turns', '1'], {
      environment: server.environment,
    })
    expect(run.code).toBe(4)
    expect(JSON.parse(run.stdout)).toMatchObject({ reason: { code: 'limit/turns' }, turns: 1 })
    expect(run.stderr).toContain('--max-turns')
  })

  it('4: it ran out of time, and its command is dead', async () => {
    const server = await scriptedServer([
      calls('execute_command', { command: 'sleep 1000.25 & sleep 1000.25' }),
    ])
    const args = ['run', 'x', '--json', '--mode', 'bypassPermissions', '--timeout', '1s']
    const run = await troupe.run(args, { cwd: await workspaceOf(), environment: server.environment })
    expect(run.code).toBe(4)
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
    expect(await processesWith('1000.25')).toEqual([])
  })

  it.each([
    [['run', 'x', '--agnt', 'y'], /no flag --agnt\. Did you mean "--agent"\?/],
    [['run', 'x', '--agent', 'codr'], /no agent "codr"\. Did you mean "coder"\?/],
    [['run', 'x', '--mode', 'acceptEdit'], /Did you mean "acceptEdits"\?/],
    [['run', 'x', '--timeout', '90 s'], /90s, 5m/],
    [['run', 'x', '--max-turns', '0'], /whole number/],
    [['run', 'x', '--on-ask', 'park', '--no-store'], /nothing can wait/],
    [['run', 'x', '--agent'], /--agent needs a value/],
    [['run', 'x', '--agent', '--json'], /--agent needs a value/],
    [['run', 'x', '--quiet=1'], /takes no value/],
    [['run', 'x', '--json', '--output-format', 'text'], /contradicts/],
    [['run', 'x', '--workspace', '/no/such/place'], /does not exist/],
    [['run', 'fix', 'it'], /quotes/],
    [['run', 'x', '--model', 'gpt-5'], /OPENAI_API_KEY/],
    [['run'], /What is to be done/],
    [['rn'], /no command "rn"\. Did you mean "run"\?/],
    [[], /Usage/],
  ])('2: %j is refused in words, and stdout stays empty', async (args, words) => {
    const { code, stdout, stderr } = await troupe.run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
  })

  it('a reader that goes away is no crash', async () => {
    const server = await scriptedServer([calls('list_files', {}), calls('list_files', { path: '.' })])
    const line = `"$0" "$1" run x --output-format stream-json | head -n 1 >/dev/null; exit \${PIPESTATUS[0]}`
    const env = { ...troupe.environment, ...server.environment }
    const cwd = await workspaceOf()
    const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile('bash', ['-c', line, process.execPath, troupe.main], { env, cwd }, (error, _, stderr) =>
        resolve({ code: error?.code ?? 0, stderr }),
      ).stdin?.end()
    })
    expect(ended.code).toBe(0)
    expect(ended.stderr).not.toMatch(/EPIPE|bug/)
  })
})

describe('help', () => {
  it('is exact about what there is, and loads no package', async () => {
    const bare = (args: readonly string[]) =>
      new Promise<string>((resolve, reject) =>
        execFile(process.execPath, [troupe.bareMain, ...args], (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        ),
      )
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
    expect(await bare(['--version'])).toBe(`${version}\n`)
    const commands = [...(await bare(['--help'])).matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(
      ([, name]) => name,
    )
    expect(commands).toEqual(COMMANDS)
    for (const command of commands)
      expect(await bare([command ?? '', '--help'])).toContain(`troupe ${command}`)
    // What is asked for beyond that does need the packages, so the line above proves something.
    await expect(bare(['agents'])).rejects.toThrow('ERR_MODULE_NOT_FOUND')
  })
})
