import { boundedReport } from '../../actors/bounded-report.ts'
import { failure } from '../../errors.ts'
import type { ChildReport } from '../../protocol/delegation.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { TaskResult } from '../result.ts'

/** What the task that it worked for is told. */
export function childReport({ id: taskId, agent, title }: TaskSpec, result: TaskResult): ChildReport {
  const { turns, usage, durationMs } = result
  const told = { taskId, agent, title, result: result.result, turns, usage, durationMs }
  if (result.status === 'completed') {
    const { data } = result
    return boundedReport({ ...told, status: 'completed', ...(data !== undefined && { data }) })
  }
  const status = result.status === 'timedOut' || result.status === 'cancelled' ? result.status : 'failed'
  const reason = failure('unexpected', result.reason.message)
  return boundedReport({
    ...told,
    status,
    reason: { ...reason, code: result.reason.code },
    ...(result.late && { late: true as const }),
  })
}
