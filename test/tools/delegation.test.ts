/** What models see of delegation, on a small crew made by hand. */
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/boundary/decide.ts'
import { failure } from '../../src/errors.ts'
import type { Boundary } from '../../src/protocol/boundary.ts'
import { DEFAULTS } from '../../src/protocol/defaults.ts'
import type { Result } from '../../src/protocol/model.ts'
import { DELEGATION_TOOLS } from '../../src/protocol/names.ts'
import type { Crew, CrewMember, SpawnOrder } from '../../src/tools/crew.ts'
import { delegationTools } from '../../src/tools/delegation/delegation-tools.ts'
import { defineTool, type PreparedCall, type Schema, type Waiting } from '../../src/tools/tool.ts'
import { toolContext } from './tool-context.ts'
import { ok } from './toolbox.ts'

function memberOf(taskId: string, parts: Partial<CrewMember> = {}): CrewMember {
  return {
    taskId,
    parent: 'me',
    agent: 'coder',
    title: `Part ${taskId}`,
    status: 'running',
    background: true,
    ahead: null,
    turns: 3,
    hasEnded: false,
    isTold: false,
    ...parts,
  }
}

const done = (taskId: string, isTold: boolean) =>
  memberOf(taskId, { status: 'completed', hasEnded: true, isTold })

/** A crew as the runtime would have one, and what it was asked to do. */
function crewOf(members: readonly CrewMember[] = [], parts: Partial<Crew> = {}) {
  const spawned: (SpawnOrder & { parentId: string })[] = []
  const cancelled: string[][] = []
  const crew: Crew = {
    async spawn(parentId, order) {
      spawned.push({ parentId, ...order })
      return { taskId: 't9', background: order.background ?? false, ahead: null }
    },
    descendants: () => members,
    async cancel(...asked) {
      cancelled.push(asked)
      return null
    },
    capacity: () => ({ running: 3, cap: 10, queued: 2 }),
    deadline: (timeoutMs) => (timeoutMs === null ? null : 1_000_000 + timeoutMs),
    ...parts,
  }
  return { crew, spawned, cancelled }
}

function toolOf(name: string, crew: Crew = crewOf().crew) {
  const tool = delegationTools(crew).find((it) => it.name === name)
  if (!tool) throw new Error(`There is no tool ${name}.`)
  return tool
}

async function prepare(name: string, input: unknown, crew?: Crew): Promise<PreparedCall> {
  const prepared = await toolOf(name, crew).prepare(input)
  if (prepared.kind !== 'prepared') throw new Error(JSON.stringify(prepared))
  return prepared
}

const context = toolContext({ taskId: 'me', idempotencyKey: 'me/1.0' })

async function call(name: string, input: unknown, crew?: Crew): Promise<Result | Waiting> {
  const prepared = await toolOf(name, crew).prepare(input)
  return prepared.kind === 'prepared' ? prepared.run(context) : prepared
}

const refused = (code: string, ...words: readonly string[]) => ({
  kind: 'failed',
  code,
  message: expect.stringMatching(new RegExp(words.join('.*'), 's')),
})

const INPUTS: Readonly<Record<string, { effect: string; input: object }>> = {
  new_task: { effect: 'idempotent', input: { agent: 'coder', message: 'Do it.' } },
  list_tasks: { effect: 'pure', input: {} },
  wait_for_tasks: { effect: 'pure', input: {} },
  cancel_task: { effect: 'idempotent', input: { task: 't2' } },
}

