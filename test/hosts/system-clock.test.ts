import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSystemClock, systemChance } from '../../src/hosts/system-clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000

describe('an alarm', () => {
  it('rings once, at its time, however far', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const clock = createSystemClock()
    for (const afterMs of [0, 1, 59_999, 60_000, 3_600_000, 60 * DAY_MS]) {
      const rung: number[] = []
      const at = clock.now() + afterMs
      clock.alarm(at, () => rung.push(clock.now()))
      vi.advanceTimersByTime(Math.max(0, afterMs - 1))
      if (afterMs > 0) expect(rung).toEqual([])
      vi.advanceTimersByTime(1 + DAY_MS)
      expect(rung).toHaveLength(1)
      expect(rung[0]).toBeLessThanOrEqual(at + 1)
    }
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rings never early, also when the timer does', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const clock = createSystemClock()
    let rung = false
    clock.alarm(clock.now() + 100, () => {
      rung = true
    })
    // The clock is a little behind: the timer fires, and it isn't time.
    vi.setSystemTime(999_500)
    vi.advanceTimersByTime(100)
    expect(rung).toBe(false)
    vi.advanceTimersByTime(500)
    expect(rung).toBe(true)
  })

  it('hears within a minute that the clock went on without it', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const clock = createSystemClock()
    let rung = false
    clock.alarm(clock.now() + DAY_MS, () => {
      rung = true
    })
    vi.setSystemTime(1_000_000 + DAY_MS)
    vi.advanceTimersByTime(60_000)
    expect(rung).toBe(true)
  })

  it('does not ring when stopped, at any time', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const clock = createSystemClock()
    const ring = vi.fn()
    clock.alarm(clock.now() + 10, ring)()
    const stop = clock.alarm(clock.now() + 10 * DAY_MS, ring)
    vi.advanceTimersByTime(5 * DAY_MS)
    stop()
    vi.advanceTimersByTime(10 * DAY_MS)
    expect(ring).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the time', () => {
  it('never goes back, and goes on at its pace when the clock is set back', () => {
    vi.useFakeTimers({ now: 10 * DAY_MS })
    const clock = createSystemClock()
    const start = clock.now()
    let rungAt = 0
    clock.alarm(start + 200_000, () => {
      rungAt = clock.now() - start
    })
    for (const backMs of [DAY_MS, 3_600_000, 500, 2_000]) {
      const before = clock.now()
      vi.setSystemTime(Date.now() - backMs)
      expect(clock.now()).toBeGreaterThanOrEqual(before)
      vi.advanceTimersByTime(50_000)
      expect(clock.now() - before).toBeGreaterThanOrEqual(50_000 - 1_000)
    }
    vi.advanceTimersByTime(1_000)
    expect(rungAt).toBeGreaterThanOrEqual(200_000)
  })

  it('follows a clock that is set forward, and one that only falls behind a little', () => {
    vi.useFakeTimers({ now: DAY_MS })
    const clock = createSystemClock()
    vi.setSystemTime(2 * DAY_MS)
    expect(clock.now()).toBe(2 * DAY_MS)
    vi.setSystemTime(2 * DAY_MS - 900)
    expect(clock.now()).toBe(2 * DAY_MS)
    vi.advanceTimersByTime(1_000)
    expect(clock.now()).toBe(2 * DAY_MS + 100)
  })
})

describe('an id', () => {
  it('is short, plain, and never the same', () => {
    const ids = Array.from({ length: 20_000 }, () => systemChance.id())
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids.slice(0, 100)) expect(id).toMatch(/^t_[0-9a-hjkmnp-tv-z]{25}$/)
  })

  it('sorts by the time it was made', () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 })
    const ids = Array.from({ length: 200 }, (_, index) => {
      vi.setSystemTime(1_700_000_000_000 + index * 997)
      return systemChance.id()
    })
    expect(ids.toSorted()).toEqual(ids)
  })

  it('a fraction is from 0 to below 1', () => {
    const all = Array.from({ length: 1000 }, () => systemChance.fraction())
    expect(all.every((it) => it >= 0 && it < 1)).toBe(true)
    expect(new Set(all).size).toBeGreaterThan(900)
  })
})
