import { expect, it } from 'vitest'
import { boundedReport } from '../../src/actors/bounded-report.ts'
import { DEFAULTS } from '../../src/protocol/defaults.ts'
import { reportOf } from '../protocol/talk.ts'

const MARK_BYTES = 100

it('a report that a model can read stays as it is', () => {
  const reason = { code: 'limit/turns', message: 'No turns left.', retry: 'never' } as const
  const report = reportOf('t2', { data: { ok: true }, reason, late: true })
  expect(boundedReport(report)).toEqual(report)
})

it('a longer result is cut in its middle, and says how much is missing', () => {
  const { result } = boundedReport(reportOf('t2', { result: `first${'x'.repeat(50_000)}last` }))
  expect(result.length).toBeLessThan(DEFAULTS.reportBytes + MARK_BYTES)
  expect(result).toMatch(/^first.*\n… 34009 bytes left out …\n.*last$/s)
})

it('data that are too large are left out, with a word', () => {
  const data = ['x'.repeat(DEFAULTS.reportBytes)]
  const cut = boundedReport(reportOf('t2', { result: 'Done.', data }))
  expect(cut.result).toBe('Done.\n\n(Its data were left out: 16004 bytes are too many.)')
  expect('data' in cut).toBe(false)
  expect(boundedReport(reportOf('t2', { result: '', data })).result).toMatch(/^\(Its data were left out/)
  expect(boundedReport(reportOf('t2', { data: ['x'.repeat(100)] })).data).toEqual(['x'.repeat(100)])
})

it('whatever is in it, it is bounded', () => {
  const long = 'é'.repeat(100_000)
  const reason = { code: 'unexpected', message: long, retry: 'never' } as const
  const cut = boundedReport(reportOf('t2', { result: long, title: long, data: long, reason }))
  expect(new TextEncoder().encode(JSON.stringify(cut)).length).toBeLessThan(DEFAULTS.reportBytes + 4_000)
})