describe('the tools of delegation', () => {
  it('are those that the charts know by name, in that order', () => {
    expect(delegationTools(crewOf().crew).map(({ name }) => name)).toEqual(DELEGATION_TOOLS)
    expect(Object.keys(INPUTS)).toEqual(DELEGATION_TOOLS)
  })

  it.each(DELEGATION_TOOLS)(
    '%s touches nothing but its own task, and may be taken away by name',
    async (name) => {
      const { effect, input } = INPUTS[name] ?? { effect: '', input: {} }
      const { access } = await prepare(name, input)
      expect([toolOf(name).effect, access]).toEqual([
        effect,
        { reads: [], writes: [], command: null, isInner: true },
      ])
      const verdict = (boundary: Boundary) =>
        decide({
          boundary,
          policy: { mode: 'default', allow: [], ask: [], deny: [] },
          action: { tool: name, effect: toolOf(name).effect, access },
          places: new Map(),
          repository: null,
        }).verdict
      expect(verdict([])).toBe('allow')
      expect(verdict([{ readOnly: true }])).toBe('allow')
      expect(verdict([{ allowedTools: [name] }])).toBe('allow')
      expect(verdict([{ allowedTools: ['read_file'] }])).toBe('deny')
      expect(verdict([{ deniedTools: [name] }])).toBe('deny')
    },
  )

  it.each(DELEGATION_TOOLS)('%s refuses a key that it does not know', async (name) => {
    const input = { ...INPUTS[name]?.input, permissions: { readOnly: false } }
    expect(await call(name, input)).toMatchObject(refused('tool/bad-input', 'permissions'))
  })

  it('new_task names the agents that there are', () => {
    const [tool] = delegationTools(crewOf().crew, [{ name: 'coder', description: 'Changes code.' }])
    expect(tool?.spec.description).toMatch(/\n- coder: Changes code\.$/)
    expect(toolOf('new_task').spec.description).not.toContain('\n')
  })
})

describe('new_task', () => {
  it('in the foreground waits for the task', async () => {
    const { crew, spawned } = crewOf()
    const input = { agent: 'coder', message: 'Do it.', title: 'It' }
    expect(await call('new_task', input, crew)).toEqual({
      kind: 'waits',
      wait: { tasks: ['t9'], until: 'all', deadlineAt: null },
    })
    expect(spawned).toEqual([{ parentId: 'me', key: 'me/1.0', background: undefined, ...input }])
  })

  it('in the background answers at once: the id, how it stands, how much room there is', async () => {
    const input = { agent: 'coder', message: 'Do it.', background: true }
    expect(await call('new_task', input)).toEqual(
      ok({
        taskId: 't9',
        status: 'running',
        capacity: 'Background (3/10, queued 2)',
        next: 'You will be told when it ends; or wait with wait_for_tasks.',
      }),
    )
  })

  it.each([
    [0, 'queued, next in line'],
    [2, 'queued, 2 before it'],
  ])('with %i before it says that it is %s', async (ahead, status) => {
    const { crew } = crewOf([], { spawn: async () => ({ taskId: 't9', background: true, ahead }) })
    const input = { agent: 'coder', message: 'Do it.', background: true }
    expect(await call('new_task', input, crew)).toMatchObject(ok({ taskId: 't9', status }))
  })

  it('of an agent that always works in the background answers at once too', async () => {
    const { crew } = crewOf([], { spawn: async () => ({ taskId: 't9', background: true, ahead: null }) })
    const result = await call('new_task', { agent: 'coder', message: 'Do it.' }, crew)
    expect(result).toMatchObject(ok({ taskId: 't9', status: 'running' }))
  })

  it('that is refused fails with the code and the words of the crew', async () => {
    const refusal = failure('limit/background', 'Cannot start background task: (10) reached.')
    const { crew } = crewOf([], { spawn: async () => ({ refusal }) })
    expect(await call('new_task', { agent: 'coder', message: 'Do it.', background: true }, crew)).toEqual({
      kind: 'failed',
      code: 'limit/background',
      message: 'Cannot start background task: (10) reached.',
    })
  })

  it.each([
    [{ message: 'Do it.' }, 'agent'],
    [{ agent: 'coder', message: ' \n' }, 'all that the agent will know'],
    [{ agent: 'coder', message: 'x'.repeat(100_001) }, 'message'],
    [{ agent: 'coder', message: 'x', title: 'x'.repeat(201) }, 'title'],
    [{ agent: 'coder', message: 'x', background: 'yes' }, 'background'],
  ])('%# with an input that cannot work spawns nothing', async (input, word) => {
    const { crew, spawned } = crewOf()
    expect(await call('new_task', input, crew)).toMatchObject(refused('tool/bad-input', word))
    expect(spawned).toEqual([])
  })
})

