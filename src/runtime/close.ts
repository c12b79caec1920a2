import { within } from '../actors/within.ts'
import type { Store } from '../host.ts'
import type { Assembly } from './assembly.ts'
import type { Member } from './members/member.ts'
import type { Members } from './members/members.ts'
import { resultWithout } from './result.ts'

/** How long bodies that were told to end may take before they are left behind. */
const BODY_GRACE_MS = 2_000

/** Brings every task to rest, ends what will not rest, and lets go of everything. */
export async function closeDown(assembly: Assembly, graceMs: number): Promise<void> {
  const { host, members, supervisor, hooks, listeners, bodies, taking } = assembly
  const { clock, processes, store, warn } = host
  supervisor.drain()
  // What is being taken up now would otherwise live here when all others have gone.
  if (!taking.isIdle()) await within<unknown>(clock, graceMs, taking.allIdle(), () => null)
  const resting = Promise.all(members.all().map((member) => bringToRest(members, member)))
  await within<unknown>(clock, graceMs, resting, () => null)

  const all = members.all()
  const reason = { code: 'task/stopped', message: 'The runtime was closed while the task was not done.' }
  for (const { spec, tally } of all) members.release(spec.id, resultWithout('paused', spec.id, tally, reason))
  supervisor.close()
  const ended = new Promise<boolean>((resolve) => bodies.whenNone(() => resolve(true)))
  const areGone = await within(clock, BODY_GRACE_MS, ended, () => false)
  if (!areGone) warn(`${bodies.count()} calls did not end when they were told to, and were left behind.`)
  processes.killAll()
  hooks.leave()
  await listeners.close()
  // Whoever has a body that would not end is not let go of: it may still do something (L4).
  const atRest = all.filter(({ spec }) => !bodies.isLive(spec.id))
  await Promise.all(atRest.map(({ spec }) => store.release(spec.id)))
  await assembly.tidying.end()
  if (bodies.count() === 0) return store.close()
  // Until it has ended, others must see that this process lives.
  bodies.whenNone(() => void letGo(store, all).catch(() => {}))
}

async function letGo(store: Store, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ spec }) => store.release(spec.id)))
  await store.close()
}

async function bringToRest(members: Members, { spec, inbox }: Member): Promise<void> {
  // Refused means that the task is lost already, and so at rest.
  await inbox.post({ type: 'task.pauseAsked', by: 'shutdown' }).catch(() => {})
  await members.until(spec.id, ({ actor }) => actor.getSnapshot().matches('paused'))
}
