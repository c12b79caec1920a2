import { DEFAULTS } from '../protocol/defaults.ts'
import type { ChildReport } from '../protocol/delegation.ts'
import { bounded } from './effects/bounded-result.ts'

const TITLE_BYTES_MAX = 500
const REASON_BYTES_MAX = 2_000

/**
 * A report cut to what the model of a parent can read. It says itself how much of it is missing: the result
 * in its middle, where the rest was, and of the data that there were some.
 */
export function boundedReport(report: ChildReport, bytesMax: number = DEFAULTS.reportBytes): ChildReport {
  const { data, reason, ...rest } = report
  const dataBytes = data === undefined ? 0 : bytesIn(JSON.stringify(data) ?? '')
  const isTooLarge = dataBytes > bytesMax
  const result = bounded(report.result, bytesMax)
  return {
    ...rest,
    title: bounded(report.title, TITLE_BYTES_MAX),
    result: isTooLarge
      ? withNote(result, `Its data were left out: ${dataBytes} bytes are too many.`)
      : result,
    ...(data === undefined || isTooLarge ? {} : { data }),
    ...(reason && { reason: { ...reason, message: bounded(reason.message, REASON_BYTES_MAX) } }),
  }
}

function withNote(text: string, note: string): string {
  return text === '' ? `(${note})` : `${text}\n\n(${note})`
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length
}
