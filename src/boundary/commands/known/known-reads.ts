import { isGitQuestion } from './git-questions.ts'
import { isQuestion, readsOfQuestion } from './questions.ts'
import { GIT_READS, READ_COMMANDS, type ReadCommand } from './read-commands.ts'

const TYPES = ['ts', 'js', 'py', 'rust', 'go', 'java', 'c', 'cpp', 'md', 'css', 'html']
const FIND_TESTS = [
  '-empty',
  '-print',
  '-print0',
  '-depth',
  '-not',
  '-a',
  '-o',
  '-and',
  '-or',
  '-true',
  '-false',
  '-prune',
  '-ls',
  '!',
  '(',
  ')',
]
const FIND_VALUES = [
  '-name',
  '-iname',
  '-path',
  '-ipath',
  '-type',
  '-maxdepth',
  '-mindepth',
  '-size',
  '-mtime',
  '-mmin',
  '-atime',
  '-ctime',
  '-perm',
  '-user',
  '-group',
]

/** What a read touches: places seen from the directory it runs in. */
export interface Reads {
  readonly operands: readonly string[]
  /**
   * `content` of files, `names` and sizes, or the names that a `search` finds below, but for hidden ones; git
   * reads its whole repository.
   */
  readonly shows: 'content' | 'names' | 'search' | 'repository'
  /** Whether it names everything below its places, hidden directories included. */
  readonly goesDown: boolean
  /** The words behind which git shows the text of changes: revisions and files. `null`: it shows none. */
  readonly patch: readonly string[] | null
}

/** What a command reads, or `null` when it is not known to do nothing else. */
export function readsOf(words: readonly string[]): Reads | null {
  const [name = '', ...rest] = words
  if (name === 'git') return gitReads(rest)
  if (isQuestion(name)) return readsOfQuestion(words)
  const row = Object.hasOwn(READ_COMMANDS, name) ? READ_COMMANDS[name] : undefined
  if (!row) return null
  const judged = name === 'find' ? findPlaces(rest) : rest
  const reads = judged && readsUnder(row, judged, name)
  const isFlat = rest.some((word, at) => word === '-maxdepth' && /^[01]$/.test(rest[at + 1] ?? ''))
  return reads && name === 'find' ? { ...reads, goesDown: !isFlat } : reads
}

/** Whether a program is one of those that may be known to only read, by whatever options. */
export function isFamiliar([name = '']: readonly string[]): boolean {
  return Object.hasOwn(READ_COMMANDS, name) || isQuestion(name)
}

