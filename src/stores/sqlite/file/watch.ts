import type { Database } from '../db.ts'

/** How often it is looked whether another process has written: what it asks for is done within a moment. */
const WATCH_MS = 50

export interface Watch {
  watch(changed: () => void): () => void
  close(): void
}

/** Hears of what other processes write. Looking costs a few microseconds, and keeps no process alive. */
export function watchFile(database: Database): Watch {
  const version = database.prepare('PRAGMA data_version')
  const listeners = new Set<() => void>()
  let seen: unknown = null
  let timer: ReturnType<typeof setInterval> | null = null

  function look(): void {
    const now = read()
    if (now === seen) return
    seen = now
    for (const changed of listeners) changed()
  }

  function read(): unknown {
    try {
      return (version.get() as { readonly data_version: unknown }).data_version
    } catch {
      // Another process is at it, or the file is gone: whoever writes hears of that.
      return seen
    }
  }

  function close(): void {
    if (timer) clearInterval(timer)
    timer = null
    listeners.clear()
  }

  return {
    watch(changed) {
      const listener = () => changed()
      if (!timer) {
        seen = read()
        timer = setInterval(look, WATCH_MS).unref()
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) close()
      }
    },
    close,
  }
}
