import { createRedactor, type Redactor } from '../../hosts/redaction/redactor.ts'
import { dotEnvOf } from '../../hosts/redaction/dot-env.ts'
import type { Runtime } from '../../runtime.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { flushed, printResult } from '../output.ts'
import { safeJson } from '../safe-text.ts'
import { below } from '../tasks/selection.ts'
import { idAmong, taskOperand } from '../tasks/task-id.ts'
import { withWorkspace } from '../tasks/workspace-runtime.ts'

const FLUSHED_EVERY = 100

/** Prints the journal of a task, one entry a line, without what looks like a secret. */
export async function exportCommand(given: Arguments): Promise<number> {
  const meant = taskOperand(given.words, 'export')
  return withWorkspace(given, async ({ runtime, path }) => {
    const tasks = await runtime.tasks()
    const id = idAmong(tasks, meant)
    const others = given.has('tree') ? [...below(tasks, id)] : []
    const redactor = createRedactor({ environment: [process.env, ...(await dotEnvOf(path))] })
    for (const taskId of [id, ...others]) await exportOne(runtime, taskId, redactor)
    return EXIT.done
  })
}

async function exportOne(runtime: Runtime, taskId: string, redactor: Redactor): Promise<void> {
  for (const entry of await runtime.journal(taskId)) {
    printResult(`${safeJson(redactor.value(entry))}\n`)
    // A slow reader is waited for, so that not all of it has to be held at the same time.
    if (entry.seq % FLUSHED_EVERY === 0) await flushed()
  }
}
