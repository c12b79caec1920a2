import { realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import type { Store } from '../../host.ts'
import { isFromTaskIn } from '../node/processes/from-a-task.ts'
import { installationOf } from './installation.ts'
import { userDirectory } from '../trust.ts'

/** Where a workspace keeps what its tasks come to. No tool reaches it (L13). */
export const STATE_PATH = '.troupe/state'

/** Makes a store once it is known which workspace it is for. */
export interface StoreMaker {
  openFor(workspace: string): Promise<Store>
  /** Where it is kept: out of every tool's reach. */
  directoryIn(workspace: string): string
}

export interface SqliteOptions {
  /** Where the file is kept, from the workspace on. Absent: `.troupe/state`. */
  readonly directory?: string
}

/** Everything is kept in one SQLite file of the workspace, durable before anything follows from it. */
export function sqlite({ directory = STATE_PATH }: SqliteOptions = {}): StoreMaker {
  return {
    directoryIn: (workspace) => resolve(workspace, directory),
    async openFor(workspace) {
      const state = resolve(workspace, directory)
      if (isFromTaskIn(state, process.env)) throw new UsageError(notForTasks(state))
      const { openSqlite } = await import('../../stores/sqlite.ts')
      const installation = await installationOf(userDirectory(process.env))
      return openSqlite({ directory: state, installation })
    },
  }
}

function notForTasks(state: string): string {
  return (
    `A task started this process, and what its tasks are kept in (${state}) is out of every task's reach. ` +
    'Use another workspace, or `store: memoryStore()`.'
  )
}

/** Where state is kept, by name and really. A store may say for itself where its file is. */
export async function stateDirectories(
  workspace: string,
  store: Store | StoreMaker | undefined,
): Promise<readonly string[]> {
  const own = store && 'directoryIn' in store ? [store.directoryIn(workspace)] : fileOf(store)
  const directories = [resolve(workspace, STATE_PATH), ...own]
  const real = await Promise.all(directories.map((directory) => realpath(directory).catch(() => directory)))
  return [...new Set([...directories, ...real])]
}

function fileOf(store: (Store & { readonly path?: unknown }) | undefined): readonly string[] {
  return typeof store?.path === 'string' ? [dirname(store.path)] : []
}
