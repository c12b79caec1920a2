import { describe, expect, it } from 'vitest'
import { openSqlite, type SqliteStore } from '../../src/stores/sqlite.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { freshDirectory } from './fresh-directory.ts'

const paths = new WeakMap<object, string>()

async function open(directory: string): Promise<SqliteStore> {
  const store = await openSqlite({ directory })
  paths.set(store, directory)
  return store
}

storeContract(
  'the SQLite store',
  {
    open: () => open(freshDirectory()),
    reopen: (store) => open(paths.get(store) ?? ''),
  },
  { describe, it, expect },
)
