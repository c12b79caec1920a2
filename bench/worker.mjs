/**
 * One measurement in one fresh process: `job` is JSON in the first argument, what was measured goes to the
 * parent over IPC. The clock and the meter of the CPU run only around the work itself, and every answer is
 * looked at.
 */
import { writeFileSync } from 'node:fs'
import { answerTo, promptOf } from './work.mjs'
import { median } from './numbers.mjs'

const PROFILE_INTERVAL_US = 200

const job = JSON.parse(process.argv[2])
let serial = 0

const cpuMs = ({ user, system }) => (user + system) / 1_000

async function timed(work) {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await work()
  return { wallMs: performance.now() - begun, cpuMs: cpuMs(process.cpuUsage(cpu)) }
}

async function oneTask(side, turns, onText) {
  const plan = { turns, tag: `t${serial++}` }
  const text = await side.task(promptOf(plan), onText)
  if (!text.startsWith(answerTo(plan))) throw new Error(`A wrong answer: ${text.slice(0, 200)}`)
}

const kinds = {
  /** One task after another. */
  async turns(side) {
    for (let i = 0; i < job.warm; i++) await oneTask(side, job.turns)
    const before = side.calls()
    const stop = job.profile ? await profiler(job.profile) : null
    const runs = []
    for (let i = 0; i < job.tasks; i++) {
      if (!stop) globalThis.gc?.()
      runs.push(await timed(() => oneTask(side, job.turns)))
    }
    await stop?.()
    const calls = side.calls() - before
    if (calls !== job.tasks * job.turns)
      throw new Error(`The tool ran ${calls} times, not ${job.tasks * job.turns}.`)
    const perTurn = (of) => median(runs.map(of)) / (job.turns + 1)
    return { wallMs: perTurn((run) => run.wallMs), cpuMs: perTurn((run) => run.cpuMs) }
  },

  /** Many tasks, `width` at a time. */
  async crowd(side) {
    const all = async (count) => {
      let left = count
      const lane = async () => {
        while (left-- > 0) await oneTask(side, job.turns)
      }
      await Promise.all(Array.from({ length: job.width }, lane))
    }
    await all(job.warm)
    globalThis.gc?.()
    const stop = job.profile ? await profiler(job.profile) : null
    const run = await timed(() => all(job.tasks))
    await stop?.()
    const turns = job.tasks * (job.turns + 1)
    const peakMb = process.resourceUsage().maxRSS / 1_024
    return {
      wallMs: run.wallMs / turns,
      cpuMs: run.cpuMs / turns,
      perSecond: (job.tasks * 1_000) / run.wallMs,
      peakMb,
    }
  },

  /** From the start of the process to the first word of the first answer. */
  async cold(side) {
    let firstMs = null
    await oneTask(side, 0, () => {
      firstMs ??= performance.now()
    })
    return { readyMs, firstMs, cpuMs: cpuMs(process.cpuUsage()) }
  },
}

async function profiler(file) {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_US })
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
    session.disconnect()
  }
}

let readyMs = 0
try {
  const { create } = await import(`./${job.side}.mjs`)
  const side = await create(job)
  readyMs = performance.now()
  const measured = await kinds[job.kind](side)
  const perSync = side.perSync?.()
  await side.close()
  const processCpuMs = cpuMs(process.cpuUsage())
  process.send({ measured: { ...measured, processCpuMs, ...(perSync && { perSync }) } }, () =>
    process.exit(0),
  )
} catch (error) {
  process.send({ failed: String(error?.stack ?? error) }, () => process.exit(1))
}
