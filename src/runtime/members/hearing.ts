import type { ChildReport } from '../../protocol/delegation.ts'
import type { Entry } from '../../protocol/journal.ts'
import { tallied } from '../../protocol/tally.ts'
import { type EndedTask, type House, wakeRow } from './house.ts'
import { whatFollows } from './reactions.ts'
import { isForChart } from '../replay.ts'
import { resultOf, type TaskResult } from '../result.ts'

/** Who takes a task away that has come to its end. */
export type Release = (taskId: string, result: TaskResult) => void

/** A durable fact: the conversation and the chart hear it first, and only then whoever watches. */
export function hear(house: House, { taskId, seq, fact }: Entry, release: Release): void {
  const row = house.rows.get(taskId)
  if (!row) return
  const { actor, conversation, inbox, tally, spec } = row.member
  const before = actor.getSnapshot()
  if (fact.type === 'task.created') row.isBorn = true
  if (fact.type === 'task.turned' && !fact.together) row.isAwaited = false
  conversation.hear(fact, before.context.news)
  row.member = { ...row.member, tally: tallied(tally, fact) }
  // What was appended in the same batch as the end is in the journal too, and means nothing.
  if (isForChart(fact) && before.status === 'active') actor.send(fact)
  if (fact.type === 'child.ended') row.ended.push(endedTask(fact.report))
  const after = actor.getSnapshot()
  if (after !== before && after.status !== 'error') whatFollows(house, row, { fact, before, after })
  house.listeners.tell({ ...fact, taskId, seq })
  if (fact.type === 'task.ended') return release(taskId, resultOf(taskId, fact.outcome, row.member.tally))

  const { status, output } = after
  // Refused means that the task is lost, which has been said by then.
  if (status === 'done' && output) inbox.end(output).catch(() => {})
  wakeRow(row)
  // Who waits in front of a task must see that it has moved to the background.
  const parent = fact.type === 'task.turned' && spec.parent !== null && house.rows.get(spec.parent)
  if (parent) wakeRow(parent)
}

function endedTask({ taskId, agent, title, status, turns }: ChildReport): EndedTask {
  return { taskId, agent, title, status, turns, background: true }
}
