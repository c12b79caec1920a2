import { describe, expect, it } from 'vitest'
import { createAwake } from '../../src/actors/awake.ts'
import { callModel } from '../../src/actors/effects/call-model.ts'
import { watchIdle } from '../../src/actors/idle-watch.ts'
import type { ModelContext } from '../../src/host.ts'
import type { ChartFact } from '../../src/protocol/journal.ts'
import type { ModelReply } from '../../src/protocol/model.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { liveTask } from '../support/live-task.ts'

const IDLE_MS = 120_000
const HOUR_MS = 3_600_000
const IDLE = { type: 'limit.reached', limit: 'idleMs' }

describe('whoever is watched for signs of life', () => {
  function open() {
    const clock = handClock()
    let told = 0
    const awake = createAwake(clock)
    const watch = watchIdle({ awake, idleMs: IDLE_MS, idle: () => void (told += 1) })
    return { clock, watch, told: () => told }
  }

  it('is idle after so long without one, and that is told once', () => {
    const { clock, told } = open()
    clock.advance(IDLE_MS - 1)
    expect(told()).toBe(0)
    clock.advance(1)
    expect(told()).toBe(1)
    clock.advance(HOUR_MS)
    expect([told(), clock.armed]).toEqual([1, 0])
  })

  it('has all of the time again after each sign, to the millisecond', () => {
    const { clock, watch, told } = open()
    for (const ms of [1, 100_000, 119_999, 60_000, 7]) {
      clock.advance(ms)
      watch.sign()
    }
    clock.advance(IDLE_MS - 1)
    expect(told()).toBe(0)
    clock.advance(1)
    expect(told()).toBe(1)
  })

  it('has all of the time also when others were watched before', () => {
    const clock = handClock()
    const awake = createAwake(clock)
    awake.after(HOUR_MS, () => {})
    clock.advance(HOUR_MS - 1)
    let told = 0
    const watch = watchIdle({ awake, idleMs: IDLE_MS, idle: () => void (told += 1) })
    clock.advance(100_000)
    watch.sign()
    clock.advance(IDLE_MS - 1)
    expect(told).toBe(0)
    clock.advance(1)
    expect(told).toBe(1)
  })

  it('is armed once, however many signs there are', () => {
    const { clock, watch } = open()
    for (let sign = 0; sign < 1_000; sign++) watch.sign()
    expect(clock.armed).toBe(2)
    watch.stop()
    expect(clock.armed).toBe(0)
  })

  it('is not idle because the machine slept', () => {
    const { clock, watch, told } = open()
    clock.advance(50_000)
    watch.sign()
    clock.sleep(HOUR_MS)
    clock.advance(IDLE_MS - 5_000 - 1)
    expect(told()).toBe(0)
    clock.advance(1)
    expect(told()).toBe(1)
  })

  it('is left alone once it is done, also after the first wait', () => {
    const { clock, watch, told } = open()
    clock.advance(100_000)
    watch.sign()
    clock.advance(100_000)
    watch.stop()
    clock.advance(HOUR_MS)
    expect([told(), clock.armed]).toEqual([0, 0])
  })
})

describe('a model call', () => {
  type Purpose = 'reply' | 'summary'

  function ask({ idleMs = IDLE_MS as number | null, purpose = 'reply' as Purpose } = {}) {
    const clock = handClock()
    const posted: ChartFact[] = []
    const shown: string[] = []
    let context: ModelContext | null = null
    let answer = (_: ModelReply) => {}
    const model = {
      name: 'held',
      contextWindow: 1_000,
      reply(_: unknown, given: ModelContext) {
        context = given
        return new Promise<ModelReply>((resolve) => (answer = resolve))
      },
    }
    const abort = new AbortController()
    const call = callModel({
      tasks: liveTask({ model, limits: { idleMs, modelTimeoutMs: HOUR_MS } }),
      awake: createAwake(clock),
      chance: { id: () => 'x', fraction: () => 0, digest: (text) => text },
      progress: (_, __, text) => void shown.push(text),
      post: (_, fact) => void posted.push(fact),
      warn: () => {},
    })
    const ended = call({ taskId: 't1', turn: 1, purpose, attempt: 0 }, abort.signal)
    const usage = { inputTokens: 1, outputTokens: 1 }
    return {
      clock,
      posted,
      shown,
      ended,
      abort,
      sign: (text: string) => context?.progress(text),
      isTold: () => context?.signal.aborted,
      answer: () => answer({ text: 'Done.', calls: [], stop: 'done', usage }),
    }
  }

  it.each(['reply', 'summary'] as const)(
    'for a %s without a sign is told of once, and goes on',
    async (purpose) => {
      const { clock, posted, isTold, answer, ended } = ask({ purpose })
      clock.advance(IDLE_MS - 1)
      expect(posted).toEqual([])
      clock.advance(1)
      clock.advance(3 * IDLE_MS)
      expect([posted, isTold()]).toEqual([[IDLE], false])
      answer()
      expect((await ended)?.type).toBe(purpose === 'reply' ? 'model.replied' : 'conversation.summarised')
      expect(clock.armed).toBe(0)
    },
  )

  it('with signs may take its time; an empty sign counts, and is not shown', async () => {
    const { clock, posted, shown, sign, answer, ended } = ask()
    for (const text of ['a', '', 'b', '']) {
      clock.advance(IDLE_MS - 1)
      sign(text)
    }
    expect([posted, shown]).toEqual([[], ['a', 'b']])
    answer()
    await ended
    clock.advance(HOUR_MS)
    expect([posted, clock.armed]).toEqual([[], 0])
  })

  it('that was told to end is not called idle as well', () => {
    const { clock, posted, abort } = ask()
    abort.abort()
    clock.advance(HOUR_MS)
    expect(posted).toEqual([])
  })

  it('without such a limit is not watched', () => {
    const { clock, posted } = ask({ idleMs: null })
    clock.advance(HOUR_MS - 1)
    expect(posted).toEqual([])
  })
})
