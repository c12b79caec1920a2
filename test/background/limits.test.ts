/** L8, L11: every limit is a named outcome, counts running time only, and is told once. */
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../src/protocol/task.ts'
import { type HandClock, handClock } from '../../src/testing/hand-clock.ts'
import { complete, type ScriptedReply, use, uses } from '../../src/testing/scripted-model.ts'
import { heldTool } from '../support/held.ts'
import { when } from '../support/runtime.ts'
import { answerOf, notesIn } from './puppets.ts'
import { newTask, openStage, settled, type StageOptions } from './stage.ts'

const step = use('list_files', { path: '.' })

/** Time goes by while the machine is awake: the watch looks every few seconds. */
function pass(clock: HandClock, ms: number): void {
  for (let left = ms; left > 0; left -= 4_000) clock.advance(Math.min(4_000, left))
}

async function openLimited(limits: Partial<Limits>, options: StageOptions = {}) {
  const clock = handClock()
  const stage = await openStage({ ...options, clock })
  const task = await stage.runtime.start({ message: 'A', background: true, limits })
  await stage.models.body('A')
  return { ...stage, clock, task }
}

const still = async ({ runtime, task }: Awaited<ReturnType<typeof openLimited>>) => {
  await settled(runtime)
  return task.status
}

describe('the wall clock of a task', () => {
  it('ends it as timedOut, by name, and not a moment sooner', async () => {
    const stage = await openLimited({ timeoutMs: 60_000 })
    pass(stage.clock, 59_999)
    expect(await still(stage)).toBe('running')
    stage.clock.advance(1)
    expect(await stage.task.result()).toMatchObject({
      status: 'timedOut',
      reason: {
        code: 'limit/timeout',
        message: 'Its time limit of 60000 ms of running is used up.',
      },
    })
  })

  it('does not begin anew with each turn', async () => {
    const stage = await openLimited({ timeoutMs: 60_000 })
    for (let turn = 0; turn < 5; turn += 1) {
      pass(stage.clock, 10_000)
      await stage.models.say('A', step)
      await stage.models.body('A')
    }
    expect(await still(stage)).toBe('running')
    pass(stage.clock, 10_000)
    expect(await stage.task.result()).toMatchObject({ status: 'timedOut', reason: { code: 'limit/timeout' } })
  })

  it('stands while it is paused', async () => {
    const stage = await openLimited({ timeoutMs: 60_000 })
    pass(stage.clock, 30_000)
    await stage.task.pause()
    await stage.models.say('A', step)
    await when(() => stage.task.status === 'paused')
    pass(stage.clock, 600_000)
    await stage.task.resume()
    await stage.models.body('A')
    pass(stage.clock, 29_999)
    expect(await still(stage)).toBe('running')
    stage.clock.advance(1)
    expect(await stage.task.result()).toMatchObject({ status: 'timedOut' })
  })

  it.each<[string, ScriptedReply]>([
    ['a person', use('ask_followup_question', { question: 'Which?' })],
    ['children in front', uses([newTask('Child')])],
  ])('stands while it waits for %s, and so does the wait for a slot afterwards', async (_, reply) => {
    const stage = await openLimited(
      { timeoutMs: 60_000 },
      { concurrency: { background: 1 }, limits: { timeoutMs: 9_000_000, idleMs: 9_000_000 } },
    )
    const { runtime, models, clock, task } = stage
    await models.say('A', reply)
    const isAsking = reply.calls[0]?.tool === 'ask_followup_question'
    if (isAsking) await when(() => runtime.approvals.list().length === 1)
    else await models.body('Child')
    pass(clock, 120_000)
    expect(await still(stage)).toBe('running')
    if (isAsking) {
      const other = await runtime.start({ message: 'Other', background: true })
      await models.body('Other')
      await runtime.approvals.answer(runtime.approvals.list()[0]?.id ?? '', { text: 'This.' })
      await when(() => task.state === 'running.returning')
      pass(clock, 120_000)
      await other.cancel()
    } else await models.say('Child', complete('Done.'))
    await models.body('A')
    pass(clock, 59_000)
    expect(await still(stage)).toBe('running')
    pass(clock, 1_000)
    expect(await task.result()).toMatchObject({ status: 'timedOut' })
  })

  it('L11: a night in which the machine sleeps is not a time-out', async () => {
    const stage = await openLimited({ timeoutMs: 60_000, idleMs: 40_000 })
    pass(stage.clock, 20_000)
    stage.clock.sleep(8 * 3_600_000)
    expect(await still(stage)).toBe('running')
    await stage.models.say('A', step)
    await stage.models.body('A')
    pass(stage.clock, 30_000)
    expect(await still(stage)).toBe('running')
    pass(stage.clock, 10_000)
    expect(await stage.task.result()).toMatchObject({ status: 'timedOut' })
  })
})

