/**
 * This process's sign of life: its row in `owner`, and the beat in it that is counted up while it lives.
 * Others may take what it holds once they have seen the beat stand still for the time of a lease. So it acts
 * only while its last renewal is younger than half of that, and stops itself when it can't renew.
 */
import { RuntimeError } from '../../errors.ts'
import type { Db } from './db.ts'
import { thisProcess } from './liveness.ts'

/** How long a beat stands still before what its process holds may be taken. */
export const LEASE_MS = 15_000
/** How often a process shows that it lives. */
export const RENEWAL_MS = 5_000
/** A renewal that took too long proves nothing, and is tried again so many times. */
const RENEWALS_MAX = 10
const MS_PER_SECOND = 1_000

export interface LeaseTimes {
  readonly leaseMs: number
  readonly renewalMs: number
}

export interface Renewal {
  /** Queues the insertion of our row, if there is none yet: what is written next comes after it. */
  register(): void
  /** Inside a write. Throws `store/stale-writer` when our row is gone. */
  fence(): void
  /** The same for one that has no row yet, and need not have one. */
  fenceIfKnown(): void
  /** As in `Workplace`. */
  mayAct(): Promise<void> | null
  isLost(): boolean
  /** The cap that others read. */
  tell(cap: number): void
  /** No more signs of life. Our row goes, too, unless we still hold tasks. */
  leave(): Promise<void>
}

export interface RenewalOptions extends LeaseTimes {
  /** Called once, and never from inside a transaction. */
  readonly lost: (error: RuntimeError) => void
  /** Called every `renewalMs`, from the first renewal on. */
  readonly ticked: () => void
}

interface Life {
  readonly db: Db
  readonly rows: ReturnType<typeof statements>
  readonly options: RenewalOptions
  isRegistered: boolean
  hasLeft: boolean
  cap: number | null
  lost: RuntimeError | null
  /** When the last renewal began that became durable: by a clock that is never set, and by the wall clock. */
  at: number
  wallAt: number
  ticksMissed: number
  renewing: Promise<void> | null
  cause: unknown
  timer: ReturnType<typeof setInterval> | null
}

/** Nothing is written until somebody needs the row. */
export function createRenewal(db: Db, options: RenewalOptions): Renewal {
  const life: Life = {
    db,
    rows: statements(db),
    options,
    isRegistered: false,
    hasLeft: false,
    cap: null,
    lost: null,
    at: Number.NEGATIVE_INFINITY,
    wallAt: 0,
    ticksMissed: 0,
    renewing: null,
    cause: undefined,
    timer: null,
  }
  return {
    register: () => {
      if (!life.isRegistered && !life.renewing && !life.lost && !life.hasLeft) renewLater(life)
    },
    fence: () => fence(life),
    fenceIfKnown: () => {
      if (life.isRegistered) fence(life)
    },
    mayAct: () => {
      if (life.lost) return Promise.reject(life.lost)
      if (life.hasLeft)
        return Promise.reject(new RuntimeError('store/closed', `The store ${db.path} is closed.`))
      return isFresh(life) ? null : refresh(life)
    },
    isLost: () => life.lost !== null,
    tell: (cap) => {
      life.cap = cap
      if (life.isRegistered || life.renewing) db.write(() => life.rows.tell.run(cap, db.self)).catch(() => {})
    },
    leave: () => leave(life),
  }
}

function fence(life: Life): void {
  if (life.lost) throw life.lost
  if (life.rows.own.get(life.db.self)) return
  throw life.isRegistered ? lose(life, buried(life)) : buried(life)
}

/** A machine that slept shows in the wall clock alone. Whoever's clock was set renews once too often. */
function isFresh({ at, wallAt, options: { leaseMs } }: Life): boolean {
  return performance.now() - at < leaseMs / 2 && Math.abs(Date.now() - wallAt) < leaseMs / 2
}

