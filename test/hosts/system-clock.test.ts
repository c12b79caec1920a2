import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemChance, systemClock } from '../../src/hosts/system-clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000

describe('an alarm', () => {
  it('rings once, at its time, however far', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    for (const afterMs of [0, 1, 59_999, 60_000, 3_600_000, 60 * DAY_MS]) {
      const rung: number[] = []
      const at = systemClock.now() + afterMs
      systemClock.alarm(at, () => rung.push(systemClock.now()))
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
    let rung = false
    const at = systemClock.now() + 100
    systemClock.alarm(at, () => {
      rung = true
    })
    // The clock is set back: the timer fires, and it isn't time.
    vi.setSystemTime(999_000)
    vi.advanceTimersByTime(100)
    expect(rung).toBe(false)
    vi.advanceTimersByTime(1000)
    expect(rung).toBe(true)
  })

  it('hears within a minute that the clock went on without it', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    let rung = false
    systemClock.alarm(systemClock.now() + DAY_MS, () => {
      rung = true
    })
    vi.setSystemTime(1_000_000 + DAY_MS)
    vi.advanceTimersByTime(60_000)
    expect(rung).toBe(true)
  })

  it('does not ring when stopped, at any time', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const ring = vi.fn()
    systemClock.alarm(systemClock.now() + 10, ring)()
    const stop = systemClock.alarm(systemClock.now() + 10 * DAY_MS, ring)
    vi.advanceTimersByTime(5 * DAY_MS)
    stop()
    vi.advanceTimersByTime(10 * DAY_MS)
    expect(ring).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
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
