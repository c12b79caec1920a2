import type { Access } from '../../protocol/boundary.ts'
import type { Result } from '../../protocol/model.ts'
import { suggestion } from '../../protocol/nearest.ts'
import type { Crew, CrewMember } from '../crew.ts'
import { failed } from '../tool.ts'

const TASK_ID_CHARACTERS_MAX = 200
const NAMED_MAX = 20

/** What a call of these tools touches: the task itself and those that work for it. */
export const INNER: Access = { reads: [], writes: [], command: null, isInner: true }

/** How much room there is: `Background (3/10, queued 2)`. */
export function capacityInWords(crew: Crew): string {
  const { running, cap, queued } = crew.capacity()
  return `Background (${running}/${cap}, queued ${queued})`
}

/** How a task stands: `running`, or `queued, 2 before it`. */
export function statusInWords({ status, ahead }: Pick<CrewMember, 'status' | 'ahead'>): string {
  return ahead === null ? status : `${status}, ${ahead === 0 ? 'next in line' : `${ahead} before it`}`
}

/** The answer to somebody who named a task that is not theirs, or that is none. */
export function noSuchTask(asked: readonly string[], own: readonly CrewMember[]): Result {
  const ids = own.map(({ taskId }) => taskId)
  const shown = asked.slice(0, NAMED_MAX).map(quoted).join(', ')
  const meant = asked.length === 1 ? suggestion(asked[0] ?? '', ids) : ''
  const rest = ids.length > NAMED_MAX ? ` and ${ids.length - NAMED_MAX} older ones; see list_tasks` : ''
  const known =
    ids.length === 0 ? 'No task works for you.' : `For you work: ${ids.slice(-NAMED_MAX).join(', ')}${rest}.`
  return failed('task/no-such-task', `There is no task ${shown} that works for you.${meant} ${known}`)
}

function quoted(id: string): string {
  return JSON.stringify(id.slice(0, TASK_ID_CHARACTERS_MAX))
}
