import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../src/tools/text/encoding.ts'
import { toolContext } from './tool-context.ts'
import { ok, toolboxOn, type Toolbox } from './toolbox.ts'

const textAt = ({ root }: Toolbox, path: string) => readFile(join(root, path), 'utf8')

describe('write_file', () => {
  it('makes a new file, and its directories', async () => {
    const tools = await toolboxOn()
    expect(await tools.call('write_file', { path: './src/a.ts', content: 'héllo' })).toEqual(
      ok('Wrote src/a.ts (6 bytes, new).'),
    )
    expect(await textAt(tools, 'src/a.ts')).toBe('héllo')
  })

  it('replaces only what this task has read', async () => {
    const tools = await toolboxOn({ 'a.ts': 'old' })
    const write = (taskId?: string) =>
      tools.call('write_file', { path: 'a.ts', content: 'new' }, taskId ? { taskId } : {})
    expect(await write()).toMatchObject({
      code: 'file/not-read',
      message: expect.stringContaining('read_file'),
    })
    await tools.call('read_file', { path: 'a.ts' }, { taskId: 't2' })
    expect(await write()).toMatchObject({ code: 'file/not-read' })
    expect(await textAt(tools, 'a.ts')).toBe('old')
    expect(await write('t2')).toEqual(ok('Wrote a.ts (3 bytes, replaced).'))
  })

  it('replaces nothing that has changed since', async () => {
    const tools = await toolboxOn({ 'a.ts': 'old' })
    await tools.call('read_file', { path: 'a.ts' })
    await writeFile(join(tools.root, 'a.ts'), 'theirs')
    expect(await tools.call('write_file', { path: 'a.ts', content: 'mine' })).toMatchObject({
      code: 'file/changed',
    })
    expect(await textAt(tools, 'a.ts')).toBe('theirs')
  })

  it('may go on with what it wrote itself', async () => {
    const tools = await toolboxOn()
    await tools.call('write_file', { path: 'a.ts', content: 'one' })
    expect(await tools.call('write_file', { path: 'a.ts', content: 'two' })).toEqual(
      ok('Wrote a.ts (3 bytes, replaced).'),
    )
  })

  it('L6: repeated after a crash it finds its own work', async () => {
    const tools = await toolboxOn({ 'a.ts': 'mine' })
    expect(await tools.call('write_file', { path: 'a.ts', content: 'mine' })).toEqual(
      ok('Wrote a.ts (4 bytes, replaced).'),
    )
  })

  it('what was read by one name may be written by another', async () => {
    const tools = await toolboxOn({ 'src/a.ts': 'old' })
    await symlink('src', join(tools.root, 'link'))
    await tools.call('read_file', { path: 'link/a.ts' })
    expect(await tools.call('write_file', { path: 'src/a.ts', content: 'new' })).toMatchObject({ kind: 'ok' })
  })
})

