/**
 * What can go wrong with the place of a store: each has its name, says what to do, and leaves nothing half.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isSound, loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { makePlace, storePath } from '../../../src/stores/sqlite/file/place.ts'
import { APPLICATION_ID, MIGRATIONS } from '../../../src/stores/sqlite/schema.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, entry, refusal } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { childProgram } from './child-program.ts'

const NOBODY = 65_534

const start = childProgram()
const isRoot = process.getuid?.() === 0
const whyNoDisk = isRoot ? mountable() : 'only root may mount a small disk'
if (whyNoDisk) console.log(`The tests of a full disk are skipped: ${whyNoDisk}.`)
if (!isRoot) console.log('The tests of a user without rights are skipped: only root can become one.')

describe('a disk that is full', () => {
  // Said above: only root may mount, and not in every container.
  it.skipIf(whyNoDisk !== null)(
    'refuses what has no room, keeps what was said to be kept, and goes on',
    async () => {
      const disk = smallDisk(2)
      const directory = join(disk, 'state')
      const store = await openSqlite({ directory })
      await store.create(birth('t1'))
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(1_000_000))
      let seq = 1
      let refused: unknown = null
      while (refused === null && seq < 1_000) {
        await store.append(long('t1', seq + 1)).then(
          () => (seq += 1),
          (error: unknown) => (refused = error),
        )
      }
      expect(refused).toMatchObject({
        code: 'store/full',
        message: expect.stringContaining(storePath(directory)),
      })
      expect((await store.read('t1')).length).toBe(seq)
      expect(await refusal(store.append(long('t1', seq + 1)))).toBe('store/full')

      rmSync(join(disk, 'ballast'))
      await store.append(long('t1', seq + 1))
      await store.close()
      const again = await openSqlite({ directory })
      expect((await again.read('t1')).map((it) => it.seq)).toEqual(
        Array.from({ length: seq + 1 }, (_, i) => i + 1),
      )
      await again.close()
    },
  )

  // Said above: only root may mount, and not in every container.
  it.skipIf(whyNoDisk !== null)('has no store made on it', async () => {
    const disk = smallDisk(1)
    try {
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(2_000_000))
    } catch {
      // Now it is full.
    }
    expect(await refusal(openSqlite({ directory: join(disk, 'state') }))).toBe('store/full')
    rmSync(join(disk, 'ballast'))
    await (await openSqlite({ directory: join(disk, 'state') })).close()
  })
})

describe('a user without rights', () => {
  // Said above: only root can become somebody else.
  it.skipIf(!isRoot)('is told whose directory it is not', async () => {
    const directory = freshDirectory()
    mkdirSync(directory, { recursive: true })
    for (const path of [directory, dirname(directory), dirname(dirname(directory))]) chmodSync(path, 0o755)
    const nobody = start([directory, 'open'], { user: NOBODY })
    expect(await nobody.next()).toMatchObject({
      code: 'store/unavailable',
      message: expect.stringMatching(/store\.sqlite can't be read or written \(EACCES.*belongs to you/s),
    })
  })

  // Said above: only root can become somebody else.
  it.skipIf(!isRoot)('is told when the store may be read and not written', async () => {
    const directory = freshDirectory()
    await (await openSqlite({ directory })).close()
    for (const path of [directory, dirname(directory), dirname(dirname(directory))]) chmodSync(path, 0o755)
    chmodSync(storePath(directory), 0o644)
    const nobody = start([directory, 'open'], { user: NOBODY })
    expect(await nobody.next()).toMatchObject({ code: 'store/unavailable' })
  })
})

describe('a file that is not what was opened', () => {
  it.each(['deleted', 'replaced', 'moved away'])(
    '%s under a live store, nothing is written any more',
    async (how) => {
      const directory = freshDirectory()
      const path = storePath(directory)
      const store = await openSqlite({ directory })
      await store.create(birth('t1'))
      const other = freshDirectory()
      if (how === 'deleted') rmSync(directory, { recursive: true })
      if (how === 'moved away') renameSync(directory, `${directory}.old`)
      if (how === 'replaced') {
        const newcomer = await openSqlite({ directory: other })
        await newcomer.create(birth('theirs'))
        await newcomer.close()
        rmSync(directory, { recursive: true })
        renameSync(other, directory)
      }
      await expect(store.append(entry('t1', 2))).rejects.toMatchObject({
        code: 'store/replaced',
        message: expect.stringContaining(path),
      })
      expect(await refusal(store.create(birth('t2')))).toBe('store/replaced')
      if (how === 'moved away') {
        renameSync(`${directory}.old`, directory)
        await store.append(entry('t1', 2))
        expect((await store.read('t1')).length).toBe(2)
      }
      await store.close()
      if (how !== 'replaced') return
      const theirs = await openSqlite({ directory })
      expect((await theirs.tasks()).map(({ spec }) => spec.id)).toEqual(['theirs'])
      await theirs.close()
    },
  )

  it('replaced alone, its log left where it was, nothing is written any more', async () => {
    const directory = freshDirectory()
    const path = storePath(directory)
    const store = await openSqlite({ directory })
    await store.create(birth('t1'))
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
    expect(await refusal(store.append(entry('t1', 2)))).toBe('store/replaced')
    await store.close()
  })

  it('with its log deleted under a live store, nothing is written any more', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory })
    await store.create(birth('t1'))
    rmSync(`${storePath(directory)}-wal`)
    expect(await refusal(store.append(entry('t1', 2)))).toBe('store/replaced')
    await store.close()
  })

  it('no database at all is left as it is', async () => {
    const directory = freshDirectory()
    const path = makePlace(directory)
    writeFileSync(path, 'These are my notes. '.repeat(100))
    expect(await refusal(openSqlite({ directory }))).toBe('store/corrupt')
    expect(readFileSync(path, 'utf8')).toContain('my notes')
  })

  it('the database of another program is left as it is', async () => {
    const directory = freshDirectory()
    const database = (await loadDriver())(makePlace(directory))
    database.exec('CREATE TABLE recipe (name TEXT)')
    database.close()
    const before = readFileSync(storePath(directory))
    await expect(openSqlite({ directory })).rejects.toMatchObject({
      code: 'store/foreign',
      message: expect.stringContaining('another program'),
    })
    expect(readFileSync(storePath(directory)).equals(before)).toBe(true)
  })

  it('one of a newer version is left to that', async () => {
    const directory = freshDirectory()
    await (await openSqlite({ directory })).close()
    const database = (await loadDriver())(storePath(directory))
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    database.close()
    await expect(openSqlite({ directory })).rejects.toMatchObject({
      code: 'store/newer',
      message: expect.stringContaining(`form ${MIGRATIONS.length + 1}`),
    })
  })

  it('a link instead of the directory, or of the file, is not followed', async () => {
    const directory = freshDirectory()
    const elsewhere = freshDirectory()
    mkdirSync(elsewhere, { recursive: true })
    mkdirSync(dirname(directory), { recursive: true })
    symlinkSync(elsewhere, directory)
    expect(await refusal(openSqlite({ directory }))).toBe('store/unavailable')
    rmSync(directory)
    mkdirSync(directory)
    symlinkSync(join(elsewhere, 'x'), storePath(directory))
    expect(await refusal(openSqlite({ directory }))).toBe('store/unavailable')
    rmSync(dirname(directory), { recursive: true })
    symlinkSync(dirname(elsewhere), dirname(directory))
    expect(await refusal(openSqlite({ directory }))).toBe('store/unavailable')
  })
})

describe('a store that this installation has not made', () => {
  const ours = { key: 'ours' }

  it('is not opened, and the message says how to look at it', async () => {
    const directory = freshDirectory()
    await (await openSqlite({ directory, installation: { key: 'theirs' } })).close()
    await expect(openSqlite({ directory, installation: ours })).rejects.toMatchObject({
      code: 'store/foreign',
      message: expect.stringContaining('troupe doctor --adopt'),
    })
    await (await openSqlite({ directory, installation: { key: 'theirs' } })).close()
  })

  it('neither is one that nobody has signed, or whose signature was copied from another', async () => {
    const directory = freshDirectory()
    await (await openSqlite({ directory })).close()
    expect(await refusal(openSqlite({ directory, installation: ours }))).toBe('store/foreign')

    const mine = freshDirectory()
    await (await openSqlite({ directory: mine, installation: ours })).close()
    const driver = await loadDriver()
    const database = driver(storePath(mine))
    const { value } = database.prepare("SELECT value FROM meta WHERE key = 'signature'").get() as {
      value: string
    }
    database.close()
    const planted = driver(storePath(directory))
    planted.prepare("UPDATE meta SET value = ? WHERE key = 'signature'").run(value)
    planted.close()
    expect(await refusal(openSqlite({ directory, installation: ours }))).toBe('store/foreign')
  })
})

describe('a SQLite that damages files which two processes write to', () => {
  it.each([
    ['3.51.3', true],
    ['3.51.10', true],
    ['3.52.0', true],
    ['4.0.0', true],
    ['3.51.2', false],
    ['3.47.9', false],
    [undefined, false],
  ])('is known by its version: %s', (version, expected) => {
    expect(isSound(version)).toBe(expected)
  })
})

describe('where no SQLite can be loaded', () => {
  it('says what to install', async () => {
    const missing = () => Promise.reject(new Error('Cannot find package'))
    await expect(loadDriver([async () => undefined, missing])).rejects.toMatchObject({
      code: 'store/unavailable',
      message: expect.stringContaining('npm install @photostructure/sqlite'),
    })
  })
})

describe('the place of a store', () => {
  it('is for its user alone, and in no repository', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory })
    await store.create(birth('t1'))
    const path = storePath(directory)
    const modes = [directory, path, `${path}-wal`, `${path}-shm`].map((it) => statSync(it).mode & 0o777)
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600])
    expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('*\n')
    await store.close()
    chmodSync(directory, 0o755)
    chmodSync(path, 0o644)
    await (await openSqlite({ directory })).close()
    expect([directory, path].map((it) => statSync(it).mode & 0o777)).toEqual([0o700, 0o600])
  })

  it('says of the file which program has made it', async () => {
    const directory = freshDirectory()
    await (await openSqlite({ directory })).close()
    const header = readFileSync(storePath(directory))
    expect([header.readUInt32BE(68), header.readUInt32BE(60)]).toEqual([APPLICATION_ID, MIGRATIONS.length])
  })
})

function long(taskId: string, seq: number) {
  const { fact: _, ...rest } = entry(taskId, seq)
  return { ...rest, fact: { type: 'task.messaged', text: 'x'.repeat(20_000), at: seq } } as const
}

/** A disk of so many megabytes, gone when the test is over. */
function smallDisk(megabytes: number): string {
  const disk = dirname(freshDirectory())
  mkdirSync(disk, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

function mountable(): string | null {
  const disk = mkdtempSync(join(tmpdir(), 'troupe-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' })
    execFileSync('umount', [disk], { stdio: 'ignore' })
    return null
  } catch {
    return 'no small disk can be mounted here'
  } finally {
    rmSync(disk, { recursive: true })
  }
}
