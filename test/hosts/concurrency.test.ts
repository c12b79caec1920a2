/** What a host and its environment say about how much goes on at once is taken as meant, or not at all. */
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { type Environment, readBackgroundTimeout, readConcurrency } from '../../src/hosts/concurrency.ts'

const VARIABLE = 'TROUPE_MAX_BACKGROUND_TASKS'
const TIMEOUT = 'TROUPE_BACKGROUND_TIMEOUT_MS'
const defaults = { background: 10, perAgent: {}, perModel: {}, queue: 100, atCap: 'queue' }

function read(given: unknown, environment: Environment = {}) {
  const warnings: string[] = []
  const concurrency = readConcurrency(given, environment, (text) => void warnings.push(text))
  return { concurrency, warnings }
}

function readTimeout(environment: Environment) {
  const warnings: string[] = []
  return { timeoutMs: readBackgroundTimeout(environment, (text) => void warnings.push(text)), warnings }
}

/** What is thrown for a wrong option. */
function refusalOf(given: unknown): string {
  try {
    readConcurrency(given, {}, () => {})
  } catch (error) {
    if (UsageError.is(error)) return error.message
    throw error
  }
  return expect.fail('It was taken.')
}

describe('the option', () => {
  it.each([[undefined], [{}], [{ background: undefined, perAgent: undefined, atCap: undefined }]])(
    '%j leaves the defaults',
    (given) => {
      expect(read(given)).toEqual({ concurrency: defaults, warnings: [] })
    },
  )

  it.each([
    [{ background: 1 }],
    [{ background: 100_000 }],
    [{ queue: 0 }],
    [{ queue: 10_000 }],
    [{ atCap: 'reject' }],
    [{ perAgent: { coder: 1, reviewer: 2 } }],
    [{ perModel: { 'gpt-5-mini': 4 } }],
    [{ background: 3, queue: 7, atCap: 'queue', perAgent: { coder: 2 }, perModel: {} }],
  ])('%j is taken as it is', (given) => {
    expect(read(given)).toEqual({ concurrency: { ...defaults, ...given }, warnings: [] })
  })

  it.each([
    [null, 'it is wrong'],
    [[], 'it is wrong'],
    [10, 'it is wrong'],
    [{ background: 0 }, 'background is wrong'],
    [{ background: -1 }, 'background is wrong'],
    [{ background: 1.5 }, 'background is wrong'],
    [{ background: '3' }, 'background is wrong'],
    [{ background: null }, 'background is wrong'],
    [{ background: Number.NaN }, 'background is wrong'],
    [{ background: Number.POSITIVE_INFINITY }, 'background is wrong'],
    [{ queue: -1 }, 'queue is wrong'],
    [{ queue: 0.5 }, 'queue is wrong'],
    [{ atCap: 'wait' }, 'atCap is wrong'],
    [{ perAgent: { coder: 0 } }, 'perAgent.coder is wrong'],
    [{ perAgent: { coder: 1.5 } }, 'perAgent.coder is wrong'],
    [{ perAgent: { coder: undefined } }, 'perAgent.coder is wrong'],
    [{ perAgent: ['coder'] }, 'perAgent is wrong'],
    [{ perModel: { 'gpt-5-mini': 0 } }, 'perModel.gpt-5-mini is wrong'],
    [{ perModel: 3 }, 'perModel is wrong'],
    [{ backgroud: 3 }, 'there is no key "backgroud". Did you mean "background"?'],
    [{ peragent: {} }, 'there is no key "peragent". Did you mean "perAgent"?'],
    [{ cap: 3, x: 1 }, 'there is no key "cap". Known: background, perAgent, perModel, queue, atCap.'],
  ])('%j is refused, by the name of the key', (given, why) => {
    expect(refusalOf(given)).toMatch(`concurrency: ${why}`)
  })

  it('is a copy that nobody can change', () => {
    const given = { perAgent: { coder: 2 }, perModel: { 'gpt-5-mini': 2 } }
    const { concurrency } = read(given)
    given.perAgent.coder = 9
    expect(concurrency.perAgent).toEqual({ coder: 2 })
    for (const part of [concurrency, concurrency.perAgent, concurrency.perModel])
      expect(Object.isFrozen(part)).toBe(true)
  })

  it('holds no name that nobody gave', () => {
    const { perAgent, perModel } = read({ perAgent: { coder: 2 } }).concurrency
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(perAgent[name]).toBeUndefined()
      expect(perModel[name]).toBeUndefined()
    }
  })
})

