/**
 * L2: a write is acknowledged when its transaction is durable; one that fails leaves nothing and spoils
 * nothing.
 */
import { describe, expect, it } from 'vitest'
import { type Driver, loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { openQueue, type Queue } from '../../../src/stores/sqlite/file/commit.ts'
import { openFile } from '../../../src/stores/sqlite/file/open.ts'
import { storePath } from '../../../src/stores/sqlite/file/place.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, entry, refusal } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { wrapped } from './wrapped-database.ts'

/** SQLite's own numbers. */
const BUSY = 5
const FULL = 13

describe('a transaction', () => {
  it('acknowledges nothing before it is durable: when it fails, all its writes are refused and none is there', async () => {
    const directory = freshDirectory()
    const faults = faultyDriver(await loadDriver())
    const store = await openSqlite({ directory, driver: faults.driver })
    await store.create(birth('t1'))
    faults.fail('COMMIT', FULL)
    const codes = await Promise.all(
      [store.append(entry('t1', 2)), store.append(entry('t1', 3)), store.create(birth('t2'))].map(refusal),
    )
    expect(codes).toEqual(['store/full', 'store/full', 'store/full'])
    expect((await store.read('t1')).length).toBe(1)
    expect((await store.tasks()).length).toBe(1)
    await store.append(entry('t1', 2))
    await store.close()
  })

  it('is seen by others by the time that it is acknowledged', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory })
    const other = await openSqlite({ directory })
    await store.create(birth('t1'))
    for (let seq = 2; seq <= 20; seq += 1) {
      await store.append(entry('t1', seq))
      expect((await other.read('t1')).length).toBe(seq)
    }
    await other.close()
    await store.close()
  })

  it('undoes what throws and nothing else, however far it had got', async () => {
    await withTable(async ({ queue, rows, insert }) => {
      const half = queue.write(() => {
        insert('half')
        throw new Error('Stopped in the middle.')
      })
      const writes = [queue.write(() => insert('before')), half, queue.write(() => insert('after'))]
      expect(await Promise.all(writes.map(refusal))).toEqual([null, 'Error: Stopped in the middle.', null])
      expect(rows()).toEqual(['before', 'after'])
    })
  })

  it('takes all that one turn of the loop asks for, in that order', async () => {
    await withTable(async ({ queue, rows, insert }) => {
      const order: number[] = []
      const before = queue.written
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => queue.write(() => insert(`${i}`)).then(() => order.push(i))),
      )
      expect(queue.written).toEqual({ commits: before.commits + 1, writes: before.writes + 100 })
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      expect(rows().length).toBe(100)
    })
  })

  it('is no longer than it may be: the rest is in the next one', async () => {
    await withTable(async ({ queue, rows, insert }) => {
      await Promise.all(Array.from({ length: 1_200 }, (_, i) => queue.write(() => insert(`${i}`))))
      expect(queue.written.commits).toBe(3)
      expect(rows().length).toBe(1_200)
    })
  })

  it('is tried again while another process is in the way, and each write is done once', async () => {
    await withTable(async ({ queue, rows, insert, faults }) => {
      faults.fail('BEGIN IMMEDIATE', BUSY, 7)
      await Promise.all([queue.write(() => insert('a')), queue.write(() => insert('b'))])
      expect(faults.failed()).toBe(7)
      expect(rows()).toEqual(['a', 'b'])
    })
  })

  it('takes what was asked before the end, and nothing after it', async () => {
    await withTable(async ({ queue, insert, rows }) => {
      const before = queue.write(() => insert('before'))
      const closing = queue.close()
      expect(await refusal(queue.write(() => insert('after')))).toBe('store/closed')
      await Promise.all([before, closing])
      expect(rows()).toEqual(['before'])
    })
  })

  it('gives back what was read in it', async () => {
    await withTable(async ({ queue, insert, rows }) => {
      await queue.write(() => insert('a'))
      expect(await queue.write(() => rows().length)).toBe(1)
    })
  })
})

describe('whoever others have taken for gone', () => {
  it('writes nothing any more, whatever it holds', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory })
    await store.create(birth('t1'))
    const database = (await loadDriver())(storePath(directory))
    database.exec('DELETE FROM owner; UPDATE task SET owner = NULL')
    database.close()
    const writes = [store.append(entry('t1', 2)), store.create(birth('t2')), store.acquire('t1')]
    const codes = await Promise.all(writes.map(refusal))
    expect(codes).toEqual(['store/stale-writer', 'store/stale-writer', 'store/stale-writer'])
    expect([(await store.read('t1')).length, (await store.tasks()).length]).toEqual([1, 1])
    await store.close()
  })
})

describe('a reading', () => {
  it('is tried again while another process mends the file', async () => {
    await withTable(async ({ queue, rows }) => {
      let looks = 0
      const read = queue.read(() => {
        looks += 1
        if (looks < 4) throw sqliteError(BUSY)
        return rows()
      })
      expect([await read, looks]).toEqual([[], 4])
    })
  })
})

interface Table {
  readonly queue: Queue
  readonly faults: Faults
  readonly insert: (name: string) => void
  readonly rows: () => readonly string[]
}

async function withTable(work: (table: Table) => Promise<void>): Promise<void> {
  const faults = faultyDriver(await loadDriver())
  const file = await openFile({ directory: freshDirectory(), installation: null, driver: faults.driver })
  file.database.exec('CREATE TABLE tried (name TEXT)')
  const insert = file.database.prepare('INSERT INTO tried VALUES (?)')
  const select = file.database.prepare('SELECT name FROM tried ORDER BY rowid')
  const queue = openQueue(file)
  await work({
    queue,
    faults,
    insert: (name) => void insert.run(name),
    rows: () => (select.all() as readonly { readonly name: string }[]).map(({ name }) => name),
  })
  await queue.close()
  file.database.close()
}

interface Faults {
  readonly driver: Driver
  /** The next so many times, this statement fails as SQLite would. */
  fail(sql: string, number: number, times?: number): void
  failed(): number
}

function faultyDriver(real: Driver): Faults {
  let planned = { sql: '', number: 0, times: 0 }
  let failed = 0
  return {
    driver: (path, options) =>
      wrapped(real(path, options), (sql, run) => {
        if (sql !== planned.sql || planned.times === 0) return run()
        planned = { ...planned, times: planned.times - 1 }
        failed += 1
        throw sqliteError(planned.number)
      }),
    fail(sql, number, times = 1) {
      planned = { sql, number, times }
    },
    failed: () => failed,
  }
}

function sqliteError(errcode: number): Error {
  return Object.assign(new Error('As SQLite says it.'), { code: 'ERR_SQLITE_ERROR', errcode })
}
