/**
 * The real store, in a process that dies before an entry is handed to it (`before`), while the transaction
 * with it is open (`inside`), or once it is durable and before anyone has heard (`after`).
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Entry } from '../../../src/protocol/journal.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import type { Database, Statement } from '../../../src/stores/sqlite/db.ts'
import { type Driver, loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import type { Store } from '../../../src/host.ts'
import type { Killing } from './killing.ts'
import { createLabels } from './labels.ts'
import type { LifePlan } from './plan.ts'

export async function killingStore(
  directory: string,
  times: LifePlan['times'],
  killing: Killing,
): Promise<Store> {
  const labels = createLabels()
  const open = new Map<string, Set<string>>()
  const isWritten = new Set<string>()
  let dying: string | null = null
  const driver = dyingAtCommit(await loadDriver(), () => dying !== null && killing.at(dying))
  const store = await openSqlite({ directory, driver, ...(times && { times }) })

  async function write(entry: Entry, append: () => Promise<void>): Promise<void> {
    const label = labels.of(entry)
    if (!isWritten.has(entry.taskId)) lookForStrays(entry.taskId)
    isWritten.add(entry.taskId)
    killing.at(`before ${label}`)
    if (killing.isPlanned(`inside ${label}`)) dying = `inside ${label}`
    await append()
    killing.at(`after ${label}`)
  }

  /** Before the first word of a new life, nothing of the old one may be alive. */
  function lookForStrays(taskId: string): void {
    for (const mark of open.get(taskId) ?? []) if (isAlive(mark)) killing.note('strays', `${taskId} ${mark}`)
  }

  return {
    ...store,
    create: (entry) => write(entry, () => store.create(entry)),
    append: (entry, previousRunId) => write(entry, () => store.append(entry, previousRunId)),
    async read(taskId, after) {
      const entries = await store.read(taskId, after)
      for (const entry of entries) {
        labels.of(entry)
        const { fact } = entry
        if (fact.type !== 'call.began') continue
        open.set(taskId, (open.get(taskId) ?? new Set()).add(fact.process.mark))
      }
      return entries
    },
  }
}

function isAlive(mark: string): boolean {
  return readdirSync('/proc').some((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      return readFileSync(`/proc/${id}/environ`).includes(mark)
    } catch {
      return false
    }
  })
}

function dyingAtCommit(driver: Driver, committing: () => void): Driver {
  return (path, options) => {
    const database = driver(path, options)
    const prepare = (sql: string): Statement => {
      const statement = database.prepare(sql)
      if (sql !== 'COMMIT') return statement
      return {
        run(...values) {
          committing()
          return statement.run(...values)
        },
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      }
    }
    const wrapped: Database = { exec: (sql) => database.exec(sql), prepare, close: () => database.close() }
    return wrapped
  }
}
