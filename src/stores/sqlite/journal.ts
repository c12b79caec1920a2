import { RuntimeError } from '../../errors.ts'
import type { Store } from '../../host.ts'
import type { Entry } from '../../protocol/journal.ts'
import type { Db } from './db.ts'
import { checksum } from './reading.ts'

/** So many tasks are forgotten in one transaction: the loop is not held up for longer. */
const FORGET_MAX = 50

/** Who holds what, as far as writing to a journal asks for it. */
export interface Holding {
  /** Sees to it that we are known to the others before what is written next. */
  register(): void
  /** Inside a write. Throws `store/stale-writer` when others take us for gone. */
  fence(): void
  /** Inside a write. Takes from one that lives no more all that it held; false: it lives. */
  bury(owner: string): boolean
}

type Writing = Pick<Store, 'create' | 'append' | 'acquire' | 'release' | 'keepView' | 'forget'>

interface TaskRow {
  readonly number: number
  readonly run_id: number
  readonly owner: string | null
  readonly seen_at: number
  /** The number of its last entry. */
  readonly last: number
}

/** All that is written of tasks. Each is checked and done inside one transaction. */
export function createJournal(db: Db, holding: Holding): Writing {
  const rows = statements(db)
  const entries = entryWriting(db, holding, rows)
  return {
    create(entry) {
      holding.register()
      return db.write(() => entries.insertTask(entry))
    },
    append(entry, previousRunId = entry.runId) {
      holding.register()
      return db.write(() => entries.append(entry, previousRunId))
    },
    acquire(taskId) {
      holding.register()
      return db.write(() => {
        holding.fence()
        const holder = findTask(rows, taskId).owner ?? db.self
        if (holder !== db.self && !holding.bury(holder)) throw heldElsewhere(taskId)
        // Read again: it says since when its holder is gone.
        const { number, run_id, seen_at } = findTask(rows, taskId)
        rows.take.run(db.self, number)
        return { runId: run_id + 1, seenAt: seen_at }
      })
    },
    release: (taskId) =>
      db
        .write(() => void rows.letGo.run(taskId, db.self))
        .catch(() => {
          // It is let go of when this process is gone, too.
        }),
    keepView(view) {
      db.write(() => rows.keepView.run(JSON.stringify(view), view.id)).catch(() => {
        // A cache: without it, the journal is folded.
      })
    },
    async forget(taskIds) {
      for (let i = 0; i < taskIds.length; i += FORGET_MAX) {
        const some = taskIds.slice(i, i + FORGET_MAX)
        await db.write(() => {
          for (const taskId of some) {
            rows.forgetEntries.run(taskId)
            rows.forgetTask.run(taskId)
          }
        })
      }
    },
  }
}

/** Inside a write. */
function entryWriting(db: Db, holding: Holding, rows: Rows) {
  function insert(number: number | bigint, entry: Entry): void {
    const { seq, runId, v } = entry
    const fact = JSON.stringify(entry.fact)
    rows.insertEntry.run(number, seq, runId, v, fact, checksum(entry.taskId, seq, fact))
  }

  return {
    insertTask(entry: Entry): void {
      holding.fence()
      const { taskId, runId, fact } = entry
      const spec = fact.type === 'task.created' ? fact.spec : null
      const born = rows.insertTask.run(taskId, spec?.parent ?? null, JSON.stringify(spec), runId, db.self)
      if (Number(born.changes) === 0) {
        throw new RuntimeError('task/duplicate-id', `The id "${taskId}" was used before.`)
      }
      insert(born.lastInsertRowid, entry)
    },

    append(entry: Entry, previousRunId: number): void {
      const { taskId, seq, runId, fact } = entry
      const task = findTask(rows, taskId)
      holding.fence()
      if (task.run_id !== previousRunId) throw staleWriter(taskId, previousRunId, task.run_id)
      if (task.owner !== null && task.owner !== db.self) throw takenOver(taskId)
      if (seq !== task.last + 1) throw conflict(entry)
      insert(task.number, entry)
      if (runId !== previousRunId) rows.moveToken.run(runId, task.number)
      if (fact.type === 'task.ended') rows.endTask.run(fact.outcome.status, task.number)
    },
  }
}

function findTask(rows: Rows, taskId: string): TaskRow {
  const task = rows.find.get(taskId) as TaskRow | undefined
  if (task) return task
  throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
}

type Rows = ReturnType<typeof statements>

function statements({ prepare }: Db) {
  return {
    find: prepare(
      `SELECT number, run_id, owner, seen_at,
         (SELECT coalesce(max(seq), 0) FROM entry WHERE task = number) AS last
       FROM task WHERE id = ? AND spec IS NOT NULL`,
    ),
    insertTask: prepare(
      'INSERT INTO task (id, parent, spec, run_id, owner) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    ),
    insertEntry: prepare('INSERT INTO entry (task, seq, run_id, v, fact, sum) VALUES (?, ?, ?, ?, ?, ?)'),
    moveToken: prepare('UPDATE task SET run_id = ? WHERE number = ?'),
    endTask: prepare('UPDATE task SET ended = 1, outcome = ?, owner = NULL WHERE number = ?'),
    take: prepare('UPDATE task SET run_id = run_id + 1, owner = ? WHERE number = ?'),
    letGo: prepare('UPDATE task SET owner = NULL WHERE id = ? AND owner = ?'),
    keepView: prepare('UPDATE task SET view = ? WHERE id = ? AND ended = 1'),
    forgetEntries: prepare(
      'DELETE FROM entry WHERE task = (SELECT number FROM task WHERE id = ? AND ended = 1)',
    ),
    forgetTask: prepare(
      'UPDATE task SET spec = NULL, view = NULL, parent = NULL, owner = NULL WHERE id = ? AND ended = 1',
    ),
  }
}

function staleWriter(taskId: string, runId: number, current: number): RuntimeError {
  return new RuntimeError(
    'store/stale-writer',
    `Task "${taskId}" is at run ${current}, not ${runId}: it was taken over.`,
  )
}

function takenOver(taskId: string): RuntimeError {
  return new RuntimeError(
    'store/stale-writer',
    `Task "${taskId}" is held by another process: it was taken over.`,
  )
}

function heldElsewhere(taskId: string): RuntimeError {
  return new RuntimeError(
    'store/held',
    `Task "${taskId}" is held by another process, which lives. Ask that one, or wait until it has let go.`,
  )
}

function conflict({ taskId, seq }: Entry): RuntimeError {
  return new RuntimeError(
    'store/conflict',
    `Task "${taskId}" already has an entry ${seq}, or lacks the one before.`,
  )
}
