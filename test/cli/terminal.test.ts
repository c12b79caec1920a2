/** `troupe run` in a real terminal: the live view, approvals, questions. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBinary, workspaceOf } from './binary.ts'
import { inTerminal, withoutLooks } from './pseudo-terminal.ts'
import { calls, scriptedServer } from './scripted-server.ts'

const troupe = builtBinary()
const HOSTILE = 'echo a\x1b]0;owned\x07b\u202ec\u200bd\ttab \x9b31m\nrm -rf x \n'

async function started(
  answers: Parameters<typeof scriptedServer>[0],
  args: readonly string[] = [],
  size = {},
) {
  const server = await scriptedServer(answers)
  const cwd = await workspaceOf()
  const prompt = 'A title that is far too long for any terminal of sixty columns, 和宽字符 as well'
  const { environment } = server
  return {
    server,
    cwd,
    terminal: inTerminal(troupe, ['run', prompt, ...args], { cwd, environment, ...size }),
  }
}

describe('the live view', () => {
  it('draws in place, inside the width, tells calls above, and gives the cursor back', async () => {
    const answers = [
      calls('list_files', { path: '.' }, '先看. I look around.'),
      calls('read_file', { path: 'x/很长的路径/'.repeat(9) }),
    ]
    const { terminal } = await started(answers, [], { columns: 60, rows: 12 })
    expect((await terminal.ended).code).toBe(0)
    const screen = terminal.screen()
    expect(screen).toContain('\x1b[?25l')
    expect(screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(screen.lastIndexOf('\x1b[?25l'))
    expect(withoutLooks(screen)).toMatch(/✓ list_files/)
    expect(withoutLooks(screen)).toMatch(/✗ read_file.*file\/not-found/)
    expect(withoutLooks(screen)).toMatch(/✓ done[\s\S]*Done\.\n$/)
    const tooWide = withoutLooks(screen)
      .split(/\r?\n|\r/)
      .filter((line) => columnsOf(line) > 60)
    expect(tooWide.filter((line) => !line.includes('A title'))).toEqual([])
    expect(tooWide).toEqual([])
  })

  it('NO_COLOR: still live, without a colour; TERM=dumb: not one control sequence', async () => {
    const { terminal } = await started([calls('list_files', {}), calls('read_file', { path: 'a' })], [], {})
    await terminal.ended
    expect(terminal.screen()).toMatch(/\x1b\[3\dm/)
    const plain = async (extra: Record<string, string>) => {
      const server = await scriptedServer([calls('read_file', { path: 'a' })])
      const run = inTerminal(troupe, ['run', 'x'], {
        cwd: await workspaceOf(),
        environment: { ...server.environment, ...extra },
      })
      await run.ended
      return run.screen()
    }
    const uncoloured = await plain({ NO_COLOR: '1' })
    expect(uncoloured).not.toMatch(/\x1b\[[\d;]*m/)
    expect(uncoloured).toContain('\x1b[?25l')
    expect(await plain({ TERM: 'dumb' })).not.toContain('\x1b')
  })

  it('L10: what a model and a tool say can’t move the cursor, set a title or turn the text round', async () => {
    const { terminal } = await started(
      [
        calls(`no\x1b[2Jsuch\u202e`, {}, HOSTILE),
        calls('execute_command', {
          command: `printf '\\033]0;owned\\007\\033[2J'; printf '\\342\\200\\256'`,
        }),
        calls('attempt_completion', { result: HOSTILE }),
      ],
      ['--mode', 'bypassPermissions', '--verbose'],
    )
    expect((await terminal.ended).code).toBe(0)
    expect(withoutLooks(terminal.screen())).not.toMatch(
      /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]/,
    )
    expect(terminal.screen()).not.toContain('\x1b[2J')
    expect(withoutLooks(terminal.screen())).toContain('a\\x1b]0;owned\\x07b\\u202ec\\u200bd')
  })
})

describe('approvals', () => {
  it('show every byte of what would be done, and yes does it', async () => {
    const { terminal, cwd } = await started(
      [calls('write_file', { path: 'a\u200b.txt', content: HOSTILE })],
      ['--agent', 'coder'],
    )
    await terminal.shows('y yes')
    const shown = withoutLooks(terminal.screen())
    expect(shown).toContain('coder wants to run write_file')
    expect(shown).toContain('a\\u200b.txt')
    expect(shown).toContain('│ + echo a\\x1b]0;owned\\x07b\\u202ec\\u200bd\\ttab \\x9b31m\n')
    expect(shown).toContain('│ + rm -rf x\\x20\n')
    expect(shown).not.toContain('no line break at the end')
    terminal.press('y')
    expect((await terminal.ended).code).toBe(0)
    expect(await readFile(join(cwd, 'a\u200b.txt'), 'utf8')).toBe(HOSTILE)
  })

  it('are paged, not cut: nobody can say yes before the last row was on the screen', async () => {
    const content = Array.from({ length: 60 }, (_, n) => `row-${n} ${'x'.repeat(n * 3)}|end-${n}`).join('\n')
    const { terminal, cwd } = await started([calls('write_file', { path: 'a.txt', content })], [], {
      columns: 60,
      rows: 20,
    })
    await terminal.shows('space next page')
    expect(terminal.screen()).not.toContain('end-59')
    terminal.press('y')
    for (let page = 0; !/y yes/.test(terminal.screen()); page++) {
      expect(page).toBeLessThan(30)
      terminal.press(' ')
      await terminal.shows(/space next page|y yes/)
    }
    const text = withoutLooks(terminal.screen()).replace(/\n {2}┊ {3}/g, '')
    for (const line of content.split('\n')) expect(text).toContain(`│ + ${line}`)
    await expect(readFile(join(cwd, 'a.txt'))).rejects.toThrow('ENOENT')
    terminal.press('y')
    await terminal.ended
    expect(await readFile(join(cwd, 'a.txt'), 'utf8')).toBe(content)
  })

  it('no is no, a note reaches the model, and what was typed before the question is no answer', async () => {
    const write = (path: string) => calls('write_file', { path, content: 'x' })
    const { terminal, cwd, server } = await started([write('one.txt'), write('two.txt')])
    await terminal.shows('y yes')
    // No key, then no; what follows comes before the next question, which takes a turn of the model.
    terminal.press('qnyyy')
    await terminal.shows('refused')
    await terminal.shows('y yes')
    terminal.press('N')
    await terminal.shows('Note for the agent')
    terminal.press('Use another name.\r')
    expect((await terminal.ended).code).toBe(0)
    const told = server.requests
      .at(-1)
      ?.body.messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content)
    expect(told).toHaveLength(2)
    expect(told?.[1]).toContain('Use another name.')
    await expect(readFile(join(cwd, 'one.txt'))).rejects.toThrow('ENOENT')
    await expect(readFile(join(cwd, 'two.txt'))).rejects.toThrow('ENOENT')
  })

  it('c cancels the task: the model is not asked again', async () => {
    const { terminal, server } = await started([calls('write_file', { path: 'a', content: 'x' })])
    await terminal.shows('y yes')
    terminal.press('c')
    expect((await terminal.ended).code).toBe(130)
    expect(server.requests).toHaveLength(1)
  })

  it('--on-ask refuse asks nobody, also where there is somebody', async () => {
    const { terminal } = await started(
      [calls('write_file', { path: 'a', content: 'x' })],
      ['--on-ask', 'refuse'],
    )
    expect((await terminal.ended).code).toBe(0)
    expect(withoutLooks(terminal.screen())).toMatch(/✗ write_file +a {2}refused/)
    expect(terminal.screen()).not.toContain('y yes')
  })
})

describe('questions', () => {
  const question = (options: readonly string[]) =>
    calls('ask_followup_question', { question: 'Which \x1b[2Jway?', options })
  const answerTo = async (keys: string) => {
    const { terminal, server } = await started([question(['The first way', 'The second way'])])
    await terminal.shows('Enter: no answer')
    expect(withoutLooks(terminal.screen())).toContain('Which \\x1b[2Jway?')
    terminal.press(keys)
    await terminal.ended
    return server.requests.at(-1)?.body.messages.find(({ role }) => role === 'tool')?.content
  }

  it('are answered by the number of an option, in free words, or not at all', async () => {
    expect(await answerTo('2\r')).toContain('The second way')
    expect(await answerTo('A third way\r')).toContain('A third way')
    expect(await answerTo('\r')).toContain('did not answer')
  })
})

/** Wide enough to be wrong by no column: the characters of this file's texts. */
function columnsOf(line: string): number {
  return Array.from(line).reduce((sum, character) => sum + (/\p{Script=Han}/u.test(character) ? 2 : 1), 0)
}
