import type { Logged } from './bash-runner.ts'
import type { Rules } from './rules.ts'
import { FROM_A_FILE } from './throw-away.ts'

/**
 * What must not have run, from what programs themselves have logged. Patterns are compared in another way
 * than the product does: as regular expressions over the words that really arrived.
 */
export function escapes(rules: Rules, logged: readonly Logged[], line: string): readonly string[] {
  return logged.flatMap((ran) => {
    const flaw =
      ran.words.includes(FROM_A_FILE) && RUNS_A_FILE.test(line)
        ? flawOf({ ...rules, denied: [] }, ran)
        : flawOf(rules, ran)
    return flaw === null ? [] : [`${[ran.program, ...ran.words].join(' ')}: ${flaw}`]
  })
}

/**
 * A script that is run by its name. What is in it is judged by no rule that denies, as with any other
 * program: only rules that allow must not cover it.
 */
const RUNS_A_FILE = /(sh|\.|source)["']?\s[^|<>;&\n]*(run\.sh|list\.txt|out)/

function flawOf({ denied, covered, layered, alsoRuns }: Rules, ran: Logged): string | null {
  const pattern = denied.find((one) => spellings(ran).some((words) => matches(one, words, true)))
  if (pattern !== undefined) return `denied by ${pattern}`
  const isForeign = ran.program.includes('/')
  // A program that was found elsewhere than where the system's are is another one, whatever it is called.
  const isCovered = (patterns: readonly string[]) =>
    spellings(ran).some((words) =>
      patterns.some((one) => matches(one, words, false) && (!isForeign || one.startsWith('*'))),
    )
  const uncovered = layered.find((patterns) => !isCovered(patterns))
  if (uncovered !== undefined) return `not covered by ${uncovered.join(' | ')}`
  if (covered === null || isCovered(covered) || (!isForeign && isHarmless(ran, alsoRuns))) return null
  return `neither covered by ${covered.join(' | ') || 'no rule'} nor a read`
}

const READS = 'cat echo true ls grep rg head wc tail date diff du stat file tree sort'.split(' ')
const GIT_READS = 'status log diff show branch rev-parse ls-files blame'.split(' ')
const FILE_COMMANDS = 'cp mv rm rmdir mkdir ln chmod touch tee'.split(' ')

function isHarmless({ program, words }: Logged, alsoRuns: Rules['alsoRuns']): boolean {
  if (alsoRuns === 'nothing') return false
  const first = words.find((word) => word !== '--no-pager') ?? ''
  if (READS.includes(program) || (program === 'git' && GIT_READS.includes(first))) return true
  return alsoRuns === 'reads and file commands' && FILE_COMMANDS.includes(program)
}

/** What ran, as it was said; and git also without what only says where it stands. */
function spellings({ program, words }: Logged): readonly (readonly string[])[] {
  const name = program.split('/').at(-1) ?? ''
  if (name !== 'git') return [[name, ...words]]
  let at = 0
  while (words[at]?.startsWith('-')) at += words[at] === '-C' || words[at] === '-c' ? 2 : 1
  return [
    [name, ...words],
    [name, ...words.slice(at)],
  ]
}

const SEPARATOR = '\0'

function matches(pattern: string, words: readonly string[], isStrict: boolean): boolean {
  const places = pattern.replace(/:\*$/, ' *').split(' ')
  const isOpen = places.at(-1)?.endsWith('*') === true
  if (places.length > 1 && places.at(-1) === '*') places.pop()
  const source = places
    .map((place) => place.replace(/[^\w*]/g, '\\$&').replaceAll('*', `[^${SEPARATOR}]*`))
    .join(SEPARATOR)
  const whole = new RegExp(`^${source}(${SEPARATOR}.*)?$`, 's')
  const exact = new RegExp(`^${source}$`, 's')
  const [name = '', ...rest] = words
  const text = [isStrict ? name.toLowerCase() : name, ...rest].join(SEPARATOR)
  return (isOpen ? whole : exact).test(text)
}
