/**
 * What follows, around a task, from what its chart has come to. The charts decide; nothing here does. Each
 * reaction is to an edge: what was so before a fact, and what is so after it.
 */
import type { SnapshotFrom } from 'xstate'
import type { taskMachine } from '../../machines/task.ts'
import type { Wish } from '../../machines/slot-desk.ts'
import type { Fact, Heard } from '../../protocol/journal.ts'
import type { House, Row } from './house.ts'
import { launch } from './launch.ts'
import { aboutOf, isCounted, isWatchedOver, wishOf } from './member.ts'
import { childReport } from './report.ts'
import type { TaskResult } from '../result.ts'
import { endNotice, progressNotice, tellQueued } from './told.ts'

type Snapshot = SnapshotFrom<typeof taskMachine>

/** One fact, and how the task stood before and after it. */
export interface Edge {
  readonly fact: Heard<Fact>
  readonly before: Snapshot
  readonly after: Snapshot
}

/** A fact was heard. */
export function whatFollows(house: House, row: Row, edge: Edge): void {
  const { fact } = edge
  if (fact.type === 'task.started' || fact.type === 'task.resumed') row.runs = fact.runId
  slots(house, row, edge)
  stages(house, row, edge)
  cascade(house, row, edge)
  letGoBelow(house, row, edge)
}

/** A slot comes back on the edge from held to not held; one is wished for on the edge to wanting one. */
function slots(house: House, row: Row, { before, after }: Edge): void {
  const { spec } = row.member
  const supervisor = house.supervisor()
  const wants = after.hasTag('wantsSlot')
  const { isBackground } = after.context
  // Moved to the background where it stands still, it needs a slot from now on.
  const isTurned = isBackground && !before.context.isBackground
  const isNew = wants && (!before.hasTag('wantsSlot') || isTurned)
  if (isNew && (!isBackground || (isTurned && supervisor.holds(spec.id)))) return void launch(house, row)
  if (!isBackground) return
  if (isNew) {
    // What was held is given back first: it may be the very one that is wished for.
    if (before.hasTag('holdsSlot')) supervisor.leave(spec.id)
    wish(house, row, after.matches('queued') ? 'resume' : 'return')
  }
  // Also one that was given for a run that nobody wants any more.
  if (!wants && !after.hasTag('holdsSlot') && supervisor.knows(spec.id)) giveBack(house, row, after)
  if (!after.matches({ running: 'delegating' })) inheritNoMore(house, row)
}

/**
 * The slot of a child that somebody waits in front of goes to the one that waits, as soon as that goes on:
 * nobody comes in between.
 */
function giveBack(house: House, row: Row, after: Snapshot): void {
  const { spec } = row.member
  const parent = spec.parent === null ? undefined : house.rows.get(spec.parent)
  const standing = parent?.member.actor.getSnapshot()
  // Whoever works in the foreground needs no slot to go on.
  const waits = standing?.context.isBackground && standing.matches({ running: 'delegating' })
  if (parent && waits && after.status === 'done' && row.isAwaited)
    parent.inherits = [...parent.inherits, spec.id]
  else house.supervisor().leave(spec.id)
}

function inheritNoMore(house: House, row: Row): void {
  const { inherits } = row
  if (inherits.length === 0) return
  row.inherits = []
  for (const taskId of inherits) house.supervisor().leave(taskId)
}

/** It was taken up where it stands in the queue: it wishes for a slot once more. */
export function wake(house: House, row: Row): void {
  const { spec, actor } = row.member
  const snapshot = actor.getSnapshot()
  if (!snapshot.matches('queued') || row.launching || house.supervisor().knows(spec.id)) return
  if (snapshot.context.isBackground) wish(house, row, row.runs === 0 ? 'start' : 'resume')
  else void launch(house, row)
}

function wish(house: House, row: Row, how: Wish['how']): void {
  const { spec, inbox } = row.member
  const supervisor = house.supervisor()
  row.isQueueTold = false
  const refused = supervisor.wish([wishOf(spec, how, row.isAwaited || row.hadPlace)])
  row.hadPlace = false
  if (refused !== null) {
    // Refused means that the task is lost, which has been said by then.
    inbox.post({ type: 'task.pauseAsked', by: 'no-slot' }).catch(() => {})
    return
  }
  const ahead = supervisor.ahead(spec.id)
  if (ahead !== null && how !== 'return') tellQueued(house, row, ahead)
}

/** What hooks and people are told while a task gets on. */
function stages(house: House, row: Row, { before, after }: Edge): void {
  const { member } = row
  const { spec } = member
  if (!isWatchedOver(spec) && !after.context.isBackground) return
  const { hooks } = house
  const isNow = (state: 'running' | 'paused') => after.matches(state) && !before.matches(state)
  if (isNow('running') && !before.matches('pausing')) {
    if (row.isPauseTold) hooks.tell('TaskResumed', aboutOf(spec))
    row.isPauseTold = false
    tellProgress(house, row, 'running', '')
  }
  if (after.matches({ running: 'asking' }) && !before.matches({ running: 'asking' }))
    tellProgress(house, row, 'asking', 'It waits for a person.')
  if (isNow('paused')) {
    const { holders: by } = after.context
    hooks.tell('TaskPaused', { ...aboutOf(spec), by })
    row.isPauseTold = true
    tellProgress(house, row, 'paused', `Held by ${by.join(', ')}.`)
  }
  if (isNow('paused') || (after.matches('queued') && before.matches('pausing')))
    closeRun(house, row, { reason: 'paused', result: '' })
}

