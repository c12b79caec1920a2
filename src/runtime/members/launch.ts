import type { Wish } from '../../machines/slot-desk.ts'
import type { StopOrder } from '../../protocol/orders.ts'
import { type House, type Row, wakeRow } from './house.ts'
import { aboutOf, isCounted, isWatchedOver } from './member.ts'
import { tellQueued } from './told.ts'

/**
 * Begins a run: the hooks first, then the fact. The slot is there already, as soon as the store has given it
 * too. What happens to the task meanwhile counts: a run that nobody wants any more does not begin.
 */
export async function launch(house: House, row: Row): Promise<void> {
  const { hooks, supervisor } = house
  const { spec, inbox } = row.member
  const mine = {}
  row.launching = mine
  try {
    await row.born
    const sure = supervisor().secured(spec.id)
    if (sure !== true) await sure
    if (!isWanted(house, row, mine)) return waitOn(house, row)
    if (isWatchedOver(spec)) {
      row.launches += 1
      const runId = row.launches
      row.openRun = runId
      await hooks.start({ ...aboutOf(spec), runId })
    }
    // What was asked for first counts first, also while it is on its way into the journal.
    while (!inbox.isQuiet()) await inbox.settled()
    if (!isWanted(house, row, mine)) return
    await inbox.begin(row.runs === 0 ? 'task.started' : 'task.resumed')
  } catch {
    // Refused: the task is lost, which has been said by then, and its slot is back.
  }
}

/** A slot was given to a task that lives already: its run begins, or goes on, or moves to the background. */
export function begin(house: House, row: Row, wish: Wish): void {
  if (wish.how === 'start' || wish.how === 'resume') void launch(house, row)
  else void goOn(house, row, wish)
}

async function goOn(house: House, row: Row, { how }: Wish): Promise<void> {
  const { rows, supervisor } = house
  const { spec, inbox } = row.member
  const sure = supervisor().secured(spec.id)
  if (sure !== true) {
    // It has left meanwhile, or waits once more, or was given another slot, which is seen to by itself.
    if (!(await sure) || rows.get(spec.id) !== row) return
    if (!supervisor().holds(spec.id) || supervisor().secured(spec.id) !== true) return
  }
  if (how === 'turn') return turn(house, row)
  // Refused means that the task is lost, which has been said by then.
  inbox.post({ type: 'slot.given' }).catch(() => {})
}

/** The store gave its slot to another process: it waits on, which whoever looks at it must see. */
function waitOn(house: House, row: Row): void {
  const { spec, actor } = row.member
  const snapshot = actor.getSnapshot()
  const ahead = house.supervisor().ahead(spec.id)
  const waits = house.rows.get(spec.id) === row && snapshot.matches('queued')
  if (!waits || !snapshot.context.isBackground || ahead === null) return
  if (!row.isQueueTold) tellQueued(house, row, ahead)
  wakeRow(row)
}

/** What works below a task is counted before the task is: else it would work without a slot. */
function turn({ rows, lineage, supervisor }: House, row: Row): void {
  const { spec, inbox } = row.member
  const isLeftOut = (taskId: string) => {
    const below = rows.get(taskId)
    return below !== undefined && !isCounted(below.member)
  }
  if (!lineage.below(spec.id).some(isLeftOut)) {
    inbox.post({ type: 'task.turned', together: true }).catch(() => {})
    return
  }
  supervisor().leave(spec.id)
  wakeRow(row)
}

/** Asks whether a task may complete. Whoever lets it has been told of its stop with that, if it does. */
export async function askStop({ rows, hooks }: House, order: StopOrder): Promise<string | null> {
  const { taskId, outcome, timesSentBack } = order
  const row = rows.get(taskId)
  const runId = row?.openRun ?? null
  if (!row || runId === null) return null
  const about = { ...aboutOf(row.member.spec), runId }
  const { status: reason, result } = outcome
  const note = await hooks.stop({ ...about, reason, result, timesSentBack })
  row.toldStop = note === null ? runId : null
  return note
}

function isWanted({ rows, supervisor }: House, row: Row, mine: object): boolean {
  const { spec, actor } = row.member
  const { context } = actor.getSnapshot()
  // The slot may have gone to another meanwhile: then it is waited for again.
  const hasSlot = !context.isBackground || supervisor().holds(spec.id)
  const isHere = row.launching === mine && rows.get(spec.id) === row
  return isHere && hasSlot && actor.getSnapshot().matches('queued')
}
