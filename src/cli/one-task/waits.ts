import type { Entry } from '../../protocol/journal.ts'
import { argumentOf } from '../terminal/call-argument.ts'
import { durationOf } from '../terminal/amounts.ts'
import type { CallRow, TaskRow } from '../terminal/task-row.ts'
import { createTaskRows } from '../terminal/task-rows.ts'
import { hasEnded, isLive } from '../tasks/standing.ts'
import type { TaskPage } from './task-page.ts'
import { timeOfDay } from '../tasks/times.ts'

/** The task of a journal, with the calls that have no result yet. */
export function rowOf(entries: readonly Entry[]): TaskRow | null {
  const rows = createTaskRows()
  for (const { taskId, seq, runId, fact } of entries) rows.hear({ ...fact, taskId, seq, runId })
  return rows.all()[0] ?? null
}

/** What a task that has not ended waits for, each in a line. Not safe: names are as they came. */
export function waitWords(page: Pick<TaskPage, 'view' | 'row' | 'folded' | 'waiting' | 'shortIds' | 'now'>) {
  const { view, row, waiting } = page
  if (hasEnded(view)) return []
  const own = waiting.filter(({ taskId }) => taskId === view.id)
  const calls = row ? [...row.calls.values()] : []
  return [
    ...own.map((request) =>
      request.kind === 'question'
        ? `your answer to: ${request.text}`
        : `your yes to ${request.call.tool} ${argumentOf(request.call)}`,
    ),
    ...(view.status === 'queued' ? [`a slot${view.ahead ? `, after ${view.ahead} others` : ''}`] : []),
    ...calls.flatMap((call) => callWords(call, page)),
    ...retryWords(page),
  ]
}

function callWords(
  { call, stage, wait, startedAt }: CallRow,
  { view, shortIds, now }: Pick<TaskPage, 'view' | 'shortIds' | 'now'>,
): readonly string[] {
  if (stage === 'waiting' && wait) {
    const names = wait.tasks.map((id) => shortIds.get(id) ?? id).join(', ')
    if (wait.until === 'all' || wait.tasks.length === 1) return [`the end of ${names}`]
    return [`the end of ${wait.until === 'any' ? 'one' : wait.until.quorum} of ${names}`]
  }
  if (stage === 'cleared' && view.status === 'paused')
    return [`troupe resume: then ${call.tool} ${argumentOf(call)} runs, which was allowed`]
  if (stage !== 'running' || !isLive(view)) return []
  return [`${call.tool} ${argumentOf(call)}, which has run for ${durationOf(now - startedAt)}`]
}

function retryWords({ view, folded }: Pick<TaskPage, 'view' | 'folded'>): readonly string[] {
  const { retryAt } = folded.actor.getSnapshot().context.tries
  if (view.state !== 'running.backingOff' || retryAt === null) return []
  return [`its model, which is asked again at ${timeOfDay(retryAt)}`]
}
