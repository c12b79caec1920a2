import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../../src/errors.ts'
import type { Files } from '../../src/host.ts'
import { toolContext } from './tool-context.ts'
import { ok, toolboxOn } from './toolbox.ts'

const patchOf = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n')

/** What a workspace holds after a patch, and what the tool said. */
async function patched(
  content: Readonly<Record<string, string>>,
  patch: string,
  wrap?: (files: Files) => Files,
) {
  const tools = await toolboxOn(content, wrap)
  const result = await tools.call('apply_patch', { patch })
  const names = (await readdir(tools.root, { recursive: true, withFileTypes: true })).filter((it) =>
    it.isFile(),
  )
  const files: Record<string, string> = {}
  for (const { parentPath, name } of names) {
    const path = join(parentPath, name)
    files[path.slice(tools.root.length + 1)] = await readFile(path, 'utf8')
  }
  return { tools, result, files }
}

const BEFORE = { 'src/a.ts': 'one\ntwo\nthree\nfour\n', 'b.ts': 'b\n', 'c.ts': 'c\n' }

describe('apply_patch', () => {
  it('adds, updates, moves and deletes, all in one', async () => {
    const patch = patchOf(
      '*** Update File: src/a.ts',
      '@@',
      ' one',
      '-two',
      '+2',
      '+2.5',
      ' three',
      '@@',
      '-four',
      '+4',
      '*** Add File: new/d.ts',
      '+d',
      '+',
      '+e',
      '*** Update File: b.ts',
      '*** Move to: lib/b.ts',
      '@@',
      '-b',
      '+B',
      '*** Delete File: c.ts',
    )
    const { result, files } = await patched(BEFORE, patch)
    expect(result).toEqual(
      ok('Applied the patch to 4 files:\nM src/a.ts\nA new/d.ts\nR b.ts -> lib/b.ts\nD c.ts'),
    )
    expect(files).toEqual({
      'src/a.ts': 'one\n2\n2.5\nthree\n4\n',
      'new/d.ts': 'd\n\ne\n',
      'lib/b.ts': 'B\n',
    })
  })

  it('finds the place below the anchors', async () => {
    const text = 'class A\n  f\n    x\nclass B\n  f\n    x\n  g\n    x\n'
    const patch = patchOf('*** Update File: a', '@@ class B', '@@   g', '-    x', '+    y')
    expect((await patched({ a: text }, patch)).files['a']).toBe(text.replace(/x\n$/, 'y\n'))
    const first = patchOf('*** Update File: a', '@@ class B', '-    x', '+    y')
    expect((await patched({ a: text }, first)).files['a']).toBe(
      'class A\n  f\n    x\nclass B\n  f\n    y\n  g\n    x\n',
    )
  })

  it.each([
    ['below its anchor', ['@@ one', '+1.5'], 'one\n1.5\ntwo\n'],
    ['at the end without one', ['@@', '+three'], 'one\ntwo\nthree\n'],
    ['at the end of file', ['@@', ' two', '+three', '*** End of File'], 'one\ntwo\nthree\n'],
    ['without an @@ line', ['-one', '+1'], '1\ntwo\n'],
  ])('puts lines in %s', async (_, lines, after) => {
    expect((await patched({ a: 'one\ntwo\n' }, patchOf('*** Update File: a', ...lines))).files['a']).toBe(
      after,
    )
  })

  it('End of File means the last of several places', async () => {
    const patch = patchOf('*** Update File: a', '@@', '-x', '+y', '*** End of File')
    expect((await patched({ a: 'x\nx\nx\n' }, patch)).files['a']).toBe('x\nx\ny\n')
  })

  it('forgives white space in the context, and keeps what the file has', async () => {
    const patch = patchOf('*** Update File: a', '@@', ' one', '-two', '+2', '', ' four')
    expect((await patched({ a: '\tone  \ntwo \n\n  four\n' }, patch)).files['a']).toBe(
      '\tone  \n2\n\n  four\n',
    )
  })

  it('keeps line endings, BOM, and a missing last line feed', async () => {
    const patch = patchOf('*** Update File: a', '@@', ' one', '-two', '+2', '+3')
    expect((await patched({ a: '\ufeffone\r\ntwo\r\n' }, patch)).files['a']).toBe('\ufeffone\r\n2\r\n3\r\n')
    expect((await patched({ a: 'one\ntwo' }, patch)).files['a']).toBe('one\n2\n3')
  })

  it.each([
    ['no begin', 'hello', 'patch/malformed', 'begins with'],
    ['no end', '*** Begin Patch\n*** Delete File: b.ts', 'patch/malformed', 'ends with'],
    ['nothing in it', patchOf(''), 'patch/malformed', 'names no file'],
    ['an unknown section', patchOf('*** Rename File: b.ts'), 'patch/malformed', 'Line 2'],
    ['no path', patchOf('*** Add File: '), 'patch/malformed', 'path is missing'],
    ['a new file without +', patchOf('*** Add File: d', 'text'), 'patch/malformed', 'begins with +'],
    [
      'an update of nothing',
      patchOf('*** Update File: b.ts'),
      'patch/malformed',
      'nothing is said to change',
    ],
    ['a hunk of nothing', patchOf('*** Update File: b.ts', '@@', ' b'), 'patch/malformed', 'hunk 1 of b.ts'],
    [
      'a line without a mark',
      patchOf('*** Update File: b.ts', '@@', '-b', 'x'),
      'patch/malformed',
      'hunk 1 of b.ts',
    ],
    [
      'a file twice',
      patchOf('*** Delete File: b.ts', '*** Update File: ./b.ts', '@@', '-b', '+x'),
      'patch/malformed',
      'b.ts twice',
    ],
    ['a file that is there', patchOf('*** Add File: b.ts', '+x'), 'patch/no-match', 'exists'],
    ['a move onto another', patchOf('*** Update File: b.ts', '*** Move to: c.ts'), 'patch/no-match', 'c.ts'],
    ['a file that is not there', patchOf('*** Delete File: bb.ts'), 'file/not-found', 'Did you mean b.ts?'],
    ['a path outside', patchOf('*** Add File: ../x', '+x'), 'file/outside', '../x'],
    ['a move outside', patchOf('*** Update File: b.ts', '*** Move to: /etc/x'), 'file/outside', '/etc/x'],
    [
      'lines that are not there',
      patchOf('*** Update File: src/a.ts', '@@', '-one', '+1', '@@', '-thre', '+3'),
      'patch/no-match',
      'Hunk 2 of src/a.ts',
    ],
    [
      'an anchor that is not there',
      patchOf('*** Update File: b.ts', '@@ class X', '-b', '+1'),
      'patch/no-match',
      'class X',
    ],
    [
      'lines above the hunk before',
      patchOf('*** Update File: src/a.ts', '@@', '-four', '+4', '@@', '-one', '+1'),
      'patch/no-match',
      'Hunk 2',
    ],
  ])('%s: nothing is changed, and the error says where', async (_, patch, code, message) => {
    const good = '*** Add File: first.ts\n+x'
    const whole = patch.startsWith('*** Begin Patch\n*** ')
      ? patch.replace('*** Begin Patch', `*** Begin Patch\n${good}`)
      : patch
    for (const one of [patch, whole]) {
      const { result, files } = await patched(BEFORE, one)
      expect(result).toMatchObject({ kind: 'failed', code })
      if (one === patch) expect(result).toMatchObject({ message: expect.stringContaining(message) })
      expect(files).toEqual(BEFORE)
    }
  })

  it('a hunk that fits in several places is refused, not guessed', async () => {
    const { result, files } = await patched(
      { a: 'x\ny\nx\n' },
      patchOf('*** Update File: a', '@@', '-x', '+z'),
    )
    expect(result).toMatchObject({ code: 'file/ambiguous', message: expect.stringContaining('lines 1, 3') })
    expect(files).toEqual({ a: 'x\ny\nx\n' })
  })

  it('a hunk made to keep the runtime busy is refused in time', async () => {
    const lines = Array.from({ length: 30_000 }, () => '-a')
    const patch = patchOf('*** Update File: a', '@@', ...lines, '-b', '+c')
    expect((await patched({ a: 'a\n'.repeat(100_000) }, patch)).result).toMatchObject({
      code: 'patch/no-match',
    })
  })

  it('never rejects, whatever the patch', async () => {
    const tools = await toolboxOn(BEFORE)
    const line = fc.oneof(
      fc.constantFrom(
        '*** Begin Patch',
        '*** End Patch',
        '*** Add File: x',
        '*** Update File: b.ts',
        '*** Delete File: c.ts',
      ),
      fc.constantFrom('*** Move to: y', '@@', '@@ b', '-b', '+z', ' b', '', '*** End of File'),
      fc.string({ maxLength: 10 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const { kind } = await tools.tool('apply_patch').prepare({ patch: patchOf(...lines) })
        expect(['prepared', 'failed']).toContain(kind)
      }),
      { numRuns: 500 },
    )
  })
})

