/** A command that steers tasks, as far as the question goes whether it may. */
import { EXIT } from '../../src/cli/exit-codes.ts'
import { refuseFromWithinATask } from '../../src/cli/not-from-a-task.ts'
import { UsageError } from '../../src/errors.ts'

const [state = '', ...holders] = process.argv.slice(2)
try {
  const known = { ...(state !== '' && { state }), holders: holders.map(Number) }
  refuseFromWithinATask('approve', { environment: process.env, ...known })
  console.log('It may.')
} catch (error) {
  if (!UsageError.is(error)) throw error
  console.log(error.message)
  process.exitCode = EXIT.usage
}
