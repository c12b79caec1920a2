/**
 * The supervisor once more, told as simply as can be: a list of everybody who was let in, sorted whenever
 * somebody may be given a slot. For comparison only.
 */
import type { Wish } from '../../src/machines/slot-desk.ts'
import { type Concurrency, type Elsewhere, NOBODY_ELSEWHERE } from '../../src/protocol/concurrency.ts'

interface Guest extends Wish {
  readonly came: number
  has: 'nothing' | 'slot'
}

export interface SupervisorModel {
  /** What is said to a wish of several tasks. */
  wish(wishes: readonly Wish[]): readonly string[]
  unwish(taskId: string): readonly string[]
  free(taskId: string): readonly string[]
  /** Others do something. */
  see(elsewhere: Elsewhere): readonly string[]
  /** Others were faster than one that holds a slot. */
  deny(taskId: string, elsewhere: Elsewhere): readonly string[]
  drain(): readonly string[]
  held(): readonly string[]
  queued(): readonly string[]
}

export function supervisorModel(limits: Concurrency): SupervisorModel {
  let guests: readonly Guest[] = []
  let arrivals = 0
  let isDraining = false
  let others = NOBODY_ELSEWHERE

  const waiting = () =>
    guests
      .filter(({ has }) => has === 'nothing')
      .sort((one, other) => Number(other.isAhead) - Number(one.isAhead) || one.came - other.came)

  const mayHave = (guest: Guest) => {
    const taken = [...guests.filter(({ has }) => has === 'slot'), ...others.held]
    const ofAgent = taken.filter(({ agent }) => agent === guest.agent).length
    const ofModel = taken.filter(({ model }) => model === guest.model).length
    return (
      taken.length < limits.background &&
      (others.cap === null || taken.length < others.cap) &&
      ofAgent < (limits.perAgent[guest.agent] ?? Number.POSITIVE_INFINITY) &&
      ofModel < (limits.perModel[guest.model] ?? Number.POSITIVE_INFINITY)
    )
  }

  function give(): readonly Guest[] {
    const next = waiting().find(mayHave)
    if (!next) return []
    next.has = 'slot'
    return [next, ...give()]
  }

  const said = (given: readonly Guest[]) => given.map(({ taskId }) => `given ${taskId}`)
  const leave = (taskId: string, has: Guest['has']) => {
    guests = guests.filter((guest) => guest.taskId !== taskId || guest.has !== has)
    return said(give())
  }

  return {
    wish(wishes) {
      const no = wishes.map(({ taskId }) => `refused ${taskId}`)
      const ids = [...guests, ...wishes].map(({ taskId }) => taskId)
      if (isDraining || new Set(ids).size < ids.length) return no
      const before = guests.map((guest) => ({ ...guest }))
      const come = wishes.map((wish): Guest => ({ ...wish, came: arrivals++, has: 'nothing' }))
      guests = [...guests, ...come]
      const given = give()
      const isLeftOver = come.some(({ has, isAhead }) => has === 'nothing' && !isAhead)
      const line = waiting().filter(({ isAhead }) => !isAhead).length
      if (isLeftOver && (limits.atCap === 'reject' || line + others.waiting > limits.queue)) {
        guests = before
        return no
      }
      return said(given)
    },
    unwish: (taskId) => leave(taskId, 'nothing'),
    free: (taskId) => leave(taskId, 'slot'),
    see(elsewhere) {
      others = elsewhere
      return said(give())
    },
    deny(taskId, elsewhere) {
      others = elsewhere
      if (isDraining) return leave(taskId, 'slot')
      for (const guest of guests) if (guest.taskId === taskId) guest.has = 'nothing'
      return said(give())
    },
    drain() {
      isDraining = true
      guests = guests.filter(({ has }) => has === 'slot')
      return []
    },
    held: () => guests.filter(({ has }) => has === 'slot').map(({ taskId }) => taskId),
    queued: () => waiting().map(({ taskId }) => taskId),
  }
}
