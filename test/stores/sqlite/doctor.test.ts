import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { adoptStore, inspectStore } from '../../../src/stores/sqlite/doctor.ts'
import { loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { makePlace, storePath } from '../../../src/stores/sqlite/file/place.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, end, entry, refusal } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { childProgram } from './child-program.ts'

const ours = { key: 'ours' }
const theirs = { key: 'theirs' }
const start = childProgram()

describe('looking at a store', () => {
  it('tells what is in it, and who has made it', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory, installation: ours })
    for (const taskId of ['t1', 't2', 't3', 't4']) await store.create(birth(taskId))
    await store.append(end('t1', 2))
    await store.append(end('t2', 2))
    await store.forget(['t2'])
    await store.release('t3')
    const report = await inspectStore(directory, ours)
    await store.close()
    expect(report).toMatchObject({
      path: storePath(directory),
      form: 1,
      madeBy: 'ours',
      tasks: { held: 1, unheld: 1, ended: { completed: 1 }, forgotten: 1 },
      entries: 4,
      holders: [{ pid: process.pid, isGone: false, tasks: 1 }],
      findings: [],
    })
    expect(Math.abs(Date.now() - (report?.madeAt ?? 0))).toBeLessThan(60_000)
  })

  it('tells of holders that live no more', async () => {
    const directory = freshDirectory()
    const child = start([directory, 'write', 'r', 2])
    while (child.lines.length < 4) await child.next()
    await child.kill()
    expect(await inspectStore(directory, null)).toMatchObject({
      tasks: { held: 0, unheld: 2 },
      holders: [{ pid: child.pid, isGone: true, tasks: 2 }],
    })
  })

  it('finds what is damaged: entries that are missing, and a file that does not hold together', async () => {
    const directory = freshDirectory()
    const store = await openSqlite({ directory })
    await store.create(birth('t1'))
    await store.append(entry('t1', 2))
    await store.append(entry('t1', 3))
    await store.close()
    const database = (await loadDriver())(storePath(directory))
    database.exec('DELETE FROM entry WHERE seq = 2')
    database.close()
    expect((await inspectStore(directory, null))?.findings).toEqual(['Task "t1" lacks entries.'])
  })

  it('finds none where there is none, and makes none', async () => {
    const directory = freshDirectory()
    expect(await inspectStore(directory, ours)).toBe(null)
    makePlace(directory)
    rmSync(storePath(directory))
    expect(await inspectStore(directory, ours)).toBe(null)
  })
})

describe('taking over a store', () => {
  it('is needed for one that another installation has made, and enough', async () => {
    const directory = freshDirectory()
    const before = await openSqlite({ directory, installation: theirs })
    await before.create(birth('t1'))
    await before.release('t1')
    await before.close()
    expect(await refusal(openSqlite({ directory, installation: ours }))).toBe('store/foreign')
    const seen = await inspectStore(directory, ours)
    expect(seen).toMatchObject({ madeBy: 'another', tasks: { unheld: 1 } })
    expect(seen?.installation).toBe((await inspectStore(directory, theirs))?.installation)
    expect(await refusal(openSqlite({ directory, installation: ours }))).toBe('store/foreign')

    await adoptStore(directory, ours)
    const store = await openSqlite({ directory, installation: ours })
    expect((await store.tasks()).length).toBe(1)
    await store.close()
    expect(await refusal(openSqlite({ directory, installation: theirs }))).toBe('store/foreign')
  })

  it('is refused for what is no store of ours', async () => {
    const directory = freshDirectory()
    const database = (await loadDriver())(makePlace(directory))
    database.exec('CREATE TABLE recipe (name TEXT)')
    database.close()
    expect(await refusal(adoptStore(directory, ours))).toBe('store/foreign')
  })
})
