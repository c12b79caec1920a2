/** What a crash leaves behind: a store that has the first facts of a recorded run, and that nobody holds. */
import type { Store } from '../../src/host.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const ENTRIES_MAX = 10_000

/** All facts of a store, in the order in which they became durable. */
export async function recorded(store: Store): Promise<readonly Entry[]> {
  return (await store.since(0, ENTRIES_MAX)).map(({ entry }) => entry)
}

/** The store of a process that died when so many facts were durable. */
export async function cutOff(entries: readonly Entry[], count: number, store: Store = memoryStore()) {
  const tokens = new Map<string, number>()
  for (const entry of entries.slice(0, count)) {
    const before = tokens.get(entry.taskId)
    if (before === undefined) await store.create(entry)
    else await store.append(entry, before)
    tokens.set(entry.taskId, entry.runId)
  }
  for (const taskId of tokens.keys()) await store.release(taskId)
  return store
}

/** How many facts there are up to the first one that is meant, with that one. */
export function upTo(entries: readonly Entry[], isMeant: (entry: Entry) => boolean): number {
  return entries.findIndex(isMeant) + 1
}
