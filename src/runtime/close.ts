import { within } from '../actors/within.ts'
import type { Assembly } from './assembly.ts'
import type { Member } from './members/member.ts'
import type { Members } from './members/members.ts'
import { resultWithout } from './result.ts'

/** How long bodies that were told to end may take before they are left behind. */
const BODY_GRACE_MS = 2_000

/** Brings every task to rest, ends what will not rest, and lets go of everything. */
export async function closeDown(assembly: Assembly, graceMs: number): Promise<void> {
  const { host, members, supervisor, hooks, listeners, bodies } = assembly
  const { clock, processes, store, warn } = host
  supervisor.drain()
  const resting = Promise.all(members.all().map((member) => bringToRest(members, member)))
  await within<unknown>(clock, graceMs, resting, () => null)

  const reason = { code: 'task/stopped', message: 'The runtime was closed while the task was not done.' }
  for (const { spec, tally } of members.all())
    members.release(spec.id, resultWithout('paused', spec.id, tally, reason))
  supervisor.close()
  const ended = new Promise<boolean>((resolve) => bodies.whenNone(() => resolve(true)))
  if (!(await within(clock, BODY_GRACE_MS, ended, () => false)))
    warn(`${bodies.count()} calls did not end when they were told to, and were left behind.`)
  processes.killAll()
  hooks.leave()
  await listeners.close()
  await store.close()
}

async function bringToRest(members: Members, { spec, inbox }: Member): Promise<void> {
  // Refused means that the task is lost already, and so at rest.
  await inbox.post({ type: 'task.pauseAsked', by: 'shutdown' }).catch(() => {})
  await members.until(spec.id, ({ actor }) => actor.getSnapshot().matches('paused'))
}