const NO_NUMBERS = [
  '+3',
  '3.0',
  '3.',
  '.3',
  '0x10',
  '1e2',
  '３',
  '٣',
  '0',
  '00',
  '-1',
  'foo',
  'NaN',
  'Infinity',
]
const MORE_NO_NUMBERS = ['1_000', '1,000', '3 4', '3n', '0b11', '0o7', ' ', '\u00a03', 'null']

describe(`S89, S96, S99: ${VARIABLE}`, () => {
  it.each([
    ['1', 1],
    ['3', 3],
    [' 3 ', 3],
    ['\t3\r\n', 3],
    ['03', 3],
    [`${'0'.repeat(100)}3`, 3],
    ['10000', 10_000],
  ])('%j is %i', (raw, background) => {
    expect(read(undefined, { [VARIABLE]: raw })).toEqual({
      concurrency: { ...defaults, background },
      warnings: [],
    })
  })

  it.each([...NO_NUMBERS, ...MORE_NO_NUMBERS, '10001', '9'.repeat(40)])(
    '%j is warned of once, by name and value, and not used',
    (raw) => {
      expect(read({}, { [VARIABLE]: raw })).toEqual({
        concurrency: defaults,
        warnings: [`Invalid ${VARIABLE}=${JSON.stringify(raw)}: using the default, 10.`],
      })
    },
  )

  it('has the words that the reference shows', () => {
    expect(read({}, { [VARIABLE]: 'foo' }).warnings).toEqual([
      'Invalid TROUPE_MAX_BACKGROUND_TASKS="foo": using the default, 10.',
    ])
  })

  it('is quoted on one line, and not at any length', () => {
    const [warning = '', ...more] = read({}, { [VARIABLE]: `a\nb"${'9'.repeat(100_000)}` }).warnings
    expect(more).toEqual([])
    expect(warning).toMatch(/^Invalid \w+="a\\nb\\"9+…": using the default, 10\.$/)
    expect(warning.length).toBeLessThan(150)
  })

  it.each([undefined, ''])('%j says nothing, and nothing is said of it', (raw) => {
    expect(read({}, { [VARIABLE]: raw })).toEqual({ concurrency: defaults, warnings: [] })
  })

  it('counts only where the host does not say it', () => {
    expect(read({ background: 4 }, { [VARIABLE]: '3' }).concurrency.background).toBe(4)
    expect(read({ background: 4 }, { [VARIABLE]: 'foo' }).warnings).toEqual([])
    expect(read({ queue: 4 }, { [VARIABLE]: '3' }).concurrency).toMatchObject({ background: 3, queue: 4 })
  })

  it('mends no option that is wrong', () => {
    expect(() => readConcurrency({ background: 0 }, { [VARIABLE]: '3' }, () => {})).toThrow(UsageError)
  })
})

describe(`${TIMEOUT}`, () => {
  it.each([
    [undefined, 300_000],
    ['', 300_000],
    ['1', 1],
    [' 090000 ', 90_000],
    ['604800000', 604_800_000],
  ])('%j is %i', (raw, timeoutMs) => {
    expect(readTimeout({ [TIMEOUT]: raw })).toEqual({ timeoutMs, warnings: [] })
  })

  it.each([...NO_NUMBERS, ...MORE_NO_NUMBERS, '5m', '604800001', '9'.repeat(40)])(
    '%j is warned of once, by name and value, and not used',
    (raw) => {
      expect(readTimeout({ [TIMEOUT]: raw })).toEqual({
        timeoutMs: 300_000,
        warnings: [`Invalid ${TIMEOUT}=${JSON.stringify(raw)}: using the default, 300000.`],
      })
    },
  )

  it('is not what the other variable says', () => {
    expect(readTimeout({ [VARIABLE]: '7' }).timeoutMs).toBe(300_000)
    expect(read({}, { [TIMEOUT]: '7' }).concurrency.background).toBe(10)
  })
})
