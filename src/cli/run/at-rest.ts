import { isWaitOver } from '../../protocol/delegation.ts'
import type { Runtime } from '../../runtime.ts'
import type { Standing, TaskRow } from '../terminal/task-row.ts'

/** A change is followed by others at once: what is still so after this long is no passing moment. */
const QUIET_MS = 250
const RESTING: readonly Standing[] = ['asking', 'delegating', 'paused', 'lost']

/** Whether nothing of this goes on before a person has answered something. */
export function isAtRest(rows: readonly TaskRow[]): boolean {
  const ended = new Set(rows.filter(({ endedAt }) => endedAt !== null).map(({ id }) => id))
  return rows.every((row) => ended.has(row.id) || (RESTING.includes(row.standing) && isIdle(row, ended)))
}

/** No call of it is under way, and none will be answered by itself. */
function isIdle({ calls }: TaskRow, ended: ReadonlySet<string>): boolean {
  return [...calls.values()].every(({ stage, wait }) => {
    if (stage !== 'waiting' || wait === null) return stage !== 'running'
    return wait.deadlineAt === null && !isWaitOver(wait, (taskId) => ended.has(taskId))
  })
}

/**
 * Resolves with how many things wait for a person, once something does and nothing else goes on here. Listens
 * until the runtime is closed.
 */
export function onlyPeopleAwaited(
  runtime: Pick<Runtime, 'subscribe' | 'approvals'>,
  rows: () => readonly TaskRow[],
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const look = () => {
      const shown = rows()
      // Others may live here that went on by themselves: nobody waits for those.
      const open = runtime.approvals.list().filter(({ taskId }) => shown.some(({ id }) => id === taskId))
      if (open.length === 0 || !isAtRest(shown)) return
      stop()
      resolve(open.length)
    }
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(look, QUIET_MS)
    }
    const leave = runtime.subscribe(wait)
    const stop = () => {
      clearTimeout(timer)
      leave()
    }
    signal.addEventListener('abort', stop, { once: true })
    wait()
  })
}
