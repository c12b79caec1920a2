/** L6: what the built-in tools say and do when a crash has cut them off, at each point where it can. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Files } from '../../src/host.ts'
import type { Result } from '../../src/protocol/model.ts'
import { toolContext } from './tool-context.ts'
import { ok, type Toolbox, toolboxOn } from './toolbox.ts'

const textAt = ({ root }: Toolbox, path: string) => readFile(join(root, path), 'utf8')

type Point = 'before' | 'after'

/** Dies before or after so many changes of files, and changes nothing from then on. */
function dyingAt(changes: number, point: Point) {
  return (files: Files): Files => {
    let left = changes
    const once = async <T>(change: () => Promise<T>): Promise<T> => {
      left -= 1
      if (left < 0 || (left === 0 && point === 'before')) throw new Error('It is dead.')
      const done = await change()
      if (left === 0) throw new Error('It is dead.')
      return done
    }
    return {
      ...files,
      write: (...args) => once(() => files.write(...args)),
      remove: (...args) => once(() => files.remove(...args)),
    }
  }
}

/** A call that dies at a change of a file, and the tools after the restart. */
async function cutOff(tools: Toolbox, tool: string, input: unknown, at: { changes?: number; point: Point }) {
  const dying = await tools.again(dyingAt(at.changes ?? 1, at.point))
  await dying.call(tool, input)
  // What the dead call kept was to be durable together with its result, so it is lost with it.
  return tools.again()
}

async function reconciled(tools: Toolbox, tool: string, input: unknown): Promise<Result | undefined> {
  const { reconcile } = await tools.prepare(tool, input)
  return reconcile?.(toolContext({}, tools.memory()))
}

describe('what a task has seen of a file', () => {
  const edit = { path: 'a.ts', old_text: 'one', new_text: 'two' }

  it('holds after a restart', async () => {
    const tools = await toolboxOn({ 'a.ts': 'one' })
    await tools.call('read_file', { path: 'a.ts' })
    expect(await (await tools.again()).call('edit_file', edit)).toMatchObject({ kind: 'ok' })
  })

  it.each([
    ['write_file', { path: 'a.ts', content: 'one' }],
    ['edit_file', { path: 'a.ts', old_text: 'zero', new_text: 'one' }],
    ['apply_patch', { patch: '*** Begin Patch\n*** Update File: a.ts\n@@\n-zero\n+one\n*** End Patch' }],
  ])('holds also for what it changed itself with %s', async (tool, input) => {
    const tools = await toolboxOn({ 'a.ts': 'zero' })
    await tools.call('read_file', { path: 'a.ts' })
    expect(await tools.call(tool, input)).toMatchObject({ kind: 'ok' })
    expect(await (await tools.again()).call('edit_file', edit)).toMatchObject({ kind: 'ok' })
  })

  it('is no other task’s, and nothing of what has changed since', async () => {
    const tools = await toolboxOn({ 'a.ts': 'one' })
    await tools.call('read_file', { path: 'a.ts' })
    const after = await tools.again()
    expect(await after.call('edit_file', edit, { taskId: 't2' })).toMatchObject({ code: 'file/not-read' })
    await writeFile(join(tools.root, 'a.ts'), 'one and theirs')
    expect(await after.call('edit_file', edit)).toMatchObject({ code: 'file/changed' })
  })

  it('ends with the file', async () => {
    const tools = await toolboxOn({ 'a.ts': 'one' })
    await tools.call('read_file', { path: 'a.ts' })
    const patch = '*** Begin Patch\n*** Delete File: a.ts\n*** End Patch'
    expect(await tools.call('apply_patch', { patch })).toMatchObject({ kind: 'ok' })
    await writeFile(join(tools.root, 'a.ts'), 'one')
    expect(await (await tools.again()).call('edit_file', edit)).toMatchObject({ code: 'file/not-read' })
  })

  it('is left out where the task keeps too much, and nothing fails for that', async () => {
    const { UsageError } = await import('../../src/errors.ts')
    const tools = await toolboxOn({ 'a.ts': 'one' })
    const prepared = await tools.prepare('read_file', { path: 'a.ts' })
    const keep = () => {
      throw new UsageError('"read_file" keeps too much.')
    }
    expect(await prepared.run(toolContext({ keep }))).toMatchObject({ kind: 'ok' })
  })
})

