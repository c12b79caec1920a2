import { RuntimeError } from '../errors.ts'
import type { Kept, Store } from '../host.ts'
import type { Entry } from '../protocol/journal.ts'
import type { TaskView } from '../protocol/task.ts'

interface Row {
  readonly entries: Entry[]
  runId: number
  isHeld: boolean
  hasEnded: boolean
  view: TaskView | null
}

interface Memory {
  /** A task that was forgotten is `null`: its id stays used. */
  readonly rows: Map<string, Row | null>
  /** All entries in the order in which they were written; what was forgotten leaves a hole. */
  readonly all: (Entry | undefined)[]
  isClosed: boolean
}

/** A store that forgets when the process does. */
export function memoryStore(): Store {
  const memory: Memory = { rows: new Map(), all: [], isClosed: false }
  return {
    ...writing(memory),
    ...holding(memory),
    ...reading(memory),
    async close() {
      memory.isClosed = true
    },
    workplace: null,
  }
}

function writing(memory: Memory): Pick<Store, 'create' | 'append' | 'keepView' | 'forget'> {
  const { rows, all } = memory
  return {
    async create(entry) {
      assertOpen(memory)
      const { taskId, runId } = entry
      if (rows.has(taskId)) throw new RuntimeError('task/duplicate-id', `The id "${taskId}" was used before.`)
      all.push(entry)
      rows.set(taskId, { entries: [entry], runId, isHeld: true, hasEnded: false, view: null })
    },

    async append(entry, previousRunId = entry.runId) {
      const row = find(memory, entry.taskId)
      if (row.runId !== previousRunId) throw staleWriter(entry.taskId, previousRunId, row.runId)
      if (entry.seq !== row.entries.length + 1) throw conflict(entry)
      row.entries.push(entry)
      all.push(entry)
      row.runId = entry.runId
      if (entry.fact.type === 'task.ended') Object.assign(row, { isHeld: false, hasEnded: true })
    },

    keepView(view) {
      const row = rows.get(view.id)
      if (row?.hasEnded) row.view = view
    },

    async forget(taskIds) {
      assertOpen(memory)
      const gone = new Set(taskIds.filter((taskId) => rows.get(taskId)?.hasEnded))
      if (gone.size === 0) return
      for (const taskId of gone) rows.set(taskId, null)
      for (const [i, entry] of all.entries()) if (entry && gone.has(entry.taskId)) all[i] = undefined
    },
  }
}

function holding(memory: Memory): Pick<Store, 'acquire' | 'release'> {
  return {
    async acquire(taskId) {
      const row = find(memory, taskId)
      row.runId += 1
      row.isHeld = true
      return { runId: row.runId, seenAt: 0 }
    },

    async release(taskId) {
      const row = memory.rows.get(taskId)
      if (row) row.isHeld = false
    },
  }
}

function reading(memory: Memory): Pick<Store, 'read' | 'since' | 'tasks'> {
  const { rows, all } = memory
  return {
    async read(taskId, after = 0) {
      assertOpen(memory)
      return rows.get(taskId)?.entries.slice(after) ?? []
    },

    async since(cursor, max) {
      assertOpen(memory)
      const kept: Kept[] = []
      for (let i = cursor; i < all.length && kept.length < max; i += 1) {
        const entry = all[i]
        if (entry) kept.push({ cursor: i + 1, entry })
      }
      return kept
    },

    async tasks(which = 'all') {
      assertOpen(memory)
      return [...rows.values()].flatMap((row) => {
        const birth = row?.entries[0]?.fact
        if (!row || birth?.type !== 'task.created' || (which === 'unfinished' && row.hasEnded)) return []
        const heldBy = row.isHeld ? 'here' : 'nobody'
        return [{ spec: birth.spec, hasEnded: row.hasEnded, view: row.view, heldBy }]
      })
    },
  }
}

function find(memory: Memory, taskId: string): Row {
  assertOpen(memory)
  const row = memory.rows.get(taskId)
  if (!row) throw new RuntimeError('task/no-such-task', `There is no task "${taskId}".`)
  return row
}

function assertOpen({ isClosed }: Memory): void {
  if (isClosed) throw new RuntimeError('store/closed', 'The store is closed.')
}

function staleWriter(taskId: string, runId: number, current: number): RuntimeError {
  return new RuntimeError(
    'store/stale-writer',
    `Task "${taskId}" is at run ${current}, not ${runId}: it was taken over.`,
  )
}

function conflict({ taskId, seq }: Entry): RuntimeError {
  return new RuntimeError(
    'store/conflict',
    `Task "${taskId}" already has an entry ${seq}, or lacks the one before.`,
  )
}
