import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, readFile, rename, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { type FileGround, nodeFiles } from '../../src/hosts/node-files.ts'
import { fileFailure } from '../../src/hosts/node/paths.ts'
import { codeOf, directoryOf, never } from './workspace.ts'

const MAX = { maxBytes: 1000, signal: never }
const ANY = { expect: 'any', signal: never }
const bytes = (text: string) => new TextEncoder().encode(text)
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const open_ = async (root: string, ground: Partial<FileGround> = {}) =>
  nodeFiles({ workspace: root }, { retryBaseMs: 1, ...ground })

describe('where a path leads', () => {
  it.each([
    ['a.ts', 'a.ts', 'file'],
    ['./a.ts', 'a.ts', 'file'],
    ['src//b.ts', 'src/b.ts', 'file'],
    ['src/../a.ts', 'a.ts', 'file'],
    ['src', 'src', 'directory'],
    ['.', '.', 'directory'],
    ['', '.', 'directory'],
    ['new/x.ts', 'new/x.ts', 'absent'],
    ['a.ts/below', 'a.ts/below', 'absent'],
    ['inner', 'src', 'directory'],
    ['inner/b.ts', 'src/b.ts', 'file'],
    ['dangling', 'missing/y.ts', 'absent'],
    ['..a', '..a', 'absent'],
  ])('%j is %s, a %s', async (path, real, kind) => {
    const root = await directoryOf({ 'a.ts': '1', 'src/b.ts': '2' })
    await symlink('src', join(root, 'inner'))
    await symlink('missing/y.ts', join(root, 'dangling'))
    expect(await (await open_(root)).locate(path)).toEqual({ path: real, kind, isHardLinked: false })
  })

  it('an absolute path inside is fine, one outside is refused', async () => {
    const root = await directoryOf({ 'a.ts': '1' })
    const files = await open_(root)
    expect((await files.locate(join(root, 'a.ts'))).path).toBe('a.ts')
    expect(await codeOf(files.locate('/etc/passwd'))).toBe('file/outside')
    expect(await codeOf(files.locate(`${root}-beside/x`))).toBe('file/outside')
  })

  it.each([
    '..',
    '../x',
    'src/../../x',
    'out',
    'out/x',
    'out-file',
    'out-dangling',
    'loop',
    'chain/x',
    'nul\0.ts',
    'x'.repeat(5000),
  ])('%j is refused, to read, to write, to remove, to list and to search', async (path) => {
    const [root, other] = [await directoryOf({ 'src/b.ts': '2' }), await directoryOf({ x: 'secret' })]
    await symlink(other, join(root, 'out'))
    await symlink(join(other, 'x'), join(root, 'out-file'))
    await symlink(join(other, 'not-yet'), join(root, 'out-dangling'))
    await symlink('out', join(root, 'chain'))
    await symlink('loop', join(root, 'loop'))
    const files = await open_(root)
    const refused = await Promise.all([
      codeOf(files.locate(path)),
      codeOf(files.read(path, MAX)),
      codeOf(files.write(path, bytes('owned'), ANY)),
      codeOf(files.remove(path, ANY)),
      codeOf(files.list({ path, glob: null, filesMax: 9 }, never)),
      codeOf(files.search({ pattern: 's', path, glob: null, ignoreCase: false, hitsMax: 9 }, never)),
    ])
    expect(refused).toEqual(Array(6).fill('file/outside'))
    expect(await readdir(other)).toEqual(['x'])
    expect(await readFile(join(other, 'x'), 'utf8')).toBe('secret')
  })

  it('says when a file has a second name', async () => {
    const root = await directoryOf({ 'a.ts': '1' })
    await link(join(root, 'a.ts'), join(root, 'b.ts'))
    expect(await (await open_(root)).locate('a.ts')).toMatchObject({ isHardLinked: true })
  })

  it('a workspace that is not there is the embedder’s mistake', async () => {
    const root = await directoryOf({ 'a.ts': '1' })
    await expect(nodeFiles({ workspace: join(root, 'none') })).rejects.toSatisfy(UsageError.is)
    await expect(nodeFiles({ workspace: join(root, 'a.ts') })).rejects.toSatisfy(UsageError.is)
  })
})

