/** What a chain of lives has left behind, read once it is over. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskRecord } from '../../../src/host.ts'
import type { Entry } from '../../../src/protocol/journal.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import type { Asked, Found, Killed } from '../world/plan.ts'
import { notesAs } from './lives.ts'

export interface Record {
  readonly directory: string
  readonly tasks: readonly TaskRecord[]
  /** Of all tasks, in the order in which they became durable. */
  readonly entries: readonly Entry[]
  readonly journals: ReadonlyMap<string, readonly Entry[]>
  readonly asked: readonly Asked[]
  readonly found: readonly Found[]
  readonly killed: readonly Killed[]
}

const ENTRIES_MAX = 100_000

export async function recordOf(directory: string): Promise<Record> {
  const store = await openSqlite({ directory: join(directory, 'workspace/.troupe/state') })
  try {
    const tasks = await store.tasks()
    const entries = (await store.since(0, ENTRIES_MAX)).map(({ entry }) => entry)
    const journals = new Map<string, readonly Entry[]>()
    for (const { spec } of tasks) journals.set(spec.id, await store.read(spec.id))
    const asked = notesAs<Asked>(directory, 'asked')
    return {
      directory,
      tasks,
      entries,
      journals,
      asked,
      found: notesAs<Found>(directory, 'found'),
      killed: notesAs<Killed>(directory, 'killed'),
    }
  } finally {
    await store.close()
  }
}

/** What is in a file of the workspace, if it is there. */
export function fileOf(directory: string, name: string): string | null {
  const path = join(directory, 'workspace', name)
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
