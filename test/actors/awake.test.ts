import { describe, expect, it } from 'vitest'
import { createAwake, RENEWAL_MS } from '../../src/actors/awake.ts'
import { ringAlarm } from '../../src/actors/effects/ring-alarm.ts'
import type { Clock } from '../../src/host.ts'
import { handClock } from '../../src/testing/hand-clock.ts'

const HOUR_MS = 3_600_000

function open() {
  const clock = handClock()
  const awake = createAwake(clock)
  const rung: string[] = []
  const arm = (name: string, ms: number) => awake.after(ms, () => void rung.push(name))
  return { clock, awake, rung, arm }
}

describe('a limit of time awake', () => {
  it('rings once, at its time', () => {
    const { clock, rung, arm } = open()
    for (const ms of [0, 1, 4_999, 5_000, 5_001, 300_000]) {
      arm(String(ms), ms)
      clock.advance(Math.max(0, ms - 1))
      if (ms > 0) expect(rung).toEqual([])
      clock.advance(1)
      clock.advance(HOUR_MS)
      expect(rung.splice(0)).toEqual([String(ms)])
    }
  })

  it('rings at once when there is nothing left of it', () => {
    const { clock, rung, arm } = open()
    arm('late', -5)
    clock.advance(0)
    expect(rung).toEqual(['late'])
  })

  it('L11: is not used up by an hour of sleep; the rest of it still counts', () => {
    const { clock, awake, rung, arm } = open()
    arm('limit', 300_000)
    clock.advance(100_000)
    clock.sleep(HOUR_MS)
    expect([rung, awake.asleepMs()]).toEqual([[], HOUR_MS - RENEWAL_MS])
    // The sleep has counted as one renewal, whatever its length.
    clock.advance(200_000 - RENEWAL_MS - 1)
    expect(rung).toEqual([])
    clock.advance(1)
    expect(rung).toEqual(['limit'])
  })

  it('is not used up by sleeps at every moment, one after another', () => {
    const { clock, rung, arm } = open()
    arm('limit', 60_000)
    for (let slept = 0; slept < 8; slept++) {
      clock.advance(1_000 * (slept % 5))
      clock.sleep(HOUR_MS)
    }
    // Each counts as one renewal, with the moments before it that nobody had looked at yet.
    clock.advance(60_000 - 8 * RENEWAL_MS - 1)
    expect(rung).toEqual([])
    clock.advance(1)
    expect(rung).toEqual(['limit'])
  })

  it('armed by the first who stirs after a sleep has all of its time', () => {
    const { clock, awake, rung, arm } = open()
    // It is the first alarm after the sleep: nobody has noticed it yet.
    clock.alarm(clock.now() + HOUR_MS, () => arm('new', 20_000))
    arm('old', 300_000)
    clock.sleep(HOUR_MS)
    expect(awake.asleepMs()).toBeGreaterThan(0)
    clock.sleep(HOUR_MS)
    clock.advance(20_000 - RENEWAL_MS - 1)
    expect(rung).toEqual([])
    clock.advance(1)
    expect(rung).toEqual(['new'])
  })

  it('does not ring when stopped, however often and whenever', () => {
    const { clock, rung, arm } = open()
    const stop = arm('stopped', 50_000)
    const other = arm('other', 60_000)
    clock.advance(10_000)
    clock.sleep(HOUR_MS)
    stop()
    stop()
    clock.advance(HOUR_MS)
    other()
    expect([rung, clock.armed]).toEqual([['other'], 0])
  })

  it('holds for a busy machine: ticks that are late by less than a renewal cost no time', () => {
    const { clock, awake, rung, arm } = open()
    arm('limit', 90_000)
    for (let late = 0; late < 10; late++) clock.sleep(9_000)
    expect([rung, awake.asleepMs()]).toEqual([['limit'], 0])
  })

  it('rings each of thousands at its own time, and ticks once for all', () => {
    const { clock, rung, arm } = open()
    for (let index = 2_000; index > 0; index--) arm(String(index), 10_000 + index)
    expect(clock.armed).toBe(2_001)
    clock.sleep(HOUR_MS)
    expect([rung.length, clock.armed]).toEqual([0, 2_001])
    clock.advance(5_000 + 1_000)
    expect(rung.length).toBe(1_000)
    clock.advance(1_000)
    expect(rung).toEqual(Array.from({ length: 2_000 }, (_, index) => String(index + 1)))
    expect(clock.armed).toBe(0)
  })

  it('loses no tick and no other limit when whoever it rings throws', () => {
    const { clock, awake, rung, arm } = open()
    awake.after(1_000, () => {
      throw new Error('Ouch.')
    })
    arm('other', 20_000)
    expect(() => clock.advance(1_000)).toThrow('Ouch.')
    clock.sleep(HOUR_MS)
    expect(rung).toEqual([])
    clock.advance(HOUR_MS)
    expect([rung, clock.armed]).toEqual([['other'], 0])
  })

  it('is late by a renewal at most when the clock is set back, and is not lost', () => {
    const { clock, arm, rung } = backwards()
    arm(300_000)
    clock.advance(100_003)
    clock.setBack(HOUR_MS)
    clock.advance(199_996)
    expect(rung()).toBe(0)
    clock.advance(1 + RENEWAL_MS)
    expect(rung()).toBe(1)
  })

  it('rings also by a clock that counts parts of a millisecond, and cannot tell such a part from none', () => {
    const clock = handClock(1_000_000_000_000.3)
    let alarms = 0
    const counted: Clock = {
      now: clock.now,
      alarm(at, ring) {
        alarms += 1
        if (alarms > 20) throw new Error('It waits for less than the clock can tell.')
        return clock.alarm(at, ring)
      },
    }
    let rung = 0
    createAwake(counted).after(1_000.000_01, () => void (rung += 1))
    clock.advance(1_002)
    expect(rung).toBe(1)
  })

  it('takes a clock that is set forward for a sleep', () => {
    const { clock, awake, rung, arm } = open()
    arm('limit', 10_000)
    clock.sleep(86_400_000)
    expect([rung, awake.asleepMs()]).toEqual([[], 86_400_000 - RENEWAL_MS])
  })
})