describe.each([true, false])('reading, where handles have paths: %s', (hasHandlePaths) => {
  it('gives the bytes, their size and their hash', async () => {
    const files = await open_(await directoryOf({ 'src/a.ts': 'hello' }), { hasHandlePaths })
    const content = await files.read('./src/a.ts', MAX)
    expect(content).toMatchObject({ path: 'src/a.ts', size: 5, hash: hash('hello') })
    expect(new TextDecoder().decode(content.bytes)).toBe('hello')
  })

  it('follows a link that stays inside', async () => {
    const root = await directoryOf({ 'src/a.ts': 'hello' })
    await symlink('src', join(root, 'inner'))
    expect((await (await open_(root, { hasHandlePaths })).read('inner/a.ts', MAX)).path).toBe('src/a.ts')
  })

  it('refuses what is not there, a directory, and what is too large', async () => {
    const files = await open_(await directoryOf({ 'src/a.ts': 'x'.repeat(1001), 'b.ts': 'x'.repeat(1000) }), {
      hasHandlePaths,
    })
    expect(await codeOf(files.read('src/none.ts', MAX))).toBe('file/not-found')
    expect(await codeOf(files.read('b.ts/below', MAX))).toBe('file/not-found')
    expect(await codeOf(files.read('src', MAX))).toBe('file/is-directory')
    expect(await codeOf(files.read('src/a.ts', MAX))).toBe('file/too-large')
    expect((await files.read('b.ts', MAX)).size).toBe(1000)
  })

  it('never waits for the other end of a pipe, also when it was put there after the check', async () => {
    const root = await directoryOf({ 'a.ts': '1' })
    execFileSync('mkfifo', [join(root, 'pipe'), join(root, 'later')])
    const afterCheck = () => rename(join(root, 'later'), join(root, 'a.ts'))
    expect(await codeOf((await open_(root, { hasHandlePaths })).read('pipe', MAX))).toBe('file/unavailable')
    expect(await codeOf((await open_(root, { hasHandlePaths, afterCheck })).read('a.ts', MAX))).toBe(
      'file/unavailable',
    )
  })

  it('stops when told to', async () => {
    const files = await open_(await directoryOf({ 'a.ts': '1' }), { hasHandlePaths })
    expect(await codeOf(files.read('a.ts', { maxBytes: 9, signal: AbortSignal.abort() }))).toBe(
      'tool/stopped',
    )
  })
})

