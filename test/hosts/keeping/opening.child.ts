/** A script that opens what the tasks of a workspace are kept in. */
import { UsageError } from '../../../src/errors.ts'
import { sqlite } from '../../../src/hosts/keeping/default-store.ts'

const [workspace = ''] = process.argv.slice(2)
try {
  const store = await sqlite().openFor(workspace)
  await store.close()
  console.log('It is open.')
} catch (error) {
  if (!UsageError.is(error)) throw error
  console.log(error.message)
}
