import { RuntimeError } from '../../errors.ts'
import { fold } from '../../runtime/replay.ts'
import type { Runtime } from '../../runtime.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { pageColumns, printRows } from '../tasks/page.ts'
import { withPlaces } from '../tasks/background-load.ts'
import { below } from '../tasks/selection.ts'
import { idAmong, shortIds, taskOperand } from '../tasks/task-id.ts'
import { pageObject } from '../one-task/page-object.ts'
import { pageRows, type TaskPage } from '../one-task/task-page.ts'
import { rowOf } from '../one-task/waits.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'

/** Shows everything about one task. */
export async function showCommand(given: Arguments): Promise<number> {
  const meant = taskOperand(given.words, 'show')
  return withWorkspace(given, async ({ runtime }) => {
    const page = await pageOf(runtime, meant)
    const isFull = given.has('full')
    if (given.has('json')) printResult(`${safeJson(pageObject(page, isFull))}\n`)
    else printRows(pageRows(page, { columns: pageColumns(), isFull }))
    return EXIT.done
  })
}

async function pageOf(runtime: Runtime, meant: string): Promise<TaskPage> {
  const tasks = withPlaces(await runtime.tasks())
  const id = idAmong(tasks, meant)
  const entries = await runtime.journal(id)
  const view = tasks.find((task) => task.id === id)
  if (!view) throw new RuntimeError('task/no-such-task', `Task "${id}" was forgotten just now.`)
  const family = below(tasks, id)
  const waiting = await runtime.approvals.all()
  return {
    view,
    folded: fold(entries),
    row: rowOf(entries),
    below: tasks.filter((task) => family.has(task.id)),
    waiting: waiting.filter(({ taskId }) => taskId === id || family.has(taskId)),
    shortIds: shortIds(tasks.map((task) => task.id)),
    now: Date.now(),
  }
}
