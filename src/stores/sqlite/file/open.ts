import { accessSync, constants } from 'node:fs'
import { RuntimeError } from '../../../errors.ts'
import type { Database } from '../db.ts'
import type { Driver } from './driver.ts'
import { corrupt, isBusy, storeFault } from './faults.ts'
import { identityOf, isCutShort, makePlace, storePath, watchIdentity } from './place.ts'
import { APPLICATION_ID, MIGRATIONS } from '../schema.ts'
import { foreign, type Installation, isSigned, signFresh } from './signature.ts'

/** So long the whole process stands still at most because another one writes. */
const BUSY_TIMEOUT_MS = 5
/** So long another process may be at making, or mending, the file. */
const OPEN_LIMIT_MS = 30_000
const PAUSE_MAX_MS = 20
/** Pages of the log that are moved to the file at once: little, so that no commit takes long. */
const CHECKPOINT_PAGES = 256

export interface OpenFile {
  readonly path: string
  readonly database: Database
  /** Throws `store/replaced` once the file isn't the one that was opened. */
  readonly assertSame: () => void
}

export interface Opening {
  readonly directory: string
  /** `null`: whose store it is isn't looked at. */
  readonly installation: Installation | null
  readonly driver: Driver
}

/** Opens the store of a directory, or makes it. Several processes may do so at once. */
export async function openFile(opening: Opening): Promise<OpenFile> {
  for (const since = performance.now(); ; ) {
    try {
      return attempt(opening)
    } catch (error) {
      const isOver = performance.now() - since > OPEN_LIMIT_MS
      if (!isBusy(error) || isOver) throw storeFault(error, storePath(opening.directory))
    }
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * PAUSE_MAX_MS))
  }
}

function attempt({ directory, installation, driver }: Opening): OpenFile {
  const path = makePlace(directory)
  accessSync(directory, constants.W_OK)
  accessSync(path, constants.R_OK | constants.W_OK)
  const before = identityOf(path)
  const database = driver(path)
  try {
    // First: after a crash, all that follows may have to wait for another process that mends the file.
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    if (isCutShort(path)) throw corrupt(path, 'it is shorter than it was')
    if (formOf(database, path) > 0) checkSignature(database, installation, path)
    database.prepare('PRAGMA journal_mode = WAL').get()
    database.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    migrate(database, installation, path)
    checkSignature(database, installation, path)
    if (identityOf(path) !== before)
      throw new RuntimeError('store/busy', `The store ${path} was just replaced.`)
    return { path, database, assertSame: watchIdentity(path) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** 0: there is nothing in it yet. Refuses what is another program's, and what a newer version has made. */
export function formOf(database: Database, path: string): number {
  const program = numberOf(database, 'application_id')
  const form = numberOf(database, 'user_version')
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (program === 0 && form === 0 && isEmpty) return 0
  if (program !== APPLICATION_ID) {
    throw new RuntimeError(
      'store/foreign',
      `${path} is the database of another program. Move it away, or keep the store in another directory.`,
    )
  }
  if (form > MIGRATIONS.length) {
    throw new RuntimeError(
      'store/newer',
      `The store ${path} has form ${form}, and this version of Troupe reads forms up to ${MIGRATIONS.length}. ` +
        'A newer version has made it: use that one.',
    )
  }
  return form
}

/** In one transaction, so that of several processes one does it and the others find it done. */
function migrate(database: Database, installation: Installation | null, path: string): void {
  if (formOf(database, path) === MIGRATIONS.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const form = formOf(database, path)
    for (const [i, step] of MIGRATIONS.entries()) if (i >= form) database.exec(step)
    if (form === 0) {
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
      signFresh(database, installation, Date.now())
    }
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    database.exec('COMMIT')
  } catch (error) {
    try {
      database.exec('ROLLBACK')
    } catch {
      // A full disk has rolled it back already.
    }
    throw error
  }
}

function checkSignature(database: Database, installation: Installation | null, path: string): void {
  if (installation && !isSigned(database, installation)) throw foreign(path)
}

function numberOf(database: Database, pragma: 'application_id' | 'user_version'): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get()
  return Number((row as Readonly<Record<string, unknown>> | undefined)?.[pragma] ?? 0)
}
