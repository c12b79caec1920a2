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
   * `content` of files, `names` and sizes, or a `search` through whatever lies below; git reads its
   * whole repository.
   */
  readonly shows: 'content' | 'names' | 'search' | 'repository'
}

/** What a command reads, or `null` when it is not known to do nothing else. */
export function readsOf(words: readonly string[]): Reads | null {
  const [name = '', ...rest] = words
  if (name === 'git') return gitReads(rest)
  const row = Object.hasOwn(READ_COMMANDS, name) ? READ_COMMANDS[name] : undefined
  if (!row) return null
  const judged = name === 'find' ? findPlaces(rest) : rest
  return judged && readsUnder(row, judged, name)
}

function gitReads(words: readonly string[]): Reads | null {
  const [name = '', ...rest] = words[0] === '--no-pager' ? words.slice(1) : words
  const row = Object.hasOwn(GIT_READS, name) ? GIT_READS[name] : undefined
  if (!row || rest.some((word) => row.refused?.test(word))) return null
  const lists = name === 'branch' && rest.includes('--list')
  const reads = readsUnder(lists ? { ...row, operandsMax: 16 } : row, rest, 'git')
  if (reads === null || reads.operands.some((operand) => /[*?[\\]/.test(operand))) return null
  return {
    operands: reads.operands.flatMap((operand) => [operand, ...operand.split(':').slice(1)]),
    shows: 'repository',
  }
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
  const { operands, values } = split
  if (operands.length > (row.operandsMax ?? Number.POSITIVE_INFINITY)) return null
  if (operands.some((operand) => row.refused?.test(operand))) return null
  if (row.operands === 'text') return { operands: [], shows: 'names' }

  const isPatternGiven =
    values.some(([option]) => option === 'e') || (name === 'rg' && words.includes('--files'))
  const places = operands
    .slice(isPatternGiven ? 0 : (row.textFirst ?? 0))
    .filter((operand) => operand !== '-')
  const here = row.readsHere && places.length === 0 ? ['.'] : []
  const shows = name === 'rg' ? 'search' : row.operands === 'files' ? 'content' : 'names'
  return { operands: [...places, ...here], shows }
}

function isTameSearch([option, value]: readonly [string, string]): boolean {
  if (option === 'g' || option === 'glob') return value.startsWith('!')
  return (option !== 't' && option !== 'type') || TYPES.includes(value)
}

interface Split {
  readonly operands: readonly string[]
  readonly values: readonly (readonly [string, string])[]
}

/** Parts words into options and the rest. `null` as soon as one option is not in the row. */
function splitOptions(row: ReadCommand, words: readonly string[]): Split | null {
  const operands: string[] = []
  const values: [string, string][] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (word === '--') return { operands: [...operands, ...words.slice(at + 1)], values }
    if (word === '-' || !word.startsWith('-')) operands.push(word)
    else if (row.takesNumber && /^-\d+$/.test(word)) continue
    else {
      const option = word.startsWith('--') ? longOption(row, word) : shortOptions(row, word)
      if (option === null) return null
      if (option.takes === null) continue
      const value = option.value ?? words[(at += 1)]
      if (value === undefined) return null
      values.push([option.takes, value])
    }
  }
  return { operands, values }
}

interface Option {
  readonly takes: string | null
  readonly value: string | null
}

function longOption(row: ReadCommand, word: string): Option | null {
  const text = word.slice(2)
  if (row.long?.includes(text) && !text.endsWith('=')) return { takes: null, value: null }
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  if (!row.long?.includes(`${name}=`)) return null
  return { takes: name, value: equals < 0 ? null : text.slice(equals + 1) }
}

function shortOptions(row: ReadCommand, word: string): Option | null {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] as string
    if (row.values?.includes(letter)) return { takes: letter, value: word.slice(at + 1) || null }
    if (!row.flags.includes(letter)) return null
  }
  return { takes: null, value: null }
}
