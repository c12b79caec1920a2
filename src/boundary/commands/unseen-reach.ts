import type { Parsed } from './command-reads.ts'
import { baseOf, RUNNERS, SHELLS } from './programs.ts'

/** A command that reaches control files or secrets without naming one. Asked for in every mode. */
export interface UnseenReach {
  readonly programs: readonly string[]
  /** What must follow the name: one of these words first, or an option like this anywhere. */
  readonly first?: readonly string[]
  readonly option?: RegExp
  readonly why: string
}

const everyFile = 'it reads every file below a directory, secrets among them: name files, or use search_files'
const copies = 'it takes every file below a directory along, secrets among them'

/** The published table. It can't be whole: a program that was just written reaches what it likes. */
export const UNSEEN_REACH: readonly UnseenReach[] = [
  {
    programs: ['git'],
    first: ['config', 'remote', 'submodule', 'hook'],
    why: 'it may change the configuration of git, which names programs that git runs',
  },
  { programs: ['git'], first: ['grep', 'archive', 'bundle'], why: everyFile },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun'],
    first: ['pkg', 'config', 'c', 'set', 'init'],
    why: 'it may change package.json or .npmrc, by which programs are run',
  },
  {
    programs: ['grep', 'egrep', 'fgrep'],
    option: /^(-[^-]*[rR].*|--recursive|--dereference-recursive|--directories=recurse|-drecurse|recurse)$/,
    why: everyFile,
  },
  { programs: ['rgrep', 'ag', 'ack', 'ugrep'], why: everyFile },
  { programs: ['tar', 'bsdtar', 'zip', 'rsync', 'cpio', '7z'], why: copies },
  {
    programs: ['cp', 'scp'],
    option: /^(-[^-]*[rRa].*|--recursive|--archive)$/,
    why: copies,
  },
]

/** Options of git and npm before the word that counts which take the next word along. */
const TAKING: ReadonlySet<string> = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--exec-path',
  '--config-env',
  '--super-prefix',
  '--prefix',
  '--dir',
  '--cwd',
  '--filter',
  '-w',
  '--workspace',
])

/** Why a line must be asked for although it names nothing that is protected, or `null`. */
export function unseenReachOf({ commands, mentions }: Parsed): string | null {
  const said = commands.map(({ words }) => words.map(({ value, shape }) => value ?? shape))
  for (const words of said) {
    const name = baseOf(words[0] ?? '')
    const starts = RUNNERS.test(name) ? words.keys() : [0]
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
  const starts = [...words.keys()].filter((at) => PROGRAMS.has(baseOf(words[at] ?? '')))
  if (words.length < 2) return null
  if (starts.length > LOOKS_MAX) return 'too many commands stand in a text in it'
  for (const start of starts) {
    const found = reachOf(words.slice(start, start + WORDS_MAX))
    if (found) return `${words[start]}: ${found}`
  }
  return null
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
        (row.option === undefined || words.some((word) => row.option?.test(word) === true)),
    )?.why ?? null
  )
}

/** The first word that is no option. */
function firstOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (!word.startsWith('-')) return word
    if (TAKING.has(word)) at += 1
  }
  return ''
}
