import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Bug, FAILURES, failure, RuntimeError, toFailure, UsageError } from '../src/errors.ts'

/** What another copy of the package throws: the same brand, another class. */
function fromAnotherCopy(brand: string): unknown {
  return runInNewContext(`Object.assign(new Error('Task t1 is at 4, not 3.'), {
    [Symbol.for('${brand}')]: true, code: 'store/conflict', retryAfterMs: null })`)
}

describe('L9: failures are data', () => {
  it('a failure survives JSON', () => {
    const { code, message, retry } = failure('model/rate-limited', 'Slow down.')
    expect({ code, message, retry }).toEqual({
      code: 'model/rate-limited',
      message: 'Slow down.',
      retry: 'later',
    })
    expect(JSON.parse(JSON.stringify(failure('store/conflict', 'x')))).toEqual(failure('store/conflict', 'x'))
  })

  it('a RuntimeError keeps its code, its words and its cause', () => {
    const cause = new Error('socket hang up')
    const error = new RuntimeError('model/torn-stream', 'The reply broke off.', { cause, retryAfterMs: 5 })
    expect(error).toMatchObject({ name: 'RuntimeError', code: 'model/torn-stream', cause, retryAfterMs: 5 })
    expect(toFailure(error)).toEqual(failure('model/torn-stream', 'The reply broke off.'))
  })

  it('is known for what it is when another copy of the package made it', () => {
    const foreign = fromAnotherCopy('troupe.RuntimeError')
    expect(foreign instanceof Error).toBe(false)
    expect(RuntimeError.is(foreign)).toBe(true)
    expect(toFailure(foreign)).toEqual(failure('store/conflict', 'Task t1 is at 4, not 3.'))
    expect(UsageError.is(fromAnotherCopy('troupe.UsageError'))).toBe(true)
  })

  it.each([null, undefined, 'words', 7, {}, new Error('x'), new Bug('x')])('%s is none of ours', (thrown) => {
    expect(RuntimeError.is(thrown)).toBe(false)
    expect(UsageError.is(thrown)).toBe(false)
    expect(toFailure(thrown)).toMatchObject({ code: 'unexpected', retry: 'never' })
  })
})

describe('the table of failures', () => {
  it('is in alphabetical order, and every code is area/kebab', () => {
    const codes = Object.keys(FAILURES)
    expect(codes).toEqual(codes.toSorted())
    expect(codes.filter((code) => !/^[a-z]+\/[a-z]+(-[a-z]+)*$/.test(code))).toEqual(['unexpected'])
  })
})
