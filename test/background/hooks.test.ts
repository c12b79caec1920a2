/** Every start is told its stop, with how, on every way out; and hooks change nothing by being broken. */
import { describe, expect, it } from 'vitest'
import type { RunAbout, RunStop } from '../../src/host.ts'
import { DEFAULTS } from '../../src/protocol/defaults.ts'
import type { Task } from '../../src/runtime/starting/handle.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { complete, use, uses } from '../../src/testing/scripted-model.ts'
import { when } from '../support/runtime.ts'
import { newTask, openStage, refusing, settled, type Stage, type StageOptions } from './stage.ts'

const step = use('list_files', { path: '.' })
const runsOf = ({ hooks }: Pick<Stage, 'hooks'>) => hooks.filter((heard) => heard.startsWith('SubagentSt'))

describe('every start has one stop, which says how it ended', () => {
  const ways: [string, StageOptions, (stage: Stage, task: Task) => Promise<unknown>][] = [
    ['completed', {}, ({ models }) => models.say('A', complete('Done.'))],
    ['failed', {}, async ({ models }) => (await models.body('A')).fail('model/unauthorised')],
    [
      'timedOut',
      { limits: { idleMs: 8_000 }, clock: handClock() },
      async ({ models }) => {
        await models.body('A')
      },
    ],
    [
      'cancelled',
      {},
      async ({ models }, task) => {
        await models.body('A')
        await task.cancel()
      },
    ],
    [
      'cancelled',
      {},
      async ({ models, runtime }, task) => {
        await models.say('A', use('ask_followup_question', { question: 'Which?' }))
        await when(() => runtime.approvals.list().length === 1)
        await task.cancel()
      },
    ],
    [
      'paused',
      {},
      async ({ models }, task) => {
        await models.body('A')
        await task.pause()
        await models.say('A', step)
      },
    ],
    [
      'lost',
      { store: refusing(({ fact }) => fact.type === 'model.replied') },
      ({ models }) => models.say('A', step),
    ],
    ['lost', { store: refusing(({ fact }) => fact.type === 'task.started') }, async () => {}],
    [
      'paused',
      {},
      async ({ models, runtime }) => {
        await models.body('A')
        await runtime.close({ graceMs: 0 })
      },
    ],
  ]

  it.each(ways)('%s', async (reason, options, act) => {
    const stage = await openStage(options)
    const [task] = await stage.background('A')
    await act(stage, task as Task)
    if (options.clock) for (let n = 0; n < 2; n += 1) options.clock.advance(4_000)
    await when(() => runsOf(stage).length >= 2)
    await settled(stage.runtime).catch(() => {})
    expect(runsOf(stage)).toEqual(['SubagentStart A', `SubagentStop A ${reason}`])
  })

  it('also when it was cancelled before its run had begun, while its start was being told', async () => {
    let letStart = () => {}
    const SubagentStart = () => new Promise<void>((resolve) => (letStart = resolve))
    const stage = await openStage({ hooks: { SubagentStart } })
    const starting = stage.runtime.start({ message: 'A', background: true })
    await when(() => stage.hooks.length === 1)
    await stage.runtime.cancel((await stage.find('A')).id)
    await settled(stage.runtime)
    letStart()
    const task = await starting
    expect(await task.result()).toMatchObject({ status: 'cancelled', turns: 0 })
    expect(runsOf(stage)).toEqual(['SubagentStart A', 'SubagentStop A cancelled'])
    expect([stage.models.open, stage.runtime.slots().running]).toEqual([[], 0])
  })

  it('with the run that it is about', async () => {
    const runs: string[] = []
    const SubagentStart = ({ runId }: RunAbout) => void runs.push(`start ${runId}`)
    const SubagentStop = ({ runId, reason }: RunStop) => void runs.push(`stop ${runId} ${reason}`)
    const { models, background, facts } = await openStage({ hooks: { SubagentStart, SubagentStop } })
    const [task] = await background('A')
    await models.body('A')
    await task?.pause()
    await models.say('A', step)
    await when(() => task?.status === 'paused')
    await task?.resume()
    await models.say('A', complete('Done.'))
    await task?.result()
    expect(runs).toEqual(['start 1', 'stop 1 paused', 'start 2', 'stop 2 completed'])
    expect(await facts(task?.id ?? '', 'task.resumed')).toMatchObject([{ runId: 2 }])
  })
})

