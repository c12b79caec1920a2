/** L6: what is found out about a call that was cut off, or said when nothing can be. */
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { reconcileCall } from '../../src/actors/effects/reconcile-call.ts'
import type { Result } from '../../src/protocol/model.ts'
import { handClock } from '../../src/testing/hand-clock.ts'
import { defineTool, type ReconcileContext } from '../../src/tools/tool.ts'
import { liveTask } from '../support/live-task.ts'

type Reconcile = (input: object, context: ReconcileContext) => Promise<Result>

function ask(reconcile: Reconcile | null, tool = 'act') {
  const clock = handClock()
  const act = defineTool({
    name: 'act',
    description: 'Acts.',
    input: z.object({ what: z.string().default('it') }),
    execute: () => 'done',
    ...(reconcile && { reconcile }),
  })
  const inquire = reconcileCall({ tasks: liveTask({ tools: [act], kept: new Map([['a', '1']]) }), clock })
  const call = { id: '3.1', tool, input: { what: 'the thing' }, effect: 'non_idempotent' as const }
  const asked = { askedFor: null, askedBy: null, shown: null, askedAt: null }
  const order = { taskId: 't1', call, ...asked, isApproved: false }
  return { clock, asked: inquire(order, new AbortController().signal) }
}

const messageOf = async ({ asked }: Pick<ReturnType<typeof ask>, 'asked'>) => {
  const fact = await asked
  if (fact?.type !== 'call.reconciled' || fact.result.kind !== 'unknown')
    throw new Error(JSON.stringify(fact))
  return fact.result.message
}

describe('a call that was cut off', () => {
  it('is looked after by its tool, which gets the key of the call and what the task has kept', async () => {
    const found = ask(async (input, { taskId, idempotencyKey, kept }) => ({
      kind: 'ok',
      output: [input, taskId, idempotencyKey, kept('a'), kept('b')],
    }))
    expect(await found.asked).toEqual({
      type: 'call.reconciled',
      callId: '3.1',
      result: { kind: 'ok', output: [{ what: 'the thing' }, 't1', 't1/3.1', '1', null] },
    })
  })

  it('is unknown without one: the call is named, and what to do', async () => {
    const message = await messageOf(ask(null))
    for (const words of [
      'Call 3.1 of "act"',
      'nobody knows',
      '{"what":"the thing"}',
      'before you call it again',
    ])
      expect(message).toContain(words)
  })

  it.each<[string, Reconcile]>([
    ['rejects', () => Promise.reject(new Error('The line is dead.'))],
    [
      'throws',
      () => {
        throw new Error('The line is dead.')
      },
    ],
  ])('is unknown when its tool %s, and says why', async (_, reconcile) => {
    const message = await messageOf(ask(reconcile))
    expect(message).toContain('Call 3.1 of "act"')
    expect(message).toContain('The tool could not tell: The line is dead.')
  })

  it('is unknown when its tool does not find out in time', async () => {
    let begin = () => {}
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const late = ask(() => {
      begin()
      return new Promise(() => {})
    })
    await begun
    late.clock.advance(60_000)
    expect(await messageOf(late)).toContain('did not find out within 60 s')
  })

  it('is unknown when its tool is not there any more', async () => {
    expect(await messageOf(ask(null, 'gone'))).toContain('Nobody can look: There is no tool "gone".')
  })
})