describe('the tick', () => {
  it('keeps nothing alive when nothing is armed', () => {
    const { clock, arm, rung } = open()
    expect(clock.armed).toBe(0)
    const stop = arm('stopped', 60_000)
    arm('rung', 7_000)
    expect(clock.armed).toBe(3)
    clock.advance(7_000)
    expect([rung, clock.armed]).toEqual([['rung'], 2])
    stop()
    expect(clock.armed).toBe(0)
    arm('again', 1)
    expect(clock.armed).toBe(2)
  })

  it('takes no time for sleep in which nobody looked', () => {
    const { clock, awake, rung, arm } = open()
    arm('first', 1_000)
    clock.advance(1_000)
    clock.sleep(HOUR_MS)
    arm('second', 20_000)
    clock.advance(20_000)
    expect([rung, awake.asleepMs()]).toEqual([['first', 'second'], 0])
  })
})

describe('sleep', () => {
  it('is told to whoever asks first, before any alarm has rung', () => {
    const { clock, awake, arm } = open()
    arm('limit', 300_000)
    const asked: number[] = []
    clock.alarm(clock.now() + HOUR_MS, () => void asked.push(awake.asleepMs()))
    clock.sleep(HOUR_MS)
    expect([asked, awake.asleepMs()]).toEqual([[HOUR_MS - RENEWAL_MS], HOUR_MS - RENEWAL_MS])
  })

  it('is not forgotten when the last limit is let go before anybody has looked', () => {
    const { clock, awake, arm } = open()
    const stop = arm('limit', 300_000)
    // As a reply may come in before any timer.
    clock.alarm(clock.now() + HOUR_MS, stop)
    clock.sleep(HOUR_MS)
    expect([awake.asleepMs(), clock.armed]).toEqual([HOUR_MS - RENEWAL_MS, 0])
  })
})

describe('an alarm of the charts', () => {
  const signal = () => new AbortController().signal

  it('that counts time awake does not ring for a sleep; one at a time by the clock does', async () => {
    const clock = handClock()
    const ring = ringAlarm({ clock, awake: createAwake(clock) })
    const told: string[] = []
    const order = (fact: { type: 'retry.due' | 'grace.over' }) => ({ taskId: 't1', fact })
    const limit = ring({ ...order({ type: 'grace.over' }), when: { afterMs: 60_000 } }, signal())
    const backOff = ring({ ...order({ type: 'retry.due' }), when: { at: clock.now() + 60_000 } }, signal())
    for (const rings of [limit, backOff]) void rings.then((fact) => told.push(fact?.type ?? 'nothing'))
    clock.sleep(HOUR_MS)
    await backOff
    expect(told).toEqual(['retry.due'])
    clock.advance(60_000)
    await limit
    expect([told, clock.armed]).toEqual([['retry.due', 'grace.over'], 0])
  })

  it('that nobody waits for any more leaves nothing behind', async () => {
    const clock = handClock()
    const ring = ringAlarm({ clock, awake: createAwake(clock) })
    const abort = new AbortController()
    const fact = { type: 'grace.over' } as const
    const said = ring({ taskId: 't1', when: { afterMs: 60_000 }, fact }, abort.signal)
    abort.abort()
    expect([await said, clock.armed]).toEqual([null, 0])
  })
})

/** A clock that breaks its promise: it can be set back, and only its timers go on. */
function backwards() {
  const hand = handClock()
  let backMs = 0
  const naive: Clock = {
    now: () => hand.now() - backMs,
    alarm: (at, ring) => hand.alarm(at + backMs, ring),
  }
  const awake = createAwake(naive)
  let rung = 0
  return {
    clock: { advance: hand.advance, setBack: (ms: number) => void (backMs += ms) },
    arm: (ms: number) => awake.after(ms, () => void (rung += 1)),
    rung: () => rung,
  }
}
