/** Time, as far as a chart knows it: by the facts. */
import type { AlarmOrder } from '../../protocol/orders.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Change, TaskContext } from '../task-context.ts'

type Moment = { readonly at: number; readonly asleepMs?: number }

/** The time has come to `at`. What the machine slept through does not count as running. */
export function atTime({ ran }: TaskContext, { at, asleepMs = 0 }: Moment): Change {
  if (asleepMs <= ran.asleepMs) return { now: at }
  const since = ran.since === null ? null : ran.since + asleepMs - ran.asleepMs
  return { now: at, ran: { ...ran, since, asleepMs } }
}

export function timeLeft({ spec, ran }: TaskContext, { at, asleepMs = 0 }: Moment): number {
  const { timeoutMs } = spec.limits
  const slept = Math.max(0, asleepMs - ran.asleepMs)
  const running = ran.since === null ? 0 : at - ran.since - slept
  return timeoutMs === null ? Number.POSITIVE_INFINITY : timeoutMs - ran.ms - running
}

/** The alarm that rings when the task has run as long as it may, `ranMs` of which are gone. */
export function limitOrder({ id, limits: { timeoutMs } }: TaskSpec, ranMs: number): AlarmOrder | null {
  if (timeoutMs === null) return null
  const fact = { type: 'limit.reached', limit: 'timeoutMs' } as const
  return { taskId: id, when: { afterMs: Math.max(0, timeoutMs - ranMs) }, fact }
}
