import type { Reads } from './known-reads.ts'

const NOTHING: Reads = { operands: [], shows: 'names', goesDown: false, patch: null }

/** Of a file: whether it is there, and what it is. No `-v`: it works out what stands in brackets. */
const OF_FILES = /^-[efdrwxsLh]$/
const OF_TEXT = /^-[nz]$/
const TWO_TEXTS = /^(=|==|!=)$/
const TWO_NUMBERS = /^-(eq|ne|lt|le|gt|ge)$/
const TWO_FILES = /^-(nt|ot|ef)$/
const NUMBER = /^-?\d{1,15}$/

/** The name of a program, and nothing that could be an option, a path or a file. */
const PROGRAM = /^\w[\w+-]*$/
/** Conversions that print. `%n` sets a variable, such as PATH; `*` takes its width from the next word. */
const FORMAT = /^([^%\\]|%%|\\[\\"'abfnrtve]|%[-+ #0']*\d{0,4}(\.\d{0,4})?[sbcqdiuoxXfFeEgG])*$/

/** What commands read that ask something of the shell: `test -f x`, `command -v x`. `null`: it is none. */
export function readsOfQuestion([name = '', ...rest]: readonly string[]): Reads | null {
  if (name === 'test') return readsOfTest(rest)
  if (name === '[') return rest.at(-1) === ']' ? readsOfTest(rest.slice(0, -1)) : null
  const isHarmless =
    (name === 'printf' && isPrinted(rest)) ||
    (name === 'which' && areNames(rest[0] === '-a' ? rest.slice(1) : rest)) ||
    (name === 'type' && areNames(/^-[atpP]+$/.test(rest[0] ?? '') ? rest.slice(1) : rest)) ||
    (name === 'command' && /^-[vV]$/.test(rest[0] ?? '') && areNames(rest.slice(1)))
  return isHarmless ? NOTHING : null
}

/** Whether a program is one of those, whatever the words behind it. */
export function isQuestion(name: string): boolean {
  return ['test', '[', 'printf', 'which', 'type', 'command'].includes(name)
}

function areNames(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => PROGRAM.test(word))
}

function isPrinted(words: readonly string[]): boolean {
  const [format = '-'] = words[0] === '--' ? words.slice(1) : words
  return !format.startsWith('-') && FORMAT.test(format)
}

/** By the number of words, as bash reads it: with three, the one in the middle says what is asked. */
function readsOfTest(words: readonly string[]): Reads | null {
  const [first = '', second = '', third = ''] = words
  if (words.length <= 1) return NOTHING
  if (words.length === 3 && TWO_TEXTS.test(second)) return NOTHING
  if (words.length === 3 && TWO_NUMBERS.test(second))
    return NUMBER.test(first) && NUMBER.test(third) ? NOTHING : null
  if (words.length === 3 && TWO_FILES.test(second)) return namesOf([first, third])
  if (first === '!') return words.length <= 4 ? readsOfTest(words.slice(1)) : null
  if (words.length !== 2) return null
  if (OF_TEXT.test(first)) return NOTHING
  return OF_FILES.test(first) ? namesOf([second]) : null
}

/** An empty name leads nowhere. */
function namesOf(operands: readonly string[]): Reads {
  return { ...NOTHING, operands: operands.filter((operand) => operand !== '') }
}