describe('no hook is called', () => {
  it('for a launch that was refused', async () => {
    const { hooks, background } = await openStage({ concurrency: { background: 1, atCap: 'reject' } })
    await background('A')
    const before = [...hooks]
    await background('B')
    expect(hooks).toEqual(before)
  })

  it('of a start or a stop for a task that was cancelled in the queue', async () => {
    const { hooks, background, runtime } = await openStage({ concurrency: { background: 1 } })
    const [, queued] = await background('A', 'B')
    await queued?.cancel()
    await settled(runtime)
    expect(hooks).toEqual(['TaskQueued B 0', 'SubagentStart A'])
  })

  it('for a task in the foreground that works for nobody', async () => {
    const { runtime, models, hooks, notices } = await openStage()
    const task = await runtime.start({ message: 'A' })
    await models.say('A', complete('Done.'))
    await task.result()
    expect([hooks, notices]).toEqual([[], []])
  })
})

describe('a hook', () => {
  it('that throws, at once or later, is reported, and the work goes on', async () => {
    for (const broken of [
      () => {
        throw new Error('Broken.')
      },
      () => Promise.reject(new Error('Broken.')),
    ]) {
      const names = ['SubagentStart', 'SubagentStop', 'TaskQueued', 'TaskPaused', 'TaskResumed'] as const
      const hooks = Object.fromEntries(names.map((name) => [name, broken]))
      const { models, warnings, background } = await openStage({ hooks, concurrency: { background: 1 } })
      const [a, b] = await background('A', 'B')
      await models.body('A')
      await a?.pause()
      await models.say('A', step)
      await models.say('B', complete('Done.'))
      await b?.result()
      await a?.resume()
      await models.say('A', complete('Done.'))
      expect(await a?.result()).toMatchObject({ status: 'completed' })
      for (const name of names) expect(warnings.join('\n')).toContain(`The hook ${name} failed for task`)
    }
  })

  it('that hangs has its time, and the work goes on', async () => {
    const clock = handClock()
    const hang = () => new Promise(() => {})
    const stage = await openStage({ clock, hooks: { SubagentStart: hang, SubagentStop: hang } })
    const starting = stage.background('A')
    await when(() => stage.hooks.length === 1)
    clock.advance(DEFAULTS.hookTimeoutMs)
    const [task] = await starting
    await stage.models.say('A', complete('Done.'))
    await when(() => stage.hooks.length === 2)
    clock.advance(DEFAULTS.hookTimeoutMs)
    expect(await task?.result()).toMatchObject({ status: 'completed' })
    expect(stage.warnings).toHaveLength(2)
    expect(stage.runtime.slots().running).toBe(0)
  })

  it('that hangs keeps nobody from cancelling', async () => {
    const hang = () => new Promise(() => {})
    const stage = await openStage({ clock: handClock(), hooks: { SubagentStop: hang } })
    const [task] = await stage.background('A')
    await stage.models.say('A', complete('Done.'))
    await when(() => task?.state === 'running.concluding')
    await task?.cancel('Enough.')
    expect(await task?.result()).toMatchObject({ status: 'cancelled', result: 'Done.' })
    // It was asked whether it may complete, and told how it really ended.
    expect(runsOf(stage)).toEqual(['SubagentStart A', 'SubagentStop A completed', 'SubagentStop A cancelled'])
  })
})

