/** What the supervisor's chart remembers, and the pure steps by which wishes for slots change it. */
import { type Concurrency, type Elsewhere, NOBODY_ELSEWHERE, type Slot } from '../protocol/concurrency.ts'
import { hasId, type IdSet, NO_IDS, withId, withoutId } from './steps/id-set.ts'
import {
  EMPTY_QUEUE,
  placeOf,
  putBack,
  queuedUp,
  type SlotQueue,
  taken,
  withdrawn,
} from './steps/slot-queue.ts'

/** A task that wants a slot. */
export interface Wish {
  readonly taskId: string
  /** To begin, to go on after a pause, to go on after waiting, or to move to the background while it runs. */
  readonly how: 'start' | 'resume' | 'return' | 'turn'
  readonly agent: string
  readonly model: string
  /** It has waited, or works in the stead of one that has: it comes before those that have not begun. */
  readonly isAhead: boolean
}

/** Whose limit stands in the way; `queue`: there is no room to wait. */
export type Refusal = 'background' | 'agent' | 'model' | 'queue' | 'known' | 'closing'

export interface Desk {
  readonly limits: Concurrency
  readonly held: readonly Held[]
  /** What other processes are known to do. */
  readonly elsewhere: Elsewhere
  readonly queue: SlotQueue
  /** Those that hold a slot or wait for one. */
  readonly known: IdSet
  /** Why a task that was there already got no slot, until it gets one. */
  readonly reasons: Readonly<Record<string, Refusal>>
}

/** A slot that was given here, and the place in the queue that its task had. */
export interface Held extends Wish {
  readonly number: number
}

type Change = Partial<Desk>

export interface Considered {
  readonly change: Change
  readonly given: readonly Wish[]
  readonly refused: readonly Wish[]
  readonly why: Refusal
  /** The one of them that found no room. */
  readonly blamed?: Wish
}

export function openDesk(limits: Concurrency): Desk {
  return { limits, held: [], elsewhere: NOBODY_ELSEWHERE, queue: EMPTY_QUEUE, known: NO_IDS, reasons: {} }
}

/** Takes wishes in: all of them get a slot or a place in the queue, or none does. */
export function considered(desk: Desk, wishes: readonly Wish[]): Considered {
  const { limits } = desk
  const ids = new Set(wishes.map(({ taskId }) => taskId))
  const isTwice = ids.size < wishes.length
  if (isTwice || wishes.some(({ taskId }) => hasId(desk.known, taskId))) return refusal(desk, wishes, 'known')
  const longer = wishes.reduce((queue, wish) => queuedUp(queue, wish, limits), desk.queue)
  const { held, queue, given } = pumped({ ...desk, queue: longer })
  const waiting = queue.size - queue.aheadCount + desk.elsewhere.waiting
  const blamed = wishes.find((wish) => !given.includes(wish) && !wish.isAhead)
  if (blamed && limits.atCap === 'reject')
    return { ...refusal(desk, wishes, obstacle({ ...desk, held }, blamed)), blamed }
  if (blamed && waiting > limits.queue) return { ...refusal(desk, wishes, 'queue'), blamed }
  const known = wishes.reduce((all, { taskId }) => withId(all, taskId), desk.known)
  const change = { held, queue, known, reasons: without(desk.reasons, wishes) }
  return { change, given, refused: [], why: 'background' }
}

/** Gives out what is free, to the first that may have it. */
export function pumped(desk: Desk): Pick<Desk, 'held' | 'queue'> & { readonly given: readonly Wish[] } {
  const { limits, elsewhere } = desk
  const given: Wish[] = []
  let { held, queue } = desk
  while (held.length + elsewhere.held.length < capOf(desk)) {
    const slots = [...elsewhere.held, ...held]
    const next = taken(queue, (wish) => !isHeldUp(wish, limits, slots))
    if (!next) break
    const { number, wish } = next
    given.push(wish)
    held = [...held, { ...wish, number }]
    queue = next.queue
  }
  return { held, queue, given }
}

