import { open } from 'node:fs/promises'
import { memoryStore, type Entry, type Store } from 'troupe'

/**
 * A store of one's own: it remembers in memory, and mirrors every fact to a file, one line of JSON each, for
 * people and scripts to read along. Nothing is read back from the file.
 */
export async function mirroredStore(path: string): Promise<Store> {
  const memory = memoryStore()
  const file = await open(path, 'a', 0o600)
  let last: Promise<unknown> = Promise.resolve()

  /** One after another: what was asked first resolves first, and a refusal spoils nothing after it. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = Promise.allSettled([done])
    return done
  }

  async function mirror(entry: Entry): Promise<void> {
    await file.appendFile(`${JSON.stringify(entry)}\n`)
  }

  return {
    ...memory,
    create: (entry) => inTurn(() => memory.create(entry).then(() => mirror(entry))),
    append: (entry, previousRunId) =>
      inTurn(() => memory.append(entry, previousRunId).then(() => mirror(entry))),
    read: (taskId, after) => inTurn(() => memory.read(taskId, after)),
    since: (cursor, max) => inTurn(() => memory.since(cursor, max)),
    tasks: () => inTurn(() => memory.tasks()),
    acquire: (taskId) => inTurn(() => memory.acquire(taskId)),
    release: (taskId) => inTurn(() => memory.release(taskId)),
    forget: (taskIds) => inTurn(() => memory.forget(taskIds)),
    close: () =>
      inTurn(async () => {
        await memory.close()
        await file.close()
      }),
  }
}
