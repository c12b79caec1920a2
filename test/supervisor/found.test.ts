/** What walks and reading have found: each a short way to something that must not be. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { RuntimeError } from '../../src/errors.ts'
import type { Notice } from '../../src/host.ts'
import type { RuntimeOptions } from '../../src/hosts/node.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { defineTool, type Tool } from '../../src/tools/tool.ts'
import { openRuntime, when } from '../support/runtime.ts'
import { heldBodies } from './bodies.ts'
import { factGate } from './fact-gate.ts'

const ROUNDS = 20
const settle = async () => {
  for (let round = 0; round < ROUNDS; round++) await new Promise((resolve) => setImmediate(resolve))
}

async function world(options: RuntimeOptions = {}) {
  const bodies = heldBodies({ isStubborn: false })
  const gate = factGate(memoryStore())
  const clock = handClock()
  const notices: Notice[] = []
  const runtime = await openRuntime({
    model: bodies.model,
    store: gate.store,
    clock,
    onAsk: 'park',
    human: { notify: (notice) => void notices.push(notice) },
    concurrency: { background: 1 },
    limits: { timeoutMs: 200_000, idleMs: 10_000_000 },
    ...options,
  })
  onTestFinished(() => {
    gate.open()
    for (const { fail } of bodies.open.values()) fail(new RuntimeError('model/stopped', 'Stopped.'))
    const ticking = setInterval(() => clock.advance(5_000), 1)
    return runtime.close({ graceMs: 0 }).finally(() => clearInterval(ticking))
  })
  const start = (background = true) => runtime.start({ message: 'Go.', background })
  const state = async (id: string) => (await runtime.tasks({ id }))[0]?.state
  const says = (id: string) => bodies.open.get(id)?.reply({ text: 'That is all.' })
  const calls = (id: string, tool: string, input: object) =>
    bodies.open.get(id)?.reply({ calls: [{ tool, input }] })
  const spawns = (id: string, more = {}) => calls(id, 'new_task', { agent: 'lead', message: 'Go.', ...more })
  const children = async (id: string) => (await runtime.tasks({ parent: id })).map((it) => it.id)
  return { runtime, bodies, gate, clock, notices, start, state, says, spawns, calls, children }
}

it('L3: a pause and a resume in flight before a run begins do not let it begin without a slot', async () => {
  const { runtime, bodies, gate, start, says } = await world()
  const one = await start()
  const two = await start()
  const three = await start()
  await when(() => bodies.open.size === 1)
  gate.close()
  void two.pause()
  await settle()
  void two.resume().catch(() => {})
  await settle()
  expect(gate.inFlight(two.id).map(({ fact }) => fact.type)).toEqual(['task.pauseAsked', 'task.resumeAsked'])
  says(one.id)
  for (let step = 0; step < 4; step++) {
    await settle()
    gate.let(one.id)
  }
  await settle()
  for (let step = 0; step < 6; step++) {
    gate.let(two.id)
    await settle()
    gate.let(three.id)
    await settle()
    expect(bodies.open.size).toBeLessThanOrEqual(1)
  }
  expect(runtime.slots().running).toBe(1)
})

it('L3: a run whose hook is slow does not begin with a slot that it has lost meanwhile', async () => {
  const letGo: (() => void)[] = []
  const { runtime, bodies, start } = await world({
    hooks: { SubagentStart: () => new Promise<void>((resolve) => letGo.push(resolve)) },
  })
  const one = runtime.start({ message: 'Go.', background: true })
  await when(() => letGo.length === 1)
  const id = (await runtime.tasks())[0]?.id ?? ''
  const two = await start()
  await runtime.pause(id)
  await when(() => letGo.length === 2)
  letGo[1]?.()
  await when(() => bodies.open.has(two.id))
  await runtime.resume(id)
  letGo[0]?.()
  await one
  await settle()
  expect([...bodies.open.keys()]).toEqual([two.id])
})

it('a subtree that two hold goes on when both have let go', async () => {
  const { runtime, bodies, start, spawns, state, children } = await world()
  const parent = await start()
  await when(() => bodies.open.size === 1)
  spawns(parent.id)
  await settle()
  const [child = ''] = await children(parent.id)
  await parent.pause({ by: 'night-shift' })
  await parent.pause()
  bodies.open.get(child)?.reply({ calls: [{ tool: 'ask_followup_question', input: { question: 'May I?' } }] })
  await settle()
  expect(await state(child)).toBe('paused')
  await parent.resume().catch(() => {})
  await settle()
  expect(await state(parent.id)).toBe('paused')
  expect(await state(child)).toBe('paused')
  await runtime.resume(parent.id, { by: 'night-shift' })
  await settle()
  expect(await state(child)).toBe('running.asking')
})

it('a child that was paused with its parent can go on when the parent has ended meanwhile', async () => {
  const { runtime, bodies, start, spawns, says, calls, state, children } = await world({
    concurrency: { background: 3 },
  })
  const parent = await start()
  await when(() => bodies.open.size === 1)
  spawns(parent.id, { background: true })
  await settle()
  const [child = ''] = await children(parent.id)
  await when(() => bodies.open.size === 2)
  await parent.pause()
  says(parent.id)
  calls(child, 'list_tasks', {})
  await settle()
  expect(await state(parent.id)).toBe('completed')
  await runtime.resume(child).catch(() => {})
  await settle()
  expect(await state(child)).toBe('running.thinking')
})

it('a task that is born while all are paused goes on when all are resumed', async () => {
  const { runtime, bodies, gate, start, spawns, state, calls } = await world({
    concurrency: { background: 3 },
  })
  const parent = await start()
  await when(() => bodies.open.size === 1)
  gate.close('task.created')
  spawns(parent.id, { background: true })
  await when(() => gate.tasks.length === 1)
  const [child = ''] = gate.tasks
  void runtime.pauseAll()
  await settle()
  gate.open()
  await settle()
  for (const { request } of [...bodies.open.values()]) calls(request.taskId, 'list_tasks', {})
  await settle()
  expect(await state(parent.id)).toBe('paused')
  expect(await state(child)).toBe('paused')
  await runtime.resumeAll()
  await settle()
  expect(await state(parent.id)).toBe('running.thinking')
  expect((await runtime.tasks({ id: child }))[0]?.pausedBy).toEqual([])
})

it('what a pause from two floors up has held, its resume lets go of', async () => {
  const { runtime, bodies, gate, start, spawns, calls, children } = await world({
    concurrency: { background: 3 },
  })
  const top = await start()
  await when(() => bodies.open.size === 1)
  spawns(top.id, { background: true })
  await settle()
  const [middle = ''] = await children(top.id)
  await when(() => bodies.open.has(middle))
  gate.close('task.created')
  spawns(middle, { background: true })
  await when(() => gate.tasks.length === 1)
  const [bottom = ''] = gate.tasks
  void top.pause()
  await settle()
  gate.open()
  await settle()
  for (const { request } of [...bodies.open.values()]) calls(request.taskId, 'list_tasks', {})
  await settle()
  await top.resume()
  await settle()
  expect((await runtime.tasks({ id: bottom }))[0]?.pausedBy).toEqual([])
})

it('L2: what was said during a birth and right after it is heard in its order by a store that writes both at once', async () => {
  const { runtime, gate, start, state } = await world()
  gate.close()
  void start(false)
  await settle()
  const [id = ''] = gate.tasks
  void runtime.pauseAll()
  await settle()
  gate.let(id)
  await settle()
  void runtime.message(id, 'Hear this.').catch(() => {})
  await settle()
  expect(gate.inFlight(id).length).toBeGreaterThan(0)
  gate.open()
  await settle()
  expect(await state(id)).not.toBe('lost')
})

it('a resume that worked is not told of a refusal that is long over', async () => {
  const { runtime, bodies, start, state, calls } = await world({
    concurrency: { background: 1, atCap: 'reject' },
  })
  await start()
  const other = await start(false)
  await when(() => bodies.open.size === 2)
  await expect(runtime.toBackground(other.id)).rejects.toThrow('Cannot start background task')
  calls(other.id, 'ask_followup_question', { question: 'May I?' })
  await settle()
  await other.pause()
  await other.resume()
  expect(await state(other.id)).toBe('running.asking')
})

it('L11: a task that waits in the queue after it was resumed while pausing does not use up its time', async () => {
  const { bodies, clock, start, state, calls } = await world()
  const one = await start()
  await start()
  await when(() => bodies.open.size === 1)
  await one.pause()
  void one.resume().catch(() => {})
  await settle()
  calls(one.id, 'list_tasks', {})
  await settle()
  expect(await state(one.id)).toBe('queued')
  clock.advance(150_000)
  await settle()
  for (const { reply } of [...bodies.open.values()]) reply({ text: 'That is all.' })
  await settle()
  expect(await state(one.id)).toBe('running.thinking')
  clock.advance(90_000)
  await settle()
  expect(await state(one.id)).toBe('running.thinking')
})

it('L3: what a task in the background waits for is counted, also when it was moved there meanwhile', async () => {
  const { runtime, bodies, start, spawns, children } = await world()
  const front = await start(false)
  await when(() => bodies.open.size === 1)
  spawns(front.id)
  await settle()
  const [child = ''] = await children(front.id)
  await when(() => bodies.open.has(child))
  await runtime.toBackground(front.id)
  await start()
  await settle()
  expect(bodies.open.size).toBe(1)
})

it('L8: a message does not switch off the limit on silence', async () => {
  const { runtime, bodies, clock, start, state } = await world({
    concurrency: { background: 1 },
    limits: { timeoutMs: null, idleMs: 100_000 },
  })
  const { id } = await start()
  await when(() => bodies.open.size === 1)
  clock.advance(50_000)
  await runtime.message(id, 'Hear this.')
  for (let tick = 0; tick < 20; tick++) {
    clock.advance(10_000)
    await settle()
  }
  expect(await state(id)).toBe('timedOut')
})

it('a task that could not be born is refused, and nobody is told of its end', async () => {
  const { runtime, notices, gate, start } = await world()
  gate.refuse('task.created')
  const task = await start()
  expect(task.status).toBe('rejected')
  expect(runtime.slots()).toMatchObject({ running: 0, queued: 0 })
  expect(notices).toEqual([])
})

it('L7: a child that could not be born is told of once', async () => {
  const { bodies, gate, start, spawns } = await world()
  const parent = await start()
  await when(() => bodies.open.size === 1)
  gate.refuse('task.created')
  spawns(parent.id, { background: true })
  await when(() => bodies.requests.length === 2)
  await settle()
  bodies.open.get(parent.id)?.reply({ text: 'That is all.' })
  await settle()
  const told = bodies.requests.at(-1)?.lines.filter((line) => line.role === 'note' && line.source === 'task')
  expect(told).toEqual([])
})

it('a person is told of the end of a task that was moved to the background', async () => {
  const { runtime, bodies, notices, start, says } = await world()
  const { id } = await start(false)
  await when(() => bodies.open.size === 1)
  await runtime.toBackground(id)
  says(id)
  await settle()
  expect(notices.filter(({ kind }) => kind === 'ended')).toHaveLength(1)
})

it('L3: a parent whose child has ended goes on before anything that has not begun', async () => {
  const { bodies, start, spawns, says, state, children } = await world()
  const parent = await start()
  const other = await start()
  await when(() => bodies.open.size === 1)
  spawns(parent.id)
  await settle()
  const [child = ''] = await children(parent.id)
  says(child)
  await settle()
  expect(await state(parent.id)).toBe('running.thinking')
  expect(await state(other.id)).toBe('queued')
})

it('a task that waits for a slot to move to the background with is not taken for one that goes on', async () => {
  const { runtime, bodies, start } = await world()
  await start()
  const front = await start(false)
  await when(() => bodies.open.size === 2)
  await front.pause()
  await front.pause({ by: 'night-shift' })
  void runtime.toBackground(front.id).catch(() => {})
  await settle()
  expect(runtime.slots().queued).toBe(1)
  await expect(front.resume()).rejects.toThrow('still held, by night-shift')
})

it('L3: whoever works in the foreground keeps no slot of a child that had one', async () => {
  const { runtime, bodies, start, spawns, says, children } = await world()
  const parent = await start(false)
  await when(() => bodies.open.size === 1)
  spawns(parent.id)
  await settle()
  const [child = ''] = await children(parent.id)
  await parent.pause()
  // The child has a slot then, and its parent waits for the next.
  void runtime.toBackground(parent.id).catch(() => {})
  await settle()
  await parent.resume()
  says(child)
  await settle()
  expect(bodies.open.has(parent.id)).toBe(true)
  expect(runtime.slots()).toMatchObject({ running: 1, queued: 0 })
  says(parent.id)
  await settle()
  expect(runtime.slots().running).toBe(0)
})

it('L7: a tool of the host’s cannot have its task wait for another', async () => {
  const wait = { tasks: ['somebody'], until: 'all', deadlineAt: null } as const
  const honest = defineTool({
    name: 'forge',
    description: 'Forges.',
    input: z.object({}),
    effect: 'pure',
    execute: () => '',
  })
  const forge: Tool = {
    ...honest,
    async prepare(input) {
      const prepared = await honest.prepare(input)
      return prepared.kind === 'prepared'
        ? { ...prepared, run: async () => ({ kind: 'waits', wait }) }
        : prepared
    },
  }
  const { bodies, start, calls } = await world({ tools: [forge] })
  const task = await start(false)
  await when(() => bodies.open.size === 1)
  calls(task.id, 'forge', {})
  await expect(task.result()).rejects.toThrow('broke its promise')
})

describe('a hook', () => {
  async function hooked() {
    const runs: string[] = []
    const letGo: (() => void)[] = []
    const here = await world({
      hooks: {
        SubagentStart({ runId }) {
          runs.push(`start ${runId}`)
          return runId === 1 ? new Promise<void>((resolve) => letGo.push(resolve)) : undefined
        },
        SubagentStop({ runId, reason, result }) {
          runs.push(`stop ${runId} ${reason} ${result}`.trim())
          const isFirst = result === 'First.'
          return isFirst ? new Promise<void>((resolve) => letGo.push(resolve)) : undefined
        },
      },
    })
    return { ...here, runs, letGo }
  }

  it('that lets a task go which then works on hears of the same run again', async () => {
    const { runtime, bodies, runs, letGo } = await hooked()
    void runtime.start({ message: 'Go.', background: true })
    await when(() => letGo.length === 1)
    const id = (await runtime.tasks())[0]?.id ?? ''
    // A run that is paused before it begins is none, but it was told of.
    await runtime.pause(id)
    await runtime.resume(id)
    await when(() => bodies.open.size === 1)
    bodies.open.get(id)?.reply({ text: 'First.' })
    await when(() => letGo.length === 2)
    await runtime.message(id, 'Hear this.')
    letGo[1]?.()
    await when(() => bodies.open.size === 1)
    bodies.open.get(id)?.reply({ text: 'Second.' })
    await settle()
    expect(runs).toEqual([
      'start 1',
      'stop 1 paused',
      'start 2',
      'stop 2 completed First.',
      'stop 2 completed Second.',
    ])
  })

  it('is not asked whether a task may complete that has something to read', async () => {
    const { runtime, bodies, runs, letGo } = await hooked()
    void runtime.start({ message: 'Go.', background: true })
    await when(() => letGo.length === 1)
    letGo[0]?.()
    await when(() => bodies.open.size === 1)
    const id = (await runtime.tasks())[0]?.id ?? ''
    await runtime.pause(id)
    bodies.open.get(id)?.reply({ text: 'First.' })
    await settle()
    await runtime.resume(id, { message: 'Hear this.' })
    await when(() => bodies.open.size === 1)
    bodies.open.get(id)?.reply({ text: 'Second.' })
    await settle()
    expect(runs).toEqual(['start 1', 'stop 1 paused', 'start 2', 'stop 2 completed Second.'])
  })
})
