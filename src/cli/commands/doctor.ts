import { resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import type { Arguments } from '../arguments.ts'
import { adopt } from '../doctor/adopt.ts'
import { LOCAL_CHECKS, modelAnswers } from '../doctor/checks.ts'
import type { Check, Finding } from '../doctor/finding.ts'
import { storeReport } from '../doctor/store-checks.ts'
import { trustReport } from '../doctor/trust-checks.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson, safeLine } from '../safe-text.ts'
import { looksOf, painted, type Row, span } from '../terminal/style.ts'
import { padTo, wrapped } from '../terminal/width.ts'

const NAME_COLUMNS = 12
const COLUMNS_DEFAULT = 100

/** Looks at one thing after another; what one finds out stops no other. */
export async function doctorCommand(given: Arguments): Promise<number> {
  const ground = { workspace: resolve(given.value('workspace') ?? '.'), environment: process.env }
  if (given.has('adopt')) return adopt(given, ground)
  if (given.has('yes')) throw new UsageError('--yes is for --adopt: nothing else of doctor asks.')
  const checks: readonly Check[] = given.has('online') ? [...LOCAL_CHECKS, modelAnswers] : LOCAL_CHECKS
  const findings: Finding[] = []
  for (const check of checks) findings.push(...(await check(ground)))

  const isWell = findings.every(({ state }) => state !== 'missing')
  if (given.has('json')) {
    // What can't be read is one of the checks.
    const store = await storeReport(ground).catch(() => null)
    const trust = await trustReport(ground).catch(() => null)
    printResult(`${safeJson({ ok: isWell, checks: findings, trust, store })}\n`)
  } else print(findings)
  return isWell ? EXIT.done : EXIT.failed
}

const SIGNS = {
  ok: span('✓', 'good'),
  warn: span('!', 'caution'),
  missing: span('✗', 'bad'),
} as const

function print(findings: readonly Finding[]): void {
  const { stdout } = process
  const { isColoured } = looksOf(stdout.isTTY, process.env)
  const columns = (stdout.columns || COLUMNS_DEFAULT) - 1
  const rows = findings.flatMap((finding) => rowsOf(finding, columns))
  printResult(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
}

function rowsOf({ name, state, what, mend }: Finding, columns: number): readonly Row[] {
  const indent = ' '.repeat(NAME_COLUMNS + 2)
  const room = columns - indent.length
  const [first = '', ...more] = wrapped(safeLine(what), room)
  return [
    [SIGNS[state], span(` ${padTo(name, NAME_COLUMNS)}`, 'strong'), span(first)],
    ...more.map((line) => [span(`${indent}${line}`)]),
    ...(mend === '' ? [] : wrapped(safeLine(mend), room - 2)).map((line, at) => [
      span(`${indent}${at === 0 ? '→ ' : '  '}`, 'live'),
      span(line),
    ]),
  ]
}
