import { createRuntime } from '../../hosts/node.ts'
import type { Entry } from '../../protocol/journal.ts'
import { openSqlite } from '../../stores/sqlite.ts'
import { onlyLooking } from '../tasks/workspace-runtime.ts'
import { allowedCalls, type Unfinished } from './unfinished.ts'

const CLOSE_GRACE_MS = 1_000
const REASON = 'Somebody elsewhere has said yes to a call of it. Continue it: then you are asked.'

/** Whether a yes that a person gave elsewhere would let a call run here. */
export function holdsForeignYes(entries: readonly Entry[]): boolean {
  const approved = entries.flatMap(({ fact }) => (fact.type === 'call.approved' ? [fact.callId] : []))
  return allowedCalls(entries).some(({ id }) => approved.includes(id))
}

/**
 * Ends the tasks of a store that hold such a yes. Done before the store is taken over, so that a process that
 * dies in between leaves it foreign. A verdict of rules needs no end: rules are asked again, today's.
 */
export async function endForeignYes(
  { directory, workspace }: { readonly directory: string; readonly workspace: string },
  unfinished: readonly Unfinished[],
): Promise<void> {
  const held = unfinished.filter(({ entries }) => holdsForeignYes(entries))
  if (held.length === 0) return
  const store = await openSqlite({ directory })
  const runtime = await createRuntime({ ...onlyLooking(), store, workspace, warn: () => {} })
  try {
    for (const { record } of held) await runtime.cancel(record.spec.id, REASON)
  } finally {
    await runtime.close({ graceMs: CLOSE_GRACE_MS })
  }
}
