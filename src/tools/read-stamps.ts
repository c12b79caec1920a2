import type { FileStamp } from '../host.ts'

const STAMPS_MAX = 10_000

/** What each task has seen of which file. Lost stamps do no harm: the task is told to read the file first. */
export interface ReadStamps {
  note(taskId: string, stamp: Pick<FileStamp, 'path' | 'hash'>): void
  /** The hash that the task saw last, or `null`. `path` is the file's real one. */
  of(taskId: string, path: string): string | null
  forget(taskId: string, path: string): void
}

/** One for each runtime. Keeps the stamps used last. */
export function readStamps(stampsMax = STAMPS_MAX): ReadStamps {
  const stamps = new Map<string, string>()
  const keyOf = (taskId: string, path: string) => JSON.stringify([taskId, path])
  const put = (key: string, hash: string) => {
    stamps.delete(key)
    stamps.set(key, hash)
  }
  return {
    note(taskId, { path, hash }) {
      put(keyOf(taskId, path), hash)
      const oldest = stamps.keys().next()
      if (stamps.size > stampsMax && !oldest.done) stamps.delete(oldest.value)
    },
    of(taskId, path) {
      const key = keyOf(taskId, path)
      const hash = stamps.get(key)
      if (hash !== undefined) put(key, hash)
      return hash ?? null
    },
    forget(taskId, path) {
      stamps.delete(keyOf(taskId, path))
    },
  }
}
