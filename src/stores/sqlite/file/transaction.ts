import { storeFault } from './faults.ts'
import type { OpenFile } from './open.ts'

/** What became of one write in a transaction. */
export type Applied = { readonly value: unknown } | { readonly refusal: unknown }

export interface Committed {
  readonly applied: readonly Applied[]
  /** How long it took, without waiting for its turn. */
  readonly tookMs: number
  /** Another process has written since the transaction before. */
  readonly isCrowded: boolean
}

/**
 * Runs writes as one transaction: what throws is undone alone, all else is durable when this returns, and
 * nothing is there when this throws.
 */
export function transactions({ path, database, assertSame }: OpenFile) {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const mark = database.prepare('SAVEPOINT one')
  const forget = database.prepare('RELEASE one')
  const undo = database.prepare('ROLLBACK TO one')
  const version = database.prepare('PRAGMA data_version')
  let seen: unknown = null

  function applied(apply: () => unknown): Applied {
    mark.run()
    try {
      const value = apply()
      forget.run()
      return { value }
    } catch (refusal) {
      // A full disk ends the whole transaction: then there is nothing to go back to, and nothing is kept.
      if (!isDone(() => undo.run())) throw refusal
      forget.run()
      return { refusal: storeFault(refusal, path) }
    }
  }

  function hasChanged(): boolean {
    const last = seen
    seen = (version.get() as { readonly data_version: unknown }).data_version
    return last !== null && last !== seen
  }

  return (writes: readonly (() => unknown)[]): Committed => {
    begin.run()
    const since = performance.now()
    try {
      const isCrowded = hasChanged()
      const all = writes.map(applied)
      assertSame()
      commit.run()
      // What was written into a file that nobody finds any more was not written.
      assertSame()
      return { applied: all, tookMs: performance.now() - since, isCrowded }
    } catch (error) {
      // Where that fails it was rolled back already, or is durable.
      isDone(() => database.exec('ROLLBACK'))
      throw error
    }
  }
}

function isDone(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}
