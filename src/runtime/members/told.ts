import { type News, noticeOfReason, noticeOfResult } from '../../actors/notices.ts'
import type { House, Row } from './house.ts'
import { aboutOf, type Member } from './member.ts'
import type { TaskResult } from '../result.ts'

/** How a task in the background ended, in a line for a person. */
export function endNotice({ spec }: Member, result: TaskResult): News {
  const { id, agent, title } = spec
  const text = result.status === 'completed' ? noticeOfResult(result.result) : noticeOfReason(result.reason)
  return { id: `${id}/ended`, kind: 'ended', taskId: id, agent, title, status: result.status, text }
}

/** A task that was admitted waits for its slot. */
export function tellQueued({ hooks, notices }: House, row: Row, ahead: number): void {
  const { member } = row
  row.isQueueTold = true
  hooks.tell('TaskQueued', { ...aboutOf(member.spec), ahead })
  notices.tell(progressNotice(member, 'queued', ahead === 0 ? 'Next to run.' : `${ahead} before it.`))
}

/** What a task in the background is at. Each thing that happens to it is told once. */
export function progressNotice({ spec, tally }: Member, status: string, text: string): News {
  const { id, agent, title } = spec
  return { id: `${id}/${tally.facts}/${status}`, kind: 'progress', taskId: id, agent, title, status, text }
}
