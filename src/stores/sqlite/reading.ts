import { createHash } from 'node:crypto'
import type { Kept, Store, TaskRecord } from '../../host.ts'
import type { Entry, Heard } from '../../protocol/journal.ts'
import type { TaskSpec, TaskView } from '../../protocol/task.ts'
import type { Db } from './db.ts'
import { corrupt } from './file/faults.ts'

/** So many rows are read at once; between two such helpings everything else gets its turn. */
const HELPING = 500
const CHECKSUM_CHARACTERS = 16

interface EntryRow {
  readonly position: number
  readonly task_id: string
  readonly seq: number
  readonly run_id: number
  readonly v: number
  readonly fact: string
  readonly sum: string
}

interface TaskRow {
  readonly number: number
  readonly id: string
  readonly parent: string | null
  readonly spec: string
  readonly ended: number
  readonly owner: string | null
  readonly view: string | null
}

type HeldBy = (owner: string | null) => TaskRecord['heldBy']

/** All that is read of tasks. */
export function createReading(db: Db, heldBy: HeldBy): Pick<Store, 'read' | 'since' | 'tasks'> {
  const { entriesOf, entriesSince, tasksAfter, unfinishedAfter } = statements(db)

  /** What can't be read of one task is left out, so that the others still are; reading that task says so. */
  function entriesAfter(cursor: number, max: number): readonly Kept[] {
    const found: Kept[] = []
    for (let last = cursor; found.length < max; ) {
      const rows = entriesSince.all(last, max - found.length) as readonly EntryRow[]
      for (const row of rows) {
        last = row.position
        const entry = entryOf(row)
        if (entry) found.push({ cursor: row.position, entry })
      }
      if (rows.length === 0) break
    }
    return found
  }

  return {
    read: (taskId, after = 0) =>
      inHelpings(
        db,
        (last: EntryRow | null) => entriesOf.all(taskId, last?.seq ?? after),
        (row) => readable(row, db.path),
      ),
    since: (cursor, max) => db.read(() => entriesAfter(cursor, max)),
    tasks(which = 'all') {
      const after = which === 'all' ? tasksAfter : unfinishedAfter
      const known = new Map<string | null, TaskRecord['heldBy']>()
      return inHelpings(
        db,
        (last: TaskRow | null) => after.all(last?.number ?? 0),
        (row) => {
          const holder = known.get(row.owner) ?? heldBy(row.owner)
          known.set(row.owner, holder)
          return recordOf(row, holder)
        },
      )
    },
  }
}

function statements({ prepare }: Db) {
  const entries = `SELECT position, task.id AS task_id, seq, entry.run_id, v, fact, sum
    FROM entry JOIN task ON number = task`
  const tasks = 'SELECT number, id, parent, spec, ended, owner, view FROM task'
  return {
    entriesOf: prepare(`${entries} WHERE task.id = ? AND seq > ? ORDER BY seq LIMIT ${HELPING}`),
    entriesSince: prepare(`${entries} WHERE position > ? ORDER BY position LIMIT ?`),
    tasksAfter: prepare(`${tasks} WHERE number > ? AND spec IS NOT NULL ORDER BY number LIMIT ${HELPING}`),
    // Those that have ended are not looked at: there is an index of the others.
    unfinishedAfter: prepare(
      `${tasks} WHERE ended = 0 AND number > ? AND spec IS NOT NULL ORDER BY number LIMIT ${HELPING}`,
    ),
  }
}

/** By which bytes that were changed on the disk are found out. */
export function checksum(taskId: string, seq: number, fact: string): string {
  const sum = createHash('sha256').update(`${taskId} ${seq} ${fact}`)
  return sum.digest('hex').slice(0, CHECKSUM_CHARACTERS)
}

/** Reads on after the last row, as long as there is more. */
async function inHelpings<Row, T>(
  db: Db,
  after: (last: Row | null) => readonly unknown[],
  read: (row: Row) => T,
): Promise<readonly T[]> {
  const all: T[] = []
  for (let last: Row | null = null; ; ) {
    const rows: readonly Row[] = await db.read(() => after(last) as readonly Row[])
    for (const row of rows) all.push(read(row))
    if (rows.length < HELPING) return all
    last = rows.at(-1) ?? null
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function readable(row: EntryRow, path: string): Entry {
  const entry = entryOf(row)
  if (entry) return entry
  throw corrupt(path, `entry ${row.seq} of task "${row.task_id}" is not what was written`)
}

function entryOf(row: EntryRow): Entry | null {
  if (checksum(row.task_id, row.seq, row.fact) !== row.sum || row.v !== 1) return null
  const fact = parsed<Heard>(row.fact)
  return fact && { v: row.v, taskId: row.task_id, seq: row.seq, runId: row.run_id, fact }
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

function recordOf(row: TaskRow, heldBy: TaskRecord['heldBy']): TaskRecord {
  return {
    spec: parsed<TaskSpec>(row.spec) ?? unreadable(row),
    hasEnded: row.ended === 1,
    view: row.view === null ? null : parsed<TaskView>(row.view),
    heldBy,
  }
}

/** Stands for a task whose row can't be read: it is listed, and may do nothing. */
function unreadable({ id, parent }: TaskRow): TaskSpec {
  return {
    id,
    agent: 'unknown',
    message: '',
    title: 'The record of this task is damaged.',
    parent,
    depth: 0,
    background: false,
    asksToStop: false,
    instructions: '',
    notes: null,
    tools: [],
    model: { name: 'unknown', contextWindow: 1 },
    boundary: [{ allowedTools: [], filePatterns: [], commandPatterns: [], readOnly: true }],
    limits: {
      maxTurns: 0,
      timeoutMs: 0,
      idleMs: null,
      toolTimeoutMs: 0,
      modelTimeoutMs: 0,
      approvalTimeoutMs: null,
      retries: 0,
    },
    dataSchema: null,
  }
}
