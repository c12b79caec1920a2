/**
 * Those that wait for a slot, in lanes of equals: whoever the same caps hold up stands in the same lane. So
 * only the first of each lane has to be looked at, however many wait behind it.
 */
import type { Concurrency } from '../../protocol/concurrency.ts'
import type { Wish } from '../slot-desk.ts'

export interface SlotQueue {
  readonly lanes: Readonly<Record<string, Lane>>
  readonly size: number
  /** How many of them come before whoever has not begun. */
  readonly aheadCount: number
  /** The number of the next that comes. */
  readonly next: number
}

interface Lane {
  /** Those before it have gone. They are swept out now and then, not each time. */
  readonly head: number
  readonly tickets: readonly Ticket[]
}

/** A place in the queue: the lower the number, the earlier it came. */
export interface Ticket {
  readonly number: number
  readonly wish: Wish
}

export const EMPTY_QUEUE: SlotQueue = { lanes: {}, size: 0, aheadCount: 0, next: 0 }

export function queuedUp(queue: SlotQueue, wish: Wish, limits: Concurrency): SlotQueue {
  const key = laneOf(wish, limits)
  const { head, tickets } = queue.lanes[key] ?? { head: 0, tickets: [] }
  const lane = { head, tickets: [...tickets, { number: queue.next, wish }] }
  return resized({ ...queue, next: queue.next + 1 }, { key, lane, by: 1, wish })
}

/** Whoever was taken has its old place again: before all that came later, in its lane and in others. */
export function putBack(queue: SlotQueue, ticket: Ticket, limits: Concurrency): SlotQueue {
  const { number, wish } = ticket
  const key = laneOf(wish, limits)
  const { head, tickets } = queue.lanes[key] ?? { head: 0, tickets: [] }
  const waiting = tickets.slice(head)
  const later = waiting.findIndex((other) => other.number > number)
  const place = later < 0 ? waiting.length : later
  const lane = { head: 0, tickets: waiting.toSpliced(place, 0, ticket) }
  return resized(queue, { key, lane, by: 1, wish })
}

/** The first that may have a slot, and who waits after it is gone. */
export function taken(
  queue: SlotQueue,
  mayHave: (wish: Wish) => boolean,
): (Ticket & { readonly queue: SlotQueue }) | null {
  let best: { readonly key: string; readonly ticket: Ticket } | null = null
  for (const [key, { head, tickets }] of Object.entries(queue.lanes)) {
    const ticket = tickets[head]
    if (ticket && mayHave(ticket.wish) && (!best || isBefore(ticket, best.ticket))) best = { key, ticket }
  }
  if (!best) return null
  const { key, ticket } = best
  const { head, tickets } = queue.lanes[key] ?? { head: 0, tickets: [] }
  const isMostlyGone = head + 1 > tickets.length / 2
  const lane = isMostlyGone ? { head: 0, tickets: tickets.slice(head + 1) } : { head: head + 1, tickets }
  return { ...ticket, queue: resized(queue, { key, lane, by: -1, wish: ticket.wish }) }
}

export function withdrawn(queue: SlotQueue, taskId: string): SlotQueue {
  for (const [key, { head, tickets }] of Object.entries(queue.lanes)) {
    const place = tickets.findIndex(({ wish }, index) => index >= head && wish.taskId === taskId)
    const gone = tickets[place]
    if (!gone) continue
    const lane = { head: 0, tickets: tickets.filter((ticket, index) => index >= head && ticket !== gone) }
    return resized(queue, { key, lane, by: -1, wish: gone.wish })
  }
  return queue
}

/** How many wait before a task. `null`: it does not wait. Quick for the last that came. */
export function placeOf({ lanes, aheadCount }: SlotQueue, taskId: string): number | null {
  const all = Object.values(lanes)
  const own = all.map((lane) => ticketOf(lane, taskId)).find((ticket) => ticket !== null)
  if (!own) return null
  const { isAhead } = own.wish
  const before = all
    .filter(({ head, tickets }) => tickets[head]?.wish.isAhead === isAhead)
    .reduce((count, lane) => count + countBefore(lane, own.number), 0)
  return isAhead ? before : aheadCount + before
}

function ticketOf({ head, tickets }: Lane, taskId: string): Ticket | null {
  const place = tickets.findLastIndex(({ wish }) => wish.taskId === taskId)
  return place >= head ? (tickets[place] ?? null) : null
}

/** Tickets of a lane stand in the order of their numbers. */
function countBefore({ head, tickets }: Lane, number: number): number {
  let from = head
  let to = tickets.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((tickets[middle]?.number ?? 0) < number) from = middle + 1
    else to = middle
  }
  return from - head
}

/** All that wait, in the order in which they would be given a slot. */
export function inOrder({ lanes }: SlotQueue): readonly Wish[] {
  return Object.values(lanes)
    .flatMap(({ head, tickets }) => tickets.slice(head))
    .toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
    .map(({ wish }) => wish)
}

interface Resizing {
  readonly key: string
  readonly lane: Lane
  readonly by: 1 | -1
  readonly wish: Wish
}

function resized(queue: SlotQueue, { key, lane, by, wish }: Resizing): SlotQueue {
  const { [key]: _, ...others } = queue.lanes
  const isEmpty = lane.head >= lane.tickets.length
  return {
    ...queue,
    lanes: isEmpty ? others : { ...queue.lanes, [key]: lane },
    size: queue.size + by,
    aheadCount: queue.aheadCount + (wish.isAhead ? by : 0),
  }
}

function isBefore(a: Ticket, b: Ticket): boolean {
  if (a.wish.isAhead !== b.wish.isAhead) return a.wish.isAhead
  return a.number < b.number
}

function laneOf({ isAhead, agent, model }: Wish, { perAgent, perModel }: Concurrency): string {
  const capped = (caps: Readonly<Record<string, number>>, name: string) =>
    Object.hasOwn(caps, name) ? name : null
  return JSON.stringify([isAhead, capped(perAgent, agent), capped(perModel, model)])
}