describe('wait_for_tasks', () => {
  const mine = [
    done('t1', true),
    done('t2', false),
    memberOf('t3'),
    memberOf('t4', { status: 'queued', ahead: 1 }),
    memberOf('t5', { parent: 't3' }),
  ]
  const waits = (input: object) => call('wait_for_tasks', input, crewOf(mine).crew)
  const waiting = (tasks: string[], until: unknown, deadlineAt: number | null = null) => ({
    kind: 'waits',
    wait: { tasks, until, deadlineAt },
  })

  it('waits by default for any of its own whose end was not told yet', async () => {
    expect(await waits({})).toEqual(waiting(['t2', 't3', 't4'], 'any'))
  })

  it('waits for those that are named, each once, and gives up when it is told to', async () => {
    const input = { tasks: ['t4', 't3', 't4'], until: 'all', timeout_ms: 500 }
    expect(await waits(input)).toEqual(waiting(['t3', 't4'], 'all', 1_000_500))
  })

  it('counts those that were told before towards a number, but waits for news', async () => {
    const three = { tasks: ['t1', 't3', 't4'] }
    expect(await waits({ ...three, until: { quorum: 2 } })).toEqual(waiting(['t3', 't4'], { quorum: 1 }))
    expect(await waits({ ...three, until: { quorum: 1 } })).toEqual(waiting(['t3', 't4'], { quorum: 1 }))
    expect(await waits({ ...three, until: 'any' })).toEqual(waiting(['t3', 't4'], 'any'))
    expect(await waits({ until: { quorum: 2 } })).toEqual(waiting(['t2', 't3', 't4'], { quorum: 2 }))
  })

  it('says so when there is nothing to wait for', async () => {
    expect(await call('wait_for_tasks', {})).toEqual(
      ok('There is nothing to wait for: no task works for you.'),
    )
    const told = ok(expect.stringContaining('told of them before: t1 (completed).'))
    expect(await waits({ tasks: ['t1'] })).toEqual(told)
    expect(await call('wait_for_tasks', {}, crewOf([done('t1', true)]).crew)).toEqual(told)
  })

  it('knows only its own, and names them', async () => {
    expect(await waits({ tasks: ['t3', 't33'] })).toEqual(
      refused('task/no-such-task', '"t33"', 'For you work: t1, t2, t3, t4\\.$'),
    )
    expect(await waits({ tasks: ['t5'] })).toEqual(refused('task/no-such-task', 't5 works for t3'))
    expect(await call('wait_for_tasks', { tasks: ['t3'] })).toEqual(
      refused('task/no-such-task', 'No task works for you'),
    )
  })

  it('is bounded', async () => {
    const ids = Array.from({ length: DEFAULTS.children + 1 }, (_, index) => `t${index}`)
    expect(await waits({ tasks: ids })).toMatchObject(refused('tool/bad-input', 'tasks'))
    expect(await waits({ tasks: [] })).toMatchObject(refused('tool/bad-input', 'tasks'))
    expect(await waits({ timeout_ms: 3_600_001 })).toMatchObject(refused('tool/bad-input', 'timeout_ms'))
    expect(await waits({ until: { quorum: 0 } })).toMatchObject(refused('tool/bad-input', 'quorum'))
    expect(await waits({ until: 'some' })).toMatchObject(refused('tool/bad-input', '"any", "all"'))
  })
})

