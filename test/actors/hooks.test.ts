/** What a host hooks in is asked and told, and can harm nothing. */
import { describe, expect, it } from 'vitest'
import { createHookCaller } from '../../src/actors/hooks.ts'
import type { Hooks, RunAbout, RunStop } from '../../src/host.ts'
import { handClock } from '../../src/testing/hand-clock.ts'

const LIMIT_MS = 1_000
const NAMES = ['SubagentStart', 'SubagentStop', 'TaskQueued', 'TaskPaused', 'TaskResumed'] as const

const task = { taskId: 't_1', parent: 't_0', agent: 'coder', title: 'Mend it', depth: 1, background: true }
const run: RunAbout = { ...task, runId: 2 }
const end: RunStop = { ...run, reason: 'completed', result: 'Mended.', timesSentBack: 0 }
/** Calls any of them with more than its type says. */
const secret = { instructions: 'secret', boundary: [] }

function setUp(hooks: Partial<Hooks>) {
  const clock = handClock()
  const warnings: string[] = []
  const caller = createHookCaller({
    hooks,
    clock,
    warn: (text) => void warnings.push(text),
    limitMs: LIMIT_MS,
  })
  const call: Readonly<Record<(typeof NAMES)[number], () => unknown>> = {
    SubagentStart: () => caller.start({ ...run, ...secret }),
    SubagentStop: () => caller.stop({ ...end, ...secret }),
    TaskQueued: () => caller.tell('TaskQueued', { ...task, ...secret, ahead: 3 }),
    TaskPaused: () => caller.tell('TaskPaused', { ...task, ...secret, by: ['user'] }),
    TaskResumed: () => caller.tell('TaskResumed', { ...task, ...secret }),
  }
  return { ...caller, caller, call, clock, warnings }
}

/** Every microtask that is due, and those that follow from it. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** What was heard first, when all start in the same moment. */
async function order(works: Readonly<Record<string, PromiseLike<unknown>>>): Promise<readonly string[]> {
  const heard: string[] = []
  for (const [name, work] of Object.entries(works)) void work.then(() => heard.push(name))
  await settled()
  return heard
}

describe('without a hook', () => {
  it('nothing is waited for: not a microtask, not the clock', async () => {
    const { start, stop, clock, hasStop, warnings } = setUp({})
    const works = { start: start(run), stop: stop(end), now: Promise.resolve() }
    expect(clock.armed).toBe(0)
    expect(await order(works)).toEqual(['start', 'stop', 'now'])
    expect(await stop(end)).toBeNull()
    expect(hasStop).toBe(false)
    expect(warnings).toEqual([])
  })

  it('another hook makes no difference', () => {
    const { hasStop, clock, call } = setUp({ SubagentStart: () => {} })
    void call.SubagentStop()
    expect(hasStop).toBe(false)
    expect(clock.armed).toBe(0)
  })

  it('what stands there and is no function is warned of once, and counts as none', async () => {
    // The cast is what a host in JavaScript does.
    const hooks = { SubagentStop: 'yes', TaskQueued: undefined } as unknown as Partial<Hooks>
    const { hasStop, call, warnings } = setUp(hooks)
    expect(hasStop).toBe(false)
    expect(await call.SubagentStop()).toBeNull()
    call.TaskQueued()
    expect(warnings).toEqual(['The hook SubagentStop is no function, so it is never called.'])
  })

  it('hooks that cannot even be read count as none', async () => {
    const hooks = new Proxy({}, { get: () => expect.fail('no one looks in here') })
    const { hasStop, call, warnings } = setUp(hooks)
    for (const name of NAMES) await call[name]()
    expect(hasStop).toBe(false)
    expect(warnings).toHaveLength(NAMES.length)
    for (const name of NAMES) expect(warnings.join('\n')).toContain(`The hook ${name} could not be read`)
  })
})

