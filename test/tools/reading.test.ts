import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toolContext } from './tool-context.ts'
import { ok, toolboxOn } from './toolbox.ts'

const lines = (count: number, text = 'line') =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1}\n`).join('')

describe('list_files', () => {
  it('gives a path, two spaces and the size, one a line', async () => {
    const { call } = await toolboxOn({ 'src/a.ts': 'x'.repeat(1234), 'b.md': '' })
    expect(await call('list_files', {})).toEqual(ok('b.md  0\nsrc/a.ts  1234'))
    expect(await call('list_files', { path: 'src', glob: '*.md' })).toEqual(ok('No files.'))
    expect(await call('list_files', { path: 'srx' })).toMatchObject({ code: 'file/not-found' })
    expect(await call('list_files', { path: '../' })).toMatchObject({ code: 'file/outside' })
  })

  it('is cut between lines where it would be more than a model is shown', async () => {
    const { root, call } = await toolboxOn()
    const name = 'n'.repeat(100)
    execFileSync('bash', ['-c', `for i in $(seq 1000); do : > ${name}$i; done`], { cwd: root })
    const { output } = (await call('list_files', {})) as { output: string }
    expect(output.length).toBeLessThan(30_000)
    const lines = output.split('\n')
    expect(lines.slice(0, -1).every((line) => /^n+\d+ {2}0$/.test(line))).toBe(true)
    expect(lines.at(-1)).toBe(`… cut at ${lines.length - 1} files; narrow it with path or glob.`)
  })

  it('says when it was cut', async () => {
    const { root, call } = await toolboxOn()
    execFileSync('bash', ['-c', 'for i in $(seq 2001); do : > f$i; done'], { cwd: root })
    const { output } = (await call('list_files', {})) as { output: string }
    expect(output.split('\n')).toHaveLength(2001)
    expect(output.endsWith('\n… cut at 2000 files; narrow it with path or glob.')).toBe(true)
    expect(await call('list_files', { glob: 'f1' })).toEqual(ok('f1  0'))
  })

  it('a name with a line feed does not look like two files', async () => {
    const { call } = await toolboxOn({ 'a\nb  9': 'x' })
    expect(await call('list_files', {})).toEqual(ok('a\\nb  9  1'))
  })
})

describe('search_files', () => {
  it('says how many files it left out because they hold secrets', async () => {
    const { call } = await toolboxOn({ '.env': 'TOKEN=word' })
    const note = '… 1 file is left out, as secrets are, or as not for this task to read.'
    for (const pattern of ['word', 'nothing'])
      expect(await call('search_files', { pattern })).toEqual(
        ok(`No matches.\n${note} Name one as path to have it asked for.`),
      )
  })

  it('counts, then gives path, line and text', async () => {
    const { call } = await toolboxOn({ 'a.ts': 'one\n  two\n', 'src/b.ts': `two${'x'.repeat(400)}` })
    expect(await call('search_files', { pattern: 'two' })).toEqual(
      ok(`2 matches in 2 files\na.ts:2:   two\nsrc/b.ts:1: two${'x'.repeat(297)}…`),
    )
    expect(await call('search_files', { pattern: 'ONE', ignore_case: true })).toEqual(
      ok('1 match in 1 file\na.ts:1: one'),
    )
    expect(await call('search_files', { pattern: 'ONE' })).toEqual(ok('No matches.'))
    expect(await call('search_files', { pattern: '(' })).toMatchObject({
      code: 'search/bad-pattern',
      message: expect.stringContaining('unclosed'),
    })
  })

  it('says when it was cut', async () => {
    const { call } = await toolboxOn({ 'a.ts': lines(600) })
    const { output } = (await call('search_files', { pattern: 'line' })) as { output: string }
    expect(output.split('\n')).toHaveLength(502)
    expect(output.startsWith('500 matches in 1 file\n')).toBe(true)
    expect(output.endsWith('\n… cut at 500 matches; narrow it with pattern, path or glob.')).toBe(true)
  })
})

describe('read_file', () => {
  it('numbers the lines, and says which of how many', async () => {
    const { call } = await toolboxOn({ 'src/a.ts': 'one\ntwo\r\n\nfour' })
    expect(await call('read_file', { path: './src//a.ts' })).toEqual(
      ok('src/a.ts (lines 1-4 of 4)\n     1\tone\n     2\ttwo\n     3\t\n     4\tfour'),
    )
    expect(await call('read_file', { path: 'src/a.ts', from: 2, lines: 1 })).toEqual(
      ok('src/a.ts (lines 2-2 of 4)\n     2\ttwo'),
    )
    expect(await call('read_file', { path: 'src/a.ts', from: 5 })).toMatchObject({ code: 'tool/bad-input' })
  })

  it('gives 2000 lines at most, and no more than will be shown whole', async () => {
    const { call } = await toolboxOn({
      'short.ts': '\n'.repeat(3000),
      'wide.ts': lines(1000, 'x'.repeat(90)),
    })
    const read = async (input: object) => ((await call('read_file', input)) as { output: string }).output
    expect(await read({ path: 'short.ts' })).toMatch(/^short\.ts \(lines 1-2000 of 3000\)\n/)
    const first = await read({ path: 'wide.ts' })
    const last = Number(/lines 1-(\d+) of 1000/.exec(first)?.[1])
    expect(last).toBeGreaterThan(200)
    expect(first.length).toBeLessThan(30_000)
    expect(first.split('\n')).toHaveLength(last + 1)
    expect(await read({ path: 'wide.ts', from: last + 1 })).toContain(`(lines ${last + 1}-`)
  })

  it('cuts an endless line and says so', async () => {
    const { call } = await toolboxOn({ 'a.js': 'x'.repeat(5000) })
    expect(await call('read_file', { path: 'a.js' })).toEqual(
      ok(`a.js (lines 1-1 of 1)\n     1\t${'x'.repeat(2000)} … (line cut; 3000 more characters)`),
    )
  })

  it.each([
    ['UTF-8', Buffer.from('é€😀\n'), '(lines 1-1 of 1)', 'é€😀'],
    ['UTF-8 with BOM', Buffer.from('\ufeffé\n'), '(lines 1-1 of 1)', 'é'],
    ['UTF-16 LE', Buffer.from('\ufeffé€😀\n', 'utf16le'), '(lines 1-1 of 1)', 'é€😀'],
    ['UTF-16 BE', Buffer.from('\ufeffé€😀\n', 'utf16le').swap16(), '(lines 1-1 of 1)', 'é€😀'],
    ['Latin-1', Buffer.from('caf\xe9 \x80\n', 'latin1'), '(lines 1-1 of 1, latin1)', 'café \x80'],
  ])('reads %s', async (_, bytes, heading, text) => {
    const { call } = await toolboxOn({ a: bytes })
    expect(await call('read_file', { path: 'a' })).toEqual(ok(`a ${heading}\n     1\t${text}`))
  })

  it('an empty file is said to be empty', async () => {
    const { call } = await toolboxOn({ 'src/a.ts': '', 'b.ts': '\ufeff' })
    expect(await call('read_file', { path: 'src/a.ts' })).toEqual(ok('src/a.ts (empty)'))
    expect(await call('read_file', { path: 'b.ts' })).toEqual(ok('b.ts (empty)'))
  })

  it('refuses what is no text, what is too large, and what is not there', async () => {
    const { root, call } = await toolboxOn({ 'a.png': 'x\0y', 'src/index.ts': 'x', 'lib/deep/util.ts': 'x' })
    execFileSync('truncate', ['-s', '11M', join(root, 'large')])
    expect(await call('read_file', { path: 'a.png' })).toMatchObject({
      code: 'file/binary',
      message: expect.stringContaining('3 bytes'),
    })
    expect(await call('read_file', { path: 'large' })).toMatchObject({ code: 'file/too-large' })
    expect(await call('read_file', { path: 'src' })).toMatchObject({ code: 'file/is-directory' })
    const meant = async (path: string) => ((await call('read_file', { path })) as { message: string }).message
    expect(await meant('src/indx.ts')).toContain('Did you mean src/index.ts?')
    expect(await meant('util.ts')).toContain('Did you mean lib/deep/util.ts?')
    expect(await meant('src/utils.ts')).toContain('Did you mean lib/deep/util.ts?')
    expect(await meant('zzzzzzzzzzz')).toContain('Use list_files')
  })

  it.each(['read_file', 'edit_file', 'apply_patch'])(
    '%s names no file that may not be shown',
    async (name) => {
      const { prepare } = await toolboxOn({
        'pay/may.txt': 'x',
        '.env': 'KEY=1',
        'src/zebra-crossing.ts': 'x',
      })
      const meant = async (path: string, mayRead: (path: string) => boolean) => {
        const patch = `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`
        const edit = { path, old_text: 'x', new_text: 'y' }
        const input = name === 'apply_patch' ? { patch } : name === 'edit_file' ? edit : { path }
        const result = await (await prepare(name, input)).run(toolContext({ mayRead }))
        return JSON.stringify(result)
      }
      expect(await meant('src/may.txt', () => true)).toContain('Did you mean pay/may.txt?')
      expect(await meant('src/may.txt', (path) => path.startsWith('src/'))).toContain('Use list_files')
      expect(await meant('src/.env', () => true)).toContain('Use list_files')
    },
  )
})
