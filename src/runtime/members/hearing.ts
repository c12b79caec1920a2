import type { Entry, Fact } from '../../protocol/journal.ts'
import { tallied } from '../../protocol/tally.ts'
import { endedTask, type House, type Row, wakeRow } from './house.ts'
import { whatFollows } from './reactions.ts'
import { isForChart, keptWith } from '../replay.ts'
import { endedView, resultOf, type TaskResult } from '../result.ts'

/** Who takes a task away that has come to its end. */
export type Release = (taskId: string, result: TaskResult) => void

/**
 * Whether a fact leads to nothing but a look at the world (L2): a call that changes nothing may be run. It is
 * heard at once, and durable before the call's own end is heard.
 */
export function isHarmless({ member }: Row, fact: Fact): boolean {
  if (fact.type !== 'call.checked' || fact.verdict.verdict !== 'allow') return false
  const snapshot = member.actor.getSnapshot()
  // Where it is being brought to rest, the same fact may be what it comes to rest with.
  if (!snapshot.matches({ running: 'acting' })) return false
  return snapshot.context.openCalls.some(({ id, effect }) => id === fact.callId && effect === 'pure')
}

/** Whoever watches is told of what is durable. */
function tell({ listeners }: House, { taskId, seq, runId, fact }: Entry): void {
  listeners.tell({ ...fact, taskId, seq, runId })
}

/** What hearing takes besides the fact: how far it is kept, and who takes a task away that has ended. */
export interface Hearing {
  readonly how: 'durable' | 'early' | 'kept'
  readonly release: Release
}

/** A fact: the conversation and the chart hear it first, and once it is durable whoever watches. */
export function hear(house: House, entry: Entry, { how, release }: Hearing): void {
  if (how === 'kept') return tell(house, entry)
  const { taskId, fact } = entry
  const row = house.rows.get(taskId)
  if (!row) return
  const { actor, conversation, inbox, tally, spec } = row.member
  const before = actor.getSnapshot()
  if (fact.type === 'task.created') row.isBorn = true
  if (fact.type === 'task.turned' && !fact.together) row.isAwaited = false
  conversation.hear(fact, before.context.news)
  row.kept = keptWith(row.kept, fact)
  row.member = { ...row.member, tally: tallied(tally, fact) }
  // What was appended in the same batch as the end is in the journal too, and means nothing.
  if (isForChart(fact) && before.status === 'active') actor.send(fact)
  if (fact.type === 'child.ended') row.ended.push(endedTask(fact.report))
  const after = actor.getSnapshot()
  if (after !== before && after.status !== 'error') whatFollows(house, row, { fact, before, after })
  if (how === 'durable') tell(house, entry)
  if (fact.type === 'task.ended') {
    const { outcome } = fact
    const background = after.context.isBackground
    house.store.keepView(endedView(spec, outcome, { tally: row.member.tally, background }))
    return release(taskId, resultOf(taskId, outcome, row.member.tally))
  }

  const { status, output } = after
  // Refused means that the task is lost, which has been said by then.
  if (status === 'done' && output) inbox.end(output).catch(() => {})
  wakeRow(row)
  // Who waits in front of a task must see that it has moved to the background.
  const parent = fact.type === 'task.turned' && spec.parent !== null && house.rows.get(spec.parent)
  if (parent) wakeRow(parent)
}
