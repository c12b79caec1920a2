/** The processes of a run, and how busy others keep the machine meanwhile. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CLOCK_HERTZ = 100
const QUIET_CORES = 0.35
const QUIET_LOOK_MS = 400
const OUTPUT_CHARACTERS_MAX = 20_000
const SERVER_START_MS = 20_000

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const cleared = /^(OPENAI_|.*_proxy$|NODE_OPTIONS$|NODE_USE_ENV_PROXY$|VITEST)/i

/** Nothing of the environment may change what is measured, or send it elsewhere. */
function plainEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !cleared.test(name))
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' }
}

/** The model's server in its own process. */
export async function startServer() {
  const child = fork(here('model-server.mjs'), [], { env: plainEnvironment(), execArgv: [] })
  const signal = AbortSignal.timeout(SERVER_START_MS)
  const [{ port }] = await once(child, 'message', { signal })
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    async tell(order) {
      const [told] = await Promise.all([once(child, 'message'), child.send(order)])
      return told[0]
    },
    async stop() {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

/** One job in a fresh process: what it measured, or a throw with its words. */
export async function measure(job, { limitMs }) {
  const child = fork(here('worker.mjs'), [JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: plainEnvironment(),
    execArgv: ['--expose-gc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      if (output.length < OUTPUT_CHARACTERS_MAX) output += bytes
    })
  }
  let message = null
  child.on('message', (told) => {
    message = told
  })
  const alarm = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [code, signal] = await once(child, 'close')
  clearTimeout(alarm)
  if (message?.measured) return message.measured
  throw new Error(`${job.side}, ${job.kind}: ${message?.failed ?? `ended by ${signal ?? code}`}\n${output}`)
}

/** Runs one sample on a machine as quiet as it gets, and notes how many cores others used meanwhile. */
export async function sampled(server, job, limits) {
  await quiet(limits.quietMs)
  const { cpuMs: servedBefore } = await server.tell({ latencyMs: job.latencyMs ?? 0 })
  const busyBefore = busySeconds()
  const own = process.cpuUsage()
  const begun = performance.now()
  const measured = await measure(job, limits)
  const seconds = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(own)
  const { cpuMs: served } = await server.tell({})
  const oursMs = measured.processCpuMs + served - servedBefore + (user + system) / 1_000
  const busy = busyBefore === null ? null : busySeconds() - busyBefore
  return { ...measured, foreignCores: busy === null ? null : Math.max(0, (busy - oursMs / 1_000) / seconds) }
}

/** Waits, but not for ever, for a moment in which the machine has little else to do. */
async function quiet(quietMs) {
  const end = performance.now() + quietMs
  while (performance.now() < end) {
    const busy = busySeconds()
    if (busy === null) return
    const begun = performance.now()
    await pause(QUIET_LOOK_MS)
    if ((busySeconds() - busy) / ((performance.now() - begun) / 1_000) < QUIET_CORES) return
  }
}

/** Seconds that all cores together were busy since the machine started; `null` where that cannot be known. */
function busySeconds() {
  try {
    const [, user, nice, system, , , irq, soft, steal] = readFileSync('/proc/stat', 'utf8')
      .split(/\s+/)
      .map(Number)
    return (user + nice + system + irq + soft + steal) / CLOCK_HERTZ
  } catch {
    return null
  }
}

/** The machine in words: nothing that would name it. */
export function machineInWords() {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${gigabytes} GB of memory`
}
