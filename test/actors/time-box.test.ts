import { describe, expect, it } from 'vitest'
import { createAwake } from '../../src/actors/awake.ts'
import { openTimeBox } from '../../src/actors/effects/time-box.ts'
import { handClock } from '../../src/testing/hand-clock.ts'

const HOUR_MS = 3_600_000

function open(limitMs = 60_000) {
  const clock = handClock()
  const stop = new AbortController()
  let overdue = 0
  const box = openTimeBox({
    awake: createAwake(clock),
    limitMs,
    signal: stop.signal,
    overdue: () => void (overdue += 1),
  })
  return { clock, stop, box, overdue: () => overdue }
}

describe('the time a body has', () => {
  it('is up at its limit, and not by a sleep', () => {
    const { clock, box } = open()
    clock.advance(30_000)
    clock.sleep(HOUR_MS)
    expect([box.why(), box.signal.aborted]).toEqual([null, false])
    clock.advance(25_000)
    expect([box.why(), box.signal.aborted]).toEqual(['limit', true])
  })

  it('ends when nobody waits any more, and the limit then says nothing', () => {
    const { clock, stop, box } = open()
    stop.abort()
    clock.advance(60_000)
    expect(box.why()).toBe('stopped')
  })

  it('is complained of once when it goes on, and not because the machine slept', () => {
    const { clock, box, overdue } = open()
    clock.advance(60_000)
    clock.sleep(HOUR_MS)
    expect(overdue()).toBe(0)
    clock.advance(HOUR_MS)
    expect(overdue()).toBe(1)
    box.leave()
  })

  it('leaves no alarm behind, on every way out', () => {
    const done = open()
    done.box.leave()
    const stopped = open()
    stopped.stop.abort()
    stopped.box.leave()
    const late = open()
    late.clock.advance(60_000)
    late.box.leave()
    expect([done, stopped, late].map(({ clock }) => clock.armed)).toEqual([0, 0, 0])
  })
})
