/**
 * The slots of a workspace in which several processes work. The supervisor's chart gives them by what it
 * knows of the others; here each is claimed from the store, which has the last word, and what others do is
 * read again.
 */
import { inWords } from '../../errors.ts'
import type { Workplace } from '../../host.ts'
import type { Concurrency, Elsewhere, Slot } from '../../protocol/concurrency.ts'

export interface SlotClaims {
  /** The chart has given a slot. */
  claim(slot: Slot): void
  /** The chart takes a slot back. To be called before it hears of that: whoever gets it then comes after. */
  leave(taskId: string): void
  /** Whether the slot that was claimed last is ours: at once if nothing is open. False: it never will be. */
  secured(taskId: string): true | Promise<boolean>
  /** How many wait for a slot here. */
  waits(count: number): void
  /** Reads what others do, after everything that was so when it was called. Never rejects. */
  refresh(): Promise<void>
}

export interface SlotClaimsPlan {
  readonly limits: Concurrency
  /** What the chart knows of the others now. */
  readonly view: () => Elsewhere
  readonly seen: (elsewhere: Elsewhere) => void
  readonly denied: (taskId: string, elsewhere: Elsewhere) => void
  readonly warn: (text: string) => void
}

/** Nobody else is there: whatever the chart gives holds. */
export const UNSHARED_SLOTS: SlotClaims = {
  claim() {},
  leave() {},
  secured: () => true,
  waits() {},
  async refresh() {},
}

/** Claims what the chart gives from the store that has the slots. */
export function createSlotClaims(workplace: Workplace, plan: SlotClaimsPlan): SlotClaims {
  const open = new Map<string, Claim>()
  const refresh = refreshing(workplace, plan)
  const take = taking(workplace, plan, { open, refresh })
  let toldWaiting = 0
  return {
    claim({ taskId, agent, model }) {
      const mine = newClaim()
      open.set(taskId, mine)
      void take({ taskId, agent, model }, mine)
    },
    leave(taskId) {
      open.get(taskId)?.settle(false)
      open.delete(taskId)
      workplace.leaveSlot(taskId)
    },
    secured: (taskId) => open.get(taskId)?.settled ?? true,
    waits(count) {
      if (count !== toldWaiting) workplace.waits(count)
      toldWaiting = count
    },
    refresh,
  }
}

function refreshing(workplace: Workplace, { view, seen }: SlotClaimsPlan): () => Promise<void> {
  return oneAtATime(async () => {
    try {
      const elsewhere = await workplace.elsewhere()
      if (!isSame(elsewhere, view())) seen(elsewhere)
    } catch {
      // What was known last holds on. A store that is lost says so in other ways.
    }
  })
}

interface OpenClaims {
  readonly open: Map<string, Claim>
  readonly refresh: () => Promise<void>
}

function taking(workplace: Workplace, plan: SlotClaimsPlan, { open, refresh }: OpenClaims) {
  const { limits, view, denied, warn } = plan
  let isFailing = false

  /** `null`: it is ours. Whoever has left meanwhile, or claims another, hears nothing of this one. */
  function answer(taskId: string, mine: Claim, elsewhere: Elsewhere | null): void {
    if (open.get(taskId) !== mine) return
    open.delete(taskId)
    if (elsewhere !== null) denied(taskId, elsewhere)
    mine.settle(elsewhere === null)
    // A slot may have become free while the answer was on its way, and that may have been read before.
    if (elsewhere !== null && !isFailing) void refresh()
  }

  /** Nothing is given any more until the store has been read: else it would be asked again at once. */
  function fail(taskId: string, mine: Claim, error: unknown): Elsewhere {
    if (!isFailing) warn(`The store gives no slot, so tasks wait for one: ${inWords(error)}`)
    isFailing = true
    // It may have been written after all.
    if (open.get(taskId) === mine) workplace.leaveSlot(taskId)
    return { ...view(), cap: 0 }
  }

  return async (slot: Slot, mine: Claim): Promise<void> => {
    const { taskId } = slot
    const elsewhere = await workplace.takeSlot(slot, limits).then(
      (said) => {
        isFailing = false
        return said
      },
      (error: unknown) => fail(taskId, mine, error),
    )
    answer(taskId, mine, elsewhere)
  }
}

interface Claim {
  readonly settled: Promise<boolean>
  readonly settle: (isSecured: boolean) => void
}

function newClaim(): Claim {
  let settle!: (isSecured: boolean) => void
  const settled = new Promise<boolean>((resolve) => (settle = resolve))
  return { settled, settle }
}

/** However many ask at once: one reading at a time, and each is answered by one that began after it asked. */
function oneAtATime(read: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | null = null
  let next: Promise<void> | null = null
  const begin = (): Promise<void> => {
    next = null
    current = read().finally(() => {
      if (next === null) current = null
    })
    return current
  }
  return () => {
    if (current === null) return begin()
    next ??= current.then(begin)
    return next
  }
}

function isSame(one: Elsewhere, other: Elsewhere): boolean {
  return one.cap === other.cap && one.waiting === other.waiting && areSame(one.held, other.held)
}

function areSame(some: readonly Slot[], others: readonly Slot[]): boolean {
  const inOrder = (slots: readonly Slot[]) => slots.map(({ taskId }) => taskId).toSorted()
  return JSON.stringify(inOrder(some)) === JSON.stringify(inOrder(others))
}