describe('edit_file', () => {
  const edited = async (content: string | Uint8Array, edit: object) => {
    const tools = await toolboxOn({ 'a.ts': content })
    await tools.call('read_file', { path: 'a.ts' })
    const result = await tools.call('edit_file', { path: 'a.ts', ...edit })
    return { tools, result, bytes: await readFile(join(tools.root, 'a.ts')) }
  }

  it('replaces exactly what it is given, dollar signs and all', async () => {
    const { result, bytes } = await edited('a $1 b\n', { old_text: '$1', new_text: "$& $' $$" })
    expect(result).toEqual(ok('Edited a.ts (1 replacement).'))
    expect(bytes.toString()).toBe("a $& $' $$ b\n")
  })

  it('replaces all when asked to, and else wants one place', async () => {
    const edit = { old_text: 'x', new_text: 'y' }
    const { result, bytes } = await edited('x\nb\nx x\n', edit)
    expect(result).toMatchObject({
      code: 'file/ambiguous',
      message: expect.stringContaining('3 times (from lines 1, 3, 3)'),
    })
    expect(bytes.toString()).toBe('x\nb\nx x\n')
    expect((await edited('x\nb\nx x\n', { ...edit, replace_all: true })).result).toEqual(
      ok('Edited a.ts (3 replacements).'),
    )
  })

  it('names the closest line where nothing fits', async () => {
    const { result } = await edited('one\n  const total = sum(items)\n', {
      old_text: 'const total = sum(item)',
      new_text: 'x',
    })
    expect(result).toMatchObject({
      code: 'file/no-match',
      message: expect.stringContaining('The closest line is 2: "  const total = sum(items)"'),
    })
  })

  it('is refused when the file was never read, or changed since', async () => {
    const tools = await toolboxOn({ 'a.ts': 'one' })
    const edit = () => tools.call('edit_file', { path: 'a.ts', old_text: 'one', new_text: 'two' })
    expect(await edit()).toMatchObject({ code: 'file/not-read' })
    await tools.call('read_file', { path: 'a.ts' })
    await writeFile(join(tools.root, 'a.ts'), 'one and theirs')
    expect(await edit()).toMatchObject({ code: 'file/changed' })
    expect(await textAt(tools, 'a.ts')).toBe('one and theirs')
  })

  it('edits again what it edited', async () => {
    const { tools } = await edited('one', { old_text: 'one', new_text: 'two' })
    expect(await tools.call('edit_file', { path: 'a.ts', old_text: 'two', new_text: 'three' })).toMatchObject(
      { kind: 'ok' },
    )
    expect(await tools.call('write_file', { path: 'a.ts', content: 'four' })).toMatchObject({ kind: 'ok' })
  })

  it.each([
    ['CRLF', Buffer.from('one\r\ntwo\r\nthree\r\n'), Buffer.from('1\r\n2\r\nthree\r\n')],
    ['a BOM', Buffer.from('\ufeffone\ntwo\n'), Buffer.from('\ufeff1\n2\n')],
    ['UTF-16 LE', Buffer.from('\ufeffone\r\ntwo\r\n', 'utf16le'), Buffer.from('\ufeff1\r\n2\r\n', 'utf16le')],
    [
      'UTF-16 BE',
      Buffer.from('\ufeffone\ntwo\n', 'utf16le').swap16(),
      Buffer.from('\ufeff1\n2\n', 'utf16le').swap16(),
    ],
    ['Latin-1', Buffer.from('one\ntwo\n\xe9\x80\n', 'latin1'), Buffer.from('1\n2\n\xe9\x80\n', 'latin1')],
  ])('keeps %s', async (_, before, after) => {
    const { result, bytes } = await edited(before, { old_text: 'one\ntwo\n', new_text: '1\n2\n' })
    expect(result).toMatchObject({ kind: 'ok' })
    expect(bytes).toEqual(after)
  })

  it('writes nothing that the encoding has no letter for', async () => {
    const { result } = await edited(Buffer.from('one \xe9', 'latin1'), { old_text: 'one', new_text: '€' })
    expect(result).toMatchObject({ code: 'tool/bad-input', message: expect.stringContaining('Latin-1') })
  })

  it('L6: after a crash the content says what became of it', async () => {
    const reconciled = async (content: string, edit = { old_text: 'one', new_text: 'two' }) => {
      const tools = await toolboxOn({ 'a.ts': content })
      const { reconcile } = await tools.prepare('edit_file', { path: 'a.ts', ...edit })
      return reconcile?.(toolContext({}, tools.memory()))
    }
    expect(await reconciled('a two b')).toMatchObject({ kind: 'ok' })
    expect(await reconciled('a one b')).toMatchObject({ kind: 'failed', code: 'tool/not-done' })
    expect(await reconciled('one two')).toMatchObject({ kind: 'unknown' })
    expect(await reconciled('neither')).toMatchObject({ kind: 'unknown' })
    expect(await reconciled('one one', { old_text: 'one', new_text: 'one one' })).toMatchObject({
      kind: 'unknown',
    })
    expect(await reconciled('one\0')).toMatchObject({ kind: 'unknown' })
  })
})

it('any bytes that are text are the same bytes after being read and written', () => {
  const prefix = fc.constantFrom<number[]>([], [0xff, 0xfe], [0xfe, 0xff], [0xef, 0xbb, 0xbf])
  fc.assert(
    fc.property(prefix, fc.uint8Array({ min: 1, maxLength: 60 }), (bom, rest) => {
      const bytes = Uint8Array.from([...bom, ...rest])
      const decoded = decode(bytes)
      if (decoded) expect(encode(decoded.text, decoded.encoding)).toEqual(bytes)
    }),
    { numRuns: 500 },
  )
})