describe('write_file', () => {
  const input = { path: 'a.ts', content: 'mine' }

  it.each([
    ['before', {}, 'new'],
    ['after', {}, 'replaced'],
    ['before', { 'a.ts': 'old' }, 'replaced'],
    ['after', { 'a.ts': 'old' }, 'replaced'],
  ] as const)('that died %s the write of %j is done by a repetition', async (point, content, how) => {
    const tools = await toolboxOn(content)
    await tools.call('read_file', { path: 'a.ts' })
    const after = await cutOff(tools, 'write_file', input, { point })
    expect(await after.call('write_file', input)).toEqual(ok(`Wrote a.ts (4 bytes, ${how}).`))
    expect(await textAt(after, 'a.ts')).toBe('mine')
    expect(await after.call('edit_file', { path: 'a.ts', old_text: 'mine', new_text: 'x' })).toMatchObject({
      kind: 'ok',
    })
  })

  it('is not done over what somebody wrote meanwhile', async () => {
    const tools = await toolboxOn({ 'a.ts': 'old' })
    await tools.call('read_file', { path: 'a.ts' })
    const after = await cutOff(tools, 'write_file', input, { point: 'after' })
    await writeFile(join(tools.root, 'a.ts'), 'theirs')
    expect(await after.call('write_file', input)).toMatchObject({ code: 'file/changed' })
    expect(await textAt(after, 'a.ts')).toBe('theirs')
  })
})

describe('edit_file', () => {
  const input = (old_text: string, new_text: string, more = {}) => ({
    path: 'a.ts',
    old_text,
    new_text,
    ...more,
  })
  const EDITS: Readonly<Record<string, readonly [string, ReturnType<typeof input>]>> = {
    'one text for another': ['a one b\n', input('one', 'two')],
    'a line more': ['one\ntwo\n', input('one\n', 'one\nand a half\n')],
    'a line that is there already': ['one\none half\n', input('one half', 'one\none half')],
    'a piece less': ['one two\n', input('one two', 'one')],
    'a line less': ['one\ntwo\nthree\n', input('two\n', '')],
    'the end of a line less': ['one\ntwo // x\nthree\n', input(' // x', '')],
    'a new text that stands elsewhere': ['one\ntwo\n', input('one', 'two')],
    'all of them': ['x y x z x\n', input('x', 'xx', { replace_all: true })],
    'line endings of another system': ['one\r\ntwo\r\nthree\r\n', input('one\ntwo', '1\none\ntwo')],
  }

  async function readAndCutOff(name: string, point: Point) {
    const [content, edit] = EDITS[name] ?? ['', input('', '')]
    const tools = await toolboxOn({ 'a.ts': content })
    await tools.call('read_file', { path: 'a.ts' })
    return { edit, after: await cutOff(tools, 'edit_file', edit, { point }) }
  }

  it.each(Object.keys(EDITS))('that died before the write is known to be not done: %s', async (name) => {
    const { edit, after } = await readAndCutOff(name, 'before')
    expect(await reconciled(after, 'edit_file', edit)).toMatchObject({
      code: 'tool/not-done',
      message: expect.stringContaining('a.ts'),
    })
    // It was read before the crash, so it may be done now.
    expect(await after.call('edit_file', edit)).toMatchObject({ kind: 'ok' })
  })

  it.each(Object.keys(EDITS))('that died after the write is known to be done: %s', async (name) => {
    const { edit, after } = await readAndCutOff(name, 'after')
    const before = await textAt(after, 'a.ts')
    expect(await reconciled(after, 'edit_file', edit)).toEqual(
      ok('Edited a.ts (found done after an interruption).'),
    )
    expect(await textAt(after, 'a.ts')).toBe(before)
  })

  it('is unknown where the file tells nothing, in words that name it', async () => {
    const { edit, after } = await readAndCutOff('a line more', 'after')
    await writeFile(join(after.root, 'a.ts'), 'one\nand a half\nand theirs\n')
    expect(await reconciled(after, 'edit_file', edit)).toMatchObject({
      kind: 'unknown',
      message: expect.stringMatching(/^The edit of a\.ts was cut off.*Read it before you edit it again\.$/),
    })
  })

  it('is never said to be done when it is not, nor the other way round', async () => {
    const tools = await toolboxOn({ 'a.ts': '' })
    const text = fc.array(fc.constantFrom('a', 'b', '\n', '\r\n'), { maxLength: 8 }).map((it) => it.join(''))
    await fc.assert(
      fc.asyncProperty(text, text, text, async (content, oldText, newText) => {
        await writeFile(join(tools.root, 'a.ts'), content)
        await tools.call('read_file', { path: 'a.ts' })
        const edit = input(oldText, newText)
        if (oldText === '') return
        const fresh = await tools.again()
        expect((await reconciled(fresh, 'edit_file', edit))?.kind).toBe('failed')
        const result = await (await tools.again()).call('edit_file', edit)
        if (result.kind === 'ok')
          expect((await reconciled(fresh, 'edit_file', edit))?.kind).not.toBe('failed')
      }),
      { numRuns: 200 },
    )
  })
})