describe.each([true, false])('writing, where handles have paths: %s', (hasHandlePaths) => {
  it('makes a file and its directories', async () => {
    const root = await directoryOf()
    const files = await open_(root, { hasHandlePaths })
    const stamp = await files.write('a/b/c.ts', bytes('new'), { expect: 'absent', signal: never })
    expect(stamp).toEqual({ path: 'a/b/c.ts', size: 3, hash: hash('new') })
    expect(await readFile(join(root, 'a/b/c.ts'), 'utf8')).toBe('new')
    expect((await stat(join(root, 'a/b/c.ts'))).mode & 0o777).toBe(0o644 & ~process.umask())
  })

  it('is atomic: whoever has the old file open still sees the old file, whole', async () => {
    const root = await directoryOf({ 'a.ts': 'old' })
    const onlooker = await open(join(root, 'a.ts'))
    try {
      await (await open_(root, { hasHandlePaths })).write('a.ts', bytes('new and longer'), ANY)
      expect(await onlooker.readFile('utf8')).toBe('old')
      expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('new and longer')
    } finally {
      await onlooker.close()
    }
  })

  it('keeps the mode and leaves nothing behind', async () => {
    const root = await directoryOf({ 'run.sh': 'old' })
    await chmod(join(root, 'run.sh'), 0o751)
    await (await open_(root, { hasHandlePaths })).write('run.sh', bytes('new'), ANY)
    expect((await stat(join(root, 'run.sh'))).mode & 0o7777).toBe(0o751)
    expect(await readdir(root)).toEqual(['run.sh'])
  })

  it('writes through a link that stays inside, and the link stays a link', async () => {
    const root = await directoryOf({ 'src/a.ts': 'old' })
    await symlink('src/a.ts', join(root, 'link.ts'))
    const stamp = await (await open_(root, { hasHandlePaths })).write('link.ts', bytes('new'), ANY)
    expect(stamp.path).toBe('src/a.ts')
    expect(await readFile(join(root, 'link.ts'), 'utf8')).toBe('new')
  })

  it('honours what the caller expects to find', async () => {
    const root = await directoryOf({ 'a.ts': 'one' })
    const files = await open_(root, { hasHandlePaths })
    const write = (expect: string, path = 'a.ts') =>
      codeOf(files.write(path, bytes('two'), { expect, signal: never }))
    expect(await write('absent')).toBe('file/changed')
    expect(await write(hash('other'))).toBe('file/changed')
    expect(await write(hash('one'), 'none.ts')).toBe('file/changed')
    expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('one')
    expect(await readdir(root)).toEqual(['a.ts'])
    expect(await write(hash('one'))).toMatchObject({ resolved: { hash: hash('two') } })
  })

  it('of two who expect the same, one wins', async () => {
    const root = await directoryOf({ 'a.ts': 'one' })
    const files = await open_(root, { hasHandlePaths })
    const asked = ['x', 'y', 'z'].map((text) =>
      codeOf(files.write('a.ts', bytes(text), { expect: hash('one'), signal: never })),
    )
    expect((await Promise.all(asked)).filter((it) => it === 'file/changed')).toHaveLength(2)
    expect(await readdir(root)).toEqual(['a.ts'])
  })

  it('tries again while another program holds the file, five times, then says so', async () => {
    const root = await directoryOf({ 'a.ts': 'old' })
    const held = (times: number) => {
      let tries = 0
      const busy: FileGround['rename'] = async (from, to) => {
        tries += 1
        if (tries <= times) throw Object.assign(new Error('busy'), { code: 'EBUSY' })
        await rename(from, to)
      }
      return { busy, tries: () => tries }
    }
    const short = held(5)
    await (await open_(root, { hasHandlePaths, rename: short.busy })).write('a.ts', bytes('new'), ANY)
    expect(short.tries()).toBe(6)
    const long = held(99)
    const files = await open_(root, { hasHandlePaths, rename: long.busy })
    expect(await codeOf(files.write('a.ts', bytes('newer'), ANY))).toBe('file/locked')
    expect(long.tries()).toBe(6)
    expect(await readdir(root)).toEqual(['a.ts'])
    expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('new')
  })

  it('refuses a directory, and a file where a directory would be', async () => {
    const root = await directoryOf({ 'src/a.ts': '1' })
    const files = await open_(root, { hasHandlePaths })
    expect(await codeOf(files.write('src', bytes('x'), ANY))).toBe('file/is-directory')
    expect(await codeOf(files.write('src/a.ts/b', bytes('x'), ANY))).toBe('file/not-found')
    expect(
      await codeOf(files.write('a.ts', bytes('x'), { expect: 'any', signal: AbortSignal.abort() })),
    ).toBe('tool/stopped')
  })

  it('removes a file that is still the one that was read', async () => {
    const root = await directoryOf({ 'a.ts': 'one' })
    const files = await open_(root, { hasHandlePaths })
    expect(await codeOf(files.remove('a.ts', { expect: hash('two'), signal: never }))).toBe('file/changed')
    await files.remove('a.ts', { expect: hash('one'), signal: never })
    expect(await readdir(root)).toEqual([])
    expect(await codeOf(files.remove('a.ts', ANY))).toBe('file/not-found')
  })
})

/** What an attacker does between the check of a path and its use. */
const SWAPS = {
  'the file becomes a link': async (root: string, other: string) => {
    await rename(join(root, 'd/a.ts'), join(root, 'd/old.ts'))
    await symlink(join(other, 'a.ts'), join(root, 'd/a.ts'))
  },
  'its directory becomes a link': async (root: string, other: string) => {
    await rename(join(root, 'd'), join(root, 'was-d'))
    await symlink(other, join(root, 'd'))
  },
}