/** How many may hold a slot at once, here and elsewhere: the smallest cap of all holds. */
export function capOf({ limits, elsewhere }: Pick<Desk, 'limits' | 'elsewhere'>): number {
  return Math.min(limits.background, elsewhere.cap ?? Number.POSITIVE_INFINITY)
}

/**
 * Another process was faster: the slot that was given here is none, and the task has its old place again. It
 * was admitted and is known to whoever started it: so it waits, also where launches at the cap are rejected
 * and where the queue is full.
 */
export function denied({ limits, held, queue }: Desk, taskId: string): Change {
  const slot = held.find((it) => it.taskId === taskId)
  if (!slot) return {}
  const { number, ...wish } = slot
  return { held: held.filter((it) => it !== slot), queue: putBack(queue, { number, wish }, limits) }
}

export function withoutWish({ queue, known }: Desk, taskId: string): Change {
  const left = withdrawn(queue, taskId)
  return left === queue ? {} : { queue: left, known: withoutId(known, taskId) }
}

export function withoutSlot({ held, known }: Desk, taskId: string): Change {
  const left = held.filter((slot) => slot.taskId !== taskId)
  return left.length === held.length ? {} : { held: left, known: withoutId(known, taskId) }
}

export function withoutReason({ reasons }: Desk, taskId: string): Change {
  const { [taskId]: gone, ...left } = reasons
  return gone === undefined ? {} : { reasons: left }
}

/** Nobody waits any more. */
export function withoutQueue({ held }: Desk): Change {
  return { queue: EMPTY_QUEUE, known: held.reduce((all, { taskId }) => withId(all, taskId), NO_IDS) }
}

/** How many wait before a task, or `null` if it does not wait. */
export function aheadOf({ queue, known }: Desk, taskId: string): number | null {
  return hasId(known, taskId) ? placeOf(queue, taskId) : null
}

function isHeldUp({ agent, model }: Wish, limits: Concurrency, held: readonly Slot[]): boolean {
  return isSpent(limits.perAgent, 'agent', agent, held) || isSpent(limits.perModel, 'model', model, held)
}

function isSpent(
  caps: Readonly<Record<string, number>>,
  key: 'agent' | 'model',
  name: string,
  held: readonly Slot[],
): boolean {
  const cap = Object.hasOwn(caps, name) ? caps[name] : undefined
  return cap !== undefined && held.filter((slot) => slot[key] === name).length >= cap
}

function obstacle(desk: Desk, { agent, model }: Wish): Refusal {
  const { limits, held, elsewhere } = desk
  const slots = [...elsewhere.held, ...held]
  if (slots.length >= capOf(desk)) return 'background'
  if (isSpent(limits.perAgent, 'agent', agent, slots)) return 'agent'
  return isSpent(limits.perModel, 'model', model, slots) ? 'model' : 'background'
}

/** Only whoever wants to go on is there to be asked, afterwards, why it does not. */
function refusal({ reasons }: Desk, wishes: readonly Wish[], why: Refusal): Considered {
  const kept = wishes.filter(({ how }) => how === 'resume').map(({ taskId }) => [taskId, why] as const)
  const isKept = why !== 'known' && kept.length > 0
  const change = isKept ? { reasons: { ...reasons, ...Object.fromEntries(kept) } } : {}
  return { change, given: [], refused: wishes, why }
}

function without(
  reasons: Readonly<Record<string, Refusal>>,
  wishes: readonly Wish[],
): Readonly<Record<string, Refusal>> {
  if (wishes.every(({ taskId }) => !(taskId in reasons))) return reasons
  const gone = new Set(wishes.map(({ taskId }) => taskId))
  return Object.fromEntries(Object.entries(reasons).filter(([taskId]) => !gone.has(taskId)))
}