describe('a hook', () => {
  it.each(NAMES)('%s hears what its type says and no more, as `this` its own object', async (name) => {
    const heard: unknown[] = []
    const hooks = {
      [name](this: unknown, about: unknown) {
        heard.push(about, this)
      },
    }
    const { call, warnings } = setUp(hooks)
    await call[name]()
    const more = {
      SubagentStart: { runId: 2 },
      SubagentStop: { runId: 2, reason: 'completed', result: 'Mended.', timesSentBack: 0 },
      TaskQueued: { ahead: 3 },
      TaskPaused: { by: ['user'] },
      TaskResumed: {},
    }
    expect(heard).toEqual([{ ...task, ...more[name] }, hooks])
    expect(warnings).toEqual([])
  })

  it('cannot change what the next one hears, nor what the runtime holds', async () => {
    const heard: unknown[] = []
    const tamper = (about: object) => {
      heard.push(structuredClone(about))
      expect(Object.isFrozen(about)).toBe(true)
      for (const key of Object.keys(about)) Reflect.set(about, key, 'tampered')
      Reflect.set(about, 'new', 'tampered')
    }
    const { start, stop, tell, warnings } = setUp({
      SubagentStart: tamper,
      SubagentStop: tamper,
      TaskPaused: (about) => {
        tamper(about)
        expect(Object.isFrozen(about.by)).toBe(true)
        Reflect.set(about.by, 0, 'tampered')
        Reflect.set(about.by, 1, 'tampered')
      },
    })
    const about = { ...end }
    const pause = { ...task, by: ['user', 'quota'] }
    await start(about)
    await stop(about)
    tell('TaskPaused', pause)
    tell('TaskPaused', pause)
    await settled()
    expect(about).toEqual(end)
    expect(pause).toEqual({ ...task, by: ['user', 'quota'] })
    expect(heard).toEqual([run, end, pause, pause])
    expect(warnings).toEqual([])
  })

  it('is waited for before the run begins, and before the task completes', async () => {
    const finish: (() => void)[] = []
    const hold = () => new Promise<void>((resolve) => void finish.push(resolve))
    const { start, stop, clock } = setUp({ SubagentStart: hold, SubagentStop: hold })
    const heard: string[] = []
    const works = [start(run).then(() => heard.push('start')), stop(end).then(() => heard.push('stop'))]
    clock.advance(LIMIT_MS - 1)
    await settled()
    expect(heard).toEqual([])
    for (const done of finish) done()
    await Promise.all(works)
    expect(heard).toEqual(['start', 'stop'])
    expect(clock.armed).toBe(0)
  })

  it('is told before `tell` returns, in the order of what happens', () => {
    const heard: string[] = []
    const { call } = setUp({
      TaskQueued: () => heard.push('queued'),
      TaskPaused: () => heard.push('paused'),
      TaskResumed: () => heard.push('resumed'),
      SubagentStart: () => heard.push('start'),
    })
    call.TaskQueued()
    call.TaskPaused()
    call.TaskResumed()
    void call.SubagentStart()
    heard.push('after')
    expect(heard).toEqual(['queued', 'paused', 'resumed', 'start', 'after'])
  })
})

