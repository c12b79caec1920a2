/**
 * How much a runtime carries. Everything here is a count, or a ratio within one run: a busy machine is slower
 * at both ends. Runs with `--expose-gc` (vitest.config.ts), so that heap means what is really held.
 */
import { expect, it } from 'vitest'
import type { Model } from '../../src/host.ts'
import type { ModelReply } from '../../src/protocol/model.ts'
import type { Runtime } from '../../src/runtime.ts'
import { openRuntime } from '../support/runtime.ts'

const MINUTE_MS = 60_000
const BURST = 10_000
const FEW = 1_000
const MANY = 50_000
/** Started and settled to see what that costs, several times over. */
const SAMPLE = 100
const SAMPLES = 9
const WAITING_BYTES_MAX = 8 * 1024
const SLOWER_MAX = 2

const usage = { inputTokens: 1, outputTokens: 1 }
const done: ModelReply = { text: 'Done.', calls: [], stop: 'done', usage }

/** Counts from outside how many bodies are really under way. */
function countingModel() {
  let open = 0
  let most = 0
  let held: string | null = null
  let letGo: (() => void)[] = []
  const model: Model = {
    name: 'counting',
    contextWindow: 100_000,
    async reply({ agent }) {
      open += 1
      most = Math.max(most, open)
      // At least one turn of the event loop: bodies really overlap.
      await new Promise<void>((resolve) => (held === agent ? letGo.push(resolve) : setImmediate(resolve)))
      open -= 1
      return done
    },
  }
  return {
    model,
    most: () => most,
    hold: (agent: string) => void (held = agent),
    release() {
      held = null
      const waiting = letGo
      letGo = []
      for (const resolve of waiting) resolve()
    },
  }
}

const launch = (runtime: Runtime, agent: string) => runtime.start({ agent, message: 'Go.', background: true })

it(
  'a burst of 10,000 with room to wait: never more than ten bodies, and none is lost',
  async () => {
    const { model, most } = countingModel()
    const runtime = await openRuntime({ model, concurrency: { background: 10, queue: BURST } })
    const tasks = await Promise.all(Array.from({ length: BURST }, () => launch(runtime, 'coder')))
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.filter(({ status }) => status === 'completed')).toHaveLength(BURST)
    expect(most()).toBe(10)
    expect(runtime.slots()).toEqual({ running: 0, cap: 10, queued: 0 })
  },
  4 * MINUTE_MS,
)

it(
  'the same burst with the queue there is: 9,890 are refused, told so, and leave nothing',
  async () => {
    const counting = countingModel()
    const warnings: string[] = []
    const runtime = await openRuntime({ model: counting.model, warn: (text) => warnings.push(text) })
    counting.hold('coder')
    const tasks = await Promise.all(Array.from({ length: BURST }, () => launch(runtime, 'coder')))
    const refused = tasks.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(9_890)
    const reasons = await Promise.all(refused.map((task) => task.result()))
    const told = new Set(reasons.map((result) => ('reason' in result ? result.reason.message : '')))
    expect([...told]).toEqual([
      'Cannot start background task: maximum concurrent background tasks (10) reached, and the queue of 100 is ' +
        'full. Stop one first, or wait for one with wait_for_tasks.',
    ])
    expect(await runtime.tasks()).toHaveLength(110)
    expect(warnings).toEqual(['Background tasks: 10/10 run, 100 wait. Refused a task, and what comes next.'])
    counting.release()
  },
  MINUTE_MS,
)

it(
  '50,000 tasks that wait: 8 KB each, and starting another costs at most twice as much',
  async () => {
    const counting = countingModel()
    // Those that wait are held up by their agent's own cap; there is room for others past them.
    const concurrency = { background: 20, perAgent: { explorer: 10 }, queue: MANY }
    const runtime = await openRuntime({ model: counting.model, concurrency })
    await costOfOne(runtime)
    counting.hold('explorer')
    await wait(runtime, 10)

    const before = heapBytes()
    await wait(runtime, FEW)
    const few = await costOfOne(runtime)
    await wait(runtime, MANY - FEW)
    const bytes = (heapBytes() - before) / MANY
    const many = await costOfOne(runtime)

    console.log(
      `${MANY} waiting tasks: ${Math.round(bytes)} bytes each; start and settle ${few.toFixed(3)} ms at ${FEW}, ` +
        `${many.toFixed(3)} ms at ${MANY}: x ${(many / few).toFixed(2)}`,
    )
    expect(runtime.slots()).toEqual({ running: 10, cap: 20, queued: MANY })
    expect(bytes).toBeLessThanOrEqual(WAITING_BYTES_MAX)
    expect(many / few).toBeLessThanOrEqual(SLOWER_MAX)
  },
  8 * MINUTE_MS,
)

async function wait(runtime: Runtime, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await launch(runtime, 'explorer')
}

/** The median of what one more costs, from its launch to its end. */
async function costOfOne(runtime: Runtime): Promise<number> {
  const costs: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    const startedAt = performance.now()
    for (let index = 0; index < SAMPLE; index++) await (await launch(runtime, 'coder')).result()
    costs.push((performance.now() - startedAt) / SAMPLE)
  }
  return costs.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? Number.NaN
}

function heapBytes(): number {
  const { gc } = globalThis
  if (!gc) throw new Error('Run this with --expose-gc.')
  gc()
  gc()
  return process.memoryUsage().heapUsed
}
