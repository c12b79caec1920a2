/**
 * Several processes on one store file: who lives, who holds what, how many may work, and what one asks of
 * another.
 *
 * For the rest of the store, besides `Workplace`:
 *   register()  right before a write that makes something ours (a task): queues our row in front of it
 *   fence()     inside a write: throws `store/stale-writer` when we were buried
 *   bury(id)    inside a write: true when that owner is gone; then its tasks are nobody's, its slots are free
 *   leave()     before the file is closed
 */
import { Bug } from '../../errors.ts'
import type { Part, Workplace } from '../../host/store.ts'
import type { Db } from './db.ts'
import { type Owners, watchOwners } from './owners.ts'
import { createRenewal, LEASE_MS, type LeaseTimes, type Renewal, RENEWAL_MS } from './renewal.ts'
import { openRequests } from './requests.ts'
import { openServing } from './serving.ts'
import { shareSlots } from './slots.ts'

/** A part hears of changes at most so often. */
const CHANGED_MS = 250

export interface OpenWorkplace extends Workplace, Pick<Owners, 'bury'> {
  /** Before a write, not inside: our row will be there when it is done. */
  register(): void
  /** Inside a write: throws `store/stale-writer` when our row is gone. */
  fence(): void
  heldBy(owner: string | null): 'here' | 'elsewhere' | 'nobody'
  /** No more signs of life. What is still asked for rejects, this never. Our row stays if we hold tasks. */
  leave(): Promise<void>
}

/** Takes part in what others do with the same file. Shorter times are for tests. */
export function createWorkplace(db: Db, times: Partial<LeaseTimes> = {}): OpenWorkplace {
  const { leaseMs = LEASE_MS, renewalMs = RENEWAL_MS } = times
  const owners = watchOwners(db, leaseMs)
  const presence = createPresence()
  const renewal = createRenewal(db, { leaseMs, renewalMs, lost: presence.lose, ticked: () => ticked() })
  const slots = shareSlots(db, renewal, owners)
  const requests = openRequests(db, owners, { leaseMs, fence: renewal.fenceIfKnown })
  let taking: ReturnType<typeof takePart> | null = null

  /** One that died says nothing: whoever waits for its slots or its tasks must be told. */
  const bury = async () => {
    if (!(await db.read(owners.hasGone))) return
    await db.write(owners.buryTheGone)
    taking?.told.call()
  }
  const ticked = () => {
    bury().catch(() => {})
    slots.retry()
    taking?.serving.tidy()
  }
  return {
    enter(part) {
      presence.enter(part)
      renewal.tell(part.cap)
      taking = takePart(db, renewal, part)
    },
    mayAct: renewal.mayAct,
    takeSlot: slots.takeSlot,
    leaveSlot: slots.leaveSlot,
    waits: slots.waits,
    elsewhere: slots.elsewhere,
    ask: requests.ask,
    register: renewal.register,
    fence: renewal.fence,
    bury: owners.bury,
    heldBy(owner) {
      if (owner === db.self) return renewal.isLost() ? 'nobody' : 'here'
      return owners.isGone(owner) ? 'nobody' : 'elsewhere'
    },
    async leave() {
      taking?.stop()
      slots.leave()
      // What can't be written any more is found out by the others, as of a process that died.
      for (const leave of [requests.leave, renewal.leave]) await leave().catch(() => {})
    },
  }
}

function takePart(db: Db, renewal: Renewal, { serve, changed }: Part) {
  const serving = openServing(db, renewal, serve)
  const told = throttle(changed, CHANGED_MS)
  const unwatch = db.watch(() => {
    serving.look()
    told.call()
  })
  // What was asked before anybody was there.
  serving.look()
  return {
    serving,
    told,
    stop() {
      unwatch()
      told.stop()
    },
  }
}

/** The one that takes part, and what it must be told even if it comes later. */
function createPresence() {
  let entered: Part | null = null
  let lost: { readonly error: unknown } | null = null
  return {
    enter(part: Part) {
      if (entered) throw new Bug('Somebody takes part already: one runtime for each store.')
      entered = part
      if (lost) part.lost(lost.error)
    },
    lose(error: unknown) {
      lost = { error }
      entered?.lost(error)
    },
  }
}

/** The first call at once, those that follow soon together in one. */
function throttle(action: () => void, gapMs: number) {
  let timer: ReturnType<typeof setTimeout> | null = null
  let isWanted = false
  let isStopped = false
  const call = () => {
    if (isStopped) return
    if (timer) {
      isWanted = true
      return
    }
    timer = setTimeout(() => {
      timer = null
      if (isWanted) {
        isWanted = false
        call()
      }
    }, gapMs).unref()
    action()
  }
  return {
    call,
    stop() {
      isStopped = true
      if (timer) clearTimeout(timer)
    },
  }
}
