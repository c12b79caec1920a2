import { CHOICES } from './grammar/line.ts'
import type { Failure, Tally } from './campaign.ts'
import { RULE_KINDS } from './rules.ts'

/** What the generators made and what became of it, for whoever reads the log of a run. */
export function reportOf(tally: Tally, seed: number, seconds: number, accepted: number): string {
  const share = (count: number) => `${((100 * count) / tally.lines).toFixed(1)} %`
  const [allowed, asked, denied] = ['allow', 'ask', 'deny'].map((verdict) => verdictsOf(tally, verdict))
  return [
    `seed ${seed}: ${tally.lines} lines in ${seconds.toFixed(0)} s, bash accepts ${(100 * accepted).toFixed(1)} %`,
    `allowed ${share(allowed ?? 0)}, asked ${share(asked ?? 0)}, denied ${share(denied ?? 0)}`,
    `${tally.ran} different lines ran, ${tally.logged} programs logged, ${tally.silent} lines logged none`,
    `${tally.stuck} had to be ended, ${tally.kept} were allowed but kept from running`,
    `judging took ${(tally.judgingMs / tally.lines).toFixed(2)} ms a line, ${tally.slowestMs.toFixed(1)} ms at most`,
    ...RULE_KINDS.map((kind) => `  ${kind}: ${verdictsUnder(tally, kind)}`),
    ...CHOICES.map(({ names }) => `  ${coverageOf(names, tally)}`),
  ].join('\n')
}

/** How many cases got a verdict, under all rules or under those of one kind. */
export function verdictsOf({ verdicts }: Tally, verdict: string, kind?: string): number {
  return [...verdicts]
    .filter(([name]) => name.endsWith(`: ${verdict}`) && (kind === undefined || name.startsWith(`${kind}: `)))
    .reduce((sum, [, count]) => sum + count, 0)
}

function verdictsUnder(tally: Tally, kind: string): string {
  return ['allow', 'ask', 'deny']
    .map((verdict) => `${verdict} ${verdictsOf(tally, verdict, kind)}`)
    .join(', ')
}

function coverageOf(names: readonly string[], { made }: Tally): string {
  const group = names[0]?.split(':')[0] ?? ''
  const rows = names.map((name) => `${name.slice(group.length + 2)} ${made.get(name) ?? 0}`)
  return `${group}: ${rows.join(', ')}`
}

/** All that is needed to see a failure again. */
export function failureInWords({ what, line, rules, seed, path }: Failure): string {
  const { name, policy, layers } = rules
  return [
    `${what}, under ${name}`,
    `  line: ${JSON.stringify(line)}`,
    `  rules: ${JSON.stringify({ policy, layers })}`,
    `  seed ${seed}, path ${path}`,
  ].join('\n')
}
