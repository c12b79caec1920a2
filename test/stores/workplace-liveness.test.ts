/** Whether another process lives: told by the system, or by a beat that stands still. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isDead, thisMachine, thisProcess, watchBeats } from '../../src/stores/sqlite/liveness.ts'
import { HAS_PROC } from './workplace-world.ts'

const LEASE_MS = 15_000
const [host = '', mark = '', boot = '', space = ''] = thisMachine().split(' ')

describe('a process is dead', () => {
  it('when its number is nobody’s', async () => {
    const child = spawn('true')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(isDead({ ...thisProcess(), pid: child.pid ?? 0, born: '' })).toBe(true)
  })

  // Only /proc tells when a process was started.
  it.runIf(HAS_PROC)('when its number is a later process’s', () => {
    expect(isDead(thisProcess())).toBe(false)
    expect(isDead({ ...thisProcess(), born: '1' })).toBe(true)
  })

  // … and what state it is in.
  it.runIf(HAS_PROC)('when it was killed, though nobody has collected it yet', async () => {
    const parent = spawn('bash', ['-c', 'sleep 100 & echo $!; exec sleep 100'], { stdio: 'pipe' })
    try {
      const pid = await new Promise<number>((resolve) => {
        parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())))
      })
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      const trace = { ...thisProcess(), pid, born: stat()[19] ?? '' }
      expect(isDead(trace)).toBe(false)
      process.kill(pid, 'SIGKILL')
      while (stat()[0] !== 'Z') await new Promise((resolve) => setImmediate(resolve))
      expect(isDead(trace)).toBe(true)
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('when its machine was started anew since', () => {
    const earlier = { ...thisProcess(), machine: [host, mark, 'earlier', space].join(' ') }
    expect(isDead(earlier, [host, mark, boot, space].join(' '))).toBe(mark !== '-' && boot !== '-')
    expect(isDead({ ...earlier, machine: 'h m b1 s' }, 'h m b2 s')).toBe(true)
  })
})

describe('a process may live', () => {
  it('on another machine, or where the system does not tell which', () => {
    const elsewhere = (machine: string) => isDead({ pid: 2 ** 30, machine, born: '1' }, 'h m b2 s')
    expect(['other m b1 s', 'h other b1 s', 'h - b1 s', 'h m - s', 'h m b2 s2', ''].map(elsewhere)).toEqual(
      Array.from({ length: 6 }, () => false),
    )
    expect(isDead({ pid: 2 ** 30, machine: 'h - b1 s', born: '1' }, 'h - b2 s')).toBe(false)
  })

  it('whatever it calls itself', () => {
    const { born } = thisProcess()
    const before = process.title
    process.title = 'x) Z 1 2 ('
    expect(thisProcess().born).toBe(born)
    expect(isDead(thisProcess())).toBe(false)
    process.title = before
  })

  it('when it can’t be known since when', () => {
    expect(isDead({ ...thisProcess(), born: '' })).toBe(false)
  })
})

describe('a beat stands still', () => {
  const at = (times: readonly (readonly [at: number, beat: number])[]) => {
    let now = 0
    const watch = watchBeats(LEASE_MS, () => now)
    return times.map(([time, beat]) => {
      now = time
      return watch.standsStill('x', beat)
    })
  }

  it('when this watcher has itself seen it do so for the time of a lease', () => {
    expect(
      at([
        [5_000, 7],
        [10_000, 7],
        [19_999, 7],
        [20_000, 7],
      ]),
    ).toEqual([false, false, false, true])
  })

  it('not before the watcher’s eyes were open', () => {
    expect(at([[1_000_000, 7]])).toEqual([false])
  })

  it('not when it has moved meanwhile', () => {
    expect(
      at([
        [0, 7],
        [10_000, 8],
        [20_000, 8],
        [25_000, 8],
      ]),
    ).toEqual([false, false, false, true])
  })

  it('not when the watcher itself has slept through the lease', () => {
    expect(
      at([
        [0, 7],
        [15_001, 7],
        [20_000, 7],
        [30_001, 7],
      ]),
    ).toEqual([false, false, false, true])
  })

  it('is forgotten with its owner', () => {
    let now = 0
    const watch = watchBeats(LEASE_MS, () => now)
    watch.standsStill('x', 7)
    watch.keepOnly(new Set(['y']))
    now = LEASE_MS
    expect(watch.standsStill('x', 7)).toBe(false)
  })
})