describe.each([true, false])(
  'a link swapped in between check and use, where handles have paths: %s',
  (hasHandlePaths) => {
    it.each(Object.entries(SWAPS))('%s: nothing outside is read, written or removed', async (name, swap) => {
      for (const use of ['read', 'write', 'remove'] as const) {
        const [root, other] = [
          await directoryOf({ 'd/a.ts': 'mine' }),
          await directoryOf({ 'a.ts': 'secret' }),
        ]
        const files = await open_(root, { hasHandlePaths, afterCheck: () => swap(root, other) })
        const uses = {
          read: () => files.read('d/a.ts', MAX),
          write: () => files.write('d/a.ts', bytes('owned'), ANY),
          remove: () => files.remove('d/a.ts', ANY),
        }
        // To replace or remove the link itself does no harm: what it leads to stays as it is.
        const isHarmless = use !== 'read' && name === 'the file becomes a link'
        const outcome = await codeOf(uses[use]())
        if (!isHarmless) expect([use, outcome]).toEqual([use, 'file/outside'])
        expect(await readdir(other)).toEqual(['a.ts'])
        expect(await readFile(join(other, 'a.ts'), 'utf8')).toBe('secret')
      }
    })

    it('a directory swapped for another inside is refused too: it was not the one that was judged', async () => {
      const root = await directoryOf({ 'd/a.ts': 'mine', 'private/a.ts': 'secret' })
      const afterCheck = async () => {
        await rename(join(root, 'd'), join(root, 'was-d'))
        await symlink('private', join(root, 'd'))
      }
      const outcome = await codeOf((await open_(root, { hasHandlePaths, afterCheck })).read('d/a.ts', MAX))
      expect(outcome).toBe('file/changed')
    })

    it('a missing directory that becomes a link is not written through', async () => {
      const [root, other] = [await directoryOf(), await directoryOf()]
      const files = await open_(root, { hasHandlePaths, afterCheck: () => symlink(other, join(root, 'd')) })
      expect(await codeOf(files.write('d/a.ts', bytes('owned'), ANY))).toBe('file/outside')
      expect(await readdir(other)).toEqual([])
    })

    it('a file that another writer replaces while it is read is read', async () => {
      const root = await directoryOf({ 'a.ts': 'old', 'b.ts': 'new' })
      const afterCheck = () => rename(join(root, 'b.ts'), join(root, 'a.ts'))
      expect((await (await open_(root, { hasHandlePaths, afterCheck })).read('a.ts', MAX)).hash).toBe(
        hash('new'),
      )
    })
  },
)

it('an empty directory stays usable after a write that was refused', async () => {
  const root = await directoryOf()
  await mkdir(join(root, 'd'))
  const files = await open_(root)
  expect(await codeOf(files.write('d/a.ts', bytes('x'), { expect: hash('y'), signal: never }))).toBe(
    'file/changed',
  )
  expect(await readdir(join(root, 'd'))).toEqual([])
})

describe('an error of the file system, in our words', () => {
  it.each([
    ['ENOENT', 'read', 'file/not-found'],
    ['ENOTDIR', 'written', 'file/not-found'],
    ['EISDIR', 'read', 'file/is-directory'],
    ['ELOOP', 'read', 'file/outside'],
    ['EACCES', 'read', 'file/unavailable'],
    ['EACCES', 'written', 'file/locked'],
    ['EBUSY', 'removed', 'file/locked'],
    ['ENOSPC', 'written', 'file/unavailable'],
    ['ENAMETOOLONG', 'written', 'file/unavailable'],
  ] as const)('%s, when it is %s, is %s', (code, doing, expected) => {
    const error = fileFailure(Object.assign(new Error(code), { code }), 'a.ts', doing)
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining('a.ts') as string })
  })

  it('a name that is too long is no crash', async () => {
    const files = await open_(await directoryOf())
    expect(await codeOf(files.write('x'.repeat(300), bytes('x'), ANY))).toBe('file/unavailable')
    expect(await codeOf(files.read('x'.repeat(300), MAX))).toBe('file/unavailable')
  })
})
