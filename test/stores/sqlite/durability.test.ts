/** L2, L4: what was acknowledged is there, whole and in order; what was not is not there half. */
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { inspectStore } from '../../../src/stores/sqlite/doctor.ts'
import { loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { storePath } from '../../../src/stores/sqlite/file/place.ts'
import { birth, end, entry } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { childProgram } from './child-program.ts'

const TASKS = 8

const start = childProgram()

describe('a process that is killed while it writes', () => {
  it('loses nothing that was acknowledged, and leaves nothing half', async () => {
    const directory = freshDirectory()
    for (const round of [1, 2, 3]) {
      const child = start([directory, 'write', `r${round}`, TASKS])
      for (let i = 0; i < round * 40; i += 1) await child.next()
      await child.kill()
      const store = await openSqlite({ directory })
      const known = new Set((await store.tasks()).map(({ spec }) => spec.id))
      for (const { taskId, seq } of child.lines) {
        const entries = await store.read(String(taskId))
        expect(known.has(String(taskId))).toBe(true)
        expect(entries.length).toBeGreaterThanOrEqual(Number(seq))
        expect(entries.map((it) => it.seq)).toEqual(entries.map((_, i) => i + 1))
      }
      await store.close()
    }
    expect((await inspectStore(directory, null))?.findings).toEqual([])
  })

  it('leaves its tasks to whoever wants them', async () => {
    const directory = freshDirectory()
    const child = start([directory, 'write', 'r', 1])
    await child.next()
    const store = await openSqlite({ directory })
    await expect(store.acquire('r-0')).rejects.toMatchObject({ code: 'store/held' })
    await child.kill()
    expect((await store.tasks()).map(({ heldBy }) => heldBy)).toEqual(['nobody'])
    const { runId, seenAt } = await store.acquire('r-0')
    expect([runId, seenAt > 0]).toEqual([1, true])
    await store.close()
  })
})

describe('a file that was torn', () => {
  it('cut short, it is refused by name and left as it is', async () => {
    const directory = await filled(30)
    const path = storePath(directory)
    const size = Math.floor(statSync(path).size / 2)
    truncateSync(path, size)
    await expect(openSqlite({ directory })).rejects.toMatchObject({
      code: 'store/corrupt',
      message: expect.stringContaining(path),
    })
    expect(statSync(path).size).toBe(size)
  })

  it('with its beginning overwritten, it is refused and not made anew', async () => {
    const directory = await filled(3)
    flip(storePath(directory), 0, 100)
    await expect(openSqlite({ directory })).rejects.toMatchObject({
      code: 'store/corrupt',
      message: expect.stringContaining('troupe doctor'),
    })
  })

  it('with one page of a task overwritten, that task says so and the others are whole', async () => {
    const directory = await filled(30)
    const page = pageOf(storePath(directory), 'fact 3 of t7')
    flip(storePath(directory), page * 4096, 4096)
    const store = await openSqlite({ directory })
    expect((await store.tasks()).length).toBe(30)
    await expect(store.read('t7')).rejects.toMatchObject({ code: 'store/corrupt' })
    const others = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => store.read(`t${i}`).then(({ length }) => length)),
    )
    const whole = others.filter((it) => it.status === 'fulfilled' && it.value === 5).length
    // A page holds the entries of one or two neighbours.
    expect(whole).toBeGreaterThanOrEqual(26)
    await store.create(birth('new'))
    await store.close()
    expect((await inspectStore(directory, null))?.findings).not.toEqual([])
  })

  it('with a few bytes of a fact changed, the fact is not taken for what happened', async () => {
    const directory = await filled(3)
    const path = storePath(directory)
    // Pages that are no longer in use hold old copies.
    for (let at = 0; at !== -1; ) {
      at = readFileSync(path).indexOf('fact 2 of t1')
      if (at !== -1) replace(path, at, 'FACT')
    }
    const store = await openSqlite({ directory })
    await expect(store.read('t1')).rejects.toMatchObject({
      code: 'store/corrupt',
      message: expect.stringContaining('entry 2 of task "t1"'),
    })
    expect((await store.read('t0')).length).toBe(5)
    expect((await store.since(0, 100)).length).toBe(14)
    await store.close()
    expect((await inspectStore(directory, null))?.findings).toEqual([
      'Entry 2 of task "t1" is not what was written.',
    ])
  })

  it('with the JSON of a fact broken, only that task fails to be read', async () => {
    const directory = await filled(2)
    const database = (await loadDriver())(storePath(directory))
    database.exec(`UPDATE entry SET fact = '{"type":' WHERE seq = 3 AND task = 1`)
    database.exec(`UPDATE task SET spec = '{"id":' WHERE id = 't0'`)
    database.close()
    const store = await openSqlite({ directory })
    await expect(store.read('t0')).rejects.toMatchObject({ code: 'store/corrupt' })
    expect((await store.read('t1')).length).toBe(5)
    expect((await store.tasks()).map(({ spec }) => [spec.id, spec.tools])).toEqual([
      ['t0', []],
      ['t1', []],
    ])
    await store.close()
  })

  it.each(['cut', 'flipped'])(
    'with its log %s, each journal is a beginning of what was written',
    async (how) => {
      const directory = freshDirectory()
      const child = start([directory, 'write', 'r', 4])
      for (let i = 0; i < 60; i += 1) await child.next()
      await child.kill()
      const log = `${storePath(directory)}-wal`
      const half = Math.floor(statSync(log).size / 2) + 100
      if (how === 'cut') truncateSync(log, half)
      else flip(log, half, 32)
      const store = await openSqlite({ directory })
      for (const { spec } of await store.tasks()) {
        const numbers = (await store.read(spec.id)).map(({ seq }) => seq)
        expect(numbers).toEqual(numbers.map((_, i) => i + 1))
      }
      await store.create(birth('new'))
      await store.close()
      expect((await inspectStore(directory, null))?.findings).toEqual([])
    },
  )
})

/** A closed store of some tasks with five entries each, all in the file. */
async function filled(count: number): Promise<string> {
  const directory = freshDirectory()
  const store = await openSqlite({ directory })
  for (let i = 0; i < count; i += 1) {
    const taskId = `t${i}`
    await store.create(birth(taskId))
    for (let seq = 2; seq <= 4; seq += 1) {
      const text = `fact ${seq} of ${taskId}. `.repeat(30)
      const { fact: _, ...rest } = entry(taskId, seq)
      await store.append({ ...rest, fact: { type: 'task.messaged', text, at: seq } })
    }
    await store.append(end(taskId, 5))
  }
  await store.close()
  return directory
}

function pageOf(path: string, text: string): number {
  return Math.floor(readFileSync(path).indexOf(text) / 4096)
}

function flip(path: string, at: number, length: number): void {
  const bytes = readFileSync(path).subarray(at, at + length)
  replace(path, at, Buffer.from(bytes.map((byte) => byte ^ 0xa5)))
}

function replace(path: string, at: number, bytes: Buffer | string): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from(bytes), 0, bytes.length, at)
  closeSync(file)
}
