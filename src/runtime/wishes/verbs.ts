/** What can be done to a task that lives here. */
import { RuntimeError } from '../../errors.ts'
import type { ChartFact } from '../../protocol/journal.ts'
import type { RemoteAnswer } from '../../protocol/remote.ts'
import type { Holder } from '../../protocol/task.ts'
import { factOfAnswer, notAsking, taskOf } from './approvals.ts'
import type { Assembly } from '../assembly.ts'
import { isCounted, type Member, wishOf } from '../members/member.ts'
import { resultOfTask } from './outcome.ts'
import { refusalFailure } from '../supervisor.ts'
import { refuseClosing } from '../taking/grasp.ts'
import { hasEnded } from '../taking/take-up.ts'

/** The task, if it lives here; in words, if not. */
export async function living(assembly: Assembly, taskId: string): Promise<Member> {
  const member = assembly.members.get(taskId)
  if (member) return member
  const { status } = await resultOfTask(assembly, taskId)
  throw assembly.members.lossOf(taskId) || status === 'paused'
    ? new RuntimeError('task/lost', `Task "${taskId}" does not run here, and is not done.`)
    : hasEnded(taskId, status)
}

/** Resolves when every wish is durable. */
export async function pause(
  assembly: Assembly,
  taskId: string,
  { by, subtree }: { readonly by: Holder; readonly subtree: boolean },
): Promise<void> {
  const { members } = assembly
  const { inbox } = await living(assembly, taskId)
  const below = () => (subtree ? members.below(taskId) : [])
  const byParent = `parent/${taskId}`
  const hold = (it: Member) => quietly(it, { type: 'task.pauseAsked', by: byParent })
  const own = inbox.post({ type: 'task.pauseAsked', by })
  const first = below()
  // Those below may end at the same moment: that is theirs to say.
  const [isHeld] = await Promise.allSettled([own, ...first.map(hold)])
  // Some were born while the wish was on its way.
  await Promise.all(
    below()
      .filter((it) => !first.includes(it))
      .map(hold),
  )
  // It has ended, is lost, or goes on already: then nobody holds those below.
  const { holders = [] } = members.get(taskId)?.actor.getSnapshot().context ?? {}
  if (holders.length === 0) await letGo(below(), byParent)
  if (isHeld.status === 'rejected') throw isHeld.reason as Error
}

async function letGo(members: readonly Member[], by: Holder): Promise<void> {
  await Promise.all(members.map((it) => quietly(it, { type: 'task.resumeAsked', by })))
}

export async function resume(
  assembly: Assembly,
  taskId: string,
  { by, message: text }: { readonly by: Holder; readonly message: string | null },
): Promise<void> {
  const { members, supervisor } = assembly
  const member = await living(assembly, taskId)
  refuseClosing(assembly)
  if (text !== null) await message(assembly, taskId, text)
  await member.inbox.post({ type: 'task.resumeAsked', by })
  let goesOn = false
  await members.until(taskId, ({ actor }) => {
    const snapshot = actor.getSnapshot()
    // It may also wait for a slot to move to the background with, which is not what was asked for.
    goesOn = snapshot.matches('running') || (snapshot.matches('queued') && supervisor.ahead(taskId) !== null)
    if (snapshot.matches('pausing')) return snapshot.context.holders.length > 0
    return !snapshot.matches('queued') || goesOn
  })
  if (!goesOn) await complain(assembly, member)
}

/** The loser of a race is told: the task has no slot, is held by others, or is over. */
async function complain(assembly: Assembly, { spec, actor }: Member): Promise<void> {
  const { supervisor, parts } = assembly
  const { id } = spec
  await living(assembly, id)
  const snapshot = actor.getSnapshot()
  const { holders } = snapshot.context
  // Somebody else has let it go on in the moment between.
  if (snapshot.matches('running') || snapshot.matches('queued')) return
  if (!snapshot.matches('paused') && !snapshot.matches('pausing'))
    throw new RuntimeError('task/has-ended', `Task "${id}" is being ended: nothing resumes it any more.`)
  const reason = holders.includes('no-slot') ? supervisor.reason(id) : null
  if (reason === null)
    throw new RuntimeError('task/held', `Task "${id}" is still held, by ${holders.join(', ')}.`)
  const { code, message: why } = refusalFailure(
    { why: reason, wish: wishOf(spec, 'resume') },
    parts.concurrency,
  )
  throw new RuntimeError(code, why)
}

