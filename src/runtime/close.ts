import type { Listeners } from '../actors/listeners.ts'
import { within } from '../actors/within.ts'
import type { LiveBodies } from '../actors/live-bodies.ts'
import type { Host } from '../host.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'
import { resultWithout } from './result.ts'

/** How long bodies that were told to end may take before they are left behind. */
const BODY_GRACE_MS = 2_000

export interface ClosePlan {
  readonly host: Host
  readonly members: Members
  readonly listeners: Listeners
  readonly bodies: LiveBodies
  readonly graceMs: number
}

/** Brings every task to rest, ends what will not rest, and lets go of everything. */
export async function closeDown({ host, members, listeners, bodies, graceMs }: ClosePlan): Promise<void> {
  const { clock, processes, store, warn } = host
  const resting = Promise.all(members.all().map((member) => bringToRest(members, member)))
  await within<unknown>(clock, graceMs, resting, () => null)

  const reason = { code: 'task/stopped', message: 'The runtime was closed while the task was not done.' }
  for (const { spec, tally } of members.all())
    members.release(spec.id, resultWithout('paused', spec.id, tally, reason))
  const ended = new Promise<boolean>((resolve) => bodies.whenNone(() => resolve(true)))
  if (!(await within(clock, BODY_GRACE_MS, ended, () => false)))
    warn(`${bodies.count()} calls did not end when they were told to, and were left behind.`)
  processes.killAll()
  await listeners.close()
  await store.close()
}

async function bringToRest(members: Members, { spec, inbox }: Member): Promise<void> {
  // Refused means that the task is lost already, and so at rest.
  await inbox.post({ type: 'task.pauseAsked', by: 'shutdown' }).catch(() => {})
  await members.until(spec.id, ({ actor }) => actor.getSnapshot().matches('paused'))
}
