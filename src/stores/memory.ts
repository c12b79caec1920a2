import { RuntimeError } from '../errors.ts'
import type { Store } from '../host.ts'
import type { Entry } from '../protocol/journal.ts'

interface Row {
  readonly entries: Entry[]
  runId: number
}

/** A store that forgets when the process does. */
export function memoryStore(): Store {
  const rows = new Map<string, Row>()
  let isClosed = false

  const open = () => {
    if (isClosed) throw new RuntimeError('store/closed', 'The store is closed.')
  }

  return {
    async create(entry) {
      open()
      const { taskId, runId } = entry
      if (rows.has(taskId)) throw new RuntimeError('task/duplicate-id', `The id "${taskId}" was used before.`)
      rows.set(taskId, { entries: [entry], runId })
    },

    async append(entry, previousRunId = entry.runId) {
      open()
      const row = rows.get(entry.taskId)
      if (!row) throw new RuntimeError('task/no-such-task', `There is no task "${entry.taskId}".`)
      if (row.runId !== previousRunId) throw staleWriter(entry.taskId, previousRunId, row.runId)
      if (entry.seq !== row.entries.length + 1) throw conflict(entry)
      row.entries.push(entry)
      row.runId = entry.runId
    },

    async read(taskId, after = 0) {
      open()
      return rows.get(taskId)?.entries.slice(after) ?? []
    },

    async tasks() {
      open()
      return [...rows.values()].flatMap(({ entries }) => {
        const birth = entries[0]?.fact
        if (birth?.type !== 'task.created') return []
        return [{ spec: birth.spec, hasEnded: entries.at(-1)?.fact.type === 'task.ended' }]
      })
    },

    async close() {
      isClosed = true
    },
  }
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
