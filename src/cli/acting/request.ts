import { userInfo } from 'node:os'
import type { OpenRequest } from '../../actors/open-requests.ts'
import { RuntimeError, UsageError } from '../../errors.ts'
import type { TaskView } from '../../protocol/task.ts'
import { safeLine } from '../safe-text.ts'
import { idAmong } from '../tasks/task-id.ts'

/**
 * What was meant by `task/call`, or by the task alone where one thing waits there. Of both, what is enough to
 * tell it from others.
 */
export function requestNamed(
  requests: readonly OpenRequest[],
  tasks: readonly TaskView[],
  named: string,
): OpenRequest {
  const whole = requests.find(({ id }) => id === named)
  if (whole) return whole
  const slash = named.indexOf('/')
  const taskId = idAmong(tasks, slash < 0 ? named : named.slice(0, slash))
  const call = slash < 0 ? '' : named.slice(slash + 1)
  const found = requests.filter((it) => it.taskId === taskId && it.callId.startsWith(call))
  const [first] = found
  if (!first)
    throw new RuntimeError(
      'call/not-asking',
      `Nothing called "${safeLine(named)}" waits for an answer. See what does: troupe approvals`,
    )
  if (found.length === 1) return first
  const listed = found.map((it) => `  ${safeLine(it.id)}  ${whatIs(it)}`)
  throw new UsageError([`${found.length} things wait there. Say which:`, ...listed].join('\n'))
}

function whatIs(request: OpenRequest): string {
  return safeLine(request.kind === 'question' ? request.text : request.call.tool)
}

/** Who answers, as the journal will say. */
export function answererName(): string {
  return `terminal of ${userName()} (${process.pid})`
}

/** Not every user has a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
