/**
 * Lines of bash that nobody thought of, judged by the product and then run by real bash among programs that
 * log themselves. The oracle is that log: a program that a rule denies must not be in it.
 */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { acceptedByBash } from './bash-runner.ts'
import { addBatches, casesIn, newTally, shrunk } from './campaign.ts'
import { CHOICES } from './grammar/line.ts'
import { judgedByTroupe } from './judged.ts'
import { failureInWords, reportOf, verdictsOf } from './report.ts'
import { RULE_KINDS } from './rules.ts'
import { remove, throwAway } from './throw-away.ts'

const LINES = Number(process.env['FUZZ_LINES'] ?? 100_000)
const BATCH = 2_000
const SYNTAX_SAMPLE = 2_000
const SHOWN_MAX = 5
/** Less, and the run would show little: what is not allowed is not run. */
const ALLOWED_SHARE_MIN = 0.2
const ACCEPTED_SHARE_MIN = 0.6
const RAN_SHARE_MIN = 0.1

const CI_SEED = 212_931_731

const directories = [throwAway(), throwAway()] as const
afterAll(() => directories.forEach(remove))

/** What judges a change is the same for every change; whoever looks for more takes other lines each time. */
function seedOf({ FUZZ_SEED: said, CI: isContinuous }: NodeJS.ProcessEnv): number {
  if (said !== undefined) return Number(said)
  return isContinuous === undefined ? Date.now() % 1_000_000_000 : CI_SEED
}

describe('no line of bash gets round the rules', () => {
  it('runs nothing that a rule denies, nothing that no rule covers, and judges each line in time', async () => {
    const seed = seedOf(process.env)
    const seeds = Array.from({ length: Math.ceil(LINES / BATCH) }, (_, index) => seed + index)
    const tally = newTally()
    const startedAt = Date.now()
    await addBatches(tally, { judge: judgedByTroupe, count: BATCH }, seeds, directories)
    const [directory] = directories
    const sample = fc.sample(casesIn(directory), { seed, numRuns: SYNTAX_SAMPLE })
    const accepted = await acceptedByBash(
      directory,
      sample.map(({ line }) => line),
    )
    console.log(reportOf(tally, seed, (Date.now() - startedAt) / 1_000, accepted))

    const simplest: string[] = []
    for (const failure of tally.failures.slice(0, SHOWN_MAX))
      simplest.push(failureInWords(await shrunk(judgedByTroupe, failure, directory)))
    const rest = tally.failures.slice(SHOWN_MAX).map(failureInWords)
    expect([...simplest, ...rest].join('\n')).toBe('')

    expect(CHOICES.flatMap(({ names }) => names).filter((name) => !tally.made.has(name))).toEqual([])
    expect(RULE_KINDS.filter((kind) => verdictsOf(tally, 'allow', kind) === 0)).toEqual([])
    expect(verdictsOf(tally, 'allow') / tally.lines).toBeGreaterThan(ALLOWED_SHARE_MIN)
    expect(accepted).toBeGreaterThan(ACCEPTED_SHARE_MIN)
    expect(tally.ran / tally.lines).toBeGreaterThan(RAN_SHARE_MIN)
    expect(tally.logged).toBeGreaterThan(tally.ran / 2)
  })
})