describe('all or nothing', () => {
  const patch = patchOf(
    '*** Update File: src/a.ts',
    '@@',
    '-two',
    '+2',
    '*** Add File: new.ts',
    '+n',
    '*** Delete File: c.ts',
    '*** Update File: b.ts',
    '*** Move to: moved.ts',
    '@@',
    '-b',
    '+B',
  )
  const CHANGES = ['src/a.ts', 'new.ts', 'moved.ts', 'c.ts', 'b.ts']

  it.each(CHANGES)('L6: when %s can’t be changed, what was done before is put back', async (victim) => {
    const failing = (files: Files): Files => {
      let isHit = false
      const strike = (path: string) => {
        if (isHit || path !== victim) return
        isHit = true
        throw new RuntimeError('file/locked', `${path} is held.`)
      }
      return {
        ...files,
        async write(path, ...rest) {
          strike(path)
          return files.write(path, ...rest)
        },
        async remove(path, ...rest) {
          strike(path)
          return files.remove(path, ...rest)
        },
      }
    }
    const { result, files } = await patched(BEFORE, patch, failing)
    expect(result).toMatchObject({ code: 'file/locked', message: expect.stringContaining('put back') })
    expect(files).toEqual(BEFORE)
  })

  it('when it is stopped half-way too', async () => {
    const stop = new AbortController()
    const tools = await toolboxOn(BEFORE, (files) => ({
      ...files,
      async write(...args) {
        const stamp = await files.write(...args)
        stop.abort()
        return stamp
      },
    }))
    expect(await tools.call('apply_patch', { patch }, { signal: stop.signal })).toMatchObject({
      code: 'tool/stopped',
    })
    expect(await readFile(join(tools.root, 'src/a.ts'), 'utf8')).toBe(BEFORE['src/a.ts'])
    expect((await readdir(tools.root)).toSorted()).toEqual(['b.ts', 'c.ts', 'src'])
  })

  it('what someone else changed meanwhile is named, not overwritten', async () => {
    const { result, files } = await patched(BEFORE, patch, (files) => ({
      ...files,
      async write(path, bytes, options) {
        if (path !== 'new.ts') return files.write(path, bytes, options)
        await files.write('src/a.ts', new TextEncoder().encode('theirs'), { ...options, expect: 'any' })
        throw new RuntimeError('file/locked', 'held')
      },
    }))
    expect(result).toMatchObject({
      message: expect.stringContaining('could not be put back; look at them: src/a.ts'),
    })
    expect(files['src/a.ts']).toBe('theirs')
  })

  it('a task may go on with what its patch wrote', async () => {
    const { tools } = await patched(BEFORE, patch)
    expect(await tools.call('edit_file', { path: 'new.ts', old_text: 'n', new_text: 'm' })).toMatchObject({
      kind: 'ok',
    })
    expect(await tools.call('write_file', { path: 'moved.ts', content: 'x' })).toMatchObject({ kind: 'ok' })
  })

  it('L6: after a crash the files say what became of it', async () => {
    const reconcile = async (content: Readonly<Record<string, string>>) => {
      const tools = await toolboxOn(content)
      return (await tools.prepare('apply_patch', { patch })).reconcile?.(toolContext({}, tools.memory()))
    }
    expect(await reconcile(BEFORE)).toMatchObject({ code: 'tool/not-done' })
    const { files } = await patched(BEFORE, patch)
    expect(await reconcile(files)).toMatchObject({ kind: 'ok' })
    expect(await reconcile({ ...BEFORE, 'new.ts': 'n\n' })).toMatchObject({ kind: 'unknown' })
    expect(await reconcile({ ...files, 'src/a.ts': 'neither\n' })).toMatchObject({ kind: 'unknown' })
  })
})