function gitReads(words: readonly string[]): Reads | null {
  const [name = '', ...rest] = words[0] === '--no-pager' ? words.slice(1) : words
  if (isGitQuestion([name, ...rest]))
    return { operands: [], shows: 'repository', goesDown: false, patch: null }
  const row = Object.hasOwn(GIT_READS, name) ? GIT_READS[name] : undefined
  if (!row || rest.some((word) => row.refused?.test(word))) return null
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
  const lists = name === 'branch' && options.includes('--list')
  const reads = readsUnder(lists ? { ...row, operandsMax: 16 } : row, rest, `git ${name}`)
  if (reads === null || reads.operands.some((operand) => /[*?[\\]/.test(operand))) return null
  // Without a name it shows the latest commit, whatever that changed.
  if (name === 'show' && reads.operands.length === 0) return null
  return {
    ...reads,
    operands: reads.operands.flatMap((operand) => [operand, ...operand.split(':').slice(1)]),
    shows: 'repository',
  }
}

/** Whether git only counts or names what changed. */
function onlyCounts(given: readonly string[]): boolean {
  const has = (options: readonly string[]) => options.some((option) => given.includes(option))
  return (
    has(['stat', 'shortstat', 'numstat', 'name-only', 'name-status']) &&
    !has(['p', 'U', 'patch', 'unified', 'word-diff'])
  )
}

/** The places find starts from, or `null` when its expression does more than look. */
function findPlaces(words: readonly string[]): readonly string[] | null {
  const start = words.findIndex((word) => word !== '-P' && /^[-(!]/.test(word))
  const expression = start < 0 ? [] : words.slice(start)
  for (let at = 0; at < expression.length; at += 1) {
    const word = expression[at] as string
    if (FIND_VALUES.includes(word) && at + 1 < expression.length) at += 1
    else if (!FIND_TESTS.includes(word)) return null
  }
  return start < 0 ? words : words.slice(0, start)
}

function readsUnder(row: ReadCommand, words: readonly string[], name: string): Reads | null {
  const split = splitOptions(row, words)
  if (split === null || (name === 'rg' && !split.values.every(isTameSearch))) return null
  const { operands, values, given } = split
  if (operands.length > (row.operandsMax ?? Number.POSITIVE_INFINITY)) return null
  if (operands.some((operand) => row.refused?.test(operand))) return null
  const nothing = { operands: [], shows: 'names', goesDown: false, patch: null } as const
  if (row.operands === 'text') return nothing

  const isPatternGiven =
    values.some(([option]) => option === 'e') || (name === 'rg' && given.includes('files'))
  const places = operands
    .slice(isPatternGiven ? 0 : (row.textFirst ?? 0))
    .filter((operand) => operand !== '-')
  const here = row.readsHere && places.length === 0 ? ['.'] : []
  return {
    operands: [...places, ...here],
    shows: name === 'rg' ? shownByRg(given) : row.operands === 'files' ? 'content' : 'names',
    goesDown: row.goesDown?.some((option) => given.includes(option)) === true,
    patch: name === 'git diff' && !onlyCounts(given) ? operands : null,
  }
}

/**
 * Text of a directory is text of every file in it, whatever it holds. That a pattern is in a file tells its
 * text too, a letter at a time: only a list of all files tells nothing of them.
 */
function shownByRg(given: readonly string[]): Reads['shows'] {
  return given.includes('files') ? 'search' : 'content'
}

function isTameSearch([option, value]: readonly [string, string]): boolean {
  if (option === 'g' || option === 'glob') return value.startsWith('!')
  return (option !== 't' && option !== 'type') || TYPES.includes(value)
}

interface Split {
  readonly operands: readonly string[]
  readonly values: readonly (readonly [string, string])[]
  /** The names of all options. */
  readonly given: readonly string[]
}

/** Parts words into options and the rest. `null` as soon as one option is not in the row. */
function splitOptions(row: ReadCommand, words: readonly string[]): Split | null {
  const operands: string[] = []
  const values: [string, string][] = []
  const given: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (word === '--') return { operands: [...operands, ...words.slice(at + 1)], values, given }
    if (word === '-' || !word.startsWith('-')) operands.push(word)
    else if (row.takesNumber && /^-\d+$/.test(word)) continue
    else {
      const option = word.startsWith('--') ? longOption(row, word) : shortOptions(row, word)
      if (option === null) return null
      given.push(...option.names)
      if (option.takes === null) continue
      const value = option.value ?? words[(at += 1)]
      if (value === undefined) return null
      values.push([option.takes, value])
    }
  }
  return { operands, values, given }
}

interface Option {
  readonly names: readonly string[]
  /** The one that takes a value. */
  readonly takes: string | null
  readonly value: string | null
}

function longOption(row: ReadCommand, word: string): Option | null {
  const text = word.slice(2)
  if (row.long?.includes(text) && !text.endsWith('=')) return { names: [text], takes: null, value: null }
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  if (!row.long?.includes(`${name}=`)) return null
  return { names: [name], takes: name, value: equals < 0 ? null : text.slice(equals + 1) }
}

function shortOptions(row: ReadCommand, word: string): Option | null {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] as string
    if (row.values?.includes(letter))
      return { names: Array.from(word.slice(1, at + 1)), takes: letter, value: word.slice(at + 1) || null }
    if (!row.flags.includes(letter)) return null
  }
  return { names: Array.from(word.slice(1)), takes: null, value: null }
}