describe('a stop hook that sends a task back to work', () => {
  it('is obeyed, its reason reaches the model, and it is asked again', async () => {
    const asked: RunStop[] = []
    const SubagentStop = (about: RunStop) => {
      asked.push(about)
      return about.timesSentBack < 2 ? { sendBack: `Look again (${about.timesSentBack + 1}).` } : undefined
    }
    const { models, background } = await openStage({ hooks: { SubagentStop } })
    const [task] = await background('A')
    for (const n of [1, 2, 3]) {
      const { request } = await models.body('A')
      const notes = request.lines.flatMap((line) =>
        line.role === 'note' && line.text.startsWith('Look again') ? [line] : [],
      )
      expect(notes.map(({ source, text }) => [source, text])).toEqual(
        [1, 2].slice(0, n - 1).map((it) => ['runtime', `Look again (${it}).`]),
      )
      await models.say('A', complete(`Result ${n}.`))
    }
    expect(await task?.result()).toMatchObject({ status: 'completed', result: 'Result 3.' })
    expect(asked.map(({ result, timesSentBack }) => [result, timesSentBack])).toEqual([
      ['Result 1.', 0],
      ['Result 2.', 1],
      ['Result 3.', 2],
    ])
  })

  it(`is obeyed ${DEFAULTS.sentBack} times at most, and then told of the end`, async () => {
    const asked: number[] = []
    const SubagentStop = ({ timesSentBack }: RunStop) => {
      asked.push(timesSentBack)
      return { sendBack: 'Again.' }
    }
    const { models, background } = await openStage({ hooks: { SubagentStop } })
    const [task] = await background('A')
    for (let n = 0; n <= DEFAULTS.sentBack; n += 1) await models.say('A', complete('Done.'))
    expect(await task?.result()).toMatchObject({ status: 'completed', turns: DEFAULTS.sentBack + 1 })
    expect(asked).toEqual(Array.from({ length: DEFAULTS.sentBack + 1 }, (_, n) => n))
  })

  it('cannot send back what has failed or was cancelled', async () => {
    const { models, background } = await openStage({
      hooks: { SubagentStop: () => ({ sendBack: 'Go on.' }) },
    })
    const [a, b] = await background('A', 'B')
    ;(await models.body('A')).fail('model/unauthorised')
    await b?.cancel()
    expect(await a?.result()).toMatchObject({ status: 'failed' })
    expect(await b?.result()).toMatchObject({ status: 'cancelled' })
  })

  it('is told how the task really ended, when something came in while it was asked', async () => {
    let letStop = () => {}
    const stops: string[] = []
    const SubagentStop = ({ reason, result }: RunStop) => {
      stops.push(`${reason} ${result}`)
      return stops.length === 1 ? new Promise<void>((resolve) => (letStop = resolve)) : undefined
    }
    const { models, background } = await openStage({ hooks: { SubagentStop } })
    const [task] = await background('A')
    await models.say('A', complete('First.'))
    await when(() => stops.length === 1)
    await task?.message('Wait, one more thing.')
    letStop()
    await models.say('A', complete('Second.'))
    expect(await task?.result()).toMatchObject({ status: 'completed', result: 'Second.' })
    expect(stops.at(-1)).toBe('completed Second.')
  })
})

it('TaskQueued, TaskPaused and TaskResumed tell of every wait, its holders and its end', async () => {
  const stage = await openStage({ concurrency: { background: 1 } })
  const [a, b] = await stage.background('A', 'B')
  await stage.models.body('A')
  await b?.pause({ by: 'night-shift' })
  await b?.resume({ by: 'night-shift' })
  await a?.pause()
  await stage.models.say('A', step)
  await stage.models.body('B')
  await a?.resume()
  await stage.models.say('B', complete('Done.'))
  await stage.models.body('A')
  expect(stage.hooks.filter((heard) => heard.startsWith('Task'))).toEqual([
    'TaskQueued B 0',
    'TaskPaused B night-shift',
    'TaskQueued B 0',
    'TaskPaused A user',
    'TaskResumed B',
    'TaskQueued A 0',
    'TaskResumed A',
  ])
})

it('a task that another waits for is watched over like one in the background', async () => {
  const { runtime, models, hooks } = await openStage()
  await runtime.start({ message: 'Parent' })
  await models.say('Parent', uses([newTask('Child')]))
  await models.say('Child', complete('Done.'))
  await models.body('Parent')
  expect(hooks).toEqual(['SubagentStart Child', 'SubagentStop Child completed'])
})
