/** L12: whether a folder that wants more than it may is trusted is asked once, before the work begins. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, describe, it } from 'vitest'
import { builtBinary, workspaceOf } from '../cli/binary.ts'
import { inTerminal, withoutLooks } from '../cli/pseudo-terminal.ts'
import { calls, scriptedServer } from '../cli/scripted-server.ts'

const troupe = builtBinary()
const SETTINGS = { permissions: { allow: ['write_file'] }, autoResume: true }
const FILES = { '.troupe/settings.json': JSON.stringify(SETTINGS, null, 2) }
const RUN = ['run', 'Write it.', '--no-store']
const QUESTION = 'Trust exactly this?'

/** A folder that allows writing, and a model that writes. */
async function wanting(files: Readonly<Record<string, string>> = FILES) {
  const cwd = await workspaceOf(files)
  const server = await scriptedServer([calls('write_file', { path: 'note.md', content: 'a' })])
  const environment = { ...server.environment, TROUPE_HOME: `${await workspaceOf()}/home` }
  return {
    cwd,
    environment,
    server,
    run: (args: readonly string[] = RUN) => inTerminal(troupe, args, { cwd, environment }),
    alone: (args: readonly string[]) => troupe.run(args, { cwd, environment }),
  }
}

describe('the question', () => {
  it('shows what the folder wants and every byte of its files; a yes counts at once, and is not asked for again', async () => {
    const { run, alone } = await wanting()
    const terminal = run()
    await terminal.shows(QUESTION)
    const screen = withoutLooks(terminal.screen())
    expect(screen).toContain('the rule that allows write_file')
    expect(screen).toContain('autoResume, which only your own settings can say')
    expect(screen).toContain('"allow": [')
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThan(80)
    terminal.press('y')
    const { code, stdout } = await terminal.ended
    expect([code, withoutLooks(stdout)]).toEqual([0, expect.stringContaining('trusted, until one of these')])
    expect((await alone(['doctor', '--json'])).stdout).toContain('"why":"granted"')
    const again = run()
    await again.ended
    expect(again.screen()).not.toContain(QUESTION)
    expect(again.screen()).not.toContain('wants to run')
  })

  it('a no is remembered until something changes', async () => {
    const { cwd, run } = await wanting()
    const first = run()
    await first.shows(QUESTION)
    first.press('n')
    await first.shows('wants to run')
    first.press('n')
    expect((await first.ended).code).toBe(0)
    const second = run()
    await second.shows('You do not trust this folder (troupe trust)')
    await second.shows('wants to run')
    second.press('n')
    await second.ended
    expect(second.screen()).not.toContain(QUESTION)

    await writeFile(join(cwd, '.troupe/settings.json'), '{"permissions": {"mode": "acceptEdits"}}')
    const third = run()
    await third.shows(QUESTION)
    third.press('x')
    await third.shows('not trusted for now')
    await third.shows('wants to run')
    third.press('n')
    await third.ended
    const fourth = run()
    await fourth.shows(QUESTION)
    fourth.press('\x1b[A')
    await fourth.shows('not trusted for now')
  })

  it('comes before anything is asked of a model, and Ctrl-C there starts nothing', async () => {
    const { run, server } = await wanting()
    const terminal = run()
    await terminal.shows(QUESTION)
    expect(server.requests).toHaveLength(0)
    terminal.press('\x03')
    const { code, stdout } = await terminal.ended
    expect([code, withoutLooks(stdout)]).toEqual([130, expect.stringContaining('Nothing was started')])
    expect(server.requests).toHaveLength(0)
  })

  it.each([
    ['run', RUN],
    ['trust', ['trust']],
  ])('of troupe %s is not answered by what was typed before it stood there', async (_, args) => {
    const { run } = await wanting()
    const terminal = run(args)
    terminal.press('yyyy\nyyyy')
    await terminal.shows(QUESTION)
    terminal.press('n')
    await terminal.shows('not trusted, and not asked again until something changes')
    expect(terminal.screen()).not.toContain('trusted, until')
  })

  it('of more than a screen comes in pages, and there is no yes before the last', async () => {
    const long = { ...SETTINGS, permissions: { allow: Array.from({ length: 60 }, (_, at) => `tool_${at}`) } }
    const { run } = await wanting({ '.troupe/settings.json': JSON.stringify(long, null, 2) })
    const terminal = run()
    await terminal.shows('space next page')
    terminal.press('yyy ')
    for (let page = 0; page < 12 && !terminal.screen().includes(QUESTION); page += 1) {
      await terminal.shows(/space next page|Trust exactly this/)
      if (!terminal.screen().includes(QUESTION)) terminal.press(' ')
    }
    expect(terminal.screen()).toContain('tool_59')
    expect(terminal.screen()).not.toContain('trusted, until')
    terminal.press('y')
    await terminal.shows('trusted, until one of these files changes')
  })
})

