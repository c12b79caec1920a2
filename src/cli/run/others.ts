import type { TaskView } from '../../protocol/task.ts'
import type { Runtime } from '../../runtime.ts'
import { counted } from '../terminal/amounts.ts'
import { familyOf } from './family.ts'

/** What waiting for the tasks that work for others takes. */
export interface OthersPlan {
  readonly runtime: Pick<Runtime, 'tasks' | 'result'>
  /** The tasks they work for, directly or not. */
  readonly rootIds: readonly string[]
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** What works here, or will. Paused is not: nobody at this terminal could let such a task go on. */
const LIVE: readonly string[] = ['queued', 'running', 'pausing', 'cancelling']

/** Resolves when nothing works for the tasks any more. */
export async function othersEnded(plan: OthersPlan): Promise<void> {
  const { runtime, say, signal } = plan
  const awaited = new Set<string>()
  // Tasks may have spawned others meanwhile. Each is waited for once, so this comes to an end.
  for (;;) {
    const live = (await liveBelow(plan)).filter(({ id }) => !awaited.has(id))
    if (live.length === 0) return
    if (awaited.size === 0 && !signal.aborted) say(`Waiting for ${counted(live.length, 'background task')}.`)
    for (const { id } of live) awaited.add(id)
    await Promise.allSettled(live.map(({ id }) => runtime.result(id)))
  }
}

export async function liveBelow({
  runtime,
  rootIds,
}: Pick<OthersPlan, 'runtime' | 'rootIds'>): Promise<readonly TaskView[]> {
  const family = familyOf(await runtime.tasks(), rootIds)
  return family.filter(
    ({ id, status, heldBy }) => !rootIds.includes(id) && heldBy === 'here' && LIVE.includes(status),
  )
}