describe('list_tasks', () => {
  it('says how each stands, those that go on first, and no result', async () => {
    const members = [
      done('t1', true),
      done('t2', false),
      memberOf('t3', { title: 'Two\nlines', turns: 1 }),
      memberOf('t4', { status: 'queued', ahead: 0, turns: 0 }),
      memberOf('t5', { parent: 't3', background: false }),
    ]
    expect(await call('list_tasks', {}, crewOf(members).crew)).toEqual(
      ok(`Background (3/10, queued 2)
t3  coder  "Two\\nlines"  running (in the background, 1 turn)
t4  coder  "Part t4"  queued, next in line (in the background, 0 turns)
t5  coder  "Part t5"  running (3 turns, works for t3)
t1  coder  "Part t1"  completed (3 turns)
t2  coder  "Part t2"  completed (3 turns, its report is still to come)`),
    )
    expect(await call('list_tasks', {})).toEqual(ok('Background (3/10, queued 2)\nNo task works for you.'))
  })

  it('is bounded, and says how many it leaves out', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      memberOf(`t${index}`, { title: 'x'.repeat(900) }),
    )
    const result = await call('list_tasks', {}, crewOf(many).crew)
    const text = result.kind === 'ok' ? String(result.output) : ''
    const shown = text.split('\n').length - 2
    expect(text.length).toBeLessThan(DEFAULTS.toolOutputBytes)
    expect(shown).toBeGreaterThan(100)
    expect(text).toContain(`… ${1_000 - shown} more are not shown.`)
  })
})

describe('cancel_task', () => {
  it('ends a descendant, and gives a reason', async () => {
    const { crew, cancelled } = crewOf([memberOf('t3'), memberOf('t5', { parent: 't3' })])
    expect(await call('cancel_task', { task: 't5', reason: 'Wrong file.' }, crew)).toMatchObject({
      kind: 'ok',
    })
    await call('cancel_task', { task: 't3' }, crew)
    expect(cancelled).toEqual([
      ['me', 't5', 'Wrong file.'],
      ['me', 't3', 'me no longer needs it.'],
    ])
  })

  it('says so of one that has ended, also when that was just now', async () => {
    const { crew, cancelled } = crewOf([done('t1', true)])
    expect(await call('cancel_task', { task: 't1' }, crew)).toEqual(
      ok('t1 had ended before (completed). What still worked for it is being ended.'),
    )
    expect(cancelled).toEqual([['me', 't1', 'me no longer needs it.']])
    const late = async () => failure('task/has-ended', 'It has ended.')
    expect(
      await call('cancel_task', { task: 't3' }, crewOf([memberOf('t3')], { cancel: late }).crew),
    ).toEqual(ok('t3 had ended before. What still worked for it is being ended.'))
  })

  it('knows only its own, and says what the crew has against it', async () => {
    const { crew, cancelled } = crewOf([memberOf('t3')])
    expect(await call('cancel_task', { task: 't4' }, crew)).toEqual(
      refused('task/no-such-task', '"t4".*Did you mean "t3"'),
    )
    expect(cancelled).toEqual([])
    const lost = async () => failure('task/lost', 'It does not live here.')
    expect(
      await call('cancel_task', { task: 't3' }, crewOf([memberOf('t3')], { cancel: lost }).crew),
    ).toEqual(refused('task/lost', 'It does not live here'))
  })
})

describe('a host’s own tool', () => {
  it('returns output, whatever it looks like: it can make nobody wait', async () => {
    const waits = { kind: 'waits', wait: { tasks: ['t2'], until: 'all', deadlineAt: null } }
    const input: Schema<object> = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) },
    }
    const jsonSchema = { type: 'object' }
    for (const output of [waits, { kind: 'failed', code: 'x', message: 'y' }, undefined]) {
      const tool = defineTool({ name: 'forge', description: '', input, jsonSchema, execute: () => output })
      const prepared = await tool.prepare({})
      expect(prepared.kind === 'prepared' && (await prepared.run(context))).toEqual(ok(output ?? null))
    }
  })
})
