import type { Listeners } from '../actors/listeners.ts'
import type { LiveBodies } from '../actors/live-bodies.ts'
import type { Clock, Host } from '../host.ts'
import type { Member } from './member.ts'
import type { Members } from './members.ts'
import { heldResult } from './result.ts'

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
  await within(clock, graceMs, Promise.all(members.all().map((member) => bringToRest(members, member))))

  const reason = { code: 'task/stopped', message: 'The runtime was closed while the task was not done.' }
  for (const { spec, tally } of members.all()) members.release(spec.id, heldResult(spec.id, tally, reason))
  const ended = await within(clock, BODY_GRACE_MS, new Promise<void>((resolve) => bodies.whenNone(resolve)))
  if (!ended) warn(`${bodies.count()} calls did not end when they were told to, and were left behind.`)
  processes.killAll()
  listeners.close()
  await store.close()
}

async function bringToRest(members: Members, { spec, inbox }: Member): Promise<void> {
  // Refused means that the task is lost already, and so at rest.
  await inbox.post({ type: 'task.pauseAsked', by: 'shutdown' }).catch(() => {})
  await members.until(spec.id, ({ actor }) => actor.getSnapshot().matches('paused'))
}

/** Whether the work was done in time. */
async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let disarm = () => {}
  const late = new Promise<false>((resolve) => {
    disarm = clock.alarm(clock.now() + limitMs, () => resolve(false))
  })
  const inTime = await Promise.race([work.then(() => true as const), late])
  disarm()
  return inTime
}
