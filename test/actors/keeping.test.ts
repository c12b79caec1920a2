/** What a call leaves behind for those that come after it, also after a crash. */
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { createAwake } from '../../src/actors/awake.ts'
import { runCall } from '../../src/actors/effects/run-call.ts'
import type { ProcessMark } from '../../src/protocol/journal.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { defineTool, type ToolContext } from '../../src/tools/tool.ts'
import { liveTask } from '../support/live-task.ts'

const MARK: ProcessMark = { group: 4711, startedAt: 'boot:1', mark: 'm' }

/** Runs one call of a tool, in a task that has kept this before. */
async function ran(
  execute: (context: ToolContext) => unknown,
  { kept = {}, keepBegin = async () => {} }: { kept?: object; keepBegin?: () => Promise<void> } = {},
) {
  const clock = handClock()
  const began: unknown[][] = []
  const tool = defineTool({
    name: 'act',
    description: 'Acts.',
    input: z.object({}),
    execute: (_, context) => execute(context),
  })
  const call = runCall({
    tasks: liveTask({ tools: [tool], kept: new Map(Object.entries(kept)) }),
    judge: {
      verdict: async () => ({
        verdict: { verdict: 'allow', layer: 'policy', rule: 'test', why: 'It may.' },
        judgedAt: (given) => `real/${given}`,
      }),
      mayRead: () => () => true,
    },
    clock,
    chance: { id: () => 'x', fraction: () => 0, digest: (text) => text },
    awake: createAwake(clock),
    progress: () => {},
    async keepBegin(...args) {
      began.push(args)
      await keepBegin()
    },
    mayAct: () => true,
    warn: () => {},
  })
  const order = {
    taskId: 't1',
    call: { id: '1.0', tool: 'act', input: {}, effect: 'non_idempotent' as const },
    askedFor: null,
    askedBy: null,
    shown: null,
    askedAt: null,
    isApproved: false,
  }
  const fact = await call(order, new AbortController().signal)
  if (fact?.type !== 'call.ended') throw new Error(JSON.stringify(fact))
  return { fact, began }
}

it('a call is told where its paths led when it was judged', async () => {
  const { fact } = await ran(({ judgedAt }) => judgedAt('a'))
  expect(fact.result).toEqual({ kind: 'ok', output: 'real/a' })
})

describe('what a call keeps', () => {
  it('is in the fact of its end, and only when there is something', async () => {
    const { fact } = await ran(({ keep }) => {
      keep('a', '1')
      keep('a', '2')
      keep('__proto__', '3')
    })
    expect(JSON.stringify(fact.kept)).toBe('{"a":"2","__proto__":"3"}')
    expect(Object.keys((await ran(() => 'done')).fact)).not.toContain('kept')
  })

  it('is not kept again', async () => {
    const kept = { a: '1', b: '1' }
    const { fact } = await ran(({ keep }) => (keep('a', '1'), keep('b', '2')), { kept })
    expect(fact.kept).toEqual({ b: '2' })
  })

  it('is there for the call itself, beside what others have kept', async () => {
    const { fact } = await ran(
      ({ keep, kept }) => {
        keep('own', 'new')
        return [kept('own'), kept('before'), kept('other')]
      },
      { kept: { own: 'old', before: 'b' } },
    )
    expect(fact.result).toEqual({ kind: 'ok', output: ['new', 'b', null] })
  })

  it('is kept also when it fails', async () => {
    const { fact } = await ran(({ keep }) => {
      keep('a', '1')
      throw new Error('No.')
    })
    expect(fact).toMatchObject({ result: { kind: 'failed' }, kept: { a: '1' } })
  })

  it.each<[string, (keep: ToolContext['keep']) => void]>([
    ['at most 1000 keys', (keep) => Array.from({ length: 1_001 }, (_, index) => keep(`${index}`, ''))],
    ['at most 5000 characters', (keep) => keep('x'.repeat(5_001), '')],
    ['at most 2000 characters', (keep) => keep('x', 'x'.repeat(2_001))],
    [
      'at most 524288 characters',
      (keep) => Array.from({ length: 300 }, (_, n) => keep(`${n}`, 'x'.repeat(2_000))),
    ],
    ['must be strings', (keep) => keep('x', JSON.parse('7') as string)],
  ])('has a limit, and hitting it is said in words: %s', async (words, act) => {
    const { fact } = await ran(({ keep }) => act(keep))
    expect(fact.result).toMatchObject({
      kind: 'failed',
      code: 'tool/threw',
      message: expect.stringMatching(new RegExp(`^"act" can't keep this: .*${words}`)),
    })
  })

  it('has a limit for the whole task, which does not count what it has already', async () => {
    const kept = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${index}`, '']))
    const full = await ran(({ keep }) => (keep('0', 'new'), keep('20000', '')), { kept })
    expect(full.fact).toMatchObject({
      result: { kind: 'failed', message: expect.stringContaining('a task keeps at most 20000 keys') },
      kept: { 0: 'new' },
    })
  })

  it('may be written over without counting twice', async () => {
    const { fact } = await ran(({ keep }) => {
      for (let round = 0; round < 1_000; round += 1) keep('a', `${round}`.padStart(2_000))
    })
    expect(fact.result.kind).toBe('ok')
  })
})

describe('a process of a call', () => {
  it('is told of under the name of the call, before the tool goes on', async () => {
    const order: string[] = []
    const { began } = await ran(
      async (context) => {
        await context.began(MARK)
        order.push('runs')
      },
      {
        async keepBegin() {
          await Promise.resolve()
          order.push('kept')
        },
      },
    )
    expect([began, order]).toEqual([[['t1', '1.0', MARK]], ['kept', 'runs']])
  })

  it('does not run when that cannot be kept', async () => {
    const { fact } = await ran(({ began }) => began(MARK), {
      keepBegin: () => Promise.reject(new Error('The task is lost.')),
    })
    expect(fact.result).toMatchObject({ kind: 'failed', message: 'The task is lost.' })
  })
})
