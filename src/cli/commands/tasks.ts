import { UsageError } from '../../errors.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { listenForInterruption } from '../run/interruption.ts'
import { safeJson } from '../safe-text.ts'
import { findTasks, listingOf } from '../tasks/listing.ts'
import { nextRow, pageColumns, printRows } from '../tasks/page.ts'
import type { Selection } from '../tasks/selection.ts'
import { STATUS_FILTERS } from '../tasks/status-filters.ts'
import { resolveTaskId } from '../tasks/task-id.ts'
import { taskObject } from '../tasks/task-object.ts'
import { listingRows } from '../tasks/task-table.ts'
import { watchTasks } from '../tasks/watch-tasks.ts'
import { type OpenWorkspace, withWorkspace } from '../tasks/workspace-runtime.ts'
import { span } from '../terminal/style.ts'

/** Lists the tasks of the workspace, wherever they live. */
export async function tasksCommand(given: Arguments): Promise<number> {
  const [word] = given.words
  if (word !== undefined) throw new UsageError(`troupe tasks takes flags only. One task: troupe show ${word}`)
  if (given.has('watch') && given.has('json'))
    throw new UsageError('--watch draws for people. For a script: troupe run … --output-format stream-json')
  return withWorkspace(given, async (workspace) => {
    const selection = await readSelection(given, workspace)
    const isAll = given.has('all')
    if (given.has('watch')) return watched(workspace, selection, isAll)

    const found = await findTasks(workspace, selection)
    if (given.has('json')) printResult(`${safeJson(found.tasks.map(taskObject))}\n`)
    else if (found.all.length === 0) printRows([[span('There are no tasks here yet.')], nextRow('', START)])
    else printRows(listingRows(listingOf(found, { isAll, now: Date.now() }), pageColumns()))
    return EXIT.done
  })
}

const START = 'troupe run "Survey this repository and say what to mend first."'

async function readSelection(given: Arguments, { runtime }: OpenWorkspace): Promise<Selection> {
  const parent = given.value('parent')
  const status = given.value('status')
  return {
    status: STATUS_FILTERS.find((it) => it === status) ?? null,
    agent: given.value('agent') ?? null,
    parent: parent === undefined ? null : await resolveTaskId(runtime, parent),
    isUnfinished: given.has('unfinished'),
  }
}

async function watched(workspace: OpenWorkspace, selection: Selection, isAll: boolean): Promise<number> {
  const interruption = listenForInterruption()
  try {
    await watchTasks({ workspace, selection, isAll, interruption })
    return exitCodeOfSignal(interruption.by ?? 'SIGINT')
  } finally {
    interruption.dispose()
  }
}