async function refresh(life: Life): Promise<void> {
  for (let tries = 0; tries < RENEWALS_MAX; tries += 1) {
    // One that was under way when the process was stopped began before that: then the next one tells.
    await renew(life)
    if (life.lost) throw life.lost
    if (isFresh(life)) return
  }
  throw new RuntimeError(
    'store/busy',
    `The store ${life.db.path} was too slow ${RENEWALS_MAX} times in a row.`,
  )
}

function renew(life: Life): Promise<void> {
  life.renewing ??= renewOnce(life).finally(() => {
    life.renewing = null
  })
  return life.renewing
}

function renewLater(life: Life): void {
  renew(life).catch((error: unknown) => {
    life.cause = error
  })
}

async function renewOnce(life: Life): Promise<void> {
  const { db, rows, options } = life
  let at = 0
  let wallAt = 0
  const isThere = await db.write(() => {
    // Taken before it is durable: the time of those who watch begins later than ours, never earlier.
    at = performance.now()
    wallAt = Date.now()
    if (Number(rows.beat.run(wallAt, db.self).changes) > 0) return true
    if (life.isRegistered) return false
    const { pid, machine, born } = thisProcess()
    rows.insert.run(db.self, pid, machine, born, wallAt, life.cap)
    return true
  })
  if (!isThere) throw lose(life, buried(life))
  Object.assign(life, { isRegistered: true, at, wallAt, ticksMissed: 0 })
  if (!life.lost && !life.hasLeft) life.timer ??= setInterval(() => tick(life), options.renewalMs).unref()
}

function tick(life: Life): void {
  const { leaseMs, renewalMs, ticked } = life.options
  life.ticksMissed += 1
  // Ticks count, too: a process that was stopped has missed its lease, but has not tried to renew it since.
  if (life.ticksMissed * renewalMs >= leaseMs && performance.now() - life.at >= leaseMs) {
    lose(life, unrenewed(life))
    return
  }
  renewLater(life)
  ticked()
}

function lose(life: Life, error: RuntimeError): RuntimeError {
  if (life.lost) return life.lost
  life.lost = error
  if (life.timer) clearInterval(life.timer)
  // Not at once: this may be inside a transaction, and whoever hears of it may want to write.
  queueMicrotask(() => life.options.lost(error))
  return error
}

async function leave(life: Life): Promise<void> {
  const { db, rows } = life
  life.hasLeft = true
  if (life.timer) clearInterval(life.timer)
  await life.renewing?.catch(() => {})
  if (!life.isRegistered || life.lost) return
  await db.write(() => {
    // A call that would not end is still under way: only the death of this process frees what it holds.
    if (rows.holds.get(db.self)) return void rows.stay.run(db.self)
    rows.removeSlots.run(db.self)
    rows.remove.run(db.self)
  })
}

function statements({ prepare }: Db) {
  return {
    own: prepare('SELECT 1 FROM owner WHERE id = ?'),
    insert: prepare('INSERT INTO owner (id, pid, machine, born, seen_at, cap) VALUES (?, ?, ?, ?, ?, ?)'),
    beat: prepare('UPDATE owner SET beat = beat + 1, seen_at = ? WHERE id = ?'),
    tell: prepare('UPDATE owner SET cap = ? WHERE id = ?'),
    holds: prepare('SELECT 1 FROM task WHERE owner = ? LIMIT 1'),
    removeSlots: prepare('DELETE FROM slot WHERE owner = ?'),
    stay: prepare('UPDATE owner SET beat = -1 WHERE id = ?'),
    remove: prepare('DELETE FROM owner WHERE id = ?'),
  }
}

function buried({ options: { leaseMs } }: Life): RuntimeError {
  return new RuntimeError(
    'store/stale-writer',
    `This process showed no sign of life for ${leaseMs / MS_PER_SECOND} seconds, so another has taken over. ` +
      'Nothing more is written here; its tasks can be resumed.',
  )
}

function unrenewed({ options: { leaseMs }, cause }: Life): RuntimeError {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return new RuntimeError(
    'store/stale-writer',
    `This process could not write that it lives for ${leaseMs / MS_PER_SECOND} seconds${why}, so others may ` +
      'take over. Nothing more is written here; its tasks can be resumed.',
    { cause },
  )
}
