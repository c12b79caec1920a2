import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeOfSignal, nextStep } from '../../src/cli/exit-codes.ts'
import { worstOf } from '../../src/cli/run/conclude.ts'
import {
  codeOf,
  type Ending,
  nextSteps,
  resultObject,
  summaryRows,
  toldResult,
} from '../../src/cli/run/ending.ts'
import { painted } from '../../src/cli/terminal/style.ts'
import { FAILURES } from '../../src/errors.ts'
import type { TaskResult } from '../../src/runtime/result.ts'

const told = {
  taskId: 't1',
  result: 'x',
  turns: 1,
  usage: { inputTokens: 1, outputTokens: 2 },
  durationMs: 3,
}
const counts = {
  taskCount: 1,
  turnCount: 1,
  callCount: 0,
  tokenCount: 3,
  durationMs: 12_000,
  unaskedCount: 0,
  waitingCount: 0,
  leftCount: 0,
  isElsewhere: false,
  place: { named: null },
}
const completed: TaskResult = { ...told, status: 'completed', data: undefined }
const ended = (status: Exclude<TaskResult['status'], 'completed'>, code: string): TaskResult => {
  return { ...told, status, reason: { code, message: 'Because.' } }
}

describe('exit codes', () => {
  it.each([
    [completed, 0],
    [ended('failed', 'model/refused'), 1],
    [ended('failed', 'limit/turns'), 4],
    [ended('timedOut', 'limit/timeout'), 4],
    [ended('paused', 'task/stopped'), 5],
    [ended('cancelled', 'task/cancelled'), 130],
  ])('%j ends with %i', (result, code) => {
    expect(exitCodeOf(result)).toBe(code)
  })

  it('a signal decides, unless the task was done before it', () => {
    const ending = { ...counts, by: 'SIGTERM' as const }
    expect(codeOf({ ...ending, result: ended('cancelled', 'task/cancelled') })).toBe(143)
    expect(codeOf({ ...ending, result: completed })).toBe(0)
    expect(exitCodeOfSignal('SIGHUP')).toBe(129)
  })

  it('3: only a person is waited for; a task that is done is done all the same', () => {
    const ending = { ...counts, by: null, waitingCount: 2 }
    expect(codeOf({ ...ending, result: ended('paused', 'task/stopped') })).toBe(3)
    expect(codeOf({ ...ending, result: ended('failed', 'unexpected') })).toBe(1)
    expect(codeOf({ ...ending, result: completed })).toBe(0)
  })

  it('of several tasks, the one that went worst decides', () => {
    expect(worstOf([])).toBe(0)
    expect(worstOf([0, 3, 0])).toBe(3)
    expect(worstOf([3, 5, 0])).toBe(5)
    expect(worstOf([4, 5])).toBe(4)
    expect(worstOf([1, 4, 5])).toBe(1)
    expect(worstOf([130, 1])).toBe(130)
  })

  it('every way to fail says what to do next', () => {
    for (const code of Object.keys(FAILURES)) {
      expect(nextStep(code)).toMatch(/\.$/)
      const ending = { ...counts, result: ended('failed', code), by: null }
      expect(
        summaryRows(ending)
          .map((row) => painted(row, false))
          .at(-1),
      ).toMatch(/^ {2}→ \S/)
    }
  })
})

describe('what to type next', () => {
  const steps = (ending: Partial<Ending>) => nextSteps({ ...counts, by: null, result: completed, ...ending })
  const paused = ended('paused', 'task/stopped')

  it('resumes what can go on, and continues what has ended', () => {
    expect(steps({ result: paused })).toEqual(['Go on with it: troupe resume t1'])
    expect(steps({ result: ended('failed', 'unexpected') }).at(-1)).toBe(
      'Or go on from where it ended: troupe continue t1 "…"',
    )
    expect(steps({})).toEqual([])
  })

  it('follows again what only was followed', () => {
    const followed = { ...counts, by: 'SIGINT', result: paused, isElsewhere: true } as const
    expect(nextSteps(followed)).toEqual(['Follow it again: troupe resume t1'])
    expect(painted(summaryRows(followed)[0] ?? [], false)).toContain('‖ going on in another process')
    expect(nextSteps({ ...followed, by: null })).toEqual(['Go on with it: troupe resume t1'])
  })

  it('shows what waits for the person first', () => {
    expect(steps({ result: paused, waitingCount: 1 })).toEqual([
      'See what waits for you: troupe approvals',
      'Go on with it: troupe resume t1',
    ])
    expect(steps({ leftCount: 2 })).toEqual(['2 tasks of it can go on: troupe resume --all'])
    expect(steps({ waitingCount: 1, leftCount: 1 })).toEqual([
      'Something that works for it waits for you: troupe approvals',
    ])
  })

  it('begins anew where nothing was kept', () => {
    expect(steps({ result: paused, place: null })).toEqual([
      expect.stringMatching(/Run the same command again/),
    ])
    expect(steps({ leftCount: 1, place: null })).toEqual([])
  })

  it('names the workspace as it was named, so that it can be typed as it stands', () => {
    const named = (it: string) => steps({ result: paused, place: { named: it } })[0]
    expect(named('../other')).toBe('Go on with it: troupe resume t1 --workspace ../other')
    expect(named("it's here")).toBe(`Go on with it: troupe resume t1 --workspace 'it'\\''s here'`)
  })

  it('is in the object, too, where a task is paused', () => {
    const told = toldResult({ ...counts, by: 'SIGINT', result: paused })
    expect(told).toMatchObject({ reason: { message: 'It is paused. Go on with it: troupe resume t1' } })
    const waits = toldResult({ ...counts, by: null, waitingCount: 1, result: paused })
    expect(waits).toMatchObject({
      reason: {
        message:
          'It is waiting for you. See what waits for you: troupe approvals. Go on with it: troupe resume t1',
      },
    })
  })
})

describe('the last line', () => {
  const summaryOf = (taskCount: number) => {
    const ending = { ...counts, taskCount, turnCount: 9, tokenCount: 1_500, by: null, result: completed }
    return painted(summaryRows(ending)[0] ?? [], false)
  }

  it('counts what the whole tree did, and the tasks where there was more than one', () => {
    expect(summaryOf(1)).toBe('✓ done  9 turns · 0 calls · 1.5k tokens · 12 s')
    expect(summaryOf(4)).toBe('✓ done  4 tasks · 9 turns · 0 calls · 1.5k tokens · 12 s')
  })
})

describe('the object of a result', () => {
  it('has data only where there is some, and a reason only where it did not end well', () => {
    expect(Object.keys(resultObject(completed))).toEqual([
      'taskId',
      'status',
      'result',
      'turns',
      'usage',
      'durationMs',
    ])
    expect(resultObject({ ...completed, data: null })).toHaveProperty('data', null)
    expect(resultObject(ended('failed', 'unexpected'))).toHaveProperty('reason.code', 'unexpected')
  })
})
