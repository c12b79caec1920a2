import { everyCharacter, safeLine } from '../safe-text.ts'
import { labelledRows, nextRow } from '../tasks/page.ts'
import { foldedRow, type Row, span } from '../terminal/style.ts'
import { widthOf, wrapped } from '../terminal/width.ts'
import { adviceFor } from './advice.ts'
import type { Ground } from './ground.ts'
import type { AskedCall, Judged } from './judged.ts'
import { ANSWERS, saidBy } from './words.ts'

/** What is known of one call when it is told of. */
export interface Told {
  readonly asked: AskedCall
  readonly judged: Judged
  readonly ground: Ground
}

/** The answer in a line, by which rule, why, and what to do. */
export function checkRows(told: Told, columns: number): readonly Row[] {
  return [
    ...headRows(told, columns),
    ...byRows(told, columns),
    [],
    ...adviceRows(told, columns),
    ...distrustRows(told),
    nextRow('All that was said of it', 'the same with explain instead of check'),
  ]
}

/** Whoever counts on a rule that does not count should know. */
function distrustRows({ ground, judged }: Told): readonly Row[] {
  const { length } = ground.found.trust.ignored
  if (length === 0 || judged.verdict.verdict === 'allow') return []
  const what =
    length === 1 ? '1 thing that this folder says does' : `${length} things that this folder says do`
  return [nextRow(`${what} not count`, 'troupe trust')]
}

/** What is asked about, every character of it. */
function headRows({ asked, judged }: Told, columns: number): readonly Row[] {
  const { sign, word } = ANSWERS[judged.verdict.verdict]
  const head: Row = [sign, span(' '), word, span('  ')]
  const indent = `${sign.text} ${word.text}  `.length
  return foldedRow([span(callInWords(asked), 'strong')], columns - indent).map((row, at) =>
    at === 0 ? [...head, ...row] : [span(' '.repeat(indent)), ...row],
  )
}

/** A call as it was asked about, on one line. */
export function callInWords(asked: AskedCall): string {
  return everyCharacter(asked.kind === 'command' ? asked.line : `${asked.tool} ${asked.path}`)
}

/** By which rule, and why. */
export function byRows({ judged: { verdict }, ground }: Told, columns: number): readonly Row[] {
  return [
    ...labelledRows('by', [safeLine(saidBy(verdict, ground))], columns),
    ...labelledRows('why', [safeLine(verdict.why)], columns),
  ]
}

/** What to do about it. */
export function adviceRows({ judged, ground }: Told, columns: number): readonly Row[] {
  const advice = adviceFor(judged, ground)
  if (advice === '') return []
  const arrow = '→ '
  return wrapped(safeLine(advice), columns - widthOf(arrow)).map((line, at) => [
    span(at === 0 ? arrow : '  ', 'live'),
    span(line),
  ])
}
