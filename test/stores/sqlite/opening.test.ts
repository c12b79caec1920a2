/** A store of any form and any size opens, and opening reads nothing of what has ended. */
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { openFile } from '../../../src/stores/sqlite/file/open.ts'
import { makePlace } from '../../../src/stores/sqlite/file/place.ts'
import { inspectStore } from '../../../src/stores/sqlite/doctor.ts'
import { MIGRATIONS } from '../../../src/stores/sqlite/schema.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, end, entry, refusal, VIEW } from '../../../src/testing/store-entries.ts'
import { freshDirectory } from '../fresh-directory.ts'
import { FORM_ENTRIES } from './form-entries.ts'

const TASKS = 10_000
const ROUNDS = 9
const SLOWER_MAX = 1.5
const SLACK_MS = 200

describe.each(MIGRATIONS.map((_, i) => i + 1))('a store of form %i', (form) => {
  it('holds what was written into it, and goes on', async () => {
    const directory = await placed(form)
    const store = await openSqlite({ directory })
    for (const [taskId, entries] of Object.entries(FORM_ENTRIES)) {
      expect(await store.read(taskId)).toEqual(entries)
    }
    const tasks = await store.tasks()
    expect(tasks.map(({ spec, hasEnded, heldBy }) => [spec.id, hasEnded, heldBy])).toEqual([
      ['ended', true, 'nobody'],
      ['running', false, 'elsewhere'],
      ['paused', false, 'nobody'],
    ])
    expect(tasks[0]?.view).toEqual({ ...VIEW, id: 'ended' })
    expect(await refusal(store.create(birth('forgotten')))).toBe('task/duplicate-id')
    const kept = await store.since(0, 100)
    expect(kept.map((it) => it.entry)).toEqual(Object.values(FORM_ENTRIES).flat())
    const { runId } = await store.acquire('paused')
    await store.append(entry('paused', 5, runId))
    expect((await store.since(kept.at(-1)?.cursor ?? 0, 100)).length).toBe(1)
    await store.close()
  })

  it("is of today's form once it was opened", async () => {
    const directory = await placed(form)
    await (await openSqlite({ directory })).close()
    expect(await inspectStore(directory, null)).toMatchObject({ form: MIGRATIONS.length, findings: [] })
  })
})

describe('an open store', () => {
  it('waits for the disk with each transaction', async () => {
    const { database } = await openFile({
      directory: freshDirectory(),
      installation: null,
      driver: await loadDriver(),
    })
    const pragma = (name: string) =>
      (database.prepare(`PRAGMA ${name}`).get() as Readonly<Record<string, unknown>>)[name]
    // 2 is FULL: the log is synced at each commit, also against a loss of power.
    expect([pragma('synchronous'), pragma('journal_mode')]).toEqual([2, 'wal'])
    database.close()
  })
})

describe('a store of ten thousand ended tasks', () => {
  it('opens about as fast as an empty one', async () => {
    const full = freshDirectory()
    const empty = freshDirectory()
    const store = await openSqlite({ directory: full })
    const tasks = Array.from({ length: TASKS }, (_, i) => `t${i}`)
    await Promise.all(tasks.map((taskId) => store.create(birth(taskId))))
    await Promise.all(tasks.map((taskId) => store.append(end(taskId, 2))))
    const since = performance.now()
    expect((await store.tasks()).length).toBe(TASKS)
    const listing = performance.now() - since
    await store.close()

    await openingTime(empty)
    const times: { readonly full: number; readonly empty: number }[] = []
    for (let i = 0; i < ROUNDS; i += 1) {
      times.push({ full: await openingTime(full), empty: await openingTime(empty) })
    }
    const [ofFull, ofEmpty] = [median(times.map((it) => it.full)), median(times.map((it) => it.empty))]
    console.log(
      `Opened in ${ofFull.toFixed(1)} ms, empty in ${ofEmpty.toFixed(1)} ms; listed in ${listing.toFixed(0)} ms.`,
    )
    expect(ofFull).toBeLessThanOrEqual(ofEmpty * SLOWER_MAX + SLACK_MS)
  })
})

async function placed(form: number): Promise<string> {
  const directory = freshDirectory()
  const fixture = fileURLToPath(new URL(`../../fixtures/stores/form-${form}.sqlite`, import.meta.url))
  copyFileSync(fixture, makePlace(directory))
  return directory
}

async function openingTime(directory: string): Promise<number> {
  const since = performance.now()
  const store = await openSqlite({ directory })
  const took = performance.now() - since
  await store.close()
  return took
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
