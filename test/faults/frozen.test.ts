import { rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLAN, runAll } from './driver/chains.ts'
import { problemsOf } from './driver/claims.ts'
import { bundle, freshWorld, live, notes, removeBundle, type Signal } from './driver/lives.ts'
import { recordOf } from './driver/record.ts'
import { NOTES } from './world/plan.ts'

const TIMES = { leaseMs: 1_000, renewalMs: 200 }
const POLL_MS = 10

/** Right before what it would do next is written, done or asked. */
const STOPS = [
  'after lead task.created',
  'after lead model.replied edit_file(a.txt)+new_task(stamper)',
  'before lead call.ended edit_file(a.txt)',
  'after mailer call.checked mail',
  'after lead call.checked apply_patch',
  'after lead call.began execute_command',
  'after lead call.checked mail',
  'before lead call.ended mail',
  'after lead call.checked pay',
  'after lead call.approved deploy',
  'after helper call.checked pay',
  'before lead task.ended',
]

let script = ''
beforeAll(async () => void (script = await bundle('frozen')))
afterAll(() => removeBundle(script))

describe('L4: a process that was stopped and wakes when its lease has gone', () => {
  it('writes nothing, runs no effect, and says so', async () => {
    const problems = await runAll(STOPS.map((point) => () => stopped(point)))
    expect(problems.flat()).toEqual([])
  }, 300_000)
})

/** One life stands still, the next one takes over and comes to the end; then the first one wakes. */
async function stopped(point: string): Promise<readonly string[]> {
  const directory = freshWorld()
  const plan = { ...PLAN, directory, kills: [], times: TIMES }
  let signal: Signal = () => {}
  const first = live(script, { ...plan, life: 1, stops: [point] }, (it) => (signal = it))
  try {
    while (notes(directory, 'killed').length === 0) await wait(POLL_MS)
    await live(script, { ...plan, life: 2 })
    const before = await everythingIn(directory)
    signal('SIGCONT')
    const death = await first
    const problems = problemsOf(await recordOf(directory), plan.cap)
    if ((await everythingIn(directory)) !== before) return [`${directory} ${point}: it wrote something`]
    const said = death.kind === 'ended' ? death.report : null
    if (!said?.warnings.some((text) => text.includes('Nothing goes on here')))
      return [`${directory} ${point}: it said ${JSON.stringify(said)}`]
    if (problems.length === 0) rmSync(directory, { recursive: true, force: true })
    return problems.map((problem) => `${directory} ${point}: ${problem}`)
  } finally {
    signal('SIGKILL')
  }
}

async function everythingIn(directory: string): Promise<string> {
  const { entries } = await recordOf(directory)
  const files = Object.keys(NOTES) as (keyof typeof NOTES)[]
  return JSON.stringify([entries, files.map((file) => notes(directory, file))])
}