/** People are told of what works in the background; what somebody waits in front of, they see anyway. */
function tellProgress({ notices }: House, { member }: Row, status: string, text: string): void {
  if (isCounted(member)) notices.tell(progressNotice(member, status, text))
}

/** It was taken up after a crash: of the run that was cut off nobody has been told that it is over. */
export function tellCutOff(house: House, row: Row): void {
  const { spec, actor } = row.member
  if (!isWatchedOver(spec)) return
  row.openRun = row.runs
  closeRun(house, row, { reason: 'paused', result: '' })
  house.hooks.tell('TaskPaused', { ...aboutOf(spec), by: actor.getSnapshot().context.holders })
  row.isPauseTold = true
}

/** Every start that was told has one stop. */
export function closeRun({ hooks }: House, row: Row, end: { reason: string; result: string }): void {
  const runId = row.openRun
  if (runId === null) return
  row.openRun = null
  if (end.reason === 'completed' && row.toldStop === runId) return
  const { spec, actor } = row.member
  const { sentBack } = actor.getSnapshot().context.tries
  // Nothing that is said now can change how it ended.
  void hooks.stop({ ...aboutOf(spec), ...end, runId, timesSentBack: sentBack })
}

/** Who is ended from above takes along all that work for it. */
function cascade(house: House, row: Row, { before, after }: Edge): void {
  const isEnded = ({ context }: Snapshot) => ['cancelled', 'timedOut'].includes(context.ending?.status ?? '')
  if (isEnded(before) || !isEnded(after)) return
  const { id, title } = row.member.spec
  const reason = `The task it worked for, "${title}" (${id}), was ended.`
  house.elsewhere.cancelBelow(id, reason)
  for (const taskId of house.lineage.below(id)) {
    house.rows
      .get(taskId)
      ?.member.inbox.post({ type: 'task.cancelAsked', reason })
      .catch(() => {})
  }
}

/** What works for a task is held together with it as long as anybody holds it. */
function letGoBelow(house: House, row: Row, { before, after }: Edge): void {
  const isFree = before.context.holders.length > 0 && after.context.holders.length === 0
  if (isFree) releaseBelow(house, row)
}

function holdsBelow({ rows, lineage }: House, { member }: Row): boolean {
  const by = `parent/${member.spec.id}`
  const isHeld = (taskId: string) =>
    rows.get(taskId)?.member.actor.getSnapshot().context.holders.includes(by) ?? false
  return member.actor.getSnapshot().context.holders.length > 0 || lineage.below(member.spec.id).some(isHeld)
}

/** Also of a hold that is still on its way to one of them. */
function releaseBelow({ rows, lineage, elsewhere }: House, { member }: Row): void {
  elsewhere.letGoBelow(member.spec.id)
  const by = `parent/${member.spec.id}`
  for (const taskId of lineage.below(member.spec.id))
    rows
      .get(taskId)
      ?.member.inbox.post({ type: 'task.resumeAsked', by })
      .catch(() => {})
}

/** A task lives here no longer: everything it had goes back, and whoever must know is told. */
export function whatFollowsLeaving(
  house: House,
  row: Row,
  told: { result: TaskResult; reason: string },
): void {
  const { lineage, notices } = house
  const { spec, actor } = row.member
  const { result, reason } = told
  const supervisor = house.supervisor()
  const parent = spec.parent === null ? undefined : house.rows.get(spec.parent)
  const isCountedNow = isCounted(row.member)
  if (!parent?.inherits.includes(spec.id)) supervisor.leave(spec.id)
  inheritNoMore(house, row)
  supervisor.forget(spec.id, actor)
  closeRun(house, row, { reason: reason === 'broken' ? 'lost' : reason, result: result.result })
  // Whoever only goes away from here still holds what it held.
  const goesOn = reason === 'paused' || reason === 'lost'
  if (!goesOn && holdsBelow(house, row)) releaseBelow(house, row)
  lineage.leave(spec.id)
  if (reason === 'paused' || reason === 'rejected') return
  if (isCountedNow) notices.tell(endNotice(row.member, result))
  // What is lost here has not ended: whoever takes it up tells how it did.
  if (goesOn) return
  const report = childReport(spec, result)
  if (!parent && spec.parent !== null) house.elsewhere.reportEnd(spec.parent, report)
  // A parent that has ended leaves the result where it can be read.
  parent?.member.inbox.post({ type: 'child.ended', report }).catch(() => {})
}