describe('nobody is asked', () => {
  it.each([
    ['where the answer is JSON', ['--json']],
    ['where events are printed', ['--output-format', 'stream-json']],
    ['who wants no questions', ['--on-ask', 'refuse']],
    ['who wants no settings', ['--no-settings']],
  ])('%s', async (_, flags) => {
    const { run, alone } = await wanting()
    const terminal = run([...RUN, ...flags])
    await Promise.race([terminal.ended, terminal.shows('wants to run').then(() => terminal.press('n'))])
    await terminal.ended
    expect(terminal.screen()).not.toContain(QUESTION)
    expect((await alone(['doctor', '--json'])).stdout).toContain('"why":"none"')
  })

  it('without a terminal: it is told in one line, with what to do, and what was allowed is refused', async () => {
    const { alone } = await wanting()
    const { code, stderr } = await alone(RUN)
    const told = stderr.split('\n').filter((line) => line.includes('ignored'))
    expect(code).toBe(0)
    expect(told).toEqual([
      expect.stringMatching(/not trusted \(troupe trust\).*the rule that allows write_file/),
    ])
    expect(stderr).toMatch(/write_file +note\.md +refused/)
  })

  it('where the folder only forbids', async () => {
    const strict = { permissions: { mode: 'plan', deny: ['execute_command'], ask: ['read_file'] } }
    const { run } = await wanting({ '.troupe/settings.json': JSON.stringify(strict) })
    const terminal = run()
    expect((await terminal.ended).code).toBe(0)
    expect(terminal.screen()).not.toContain(QUESTION)
  })

  it('by a command of a task, in whatever terminal it makes for itself', async () => {
    const { cwd, environment } = await wanting()
    const marked = { ...environment, TROUPE_COMMAND: '6f1a9c3b-7d2e-4f58-9a01-b2c3d4e5f607' }
    const terminal = inTerminal(troupe, RUN, { cwd, environment: marked })
    await terminal.shows('wants to run')
    expect(terminal.screen()).not.toContain(QUESTION)
    const trusting = inTerminal(troupe, ['trust', '--yes'], { cwd, environment: marked })
    expect((await trusting.ended).code).toBe(2)
  })
})

describe('troupe trust', () => {
  it('changes a no, and takes a yes back', async () => {
    const { cwd, environment, alone, run } = await wanting()
    const decide = async (key: string) => {
      const terminal = run(['trust'])
      await terminal.shows('y yes')
      terminal.press(key)
      return (await terminal.ended).code
    }
    const why = async () => (JSON.parse((await alone(['doctor', '--json'])).stdout) as Report).trust.why
    expect([await decide('n'), await why()]).toEqual([1, 'refused'])
    expect([await decide('y'), await why()]).toEqual([0, 'granted'])
    expect([(await alone(['trust', '--revoke'])).code, await why()]).toEqual([0, 'refused'])
    expect((await troupe.run(['trust', '--revoke', '--yes'], { cwd, environment })).code).toBe(2)
  })

  it('shows settings that can’t be used, says why, and does not ask', async () => {
    const { run, alone } = await wanting({ '.troupe/settings.json': '{"permissions": {"alow": []}}' })
    const terminal = run(['trust'])
    expect((await terminal.ended).code).toBe(1)
    expect(withoutLooks(terminal.screen())).toContain('there is no key "alow"')
    const { stdout, code } = await alone(['doctor', '--json'])
    const { checks, trust } = JSON.parse(stdout) as Report
    expect([code, trust.flaw]).toEqual([1, expect.stringContaining('there is no key "alow"')])
    expect(checks).toContainEqual(expect.objectContaining({ name: 'trust', state: 'missing' }))
    const started = await alone(RUN)
    expect([started.code, started.stderr]).toEqual([
      2,
      expect.stringContaining('.troupe/settings.json: permissions'),
    ])
  })
})

interface Report {
  readonly trust: { readonly why: string; readonly flaw: string | null }
  readonly checks: readonly object[]
}
