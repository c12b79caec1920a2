import { within } from '../../actors/within.ts'
import { RuntimeError, UsageError } from '../../errors.ts'
import type { Assembly } from '../assembly.ts'

/** How long what was lost here may still be under way before whoever wants the task is told to come later. */
const BODY_GRACE_MS = 10_000

/**
 * Does something with a task that nobody has: one thing at a time, not while the runtime closes, and not
 * before what a lost run of it has under way here has ended.
 */
export function grasp<T>(assembly: Assembly, taskId: string, work: () => Promise<T>): Promise<T> {
  return assembly.taking.alone(taskId, async () => {
    refuseClosing(assembly)
    await untilGone(assembly, taskId)
    return work()
  })
}

/** A runtime that closes brings to rest; it lets nothing go on. */
export function refuseClosing({ closing }: Pick<Assembly, 'closing'>): void {
  if (closing) throw new UsageError('The runtime is closed: it resumes nothing any more.')
}

async function untilGone({ bodies, host }: Assembly, taskId: string): Promise<void> {
  if (!bodies.isLive(taskId)) return
  const gone = new Promise<boolean>((resolve) => bodies.whenGone(taskId, () => resolve(true)))
  if (await within(host.clock, BODY_GRACE_MS, gone, () => false)) return
  throw new RuntimeError('task/held', `A call of the last run of "${taskId}" is still under way here.`)
}
