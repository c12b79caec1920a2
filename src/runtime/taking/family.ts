/**
 * What a crash has kept from reaching the family of a task: a result that its parent was not told, an end
 * that should have ended it too, a hold that was let go of above and not below.
 */
import { RuntimeError } from '../../errors.ts'
import type { TaskRecord } from '../../host.ts'
import type { ChildReport } from '../../protocol/delegation.ts'
import type { Holder, TaskSpec } from '../../protocol/task.ts'
import type { Assembly } from '../assembly.ts'
import type { Member } from '../members/member.ts'
import { childReport } from '../members/report.ts'
import { specIn } from '../replay.ts'
import { outcomeIn, resultOf, tallyOf } from '../result.ts'

const PARENT = 'parent/'
/** Whoever says that a task is to go on means these too: nobody's wish keeps it still. */
export const NOBODYS_WISH: readonly Holder[] = ['interrupted', 'shutdown', 'no-slot']

/** Brings tasks that were just taken up to where their families are. */
export async function catchUp(assembly: Assembly, taken: readonly Member[]): Promise<void> {
  if (taken.length === 0) return
  const records = await assembly.host.store.tasks()
  for (const member of taken) {
    await deliver(assembly, member, records)
    if (await isEndedFromAbove(assembly, member.spec, records)) {
      const reason = 'A task that it worked for was ended.'
      await member.inbox.post({ type: 'task.cancelAsked', reason }).catch(() => {})
    } else {
      await letGoFromAbove(assembly, member, records)
      await holdFromAbove(assembly, member, records)
    }
  }
}

/** Tells a task of those that worked for it and ended while it could not hear of it. Each once (L7). */
async function deliver(assembly: Assembly, member: Member, records: readonly TaskRecord[]): Promise<void> {
  const { members } = assembly
  const { children } = member.actor.getSnapshot().context
  for (const { spec: child, hasEnded } of records) {
    if (child.parent !== member.spec.id || child.id in children || members.get(child.id)) continue
    const report = hasEnded ? await reportOf(assembly, child.id).catch(() => null) : null
    if (report) await tellEnd(member, report)
  }
}

/** What a task came to, for the one it worked for; `null`: it has not ended. */
export async function reportOf({ host }: Assembly, taskId: string): Promise<ChildReport | null> {
  const entries = await host.store.read(taskId)
  const outcome = outcomeIn(entries)
  return outcome ? childReport(specIn(entries), resultOf(taskId, outcome, tallyOf(entries))) : null
}

/** Whoever else says it meanwhile: it is written down once. */
export async function tellEnd({ inbox, actor }: Member, report: ChildReport): Promise<void> {
  while (!inbox.isQuiet()) await inbox.settled()
  if (report.taskId in actor.getSnapshot().context.children) return
  await inbox.post({ type: 'child.ended', report })
}

/** A task that nobody had has come to its end: whoever it worked for is told, wherever that is. */
export async function tellAbove(assembly: Assembly, child: TaskSpec): Promise<void> {
  const { members, host } = assembly
  if (child.parent === null) return
  const report = await reportOf(assembly, child.id)
  const parent = members.get(child.parent)
  if (!report) return
  if (parent) await tellEnd(parent, report).catch(() => {})
  // Nobody there: whoever takes the parent up will look for itself.
  else host.store.workplace?.ask({ taskId: child.parent, verb: 'childEnded', report }).catch(() => {})
}

/** Who is ended from above takes along all that work for it. The crash came in between. */
async function isEndedFromAbove(
  { host }: Assembly,
  { parent }: TaskSpec,
  records: readonly TaskRecord[],
): Promise<boolean> {
  for (const above of ancestors(parent, records)) {
    if (!above.hasEnded) continue
    const status = above.view?.status ?? outcomeIn(await host.store.read(above.spec.id))?.status
    if (status === 'cancelled' || status === 'timedOut') return true
  }
  return false
}

/** It is held together with one above that nobody holds any more. */
async function letGoFromAbove(
  { members }: Assembly,
  { actor, inbox }: Member,
  records: readonly TaskRecord[],
): Promise<void> {
  for (const by of actor.getSnapshot().context.holders.filter((holder) => holder.startsWith(PARENT))) {
    const id = by.slice(PARENT.length)
    const above = members.get(id)
    const isHeld = above
      ? above.actor.getSnapshot().context.holders.length > 0
      : records.some(({ spec, hasEnded }) => spec.id === id && !hasEnded)
    if (!isHeld) await inbox.post({ type: 'task.resumeAsked', by })
  }
}

/** Somebody holds one above it still, and with that all below. */
async function holdFromAbove(
  { members }: Assembly,
  { spec, actor, inbox }: Member,
  records: readonly TaskRecord[],
): Promise<void> {
  for (const { spec: above } of ancestors(spec.parent, records)) {
    const holders = members.get(above.id)?.actor.getSnapshot().context.holders ?? []
    const by = `${PARENT}${above.id}` as const
    const isHeld = holders.some((holder) => !NOBODYS_WISH.includes(holder) && !holder.startsWith(PARENT))
    if (isHeld && !actor.getSnapshot().context.holders.includes(by))
      await inbox.post({ type: 'task.pauseAsked', by })
  }
}

function ancestors(parent: string | null, records: readonly TaskRecord[]): readonly TaskRecord[] {
  const above = records.find(({ spec }) => spec.id === parent)
  return above ? [above, ...ancestors(above.spec.parent, records)] : []
}

/** It ended, or another has it, between the look and the grasp. */
export function isSettled(error: unknown): boolean {
  return RuntimeError.is(error) && (error.code === 'task/has-ended' || error.code === 'store/held')
}
