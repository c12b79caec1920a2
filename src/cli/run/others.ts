import type { TaskView } from '../../protocol/task.ts'
import type { Runtime } from '../../runtime.ts'
import { counted } from '../terminal/amounts.ts'
import { type Interruption, STOP_GRACE_MS, whenAborted } from './interruption.ts'

/** What waiting for the tasks that work for another one takes. */
export interface OthersPlan {
  readonly runtime: Pick<Runtime, 'tasks' | 'result' | 'cancel'>
  /** The task they work for, directly or not. */
  readonly rootId: string
  readonly interruption: Pick<Interruption, 'signal' | 'tooLate'>
  /** Why a task is cancelled, for whoever reads its journal. */
  readonly reason: () => string
  readonly say: (text: string) => void
}

/** Paused is not live: nobody at this terminal could let such a task go on. */
const LIVE: readonly string[] = ['queued', 'running', 'pausing', 'cancelling']

/** Resolves when nothing works for the task any more, or was told to stop and has not in time. */
export async function othersEnded(plan: OthersPlan): Promise<void> {
  const { runtime, interruption, say } = plan
  const awaited = new Set<string>()
  // Tasks may have spawned others meanwhile. Each is waited for once, so this comes to an end.
  for (;;) {
    const live = (await liveBelow(plan)).filter(({ id }) => !awaited.has(id))
    if (live.length === 0) return
    if (awaited.size === 0 && !interruption.signal.aborted)
      say(`Waiting for ${counted(live.length, 'background task')}.`)
    for (const { id } of live) awaited.add(id)
    const letGo = whenAborted(interruption.signal, () => cancelAll(plan, live))
    const settled = Promise.allSettled(live.map(({ id }) => runtime.result(id)))
    const first = await Promise.race([settled, interruption.tooLate])
    letGo()
    if (first === null) return sayWhatIsLeft(plan)
  }
}

async function liveBelow({ runtime, rootId }: OthersPlan): Promise<readonly TaskView[]> {
  const all = await runtime.tasks()
  const family = new Set([rootId])
  // They come the oldest first, and a task is younger than its parent.
  for (const { id, parent } of all) if (parent !== null && family.has(parent)) family.add(id)
  return all.filter(({ id, status }) => id !== rootId && family.has(id) && LIVE.includes(status))
}

/** That a cancellation can't be recorded changes nothing: the process ends either way. */
function cancelAll({ runtime, reason }: OthersPlan, live: readonly TaskView[]): void {
  for (const { id } of live) runtime.cancel(id, reason()).catch(() => {})
}

async function sayWhatIsLeft(plan: OthersPlan): Promise<void> {
  const { length } = await liveBelow(plan)
  if (length > 0)
    plan.say(`Left behind: ${counted(length, 'background task')}, not over in ${STOP_GRACE_MS / 1_000} s.`)
}
