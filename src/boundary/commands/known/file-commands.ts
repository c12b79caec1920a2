import { FILE_COMMANDS, type FileCommand } from './file-command-table.ts'

/**
 * The files that a command touches which touches nothing else; as they stand, seen from where it runs.
 *
 * Words don't show what stands there, so whoever has the places looks at two things more. What it *reads*
 * and is a directory makes the command an unknown one: with it `mv` takes whatever lies below. And what is
 * *named* and lies elsewhere than its name says is a link: it goes itself, and not what it leads to.
 */
export interface TouchedFiles {
  readonly reads: readonly string[]
  /** Where `cp a b` writes depends on what `b` is: `b` and `b/a` are both in here. */
  readonly writes: readonly string[]
  /** Of the writes, the names that are taken away or given to another file, wherever they led. */
  readonly named: readonly string[]
}

/** What a command touches that is known to do nothing else; `null` for any other. */
export function filesOf(words: readonly string[]): TouchedFiles | null {
  const [name = '', ...rest] = words
  const row = Object.hasOwn(FILE_COMMANDS, name) ? FILE_COMMANDS[name] : undefined
  const split = row && splitWords(row, rest)
  if (!row || !split) return null
  const { operands, values } = split
  if (operands.length > (row.operandsMax ?? operands.length)) return null
  if (row.needs !== undefined && !values.has(row.needs)) return null
  const reference = values.get(row.reading ?? '')
  if (reference !== undefined && !isName(reference)) return null
  const reads = reference === undefined ? [] : [reference]

  if (row.operands === 'sorted') return sorted(operands, values.get('o') ?? '')
  if (operands.length === 0 || !operands.every(isName)) return null
  if (row.operands === 'made')
    return { reads, writes: name === 'tee' ? operands.filter(isNoStream) : operands, named: [] }
  if (row.operands === 'gone') return { reads, writes: operands, named: operands }
  return transferred(row, split)
}

interface Split {
  readonly operands: readonly string[]
  /** By the letter of the option, whichever way it was written. */
  readonly values: ReadonlyMap<string, string>
  readonly given: ReadonlySet<string>
}

/** An empty name, and one that some systems read otherwise than others, names nothing known. */
function isName(operand: string): boolean {
  return operand !== '' && !operand.includes('\\')
}

function isNoStream(path: string): boolean {
  return !['/dev/null', '/dev/stdout', '/dev/stderr'].includes(path)
}

function sorted(operands: readonly string[], output: string): TouchedFiles | null {
  const reads = operands.filter((operand) => operand !== '-')
  // `+1` was a column once.
  if (![output, ...reads].every(isName) || output === '-' || reads.some((path) => path.startsWith('+')))
    return null
  return { reads, writes: [output], named: [] }
}

function transferred(row: FileCommand, { operands, values, given }: Split): TouchedFiles | null {
  const directory = values.get('t')
  const isExact = given.has('T')
  const sources = directory === undefined ? operands.slice(0, -1) : operands
  const target = directory ?? operands.at(-1) ?? ''
  if (sources.length === 0 || !isName(target) || (isExact && (directory !== undefined || sources.length > 1)))
    return null
  const isDirectory = directory !== undefined || sources.length > 1 || /(^|\/)\.{0,2}$/.test(target)
  const inside = isExact ? [] : sources.map((source) => below(target, source))
  if (!inside.every((path) => path !== null)) return null
  const targets = isDirectory && !isExact ? inside : [target, ...inside]
  if (row.operands === 'copied')
    return { reads: sources.filter((source) => source !== '/dev/null'), writes: targets, named: [] }
  return { reads: sources, writes: [...sources, ...targets], named: [...sources, ...targets] }
}

/** What a source is called in a directory; `null` for one that has no name of its own. */
function below(directory: string, source: string): string | null {
  const base = source.replace(/\/*$/, '').split('/').at(-1) ?? ''
  if (base === '' || base === '.' || base === '..') return null
  return directory.endsWith('/') ? directory + base : `${directory}/${base}`
}

/** Parts words into options and the rest. `null` as soon as one option is not in the row. */
function splitWords(row: FileCommand, words: readonly string[]): Split | null {
  const values = new Map<string, string>()
  const given = new Set<string>()
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at] as string
    if (!word.startsWith('-') || word === '-') break
    if (word === '--') return { operands: words.slice(at + 1), values, given }
    const option = word.startsWith('--') ? longOption(row, word) : shortOptions(row, word)
    if (option === null) return null
    for (const letter of option.letters) given.add(letter)
    if (option.takes === null) continue
    const value = option.value ?? words[(at += 1)]
    if (value === undefined || value === '' || values.has(option.takes)) return null
    values.set(option.takes, value)
  }
  const operands = words.slice(at)
  // Behind an operand, some systems read a word with a dash as an option and others as a file.
  const isPlain = operands.every(
    (word) => !word.startsWith('-') || (word === '-' && row.operands === 'sorted'),
  )
  return isPlain ? { operands, values, given } : null
}

interface Option {
  readonly letters: readonly string[]
  readonly takes: string | null
  readonly value: string | null
}

/** The letters under which the long options that count are kept. */
const LETTERS: Readonly<Record<string, string>> = {
  'target-directory': 't',
  'no-target-directory': 'T',
  reference: 'r',
  size: 's',
  output: 'o',
  mode: 'm',
  date: 'd',
}

function longOption(row: FileCommand, word: string): Option | null {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const letter = (Object.hasOwn(LETTERS, name) && LETTERS[name]) || name
  if (equals < 0 && row.long?.includes(name)) return { letters: [letter], takes: null, value: null }
  if (!row.long?.includes(`${name}=`)) return null
  return { letters: [letter], takes: letter, value: equals < 0 ? null : word.slice(equals + 1) }
}

function shortOptions(row: FileCommand, word: string): Option | null {
  const letters = Array.from(word.slice(1))
  const at = letters.findIndex((letter) => row.values?.includes(letter) === true)
  const alone = at < 0 ? letters : letters.slice(0, at)
  if (!alone.every((letter) => row.flags.includes(letter))) return null
  if (at < 0) return { letters, takes: null, value: null }
  const rest = letters.slice(at + 1).join('')
  return { letters: alone, takes: letters[at] as string, value: rest === '' ? null : rest }
}
