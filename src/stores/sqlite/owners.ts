/**
 * The other processes that work on the store. Whoever finds one dead, or has seen its beat stand still for
 * the time of a lease, buries it in one transaction: its row and its slots go, and its tasks are nobody's.
 */
import type { Db } from './db.ts'
import { isDead, thisMachine, watchBeats } from './liveness.ts'

/** A row of the table. */
export interface Owner {
  readonly id: string
  readonly pid: number
  readonly machine: string
  readonly born: string
  readonly beat: number
  readonly seen_at: number
  readonly cap: number | null
  readonly waiting: number
}

export interface Owners {
  /** Nobody, or somebody who lives no more, as far as this process can know. Never ourselves. */
  isGone(id: string | null): boolean
  /** Inside a write. Buries it if it is gone; false: it lives. */
  bury(id: string): boolean
  /** Inside a write. Buries all that are gone. */
  buryTheGone(): void
  /** All others that live. */
  living(): readonly Owner[]
  /** Somebody is gone and was not buried. To look regularly is what tells one that stands still. */
  hasGone(): boolean
}

/** Watches the rows of the others. */
export function watchOwners(db: Db, leaseMs: number): Owners {
  const rows = statements(db)
  const beats = watchBeats(leaseMs)
  const machine = thisMachine()

  const find = (id: string) => rows.one.get(id) as Owner | undefined
  const others = () => rows.others.all(db.self) as readonly Owner[]
  const isGone = (owner: Owner): boolean => {
    // Looked at in any case, so that the watch has no gaps.
    const hasStoodStill = owner.beat >= 0 && beats.standsStill(owner.id, owner.beat)
    return hasStoodStill || isDead(owner, machine)
  }
  const bury = (owner: Owner): boolean => {
    if (!isGone(owner) || Number(rows.remove.run(owner.id, owner.beat).changes) === 0) return false
    rows.removeSlots.run(owner.id)
    rows.freeTasks.run(owner.seen_at, owner.id)
    return true
  }

  return {
    isGone(id) {
      if (id === db.self) return false
      const owner = id === null ? undefined : find(id)
      return !owner || isGone(owner)
    },
    bury(id) {
      if (id === db.self) return false
      const owner = find(id)
      return !owner || bury(owner)
    },
    buryTheGone() {
      for (const owner of others()) bury(owner)
    },
    living: () => others().filter((owner) => !isGone(owner)),
    hasGone() {
      const all = others()
      beats.keepOnly(new Set(all.map(({ id }) => id)))
      return all.filter(isGone).length > 0
    },
  }
}

function statements({ prepare }: Db) {
  return {
    one: prepare('SELECT * FROM owner WHERE id = ?'),
    others: prepare('SELECT * FROM owner WHERE id <> ?'),
    // The beat that was judged is the one that goes.
    remove: prepare('DELETE FROM owner WHERE id = ? AND beat = ?'),
    removeSlots: prepare('DELETE FROM slot WHERE owner = ?'),
    freeTasks: prepare('UPDATE task SET owner = NULL, seen_at = ? WHERE owner = ?'),
  }
}