export async function cancel(assembly: Assembly, taskId: string, reason: string): Promise<void> {
  const { members } = assembly
  const member = members.get(taskId)
  if (member) await member.inbox.post({ type: 'task.cancelAsked', reason })
  // One that has ended of itself leaves behind what works for it: that ends too.
  const ending = member?.actor.getSnapshot().context.ending?.status
  if (ending !== 'cancelled' && ending !== 'timedOut') {
    const below = members.below(taskId)
    await Promise.all(below.map((it) => quietly(it, { type: 'task.cancelAsked', reason })))
  }
  if (member) return
  await living(assembly, taskId).catch((error: unknown) => {
    if (!(RuntimeError.is(error) && error.code === 'task/has-ended')) throw error
  })
}

/** Says something to a task, to be read before its next turn. Resolves when that is durable. */
export async function message(assembly: Assembly, taskId: string, text: string): Promise<void> {
  const { inbox, actor } = await living(assembly, taskId)
  const isHeard = await inbox.post({ type: 'task.messaged', text })
  if (isHeard && actor.getSnapshot().status === 'active') return
  // It has come to its end with the message on its way: nobody has read it.
  throw new RuntimeError('task/has-ended', `Task "${taskId}" ended before it could read the message.`)
}

/**
 * Moves a task to the background once there is a slot for it, after those that it waits for. Resolves when it
 * has moved.
 */
export async function turn(assembly: Assembly, taskId: string): Promise<void> {
  const { members, supervisor, parts } = assembly
  const member = await living(assembly, taskId)
  for (;;) {
    if (members.get(taskId) !== member) await living(assembly, taskId)
    const next = [member, ...members.below(taskId)].findLast((it) => !isCounted(it))
    if (!next) break
    const { id } = next.spec
    if (waitsForCounted(assembly, next)) {
      await next.inbox.post({ type: 'task.turned', together: true })
      continue
    }
    const refused = supervisor.wish([wishOf(next.spec, 'turn')])
    if (refused !== null && refused.why !== 'known') {
      const { code, message: why } = refusalFailure(refused, parts.concurrency)
      throw new RuntimeError(code, why)
    }
    await members.until(id, (it) => isCounted(it) || !supervisor.knows(id))
  }
  // Who waited in front of it goes on without it.
  if (members.isAwaited(taskId)) await member.inbox.post({ type: 'task.turned' })
}

/** It waits for a task that has a slot, and does nothing before that has ended: it needs none itself. */
function waitsForCounted({ members }: Assembly, { spec, actor }: Member): boolean {
  const isInFront = (it: Member) => it.spec.parent === spec.id && members.isAwaited(it.spec.id)
  const child = members.below(spec.id).find(isInFront)
  const isLive = child?.actor.getSnapshot().status === 'active'
  return actor.getSnapshot().matches({ running: 'delegating' }) && child !== undefined && isLive
}

/** Answers what waits for a person. Resolves when the answer is durable. */
export async function answer(assembly: Assembly, given: RemoteAnswer): Promise<void> {
  const { requests, host } = assembly
  // It may be held here for a moment only, by somebody who writes into its journal: then it asks all the
  // same.
  const { inbox } = await living(assembly, taskOf(given.id))
  const request = requests.find(given.id)
  if (!request) throw notAsking(given.id)
  const fact = factOfAnswer(request, given, host.clock.now())
  requests.take(given.id)
  await inbox.post(fact)
}

/** Does it to every task that lives here. What some of them cannot, the others still do. */
export async function onAll({ members }: Assembly, what: (taskId: string) => Promise<void>): Promise<void> {
  await Promise.all(members.all().map(({ spec }) => what(spec.id).catch(() => {})))
}

async function quietly({ inbox }: Member, fact: ChartFact): Promise<void> {
  await inbox.post(fact).catch(() => {})
}
