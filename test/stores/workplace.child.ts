/**
 * A process of its own on a store, which does what it is told on its standard input, line by line, and tells
 * what becomes of it. It ends with its input.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { RuntimeError, toFailure, UsageError } from '../../src/errors.ts'
import type { RemoteOrder } from '../../src/protocol/remote.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { birth, type ChildOrder, type ChildPlan, entry, limits, slot } from './workplace-tasks.ts'

const ATTEMPTS_MAX = 1_000_000
const TIMER_MS = 3
const STOP_LIMIT_MS = 10_000

const { directory, times, cap, mark } = JSON.parse(process.argv[2] ?? '{}') as ChildPlan
const store = await openSqlite({ directory, times })
const { workplace } = store
if (!workplace) throw new Error('There is no workplace.')

const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
const turn = () => new Promise((resolve) => setImmediate(resolve))

if (cap !== null) {
  workplace.enter({
    cap,
    serve,
    changed: () => tell({ event: 'changed' }),
    lost: (error) => tell({ event: 'lost', ...toFailure(error) }),
  })
}

async function serve(order: RemoteOrder): Promise<void> {
  tell({ event: 'served', order })
  if (order.verb === 'cancel') throw new RuntimeError('task/has-ended', `Task "${order.taskId}" has ended.`)
  if (order.verb === 'resume') throw new UsageError('Not like this.')
  // It never says that it is done.
  if (order.verb === 'pause') await new Promise(() => {})
  if (order.verb === 'toBackground') {
    await store.release(order.taskId)
    throw new RuntimeError('task/no-such-task', 'Not here.')
  }
  if (order.verb === 'message' && order.text === 'die') {
    const { length } = await store.read(order.taskId)
    await store.append({
      ...entry(order.taskId, length + 1),
      fact: { type: 'task.messaged', text: order.text, at: 1 },
    })
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  }
}

/** Takes the task again and again. While it has it, nobody else may: a file that is there already tells. */
async function contend(taskId: string, count: number): Promise<object> {
  const runIds: number[] = []
  let isBroken = false
  for (let tries = 0; runIds.length < count && tries < ATTEMPTS_MAX; tries += 1) {
    try {
      runIds.push((await store.acquire(taskId)).runId)
    } catch (error) {
      if (!RuntimeError.is(error) || error.code !== 'store/held') throw error
      await turn()
      continue
    }
    const sign = join(directory, 'taken')
    try {
      writeFileSync(sign, '', { flag: 'wx' })
      await turn()
      rmSync(sign)
    } catch {
      isBroken = true
    }
    await store.release(taskId)
  }
  return { runIds, isBroken }
}

/** Takes a slot and gives it back, again and again. How many were ever taken at once? */
async function crowd(count: number, background: number): Promise<object> {
  let most = 0
  let taken = 0
  for (let tries = 0; taken < count && tries < ATTEMPTS_MAX; tries += 1) {
    const taskId = `${mark}${tries}`
    if (await workplace?.takeSlot(slot(taskId), limits(background))) {
      await turn()
      continue
    }
    taken += 1
    const elsewhere = await workplace?.elsewhere()
    most = Math.max(most, 1 + (elsewhere?.held.length ?? 0))
    workplace?.leaveSlot(taskId)
  }
  return { most, taken }
}

/** Stands still where no timer can ring, and tells what it is answered when it wakes. */
async function actAfterStop(gapMs: number, when: ChildOrder['when']): Promise<object> {
  const since = performance.now()
  // Before it is told, for it is stopped as soon as that is read.
  let last = since
  tell({ event: 'acting' })
  for (let now = since; now - last <= gapMs; now = performance.now()) {
    if (now - since > STOP_LIMIT_MS) throw new Error('Nobody has stopped it.')
    last = now
  }
  if (when === 'afterTimers') await afterTimers()
  const answer = workplace?.mayAct()
  const outcome = await answer?.then(
    () => 'yes',
    (error: unknown) => toFailure(error).code,
  )
  return { isAtOnce: answer === null, outcome: outcome ?? null }
}

/** Comes in the same round of timers as all that were due before. */
function afterTimers(): Promise<void> {
  const since = performance.now()
  const timers = new Promise<void>((resolve) => setTimeout(resolve, 1))
  while (performance.now() - since < TIMER_MS) continue
  return timers
}

async function perform({ call, taskId, ...rest }: ChildOrder): Promise<unknown> {
  const { seq = 2, runId = 0, previous = runId, count = 1, background = 1 } = rest
  switch (call) {
    case 'create':
      return store.create(birth(taskId))
    case 'append':
      return store.append(entry(taskId, seq, runId), previous)
    case 'acquire':
      return store.acquire(taskId)
    case 'release':
      return store.release(taskId)
    case 'takeSlot':
      return workplace?.takeSlot(slot(taskId), limits(background))
    case 'waits':
      return workplace?.waits(count)
    case 'elsewhere':
      return workplace?.elsewhere()
    case 'mayAct':
      return workplace?.mayAct()
    case 'actAfterStop':
      return actAfterStop(count, rest.when)
    case 'contend':
      return contend(taskId, count)
    case 'crowd':
      return crowd(count, background)
    case 'ask':
      return workplace?.ask({ taskId, verb: 'message', text: 'Hello.' })
    case 'close':
      return store.close()
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as ChildOrder & { readonly id: number }
  perform(order).then(
    (value) => tell({ id: order.id, value: value ?? null }),
    (error: unknown) => tell({ id: order.id, failure: toFailure(error) }),
  )
})
tell({ event: 'ready' })