describe('a task whose model is silent', () => {
  it('is ended as timedOut, by another name than the one of the wall clock', async () => {
    const stage = await openLimited({ idleMs: 60_000 })
    pass(stage.clock, 59_999)
    expect(await still(stage)).toBe('running')
    stage.clock.advance(1)
    expect(await stage.task.result()).toMatchObject({
      status: 'timedOut',
      reason: { code: 'limit/idle', message: 'Its model showed no sign of life for 60000 ms.' },
    })
  })

  it('is not silent while it shows signs of life', async () => {
    const stage = await openLimited({ idleMs: 60_000, timeoutMs: 9_000_000 })
    for (let sign = 0; sign < 4; sign += 1) {
      pass(stage.clock, 50_000)
      ;(await stage.models.body('A')).live()
    }
    expect(await still(stage)).toBe('running')
    pass(stage.clock, 60_000)
    expect(await stage.task.result()).toMatchObject({ reason: { code: 'limit/idle' } })
  })
})

describe('every other limit', () => {
  it('of turns: the task fails, by name', async () => {
    const stage = await openLimited({ maxTurns: 2 })
    await stage.models.say('A', step)
    await stage.models.say('A', step)
    expect(await stage.task.result()).toMatchObject({
      status: 'failed',
      turns: 2,
      reason: { code: 'limit/turns', message: 'Stopped after 2 turns, its limit.' },
    })
  })

  it('of a tool: its call fails, by name, and the task goes on', async () => {
    const dig = heldTool('dig')
    const stage = await openLimited({ toolTimeoutMs: 30_000 }, { tools: [dig] })
    await stage.models.say('A', use('dig'))
    await when(() => dig.runs.length === 1)
    pass(stage.clock, 30_000)
    const { request } = await stage.models.body('A')
    expect(answerOf(request, 'dig')).toMatchObject({ kind: 'failed', code: 'tool/timed-out' })
    expect(answerOf(request, 'dig')).toHaveProperty('message', expect.stringContaining('30000 ms'))
  })

  it('of a person: the call is refused, by name, and the task goes on', async () => {
    const stage = await openLimited({ approvalTimeoutMs: 30_000 })
    await stage.models.say('A', use('ask_followup_question', { question: 'Which?' }))
    await when(() => stage.runtime.approvals.list().length === 1)
    stage.clock.advance(30_000)
    const { request } = await stage.models.body('A')
    expect(answerOf(request, 'ask_followup_question')).toHaveProperty(
      'message',
      expect.stringContaining('limit/approval'),
    )
    expect(stage.runtime.approvals.list()).toEqual([])
  })
})

describe('a limit that ends a task is told once', () => {
  it.each([
    ['limit/timeout', { timeoutMs: 60_000, idleMs: null }],
    ['limit/idle', { idleMs: 60_000, timeoutMs: null }],
  ])('by name, to the model of its parent and to the user: %s', async (code, limits) => {
    const clock = handClock()
    const agents = [{ name: 'slow', description: '', instructions: 'Work.' }]
    const stage = await openStage({ clock, agents, limits: limits.idleMs ? limits : { timeoutMs: 60_000 } })
    const { runtime, models, notices } = stage
    await runtime.start({ message: 'Parent', limits: {} })
    await models.say('Parent', uses([newTask('Child', { agent: 'slow', background: true })]))
    const parent = await models.body('Parent')
    await models.body('Child')
    for (let passed = 0; passed < 60_000; passed += 4_000) {
      parent.live()
      clock.advance(4_000)
      if (passed === 28_000 && code === 'limit/timeout') {
        await runtime.pause((await stage.find('Parent')).id, { subtree: false })
        ;(await models.body('Parent')).say(step)
        await settled(runtime)
      }
    }
    await when(() => runtime.slots().running === 0)
    if (code === 'limit/timeout') await runtime.resume((await stage.find('Parent')).id)
    else await models.say('Parent', step)
    const { request } = await models.body('Parent')
    expect(notesIn(request)).toHaveLength(1)
    expect(notesIn(request)[0]?.split(code)).toHaveLength(2)
    const { id } = await stage.find('Child')
    expect(notices.filter(({ kind, taskId }) => kind === 'ended' && taskId === id)).toMatchObject([
      { id: `${id}/ended`, status: 'timedOut', title: 'Child' },
    ])
  })
})
