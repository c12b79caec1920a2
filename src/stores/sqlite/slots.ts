/**
 * The slots of the whole workspace. What counts is the table, looked at and taken from in one transaction:
 * two processes never take the last slot both.
 */
import type { Concurrency, Elsewhere, Slot } from '../../protocol/concurrency.ts'
import type { Db } from './db.ts'
import type { Owners } from './owners.ts'
import type { Renewal } from './renewal.ts'

/** Others are told at most so often how many wait here. */
const WAITING_MS = 200

export interface Slots {
  /** As in `Workplace`. */
  takeSlot(slot: Slot, limits: Concurrency): Promise<Elsewhere | null>
  leaveSlot(taskId: string): void
  waits(count: number): void
  elsewhere(): Promise<Elsewhere>
  /** Tries again what could not be written before. */
  retry(): void
  leave(): void
}

interface SlotRow {
  readonly task_id: string
  readonly owner: string
  readonly agent: string
  readonly model: string
}

/** Shares the slots with all others that have the file open. */
export function shareSlots(db: Db, renewal: Renewal, owners: Owners): Slots {
  const rows = statements(db)
  const waiting = tellWaiting(db, renewal)
  /** Given back, and perhaps not written yet. */
  const left = new Map<string, symbol>()

  const taken = () => rows.all.all() as readonly SlotRow[]
  const remove = (mark: symbol, taskId: string) => {
    db.write(() => rows.remove.run(taskId, db.self)).then(
      // It may have been taken and given back again meanwhile: that one is still to be written.
      () => left.get(taskId) === mark && left.delete(taskId),
      () => {},
    )
  }

  return {
    takeSlot(slot, limits) {
      left.delete(slot.taskId)
      renewal.register()
      return db.write(() => {
        renewal.fence()
        owners.buryTheGone()
        const others = view(owners, taken())
        // One that this task has already, here or where it was before, is not counted beside the new one.
        const rest = taken().filter((it) => it.task_id !== slot.taskId)
        if (
          !hasRoom(rest, slot, { ...limits, background: Math.min(limits.background, others.cap ?? Infinity) })
        )
          return others
        rows.take.run(slot.taskId, db.self, slot.agent, slot.model)
        return null
      })
    },
    leaveSlot(taskId) {
      const mark = Symbol(taskId)
      left.set(taskId, mark)
      remove(mark, taskId)
    },
    waits: waiting.waits,
    elsewhere: () => db.read(() => view(owners, taken())),
    retry: () => left.forEach(remove),
    leave: waiting.leave,
  }
}

function hasRoom(taken: readonly SlotRow[], { agent, model }: Slot, limits: Concurrency): boolean {
  const { background, perAgent, perModel } = limits
  return (
    taken.length < background &&
    taken.filter((it) => it.agent === agent).length < capOf(perAgent, agent) &&
    taken.filter((it) => it.model === model).length < capOf(perModel, model)
  )
}

function capOf(caps: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(caps, name) ? (caps[name] ?? Infinity) : Infinity
}

function view(owners: Owners, taken: readonly SlotRow[]): Elsewhere {
  const living = owners.living()
  const ids = new Set(living.map(({ id }) => id))
  // One that has closed over a call that would not end holds what it holds, and has no say any more.
  const taking = living.filter(({ beat }) => beat >= 0)
  const caps = taking.flatMap(({ cap }) => (cap === null ? [] : [cap]))
  return {
    cap: caps.length > 0 ? Math.min(...caps) : null,
    held: taken
      .filter(({ owner }) => ids.has(owner))
      .map(({ task_id: taskId, agent, model }) => ({ taskId, agent, model })),
    waiting: taking.reduce((sum, owner) => sum + owner.waiting, 0),
  }
}

function tellWaiting(db: Db, renewal: Renewal): Pick<Slots, 'waits' | 'leave'> {
  const update = db.prepare('UPDATE owner SET waiting = ? WHERE id = ?')
  let wanted = 0
  let told = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  const tell = () => {
    timer = null
    const count = wanted
    if (count === told) return
    renewal.register()
    db.write(() => {
      renewal.fence()
      update.run(count, db.self)
    }).then(
      () => {
        told = count
      },
      () => {},
    )
  }
  return {
    waits(count) {
      wanted = count
      if (count !== told) timer ??= setTimeout(tell, WAITING_MS).unref()
    },
    leave() {
      if (timer) clearTimeout(timer)
    },
  }
}

function statements({ prepare }: Db) {
  return {
    // One whose process has no row any more belongs to nobody.
    all: prepare('SELECT slot.* FROM slot JOIN owner ON owner.id = slot.owner'),
    take: prepare('INSERT OR REPLACE INTO slot (task_id, owner, agent, model) VALUES (?, ?, ?, ?)'),
    remove: prepare('DELETE FROM slot WHERE task_id = ? AND owner = ?'),
  }
}
