import fc from 'fast-check'
import { costMs, COST_MS_MAX } from '../boundary/workspace.ts'
import { mayRun, runLines, type Logged, type Ran } from './bash-runner.ts'
import { lineFrom, type MadeLine } from './grammar/line.ts'
import type { Judge } from './judged.ts'
import { escapes } from './oracle.ts'
import { rulesFrom, type Rules } from './rules.ts'
import type { ThrowAway } from './throw-away.ts'

/** A line, and the rules that it is judged under. */
export interface Case extends MadeLine {
  readonly rules: Rules
}

/** Something that must not be, and where fast-check finds it again. */
export interface Failure {
  readonly what: string
  readonly line: string
  readonly rules: Rules
  readonly seed: number
  readonly path: string
}

/** What was done, in numbers. */
export interface Tally {
  readonly made: Map<string, number>
  readonly verdicts: Map<string, number>
  lines: number
  /** Different lines that were run. */
  ran: number
  /** Allowed, but not run: they might lead out of the throw-away directory. */
  kept: number
  /** Programs that logged themselves. */
  logged: number
  /** Lines that ran, and logged nothing. */
  silent: number
  /** Lines that had to be ended. */
  stuck: number
  slowestMs: number
  /** All of making and judging. */
  judgingMs: number
  readonly failures: Failure[]
}

const NUMBERS_MAX = 96
const RULE_NUMBERS = 5

/** Cases from tapes of numbers: shorter ones with smaller numbers make simpler lines. */
export function casesIn({ bin }: ThrowAway): fc.Arbitrary<Case> {
  const numbers = fc.noBias(fc.integer({ min: 0, max: 0xff_ff }))
  return fc
    .tuple(
      fc.noBias(fc.array(numbers, { maxLength: NUMBERS_MAX, size: 'max' })),
      fc.array(numbers, { minLength: RULE_NUMBERS, maxLength: RULE_NUMBERS }),
    )
    .map(([tape, ruleTape]) => ({ ...lineFrom(tape, bin), rules: rulesFrom(ruleTape) }))
}

export function newTally(): Tally {
  return {
    made: new Map(),
    verdicts: new Map(),
    lines: 0,
    ran: 0,
    kept: 0,
    logged: 0,
    silent: 0,
    stuck: 0,
    slowestMs: 0,
    judgingMs: 0,
    failures: [],
  }
}

interface Chosen extends Case {
  readonly path: string
}

interface Batch {
  readonly judge: Judge
  readonly seed: number
  readonly count: number
}

/** Judges as many batches as there are seeds, and runs what is allowed, in as many directories at once. */
export async function addBatches(
  tally: Tally,
  { judge, count }: Omit<Batch, 'seed'>,
  seeds: readonly number[],
  directories: readonly ThrowAway[],
): Promise<void> {
  const waiting = [...seeds]
  await Promise.all(
    directories.map(async (directory) => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift())
        await addBatch(tally, { judge, seed, count }, directory)
    }),
  )
}

/** Judges cases, runs what is allowed, and adds it all up. */
export async function addBatch(tally: Tally, batch: Batch, directory: ThrowAway): Promise<void> {
  const allowed = judgedCases(tally, batch, directory)
  const runnable = allowed.filter(({ line }) => mayRun(directory, line))
  tally.kept += allowed.length - runnable.length
  // Whether something was written is looked at once for many lines, all of which must not.
  for (const isQuiet of [true, false]) {
    const group = runnable.filter(({ rules }) => rules.isQuiet === isQuiet)
    await addRuns(tally, group, directory, batch.seed)
  }
}

function judgedCases(tally: Tally, { judge, seed, count }: Batch, directory: ThrowAway): readonly Chosen[] {
  const startedAt = performance.now()
  const allowed: Chosen[] = []
  for (const [index, one] of fc.sample(casesIn(directory), { seed, numRuns: count }).entries()) {
    const path = String(index)
    const { verdict, costMs, flaw } = judged(judge, one, directory)
    tally.lines += 1
    tally.slowestMs = Math.max(tally.slowestMs, costMs)
    for (const name of new Set(one.made)) addOne(tally.made, name)
    addOne(tally.verdicts, `${one.rules.name}: ${verdict}`)
    if (flaw !== null) tally.failures.push({ what: flaw, line: one.line, rules: one.rules, seed, path })
    if (verdict === 'allow') allowed.push({ ...one, path })
  }
  tally.judgingMs += performance.now() - startedAt
  return allowed
}