describe('apply_patch', () => {
  const BEFORE = { 'a.ts': 'one\ntwo\n', 'b.ts': 'b\n', 'c.ts': 'c\n' }
  const patch = [
    '*** Begin Patch',
    '*** Update File: a.ts',
    '@@',
    ' one',
    '+one',
    '*** Add File: new.ts',
    '+n',
    '*** Delete File: c.ts',
    '*** Update File: b.ts',
    '*** Move to: moved.ts',
    '@@',
    '-b',
    '+B',
    '*** End Patch',
  ].join('\n')
  const CHANGES = 5

  const after = async (changes: number, point: Point) => {
    const tools = await toolboxOn(BEFORE)
    await tools.call('read_file', { path: 'a.ts' })
    // The change that fails is undone by the live tool; a dead one undoes nothing.
    return cutOff(tools, 'apply_patch', { patch }, { changes, point })
  }

  it('that died before its first change was not applied', async () => {
    const tools = await after(1, 'before')
    expect(await reconciled(tools, 'apply_patch', { patch })).toMatchObject({ code: 'tool/not-done' })
    expect((await readdir(tools.root)).toSorted()).toEqual(Object.keys(BEFORE))
  })

  it('that died after its last change was applied', async () => {
    expect(await reconciled(await after(CHANGES, 'after'), 'apply_patch', { patch })).toMatchObject({
      kind: 'ok',
    })
  })

  it.each(
    Array.from({ length: CHANGES - 1 }, (_, index) => index + 1).flatMap((changes) => [
      [changes, 'after'] as const,
      [changes + 1, 'before'] as const,
    ]),
  )('that died in between, %i %s, is named file by file', async (changes, point) => {
    const result = await reconciled(await after(changes, point), 'apply_patch', { patch })
    expect(result).toMatchObject({ kind: 'unknown' })
    const message = result?.kind === 'unknown' ? result.message : ''
    expect(message).toMatch(/done: a\.ts/)
    for (const name of ['a.ts', 'b.ts', 'c.ts', 'new.ts']) expect(message).toContain(name)
    expect(message).toContain('Read these files before you go on')
  })

  it('whose hunks fit again is done or not by what was read, and unknown where nothing was', async () => {
    const line = '*** Begin Patch\n*** Update File: a.ts\n@@\n one\n+one\n two\n*** End Patch'
    const tools = await toolboxOn({ 'a.ts': 'one\none\ntwo\n' })
    expect(await reconciled(tools, 'apply_patch', { patch: line })).toMatchObject({ kind: 'unknown' })
    await tools.call('read_file', { path: 'a.ts' })
    expect(await reconciled(tools, 'apply_patch', { patch: line })).toMatchObject({ code: 'tool/not-done' })
    const done = await cutOff(tools, 'apply_patch', { patch: line }, { point: 'after' })
    expect(await textAt(done, 'a.ts')).toBe('one\none\none\ntwo\n')
    expect(await reconciled(done, 'apply_patch', { patch: line })).toMatchObject({ kind: 'ok' })
  })

  it('that would fit in several places is not taken for done', async () => {
    const line = '*** Begin Patch\n*** Update File: a.ts\n@@\n one\n+one\n*** End Patch'
    const tools = await toolboxOn({ 'a.ts': 'one\none\n' })
    expect(await reconciled(tools, 'apply_patch', { patch: line })).toMatchObject({ kind: 'unknown' })
  })
})

describe('execute_command', () => {
  it('is unknown, in words that name it and say what to look at', async () => {
    const tools = await toolboxOn()
    const result = await reconciled(tools, 'execute_command', { command: 'npm publish\n', cwd: 'packages/a' })
    expect(result).toMatchObject({ kind: 'unknown' })
    const message = result?.kind === 'unknown' ? result.message : ''
    for (const words of [
      'in packages/a:\nnpm publish',
      'in part',
      'has been ended',
      'Before you run it again',
    ])
      expect(message).toContain(words)
  })

  it('says of a long line only its beginning', async () => {
    const command = `echo ${'x'.repeat(60_000)}`
    const result = await reconciled(await toolboxOn(), 'execute_command', { command })
    expect(JSON.stringify(result).length).toBeLessThan(4_000)
  })
})
