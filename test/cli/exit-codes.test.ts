import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeOfSignal, nextStep } from '../../src/cli/exit-codes.ts'
import { codeOf, resultObject, summaryRows } from '../../src/cli/run/ending.ts'
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