describe('a hook that goes wrong', () => {
  const fails = (): never => {
    throw new Error('boom')
  }
  const WRONG: readonly (readonly [string, () => unknown])[] = [
    ['throws', fails],
    ['rejects', async () => fails()],
    ['rejects later', () => settled().then(fails)],
    ['returns what cannot be awaited', () => Object.defineProperty({}, 'then', { get: fails })],
    ['returns what throws when awaited', () => ({ then: fails })],
    [
      'rejects with what has no words',
      () => Promise.reject(new Proxy(new Error('boom'), { get: fails, getPrototypeOf: fails })),
    ],
  ]

  describe.each(NAMES)('%s', (name) => {
    it.each(WRONG)('is warned of once, with hook and task, when it %s', async (_, hook) => {
      const { call, warnings, clock } = setUp({ [name]: hook })
      const said = call[name]()
      await settled()
      await settled()
      expect(await said).toBe(name === 'SubagentStop' ? null : undefined)
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(`The hook ${name} failed for task t_1, and the work goes on: `)
      expect(clock.armed).toBe(0)
    })

    it('is waited for no longer than the limit, and what it says later counts for nothing', async () => {
      let reject: (error: Error) => void = () => {}
      const hook = () => new Promise((_, refuse) => void (reject = refuse))
      const { call, warnings, clock } = setUp({ [name]: hook })
      const said = call[name]()
      clock.advance(LIMIT_MS - 1)
      await settled()
      expect(warnings).toEqual([])
      clock.advance(1)
      expect(await said).toBe(name === 'SubagentStop' ? null : undefined)
      reject(new Error('boom'))
      await settled()
      expect(warnings).toEqual([
        `The hook ${name} failed for task t_1, and the work goes on: it was not done within 1000 ms`,
      ])
      expect(clock.armed).toBe(0)
    })
  })

  it('is quoted, but not at any length', async () => {
    const { start, warnings } = setUp({ SubagentStart: () => Promise.reject(new Error('x'.repeat(100_000))) })
    await start(run)
    expect(warnings[0]).toMatch(/x{400}/)
    expect(warnings[0]?.length).toBeLessThan(700)
  })
})

describe('S136: the stop hook', () => {
  const held = (sendBack: unknown) => ({ sendBack })
  it.each([
    ['nothing', undefined, null],
    ['null', null, null],
    ['a text', 'Test it.', null],
    ['a number', 7, null],
    ['an object with no sendBack', { block: 'Test it.' }, null],
    ['a reason', held('Test it.'), 'Test it.'],
    ['a reason among blanks', held('\n  Test it.\n'), 'Test it.'],
    ['a promise of a reason', Promise.resolve(held('Test it.')), 'Test it.'],
    ['an empty reason', held(''), null],
    ['a blank reason', held(' \n\t'), null],
    ['no reason', held(undefined), null],
  ])('that returns %s sends back with %j: no warning', async (_, said, reason) => {
    const { stop, hasStop, warnings } = setUp({ SubagentStop: () => said })
    expect(hasStop).toBe(true)
    expect(await stop(end)).toBe(reason)
    expect(warnings).toEqual([])
  })

  const fails = () => expect.fail('boom')
  it.each([
    ['a number', held(7)],
    ['true', held(true)],
    ['a list', held(['Test it.'])],
    ['a text that is an object', held(new String('Test it.'))],
    ['a getter that throws', Object.defineProperty({}, 'sendBack', { get: fails })],
    [
      'a proxy that throws',
      new Proxy({}, { has: fails, get: (_, key) => (key === 'then' ? null : fails()) }),
    ],
  ])('whose sendBack is %s is warned of once and sends nothing back', async (_, said) => {
    const { stop, warnings } = setUp({ SubagentStop: () => said })
    expect(await stop(end)).toBeNull()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('The hook SubagentStop failed for task t_1')
  })

  it('is read once: what it says is what was looked at', async () => {
    let reads = 0
    const said = {
      get sendBack() {
        reads += 1
        return reads === 1 ? 'Test it.' : 7
      },
    }
    const { stop } = setUp({ SubagentStop: () => said })
    expect(await stop(end)).toBe('Test it.')
  })

  it('is cut to a bound, never in the middle of a character', async () => {
    for (const text of ['x'.repeat(100_000), '😀'.repeat(50_000), `x${'😀'.repeat(50_000)}`]) {
      const reason = await setUp({ SubagentStop: () => held(text) }).stop(end)
      expect(reason?.length).toBeGreaterThan(7_900)
      expect(reason?.length).toBeLessThanOrEqual(8_000)
      expect(reason).toMatch(/…$/)
      expect(reason).not.toMatch(/\p{Cs}/u)
    }
    const exact = 'x'.repeat(8_000)
    expect(await setUp({ SubagentStop: () => held(exact) }).stop(end)).toBe(exact)
  })
})
