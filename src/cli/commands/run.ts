import { RuntimeError } from '../../errors.ts'
import type { Arguments } from '../arguments.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
import { concludeOne } from '../run/conclude.ts'
import { seeThrough } from '../run/outcome.ts'
import { readPrompt } from '../run/prompt.ts'
import { readRunOptions } from '../run/run-options.ts'
import { inSession, placeOf, type Session } from '../run/session.ts'

/** Runs one task to its end, or to where it can be taken up again. */
export async function runCommand(given: Arguments): Promise<number> {
  const options = readRunOptions(given)
  return inSession(options, async (session, open) => {
    const prompt = await promptOf(session, given.words)
    if (prompt === null) return nothingStarted(session)
    const opened = await open(await placeOf(given, options.isKept)).catch(withWayOut)
    const { agent, limits } = options
    const request = { message: prompt, limits, ...(agent === undefined ? {} : { agent }) }
    const task = await opened.runtime.start(request)
    return concludeOne(opened, await seeThrough(opened, [task]))
  })
}

/** Where nothing can be kept, there is still work that need not be. */
function withWayOut(error: unknown): never {
  if (!RuntimeError.is(error) || error.code !== 'store/unavailable') throw error
  throw new RuntimeError(error.code, `${error.message} To keep nothing: troupe run --no-store "…"`)
}

/** What is to be done; `null`: the person stopped it before it was said. */
export async function promptOf(
  { view, interruption }: Session,
  words: readonly string[],
  example = 'troupe run "Find out why the build is slow"',
): Promise<string | null> {
  const prompt = await readPrompt({
    words,
    example,
    input: process.stdin,
    waiting: () =>
      view.note('Reading the prompt from standard input; close it (Ctrl-D, or </dev/null) to go on.'),
    signal: interruption.signal,
  })
  return interruption.by ? null : prompt
}

/** Says that nothing has begun, and gives the exit code. */
export function nothingStarted({ view, interruption }: Session): number {
  view.note('Nothing was started. Run the same command again.')
  return exitCodeOfSignal(interruption.by ?? 'SIGINT')
}
