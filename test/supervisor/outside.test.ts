/**
 * L3, counted from outside: a real server for the model, real processes for the commands, a real clock.
 * Nothing ends unless the test ends it, so what is too many at one look is too many at the next.
 *
 * TROUPE_WALK_SEED=n draws another order of events.
 */
import { expect, it, onTestFinished } from 'vitest'
import type { Notice } from '../../src/host.ts'
import { openai } from '../../src/models/openai.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { openRuntime, when } from '../support/runtime.ts'
import { openOutside } from './outside.ts'
import { chanceFrom } from './wild.ts'

const CAP = 3
const LAUNCHES = 30
const SEED = Number(process.env['TROUPE_WALK_SEED'] ?? 1)
/** The server may hear of a connection's end a little later than the runtime, which has ended it. */
const LOOKS_MAX = 200
const LIMIT_MS = 120_000

async function stage() {
  const outside = await openOutside()
  onTestFinished(() => outside.server.close())
  const notices: Notice[] = []
  const runtime = await openRuntime({
    model: openai('gpt-test', { baseURL: outside.server.url, apiKey: 'key' }),
    policy: { mode: 'bypassPermissions' },
    concurrency: { background: CAP },
    human: { notify: (notice) => void notices.push(notice) },
  })
  const start = (n: number) =>
    runtime.start({ message: `Task ${n}.`, background: true, boundary: { readOnly: false } })
  return { outside, notices, runtime, start }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it(
  `never more requests and processes than slots, in a burst of ${LAUNCHES} at ${CAP}: seed ${SEED}`,
  async () => {
    const { outside, notices, runtime, start } = await stage()
    const fraction = chanceFrom(SEED)
    const most = { both: 0, exchanges: 0, processes: 0 }

    async function look(): Promise<void> {
      for (let looks = 0; looks < LOOKS_MAX; looks++) {
        await turn()
        const [exchanges, processes] = [outside.exchanges, outside.processes.length]
        if (exchanges + processes > CAP) continue
        most.both = Math.max(most.both, exchanges + processes)
        most.exchanges = Math.max(most.exchanges, exchanges)
        most.processes = Math.max(most.processes, processes)
        return
      }
      expect.fail(`${outside.exchanges} requests and ${outside.processes.length} processes at ${CAP} slots`)
    }

    const tasks = await Promise.all(Array.from({ length: LAUNCHES }, (_, n) => start(n)))
    const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(fraction() * list.length)]
    const ignore = () => {}
    const deeds: Readonly<Record<string, (task: Task | undefined) => unknown>> = {
      runs: () => outside.answer(Math.floor(fraction() * CAP), outside.sleeps()),
      says: () => outside.answer(Math.floor(fraction() * CAP), { text: 'Done.' }),
      exits: () => {
        const process = one(outside.processes)
        if (process) end(process.pid)
      },
      cancels: (task) => void task?.cancel().catch(ignore),
      pauses: (task) => void task?.pause().catch(ignore),
      resumes: (task) => void task?.resume().catch(ignore),
    }
    const living = () => tasks.filter(({ status }) => !OVER.includes(status))
    const likely = ['runs', 'runs', 'exits', 'exits', 'says', 'pauses', 'resumes', 'resumes']
    for (let step = 0; living().length > LAUNCHES / 3; step++) {
      const name = step % 12 === 11 ? 'cancels' : (one(likely) ?? '')
      deeds[name]?.(one(living()))
      await look()
    }
    while (living().length > 0) {
      for (const task of living()) void task.resume().catch(ignore)
      for (const { pid } of outside.processes) end(pid)
      for (let place = 0; place < CAP; place++) outside.answer(place, { text: 'Done.' })
      await look()
    }
    expect(most).toEqual({ both: CAP, exchanges: CAP, processes: expect.any(Number) })
    expect(most.processes).toBeGreaterThan(1)
    expect(runtime.slots()).toEqual({ running: 0, cap: CAP, queued: 0 })
    await when(() => outside.exchanges === 0 && outside.processes.length === 0)
    expect(
      notices
        .filter(({ kind }) => kind === 'ended')
        .map(({ taskId }) => taskId)
        .sort(),
    ).toEqual(tasks.map(({ id }) => id).sort())
  },
  LIMIT_MS,
)

const OVER: readonly string[] = ['completed', 'failed', 'timedOut', 'cancelled', 'rejected', 'lost']

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

it(
  'what runs when the runtime closes leaves neither a request nor a process',
  async () => {
    const { outside, runtime, start } = await stage()
    await Promise.all([0, 1, 2, 3, 4].map(start))
    await when(() => outside.exchanges === CAP)
    outside.answer(0, outside.sleeps())
    outside.answer(0, outside.sleeps())
    await when(() => outside.processes.length === 2)
    await runtime.close({ graceMs: 0 })
    await when(() => outside.exchanges === 0 && outside.processes.length === 0)
    expect(runtime.slots().running).toBe(0)
  },
  LIMIT_MS,
)
