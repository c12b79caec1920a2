import type { ShellWord } from '../shell.ts'
import { CODE } from '../bash/evaluation.ts'
import { choosesProgram, flawOfVariable } from './variables.ts'

/** Builtins after which later words of a line may mean something else, or that run what they are given. */
export const CHANGING: ReadonlySet<string> = new Set(
  [
    'alias unalias declare typeset local readonly unset shopt enable hash trap read mapfile readarray getopts let',
    'complete compgen compopt bind umask ulimit pushd popd export set printf fc history source . exec',
    'coproc setopt unsetopt autoload zmodload emulate functions shift',
  ].flatMap((names) => names.split(' ')),
)

/** Why what a builtin does keeps a line from being covered, or `null`. */
export function flawOfBuiltin(name: string, words: readonly ShellWord[]): string | null {
  const values = words.map(({ value }) => value)
  switch (name) {
    case 'cd':
      return values.some((value) => value !== null && /^-[^LP]|^[-+]\d+$/.test(value))
        ? `cd ${values[0]} is not followed`
        : null
    case 'printf':
      return values[0] === null || values[0]?.startsWith('-v')
        ? 'printf -v sets a variable'
        : flawOfFormat(values[0] ?? '')
    case 'export':
      return flawOfExport(values)
    case 'set':
      return isPlainSet(values) ? null : 'set changes what later words mean'
    case 'jobs':
      return values.some((value) => value === null || /^-.*x/.test(value)) ? 'jobs -x runs a program' : null
    case 'source':
    case '.':
      return `${name} runs the lines of a file`
    default:
      return CHANGING.has(name) ? `${name} changes what later words mean` : null
  }
}

/** `%n` stores a number in the variable that is named. */
function flawOfFormat(format: string): string | null {
  return /%[^%a-zA-Z]*n/.test(format) ? 'printf %n sets a variable' : null
}

function flawOfExport(values: readonly (string | null)[]): string | null {
  for (const value of values) {
    const [, name, text] = /^(\w+)=(.*)$/s.exec(value ?? '') ?? []
    if (name === undefined || text === undefined) return 'export changes what later words mean'
    const flaw = flawOfVariable(name, text)
    if (flaw !== null) return flaw
  }
  return values.length === 0 ? 'export shows every variable, secrets among them' : null
}

/** `set -euo pipefail` and the like: a line stops sooner, or says more. */
function isPlainSet(values: readonly (string | null)[]): boolean {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? ''
    if (!/^[-+][eux]*o?$/.test(value) || value.length < 2) return false
    if (value.endsWith('o') && !/^(pipefail|errexit|nounset|xtrace)$/.test(values[(at += 1)] ?? ''))
      return false
  }
  return values.length > 0
}

/** A name behind which bash works out an index. */
const INDEXED = /\[.*[$`]/s
const DECLARING = /^(declare|typeset|local|export|readonly)$/
/** Builtins that set the variables which their words name, or forget them. */
const NAMING =
  /^(read|mapfile|readarray|getopts|unset|wait|let|printf|select|declare|typeset|local|export|readonly)$/

/** Whether a builtin runs what its words say in a way that nobody looks into. */
export function hidesInBuiltin(name: string, words: readonly ShellWord[]): boolean {
  const texts = words.map(({ value, shape }) => value ?? shape)
  switch (name) {
    case 'compgen':
    case 'complete':
    case 'fc':
      return true
    case 'alias':
      return texts.some((text) => /[=*]/.test(text))
    case 'hash':
    case 'enable':
      return texts.some((text) => /^[-*]\w*[pf*]|^\*/.test(text))
    case 'jobs':
    case 'bind':
      return texts.some((text) => /^-\w*x|^\*/.test(text))
    case 'test':
    case '[':
      return texts.some((text, at) => /^-[vR]$/.test(text) && /\[|\*/.test(texts[at + 1] ?? ''))
    default:
      return NAMING.test(name) && hidesInNames(name, words)
  }
}

function hidesInNames(name: string, words: readonly ShellWord[]): boolean {
  // Without `-v` the words of printf are text; `-v` may be what a variable says.
  const first = words[0]?.value
  if (name === 'printf' && typeof first === 'string' && !first.startsWith('-v')) return false
  return words.some(({ value, shape }, at) => {
    const text = name === 'printf' && at === 0 ? shape.replace(/^-v/, '') : shape
    if (name === 'printf' && at > 1) return false
    if (/^(mapfile|readarray)$/.test(name) && /^-\w*C/.test(shape)) return true
    if (name === 'let') return CODE.test(shape) || INDEXED.test(shape)
    const variable = /^[^=[]*/.exec(text)?.[0] ?? ''
    const said = text.slice(variable.length)
    if (value !== null && INDEXED.test(text)) return true
    if (DECLARING.test(name)) {
      if (/^\*|^-\w*n/.test(text) || (value !== null && CODE.test(text))) return true
      return said.startsWith('=') && choosesProgram(variable, value === null ? null : said.slice(1), true)
    }
    return name !== 'unset' && choosesProgram(variable, null, true)
  })
}
