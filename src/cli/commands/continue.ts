import { UsageError } from '../../errors.ts'
import type { Arguments } from '../arguments.ts'
import { concludeOne } from '../run/conclude.ts'
import { seeThrough } from '../run/outcome.ts'
import { readWorkOptions } from '../run/run-options.ts'
import { inSession, placeOf } from '../run/session.ts'
import { safeLine } from '../safe-text.ts'
import { resolveTaskId } from '../tasks/task-id.ts'
import { nothingStarted, promptOf } from './run.ts'

/** Runs a new task that knows what was said in one that has ended. */
export async function continueCommand(given: Arguments): Promise<number> {
  const [named, ...words] = given.words
  if (named === undefined)
    throw new UsageError('Which task? troupe continue <id> "Now write the tests for it."')
  return inSession(readWorkOptions(given, 'refuse'), async (session, open) => {
    const example = `troupe continue ${safeLine(named)} "Now write the tests for it."`
    const message = await promptOf(session, words, example)
    if (message === null) return nothingStarted(session)
    const opened = await open(await placeOf(given, true))
    const { runtime } = opened
    const task = await runtime.continue(await resolveTaskId(runtime, named), { message })
    return concludeOne(opened, await seeThrough(opened, [task]))
  })
}
