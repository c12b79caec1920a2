import { RuntimeError, toFailure, UsageError } from '../../errors.ts'
import type { TaskView } from '../../protocol/task.ts'
import type { Runtime } from '../../runtime.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printError, printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { idAmong } from '../tasks/task-id.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'

/** One thing that is done to one task, wherever it lives. */
export interface Order {
  readonly given: Arguments
  readonly runtime: Runtime
  readonly task: TaskView
}

/** Names what was done, in a sentence. */
export type Act = (order: Order) => Promise<string>

/** Does it to every task that was named. What fails with one is told, and stops no other. */
export async function toEach(given: Arguments, named: readonly string[], act: Act): Promise<number> {
  if (named.length === 0) throw new UsageError('Which task? Name it by its id, as troupe tasks shows it.')
  return withWorkspace(given, async ({ runtime }) => {
    const tasks = await runtime.tasks()
    // A name that means nothing, or several, is refused before anything is done.
    const ids = [...new Set(named.map((name) => idAmong(tasks, name)))]
    let code: number = EXIT.done
    for (const task of tasks.filter(({ id }) => ids.includes(id))) {
      if (!(await isDone(given, task.id, () => act({ given, runtime, task })))) code = EXIT.failed
    }
    return code
  })
}

/** Does one thing, and tells the person or the script what became of it. */
export async function isDone(given: Arguments, taskId: string, act: () => Promise<string>): Promise<boolean> {
  const isJson = given.has('json')
  try {
    const said = await act()
    if (isJson) printResult(`${safeJson({ taskId, done: true })}\n`)
    else printError(said)
    return true
  } catch (error) {
    if (!RuntimeError.is(error)) throw error
    const { code, message } = toFailure(error)
    if (isJson) printResult(`${safeJson({ taskId, error: { code, message } })}\n`)
    else printError(`troupe: ${message} (${code})`)
    return false
  }
}
