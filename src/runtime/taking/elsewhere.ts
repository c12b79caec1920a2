/** The family of a task, as far as another process has it: what happens here reaches it there. */
import type { TaskRecord } from '../../host.ts'
import type { RemoteOrder } from '../../protocol/remote.ts'
import type { Holder } from '../../protocol/task.ts'
import type { Assembly } from '../assembly.ts'
import type { FamilyElsewhere } from '../members/house.ts'
import type { Member } from '../members/member.ts'
import { awaitedBy, letGoOn, takeUpBelow, unfinishedBelow } from './recovery.ts'
import { reportOf, tellEnd } from './family.ts'

/**
 * Of all tasks of the store, a look at most so often. Those that somebody waits for are looked at each time.
 */
const LOOK_AT_ALL_MS = 2_000

/** Reaches those below in other processes. Contract: returns at once, and never fails. */
export function familyElsewhere(assembly: () => Assembly): FamilyElsewhere {
  const ask = (wish: RemoteOrder) => assembly().host.store.workplace?.ask(wish)
  const each = async (taskId: string, wish: (child: string) => Promise<unknown> | undefined) => {
    for (const child of await awayBelow(assembly(), taskId)) await wish(child)?.catch(ignore)
  }
  return {
    // Nobody there: whoever takes the task up will look for itself.
    reportEnd: (taskId, report) => void ask({ taskId, verb: 'childEnded', report })?.catch(ignore),
    cancelBelow: (taskId, reason) =>
      void each(taskId, (child) => ask({ taskId: child, verb: 'cancel', reason })).catch(ignore),
    letGoBelow: (taskId) =>
      void each(taskId, (child) =>
        ask({ taskId: child, verb: 'resume', by: holderOf(taskId), message: null }),
      ).catch(ignore),
  }
}

/** Those below a task that another process has are held together with it, too. */
export async function holdElsewhere(assembly: Assembly, taskId: string): Promise<void> {
  const { workplace } = assembly.host.store
  for (const child of await awayBelow(assembly, taskId))
    await workplace?.ask({ taskId: child, verb: 'pause', by: holderOf(taskId), subtree: false }).catch(ignore)
}

async function awayBelow({ host }: Assembly, taskId: string): Promise<readonly string[]> {
  if (!host.store.workplace) return []
  const below = unfinishedBelow(await host.store.tasks('unfinished'), taskId)
  return below.filter(({ heldBy }) => heldBy === 'elsewhere').map(({ spec }) => spec.id)
}

function holderOf(taskId: string): Holder {
  return `parent/${taskId}`
}

/** It has ended meanwhile, its process has gone, or ours is not to ask any more. */
function ignore(): void {}

/** It goes on, and waits for a task that does not live here, and was not lost here. */
function isWaiting({ members }: Assembly, { actor }: Member): boolean {
  const isAway = (id: string) => members.get(id) === null && members.lossOf(id) === null
  const { children } = actor.getSnapshot().context
  const awaited = awaitedBy(actor).filter((id) => !(id in children))
  return actor.getSnapshot().matches({ running: 'delegating' }) && awaited.some(isAway)
}

/**
 * Looks whether those that work for tasks here have ended in another process, which may have died before it
 * could say so.
 */
export function lookAfterChildren(assembly: Assembly): () => Promise<void> {
  const { host, members } = assembly
  let lookedAt = Number.NEGATIVE_INFINITY
  /** Those that work for a task here, and that others have: by id, with the id of that task. */
  let away = new Map<string, string>()

  async function tell(parentId: string, childId: string): Promise<void> {
    const parent = members.get(parentId)
    if (!parent || members.get(childId) || childId in parent.actor.getSnapshot().context.children) return
    // One that can't be read keeps nobody else from being told of.
    const report = await reportOf(assembly, childId).catch(() => null)
    if (report) await tellEnd(parent, report).catch(ignore)
  }

  function findAway(records: readonly TaskRecord[]): Map<string, string> {
    const found = new Map<string, string>()
    for (const { spec } of records)
      if (spec.parent !== null && members.get(spec.parent) && !members.get(spec.id))
        found.set(spec.id, spec.parent)
    return found
  }

  /** The process of a task has died that somebody here waits for: it goes on here. */
  async function goOnForThoseThatWait(): Promise<void> {
    const waits = members.all().filter((member) => isWaiting(assembly, member))
    for (const { spec } of waits)
      for (const member of await takeUpBelow(assembly, spec.id)) await letGoOn(assembly, member)
  }

  return async () => {
    for (const { spec, actor } of members.all())
      for (const child of awaitedBy(actor)) await tell(spec.id, child)
    await goOnForThoseThatWait()
    const now = host.clock.now()
    if (members.all().length === 0 || now - lookedAt < LOOK_AT_ALL_MS) return
    lookedAt = now
    const before = away
    away = findAway(await host.store.tasks('unfinished'))
    for (const [child, parent] of before) if (!away.has(child)) await tell(parent, child)
  }
}
