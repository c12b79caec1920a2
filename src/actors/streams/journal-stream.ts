import type { Store } from '../../host.ts'
import type { TaskEvent } from '../../protocol/journal.ts'
import type { Listeners } from '../listeners.ts'
import { lookingStream } from './looking.ts'

export interface JournalStreamPlan {
  readonly store: Store
  readonly listeners: Listeners
  /** The last cursor already known; 0: from the very first. */
  readonly since: number
}

/** Entries that are read at once. */
const BATCH = 500

/**
 * The facts of all tasks of a store, whichever process wrote them, in the order in which they became durable:
 * what was there first, then one `caught_up`, then what happens. Read at the reader's own pace.
 */
export function journalStream({
  store,
  listeners,
  since,
}: JournalStreamPlan): AsyncIterableIterator<TaskEvent> {
  const ready: TaskEvent[] = []
  let cursor = since
  let isCaughtUp = false

  async function look(): Promise<void> {
    const batch = await store.since(cursor, BATCH)
    for (const { cursor: place, entry } of batch) {
      // Two looks may overlap.
      if (place <= cursor) continue
      const { taskId, seq, runId, fact } = entry
      cursor = place
      ready.push({ ...fact, taskId, seq, runId, cursor })
    }
    if (batch.length === BATCH) return stream.again()
    if (isCaughtUp) return
    isCaughtUp = true
    ready.push({ type: 'caught_up', cursor })
  }

  const stream = lookingStream(listeners, {
    look,
    take: () => ready.shift(),
    hear: ({ type }) => (type === 'progress' || type === 'slots' ? null : 'stale'),
  })
  return stream.events
}
