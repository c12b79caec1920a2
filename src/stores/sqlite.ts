import { randomBytes } from 'node:crypto'
import type { Store } from '../host.ts'
import { openQueue, type Written } from './sqlite/file/commit.ts'
import type { Database, Db } from './sqlite/db.ts'
import { closed } from './sqlite/file/faults.ts'
import { type Driver, loadDriver } from './sqlite/file/driver.ts'
import { createJournal } from './sqlite/journal.ts'
import { openFile } from './sqlite/file/open.ts'
import { createReading } from './sqlite/reading.ts'
import type { Installation } from './sqlite/file/signature.ts'
import { watchFile } from './sqlite/file/watch.ts'
import { createWorkplace } from './sqlite/workplace.ts'
import type { LeaseTimes } from './sqlite/renewal.ts'

const SELF_BYTES = 9

/** Where a store is kept, and by what it is known as the user's own. */
export interface SqlitePlan {
  /** Made where it is missing, for its user alone. */
  readonly directory: string
  /** A store that this installation has not made isn't opened. Absent: whose it is isn't looked at. */
  readonly installation?: Installation
  /** Shorter ones are for tests. */
  readonly times?: Partial<LeaseTimes>
  /** What opens the file. Absent: whatever is found. */
  readonly driver?: Driver
}

/** A store in one file. */
export interface SqliteStore extends Store {
  readonly path: string
  /** How much was written since it was opened. */
  readonly written: Written
}

/**
 * Opens the store of a directory, or makes it: journals in one SQLite file, which several processes share.
 */
export async function openSqlite(plan: SqlitePlan): Promise<SqliteStore> {
  const { directory, installation = null, times = {}, driver = await loadDriver() } = plan
  const file = await openFile({ directory, installation, driver })
  const { path, database } = file
  const queue = openQueue(file)
  const watch = watchFile(database)
  const db: Db = {
    path,
    self: randomBytes(SELF_BYTES).toString('hex'),
    prepare: (sql) => database.prepare(sql),
    write: queue.write,
    read: queue.read,
    watch: watch.watch,
  }
  const workplace = createWorkplace(db, times)
  let closing: Promise<void> | null = null

  /** The workplace writes until it has left; for all others a store that is closing is closed. */
  const ours: Db = {
    ...db,
    write: (apply) => (closing ? Promise.reject(closed(path)) : db.write(apply)),
    read: (look) => (closing ? Promise.reject(closed(path)) : db.read(look)),
  }

  async function close(): Promise<void> {
    await workplace.leave().catch(() => {
      // Others find out by themselves that this process is gone.
    })
    await queue.close()
    watch.close()
    moveLog(database)
    database.close()
  }

  return {
    path,
    ...createJournal(ours, workplace),
    ...createReading(ours, workplace.heldBy),
    get written() {
      return queue.written
    },
    workplace,
    close() {
      closing ??= close()
      return closing
    },
  }
}

/**
 * What is in the log goes to the file, as far as nobody else is at it. SQLite does so itself when a file is
 * closed, but not while a driver still holds statements that it can't let go of.
 */
function moveLog(database: Database): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // The log is as good as the file.
  }
}
