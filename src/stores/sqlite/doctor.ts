import { statSync } from 'node:fs'
import type { Database } from './db.ts'
import { type Driver, loadDriver } from './file/driver.ts'
import { storeFault } from './file/faults.ts'
import { formOf } from './file/open.ts'
import { storePath } from './file/place.ts'
import { fingerprintOf, type Installation, isSigned, metaOf, sign } from './file/signature.ts'
import { isDead, type ProcessTrace } from './liveness.ts'
import { checksum } from './reading.ts'

/** So many findings are told at most; the first few say what is wrong. */
const FINDINGS_MAX = 20
const HELPING = 500
/** Nothing else goes on in the process that looks. */
const BUSY_TIMEOUT_MS = 2_000

/** What is in a store, and how it is. */
export interface StoreReport {
  readonly path: string
  readonly bytes: number
  readonly form: number
  /** By the wall clock. */
  readonly madeAt: number
  /** `ours`: by this installation. Else `installation` names it; empty: by none that said so. */
  readonly madeBy: 'ours' | 'another'
  readonly installation: string
  readonly tasks: TaskCounts
  readonly entries: number
  readonly holders: readonly StoreHolder[]
  /** What is damaged, in words. Empty: nothing was found. */
  readonly findings: readonly string[]
}

export interface TaskCounts {
  /** Begun and not ended: held by a process that lives, and by none. */
  readonly held: number
  readonly unheld: number
  /** By the word for how they ended. */
  readonly ended: Readonly<Record<string, number>>
  /** Only their ids are left. */
  readonly forgotten: number
}

/** A process that takes part, or did. */
export interface StoreHolder {
  readonly pid: number
  readonly isGone: boolean
  /** By the wall clock. */
  readonly seenAt: number
  readonly tasks: number
}

/** Looks at a store and changes nothing. `null`: there is none. Rejects where nothing of it can be read. */
export async function inspectStore(
  directory: string,
  installation: Installation | null,
): Promise<StoreReport | null> {
  const path = storePath(directory)
  if (!statSync(path, { throwIfNoEntry: false })) return null
  return withDatabase(await loadDriver(), path, true, (database) => reportOf(database, path, installation))
}

/** Takes over a store that another installation has made. Only a person's word may lead here. */
export async function adoptStore(directory: string, installation: Installation): Promise<void> {
  const path = storePath(directory)
  await withDatabase(await loadDriver(), path, false, (database) => {
    formOf(database, path)
    database.exec('BEGIN IMMEDIATE')
    sign(database, installation)
    database.exec('COMMIT')
  })
}

async function withDatabase<T>(
  driver: Driver,
  path: string,
  readOnly: boolean,
  work: (database: Database) => T,
): Promise<T> {
  try {
    const database = driver(path, { readOnly })
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
      return work(database)
    } finally {
      database.close()
    }
  } catch (error) {
    throw storeFault(error, path)
  }
}

function reportOf(database: Database, path: string, installation: Installation | null): StoreReport {
  const form = formOf(database, path)
  const isOurs = installation !== null && isSigned(database, installation)
  const findings: string[] = []
  /** What can't be read is a finding, and all else is told nevertheless. */
  const part = <T>(read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch (error) {
      findings.push(error instanceof Error ? error.message : String(error))
      return otherwise
    }
  }
  const holders = part(() => holdersIn(database), [])
  const tasks = part(() => tasksIn(database, holders), { held: 0, unheld: 0, ended: {}, forgotten: 0 })
  const entries = part(() => count(database, 'SELECT count(*) AS count FROM entry'), 0)
  findings.push(...part(() => damageOf(database), []))
  findings.push(...part(() => unreadableIn(database), []))
  return {
    path,
    bytes: statSync(path).size,
    form,
    madeAt: Number(metaOf(database, 'made_at') ?? 0),
    madeBy: isOurs ? 'ours' : 'another',
    installation: isOurs ? fingerprintOf(installation) : (metaOf(database, 'installation') ?? ''),
    tasks,
    entries,
    holders: holders.map(({ pid, isGone, seenAt, tasks: held }) => ({ pid, isGone, seenAt, tasks: held })),
    findings: [...new Set(findings)].slice(0, FINDINGS_MAX),
  }
}

interface HolderRow extends ProcessTrace {
  readonly id: string
  readonly seen_at: number
  readonly tasks: number
}

function holdersIn(database: Database): readonly (StoreHolder & { readonly id: string })[] {
  const rows = database
    .prepare(
      'SELECT *, (SELECT count(*) FROM task WHERE owner = owner.id) AS tasks FROM owner ORDER BY seen_at',
    )
    .all() as readonly HolderRow[]
  return rows.map((row) => ({
    id: row.id,
    pid: row.pid,
    isGone: isDead(row),
    seenAt: row.seen_at,
    tasks: row.tasks,
  }))
}

function tasksIn(database: Database, holders: readonly StoreHolder[]): TaskCounts {
  const open = count(database, 'SELECT count(*) AS count FROM task WHERE ended = 0')
  const held = holders.filter(({ isGone }) => !isGone).reduce((sum, { tasks }) => sum + tasks, 0)
  const ended = database
    .prepare(
      `SELECT coalesce(outcome, 'unknown') AS outcome, count(*) AS count FROM task
       WHERE ended = 1 AND spec IS NOT NULL GROUP BY 1`,
    )
    .all() as readonly { readonly outcome: string; readonly count: number }[]
  return {
    held,
    unheld: open - held,
    ended: Object.fromEntries(ended.map((row) => [row.outcome, row.count])),
    forgotten: count(database, 'SELECT count(*) AS count FROM task WHERE spec IS NULL'),
  }
}

function damageOf(database: Database): readonly string[] {
  const rows = database.prepare(`PRAGMA integrity_check(${FINDINGS_MAX})`).all()
  const lines = rows.map((row) => String((row as { readonly integrity_check: unknown }).integrity_check))
  return lines.filter((line) => line !== 'ok')
}

interface EntryRow {
  readonly position: number
  readonly id: string
  readonly seq: number
  readonly fact: string
  readonly sum: string
}

/** Entries that are not what was written, and tasks that lack some. */
function unreadableIn(database: Database): readonly string[] {
  const gaps = database
    .prepare(
      `SELECT id FROM task JOIN entry ON task = number WHERE spec IS NOT NULL
       GROUP BY number HAVING count(*) <> max(seq) LIMIT ${FINDINGS_MAX}`,
    )
    .all() as readonly { readonly id: string }[]
  const findings = gaps.map(({ id }) => `Task "${id}" lacks entries.`)
  for (const { id, seq, fact, sum } of entriesIn(database)) {
    if (checksum(id, seq, fact) === sum) continue
    if (findings.push(`Entry ${seq} of task "${id}" is not what was written.`) >= FINDINGS_MAX) break
  }
  return findings
}

function* entriesIn(database: Database): Generator<EntryRow> {
  const some = database.prepare(
    `SELECT position, id, seq, fact, sum FROM entry JOIN task ON number = task
     WHERE position > ? ORDER BY position LIMIT ${HELPING}`,
  )
  for (let last = 0; ; ) {
    const rows = some.all(last) as readonly EntryRow[]
    for (const row of rows) {
      last = row.position
      yield row
    }
    if (rows.length < HELPING) return
  }
}

function count(database: Database, sql: string): number {
  return Number((database.prepare(sql).get() as { readonly count: number }).count)
}
