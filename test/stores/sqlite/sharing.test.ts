/** Several processes write to one store: nobody is kept out, and nobody stands still because of another. */
import { describe, expect, it } from 'vitest'
import { type Driver, loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { openFile } from '../../../src/stores/sqlite/file/open.ts'
import { watchFile } from '../../../src/stores/sqlite/file/watch.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, entry } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { childProgram } from './child-program.ts'
import { wrapped } from './wrapped-database.ts'

const PROCESSES = 4
const SHARE_MIN = 0.15
const SHARE_MS = 5_000
const STANDSTILL_MAX_MS = 25
/** Longer than any pause between two tries. */
const LOCKED_MS = 150

const start = childProgram()

describe('several processes on one store', () => {
  // Where far more processes want to run than can, the system itself may keep one of them out for seconds.
  it('of four that write as fast as they can, each gets its share', { retry: 2 }, async () => {
    const directory = freshDirectory()
    const children = Array.from({ length: PROCESSES }, (_, i) =>
      start([directory, 'share', `t${i}`, SHARE_MS]),
    )
    for (const child of children) expect(await child.next()).toEqual({ isReady: true })
    for (const child of children) child.tell('go')
    const ends = await Promise.all(children.map((child) => child.next()))
    const commits = ends.map((end) => Number(end?.['commits']))
    const all = commits.reduce((sum, it) => sum + it, 0)
    const shares = commits.map((it) => it / all)
    console.log(`Shares: ${shares.map((it) => `${Math.round(it * 100)} %`).join(', ')} of ${all} commits.`)
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(SHARE_MIN)
  })

  it('waits for another without standing still: never more than a moment at a time', async () => {
    const directory = freshDirectory()
    const waits: number[] = []
    const store = await openSqlite({ directory, driver: await timedDriver(waits) })
    await store.create(birth('t1'))
    const other = start([directory, 'lock', 't1', LOCKED_MS])
    await other.next()
    waits.length = 0
    for (let seq = 2; seq <= 9; seq += 1) await store.append(entry('t1', seq))
    await other.kill()
    await store.close()
    waits.sort((a, b) => a - b)
    console.log(`Longest wait ${Math.round(waits.at(-1) ?? 0)} ms, in ${waits.length} tries for 8 writes.`)
    expect(waits.length).toBeGreaterThan(2 * 8)
    // A busy machine may stop this process in the middle of any of them; not of most of them.
    expect(waits[Math.floor(waits.length * 0.75)]).toBeLessThan(STANDSTILL_MAX_MS)
  })

  it('opens at the same moment as others, of which one makes it', async () => {
    const directory = freshDirectory()
    const children = Array.from({ length: PROCESSES }, (_, i) => start([directory, 'open', `t${i}`]))
    for (const child of children) {
      expect([await child.next(), await child.next()]).toEqual([{ isOpen: true }, { isWritten: true }])
    }
    const store = await openSqlite({ directory })
    expect((await store.tasks()).map(({ spec }) => spec.id).toSorted()).toEqual(['t0', 't1', 't2', 't3'])
    await store.close()
  })

  it('hears of what another writes within a moment, and not of what it writes itself', async () => {
    const directory = freshDirectory()
    const file = await openFile({ directory, installation: null, driver: await loadDriver() })
    const watch = watchFile(file.database)
    const heard: number[] = []
    const stop = watch.watch(() => heard.push(performance.now()))
    const own = file.database.prepare("INSERT INTO meta VALUES (?, 'own')")
    for (let i = 0; i < 5; i += 1) own.run(`own-${i}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(heard).toEqual([])

    const store = await openSqlite({ directory })
    const since = performance.now()
    await store.create(birth('t1'))
    while (heard.length === 0 && performance.now() - since < 10_000) await nextTurn()
    expect(heard.length).toBeGreaterThan(0)
    stop()
    heard.length = 0
    await store.append(entry('t1', 2))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(heard).toEqual([])
    await store.close()
    watch.close()
    file.database.close()
  })

  it('everything of one turn of the loop is one sync', async () => {
    const store = await openSqlite({ directory: freshDirectory() })
    const tasks = Array.from({ length: 50 }, (_, i) => `t${i}`)
    await Promise.all(tasks.map((taskId) => store.create(birth(taskId))))
    const before = store.written
    for (let seq = 2; seq <= 21; seq += 1) {
      await Promise.all(tasks.map((taskId) => store.append(entry(taskId, seq))))
    }
    const { commits, writes } = store.written
    await store.close()
    const perSync = (writes - before.writes) / (commits - before.commits)
    console.log(`50 tasks at once: ${perSync.toFixed(1)} appends per sync.`)
    expect(perSync).toBeGreaterThanOrEqual(40)
  })
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Notes how long each transaction took to begin. */
async function timedDriver(waits: number[]): Promise<Driver> {
  const driver = await loadDriver()
  return (path, options) => {
    const database = driver(path, options)
    return wrapped(database, (sql, run) => {
      if (sql !== 'BEGIN IMMEDIATE') return run()
      const since = performance.now()
      try {
        return run()
      } finally {
        waits.push(performance.now() - since)
      }
    })
  }
}
