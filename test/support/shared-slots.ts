/**
 * A workspace that several runtimes of one test share, as if each were a process of its own: one table of
 * slots, and for each a store in memory. What is asked in one turn of the event loop is done together, in a
 * later one.
 */
import { RuntimeError } from '../../src/errors.ts'
import type { Part, Store, Workplace } from '../../src/host.ts'
import { type Elsewhere, NOBODY_ELSEWHERE, type Slot } from '../../src/protocol/concurrency.ts'
import { memoryStore } from '../../src/stores/memory.ts'

export interface SharedSlots {
  /** Another process comes. */
  join(): Place
  /** Who holds a slot now, in the order of taking. */
  readonly taken: readonly string[]
  /** The most that were taken at once. */
  readonly most: number
}

export interface Place {
  readonly store: Store
  /** How often a slot was asked for, and how often that was denied. */
  readonly asked: { slots: number; denials: number }
  /** What it writes from now on is not done before `open`. It sees what others write. */
  hold(): void
  open(): void
  /** It can neither take a slot nor give one back, until it can again. */
  fail(isFailing: boolean): void
  /** It is gone, as if it was killed: what it holds does not count any more. */
  die(): void
}

interface Owner {
  part: Part | null
  waiting: number
  isAlive: boolean
}

export function sharedSlots(): SharedSlots {
  const table = new Map<string, { readonly slot: Slot; readonly owner: Owner }>()
  const owners = new Set<Owner>()
  let most = 0

  const living = (but: Owner) => [...owners].filter((owner) => owner !== but && owner.isAlive)
  const counted = () => [...table.values()].filter(({ owner }) => owner.isAlive)
  const changedBy = (me: Owner) => {
    for (const { part } of living(me)) setImmediate(() => part?.changed())
  }

  function view(me: Owner): Elsewhere {
    const others = living(me)
    const caps = others.flatMap(({ part }) => part?.cap ?? [])
    return {
      ...NOBODY_ELSEWHERE,
      cap: caps.length > 0 ? Math.min(...caps) : null,
      held: counted()
        .filter(({ owner }) => owner !== me)
        .map(({ slot }) => slot),
      waiting: others.reduce((sum, { waiting }) => sum + waiting, 0),
    }
  }

  function take(me: Owner, slot: Slot, cap: number): Elsewhere | null {
    const elsewhere = view(me)
    const others = counted().filter((it) => it.slot.taskId !== slot.taskId)
    if (others.length >= Math.min(cap, elsewhere.cap ?? cap)) return elsewhere
    table.delete(slot.taskId)
    table.set(slot.taskId, { slot, owner: me })
    most = Math.max(most, counted().length)
    changedBy(me)
    return null
  }

  function join(): Place {
    const me: Owner = { part: null, waiting: 0, isAlive: true }
    const { later, hold, open } = turns()
    const asked = { slots: 0, denials: 0 }
    let isFailing = false
    owners.add(me)

    const workplace: Workplace = {
      enter: (part) => void (me.part = part),
      mayAct: () => null,
      takeSlot(slot, { background }) {
        asked.slots += 1
        return later(() => {
          if (isFailing || !me.isAlive) throw new RuntimeError('store/full', 'The disk is full.')
          const elsewhere = take(me, slot, background)
          if (elsewhere !== null) asked.denials += 1
          return elsewhere
        })
      },
      leaveSlot(taskId) {
        void later(() => {
          if (me.isAlive && table.get(taskId)?.owner === me && table.delete(taskId)) changedBy(me)
        })
      },
      waits(count) {
        void later(() => {
          me.waiting = count
          changedBy(me)
        })
      },
      async elsewhere() {
        await new Promise((resolve) => setImmediate(resolve))
        return view(me)
      },
      ask: async () => 'nobody',
    }

    return {
      store: { ...memoryStore(), workplace },
      asked,
      hold,
      open,
      fail: (fails) => void (isFailing = fails),
      die() {
        me.isAlive = false
        changedBy(me)
      },
    }
  }

  return {
    join,
    get taken() {
      return counted().map(({ slot }) => slot.taskId)
    },
    get most() {
      return most
    },
  }
}

/** What is asked in one turn of the event loop is done together, in order. */
function turns() {
  let waiting: (() => void)[] = []
  let isHeld = false
  const flush = () => {
    if (isHeld) return
    const now = waiting
    waiting = []
    for (const each of now) each()
  }
  return {
    later<T>(does: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(does())
          } catch (error) {
            reject(error as Error)
          }
        })
        setImmediate(flush)
      })
    },
    hold: () => void (isHeld = true),
    open() {
      isHeld = false
      flush()
    },
  }
}