/** Runs each line once, however many rules allow it. */
async function addRuns(
  tally: Tally,
  cases: readonly Chosen[],
  directory: ThrowAway,
  seed: number,
): Promise<void> {
  const lines = [...new Set(cases.map(({ line }) => line))]
  const numbers = new Map(lines.map((line, index) => [line, index]))
  const ran = await runLines(directory, lines)
  const logs = byLine(ran.logged)
  tally.ran += lines.length
  tally.logged += ran.logged.length
  tally.silent += lines.filter((line) => !logs.has(numbers.get(line) ?? NOBODY)).length
  tally.stuck += ran.stuck.length
  const suspects = cases.filter(({ line, rules }) => {
    const logged = [...(logs.get(numbers.get(line) ?? NOBODY) ?? []), ...(logs.get(NOBODY) ?? [])]
    return escapes(rules, logged, line).length > 0
  })
  const isWritten = cases.every(({ rules }) => rules.isQuiet) && ran.hasWritten
  const writer = isWritten ? await writerIn(lines, directory) : null
  suspects.push(...cases.filter(({ line }) => line === writer))
  for (const { line, rules, path } of suspects) {
    if (tally.failures.length >= FAILURES_MAX) return
    const what = flawsOf(line, rules, await runLines(directory, [line]))
    if (what !== null) tally.failures.push({ what, line, rules, seed, path })
  }
}

/** Each is run again alone: more of them would only take time. */
const FAILURES_MAX = 40

/** One of the lines that write a file, or `null` where none does by itself. */
async function writerIn(lines: readonly string[], directory: ThrowAway): Promise<string | null> {
  let left = lines
  while (left.length > 1) {
    const half = left.slice(0, left.length / 2)
    left = (await runLines(directory, half)).hasWritten ? half : left.slice(left.length / 2)
  }
  return left[0] ?? null
}

/** What was logged without the number of a line: any of them may have run it. */
const NOBODY = -1

function byLine(logged: readonly Logged[]): ReadonlyMap<number, readonly Logged[]> {
  const logs = new Map<number, Logged[]>()
  for (const one of logged) {
    const line = one.line ?? NOBODY
    logs.set(line, [...(logs.get(line) ?? []), one])
  }
  return logs
}

/** What a run of one line shows that its rules forbid. */
export function flawsOf(line: string, rules: Rules, { logged, hasWritten }: Ran): string | null {
  const found = escapes(rules, logged, line)
  if (found.length > 0) return `it ran ${found[0]}`
  return rules.isQuiet && hasWritten ? 'it wrote a file' : null
}

/** Judges a case, with everything that is read for it. A reading that is too slow is taken again alone. */
export function judged(
  judge: Judge,
  { line, rules }: Case,
  directory: ThrowAway,
): { verdict: string; costMs: number; flaw: string | null } {
  const start = performance.now()
  try {
    const verdict = judge(line, rules, directory)
    const once = performance.now() - start
    const cost = once < COST_MS_MAX ? once : costMs(() => judge(line, rules, directory))
    const flaw = cost < COST_MS_MAX ? null : `it took ${cost.toFixed(1)} ms to judge`
    return { verdict, costMs: cost, flaw }
  } catch (error) {
    return { verdict: 'crash', costMs: 0, flaw: `judging it threw ${String(error)}` }
  }
}

/** The simplest case that still fails, as fast-check finds it. */
export async function shrunk(judge: Judge, failure: Failure, directory: ThrowAway): Promise<Failure> {
  const flaw = async (one: Case): Promise<string | null> => {
    const found = judged(judge, one, directory)
    if (found.flaw !== null || found.verdict !== 'allow' || !mayRun(directory, one.line)) return found.flaw
    return flawsOf(one.line, one.rules, await runLines(directory, [one.line]))
  }
  const property = fc.asyncProperty(casesIn(directory), async (one) => (await flaw(one)) === null)
  const { counterexample } = await fc.check(property, {
    seed: failure.seed,
    path: failure.path,
    numRuns: 1,
    interruptAfterTimeLimit: SHRINK_MS_MAX,
    markInterruptAsFailure: true,
  })
  const simplest = counterexample?.[0]
  if (simplest === undefined) return failure
  return {
    ...failure,
    line: simplest.line,
    rules: simplest.rules,
    what: (await flaw(simplest)) ?? failure.what,
  }
}

const SHRINK_MS_MAX = 15_000

function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
