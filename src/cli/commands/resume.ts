import { inWords, RuntimeError, UsageError } from '../../errors.ts'
import type { TaskView } from '../../protocol/task.ts'
import type { TaskResult } from '../../runtime/result.ts'
import { refuseEnded } from '../acting/ended.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { concludeAll, concludeOne } from '../run/conclude.ts'
import { familyOf, topsOf } from '../run/family.ts'
import { follow, recalled } from '../run/follow.ts'
import { known, seeThrough } from '../run/outcome.ts'
import { readWorkOptions } from '../run/run-options.ts'
import { inSession, type OpenSession, placeOf } from '../run/session.ts'
import { hasEnded } from '../tasks/standing.ts'
import { idAmong, taskOperand } from '../tasks/task-id.ts'

/** Goes on with a task, or with all that nobody works on, until they have ended. */
export async function resumeCommand(given: Arguments): Promise<number> {
  const { words } = given
  const message = given.value('message')
  const isAll = given.has('all')
  if (isAll && words.length > 0) throw new UsageError(`--all or a task, not both: "${words[0]}".`)
  if (isAll && message !== undefined) throw new UsageError('--message is for one task: name it.')
  const named = isAll ? null : taskOperand(words, 'resume')
  // What waits for a yes has waited for it so far: that nobody is at a terminal now is no refusal.
  return inSession(readWorkOptions(given, 'park'), async (_, open) => {
    const opened = await open(await placeOf(given, true))
    return named === null ? resumeAll(opened) : resumeOne(opened, named, message)
  })
}

async function resumeOne(session: OpenSession, named: string, message: string | undefined): Promise<number> {
  const { runtime, view, say } = session
  const tasks = await runtime.tasks()
  const id = idAmong(tasks, named)
  refuseEnded(tasks, id)
  view.attend(id)
  const rows = await recalled(session, familyOf(tasks, [id]))
  await runtime.resume(id, message === undefined ? {} : { message })
  const isElsewhere = (await runtime.tasks({ id })).some(({ heldBy }) => heldBy === 'elsewhere')
  if (!isElsewhere) return concludeOne(session, await seeThrough(session, [known(session, id)]))
  say('It goes on in another process, and is followed here. Ctrl-C ends only that.')
  const stop = follow(session, id, rows)
  try {
    return concludeOne(session, await seeThrough(session, [known(session, id)]), true)
  } finally {
    stop()
  }
}

async function resumeAll(session: OpenSession): Promise<number> {
  const { runtime, view, say, options } = session
  const tasks = await runtime.tasks()
  const free = tasks.filter((task) => !hasEnded(task) && task.heldBy === 'nobody')
  if (free.length === 0) {
    say('There is nothing to resume.')
    if (options.format === 'json') printResult('[]\n')
    return EXIT.done
  }
  const roots = topsOf(free)
  view.attend(null)
  await recalled(
    session,
    familyOf(
      tasks,
      roots.map(({ id }) => id),
    ),
  )
  const stuck = new Map<string, TaskResult>()
  for (const task of free) {
    // Its elder may have brought it along already; then this changes nothing.
    await runtime.resume(task.id).catch((error: unknown) => stuck.set(task.id, resultOfStuck(task, error)))
  }
  const goingOn = roots.filter(({ id }) => !stuck.has(id))
  const seen = await seeThrough(
    session,
    goingOn.map(({ id }) => known(session, id)),
  )
  const results = [...seen.results, ...roots.flatMap(({ id }) => stuck.get(id) ?? [])]
  const titles = new Map(tasks.map(({ id, title }) => [id, title]))
  return concludeAll(session, { ...seen, results }, (id) => titles.get(id) ?? '')
}

/** How a task stands that could not go on. */
function resultOfStuck({ id, turns, usage, durationMs }: TaskView, error: unknown): TaskResult {
  const code = RuntimeError.is(error) ? error.code : 'unexpected'
  const reason = { code, message: inWords(error) }
  return { taskId: id, status: 'paused', result: '', reason, turns, usage, durationMs }
}
