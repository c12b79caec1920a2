import { UsageError } from '../../errors.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { pageColumns, printRows } from '../tasks/page.ts'
import { requestObject } from '../requests/request-object.ts'
import { requestRows } from '../requests/request-page.ts'
import { shortIds } from '../tasks/task-id.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'
import { span } from '../terminal/style.ts'

/** Shows what waits for a person in the whole workspace, also in tasks whose process is gone. */
export async function approvalsCommand(given: Arguments): Promise<number> {
  const [word] = given.words
  if (word !== undefined) throw new UsageError(`troupe approvals takes flags only, not "${word}".`)
  return withWorkspace(given, async ({ runtime }) => {
    const waiting = (await runtime.approvals.all()).toSorted((a, b) => a.askedAt - b.askedAt)
    if (given.has('json')) {
      printResult(`${safeJson(waiting.map(requestObject))}\n`)
      return EXIT.done
    }
    if (waiting.length === 0) {
      printRows([[span('Nothing waits for you.')]])
      return EXIT.done
    }
    const tasks = await runtime.tasks()
    const form = { shortIds: shortIds(tasks.map(({ id }) => id)), columns: pageColumns(), now: Date.now() }
    printRows(waiting.flatMap((it, at) => [...(at === 0 ? [] : [[span('')]]), ...requestRows(it, form)]))
    return EXIT.done
  })
}
