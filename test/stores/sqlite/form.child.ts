/**
 * Writes the fixture of today's form: run it once when a form is new, and never again for that form.
 *   npx esbuild test/stores/sqlite/form.child.ts --bundle --platform=node --format=esm --packages=external \
 *     --outfile=node_modules/.cache/troupe/form.mjs && node node_modules/.cache/troupe/form.mjs
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDriver } from '../../../src/stores/sqlite/file/driver.ts'
import { storePath } from '../../../src/stores/sqlite/file/place.ts'
import { MIGRATIONS } from '../../../src/stores/sqlite/schema.ts'
import { openSqlite } from '../../../src/stores/sqlite.ts'
import { birth, end, VIEW } from '../../../src/testing/store-entries.ts'
import { FORM_ENTRIES } from './form-entries.ts'

const fixture = join('test', 'fixtures', 'stores', `form-${MIGRATIONS.length}.sqlite`)
if (existsSync(fixture)) throw new Error(`${fixture} is there already. Forms are never changed, only added.`)

const directory = mkdtempSync(join(tmpdir(), 'troupe-form-'))
const store = await openSqlite({ directory })
for (const [first, ...others] of Object.values(FORM_ENTRIES)) {
  if (first) await store.create(first)
  let runId = 0
  for (const entry of others) {
    await store.append(entry, runId)
    runId = entry.runId
  }
}
await store.create(birth('forgotten'))
await store.append(end('forgotten', 2))
await store.forget(['forgotten'])
store.keepView({ ...VIEW, id: 'ended' })
await store.release('paused')
await store.close()

const database = (await loadDriver())(storePath(directory))
// Nobody need know on which machine it was made.
database.exec("UPDATE owner SET machine = 'another - - -', pid = 1, born = '1', seen_at = 5000; VACUUM")
database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
database.close()
copyFileSync(storePath(directory), fixture)
rmSync(directory, { recursive: true })
console.log(`${fixture} is written.`)
