import { describe, expect, it } from 'vitest'
import { CORPUS } from './corpus/corpus.ts'
import { judgeRow } from './corpus/judge.ts'
import type { Row } from './corpus/row.ts'
import { shapeOf, withoutNames } from './corpus/shapes.ts'
import { COST_MS_MAX, costMs } from './workspace.ts'

const ROWS_MIN = 400
const ALLOWED_MIN = 150
const SHOWN_MAX = 60

/** What a row is about, short enough for the name of a test. */
function nameOf({ action: { tool, access } }: Row): string {
  const { reads = [], writes = [], command = null } = access ?? {}
  const text = command?.line ?? `${tool} ${[...new Set([...reads, ...writes])].join(' ')}`
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text)
}

describe.each([...new Set(CORPUS.map(({ theme }) => theme))])('corpus: %s', (theme) => {
  const rows = CORPUS.filter((row) => row.theme === theme)

  it.each(rows.map((row) => [nameOf(row), row.verdict, row.source, row] as const))(
    '%s: %s (%s)',
    (_, verdict, __, row) => {
      const judged = judgeRow(row)
      expect(judged).toEqual({ verdict, words: expect.stringContaining(row.why) })
    },
  )
})

describe('the corpus', () => {
  it(`has at least ${ROWS_MIN} decisions, of which ${ALLOWED_MIN} are allowed`, () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(ROWS_MIN)
    expect(CORPUS.filter(({ verdict }) => verdict === 'allow').length).toBeGreaterThanOrEqual(ALLOWED_MIN)
  })

  it('says of each why, and where it comes from', () => {
    expect(CORPUS.filter(({ why, source }) => why.length < 2 || source.length < 4)).toEqual([])
  })

  it('has no two that differ only in names', () => {
    const seen = new Map<string, Row>()
    const twins = CORPUS.filter((row) => {
      const shape = shapeOf(row)
      const isTwin = seen.has(shape)
      seen.set(shape, row)
      return isTwin
    })
    expect(twins.map((row) => [row.theme, nameOf(row), row.verdict])).toEqual([])
  })

  it('is decided in 50 ms each, reading of rules and patterns included', () => {
    const slow = CORPUS.filter((row) => costMs(() => judgeRow(row)) >= COST_MS_MAX)
    expect(slow.map(nameOf)).toEqual([])
  })
})

describe('names', () => {
  it.each([
    ['cat src/a.ts', 'cat docs/guide.md'],
    ['git push origin main', 'git push origin fix/total'],
    ['head -5 x', 'head -20 y'],
  ])('%j and %j are one shape', (left, right) => {
    expect(withoutNames(left)).toBe(withoutNames(right))
  })

  it.each([
    ['cat src/a.ts', 'cat /src/a.ts'],
    ['cat src/a.ts', 'cat src/../a.ts'],
    ['cat .env', 'cat x.env.ts'],
    ['git push', 'git pull'],
    ['cat package.json', 'cat a.json'],
    ['npm test && x', 'npm test; x'],
    ['rm x', 'rm x y'],
  ])('%j and %j are two', (left, right) => {
    expect(withoutNames(left)).not.toBe(withoutNames(right))
  })
})
