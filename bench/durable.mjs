/** The same once more, with everything kept on disk before anything follows from it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create as createInMemory } from './troupe.mjs'

export async function create(job) {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-bench-'))
  let store = null
  const side = await createInMemory(job, async ({ sqlite }) => {
    store = await sqlite({ directory }).openFor('.')
    return store
  })
  return {
    ...side,
    perSync: () => store.written.writes / store.written.commits,
    async close() {
      await side.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
