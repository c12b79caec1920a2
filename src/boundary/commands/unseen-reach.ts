import type { Parsed } from './command-line.ts'
import { baseOf, RUNNERS, SHELLS } from './programs.ts'
import { firstOf, UNSEEN_REACH } from './unseen/unseen-reach-table.ts'

export { UNSEEN_REACH } from './unseen/unseen-reach-table.ts'

/** Why a line must be asked for although it names nothing that is protected, or `null`. */
export function unseenReachOf({ commands, mentions }: Parsed): string | null {
  const said = commands.map(({ words }) => words.map(({ value, shape }) => value ?? shape))
  for (const words of said) {
    const name = baseOf(words[0] ?? '')
    const starts = RUNNERS.test(name) ? startsIn(words) : [0]
    if (starts.length > LOOKS_MAX) return 'too many commands stand in one another'
    for (const start of starts) {
      const found = reachOf(words.slice(start))
      if (found) return `${words[start]}: ${found}`
    }
  }
  if (!said.some(([name = '']) => SHELLS.test(baseOf(name)))) return null
  return mentions.map(reachIn).find((found) => found !== null) ?? null
}

/** How often, in a line inside a line, it is looked what follows a name, and how far. */
const LOOKS_MAX = 200
const WORDS_MAX = 16

/** The same of a text that a shell may read as a line. */
function reachIn(text: string): string | null {
  const words = text.split(/[\s'"`;|&(){}]+/)
  const starts = startsIn(words)
  if (words.length < 2) return null
  if (starts.length > LOOKS_MAX) return 'too many commands stand in a text in it'
  for (const start of starts) {
    const found = reachOf(words.slice(start, start + WORDS_MAX))
    if (found) return `${words[start]}: ${found}`
  }
  return null
}

/** Where the name of a program that is in the table stands. */
function startsIn(words: readonly string[]): readonly number[] {
  return [...words.keys()].filter((at) => PROGRAMS.has(baseOf(words[at] ?? '')))
}

const PROGRAMS: ReadonlySet<string> = new Set(UNSEEN_REACH.flatMap(({ programs }) => programs))

function reachOf([name = '', ...words]: readonly string[]): string | null {
  const program = baseOf(name)
  const rows = UNSEEN_REACH.filter(({ programs }) => programs.includes(program))
  if (rows.length === 0) return null
  const first = firstOf(words)
  return (
    rows.find(
      (row) =>
        (row.first === undefined || row.first.includes(first)) &&
        (row.option === undefined || words.some((word) => row.option?.test(word) === true)) &&
        (row.when?.(words) ?? true),
    )?.why ?? null
  )
}
