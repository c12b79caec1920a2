import { tidyPath } from '../../files/paths.ts'
import type { ShellWord } from '../shell.ts'
import { hidden, lineOf, wraps, type Inner, type Unwrapped } from './unwrapped.ts'

/** Shells that read a line as bash does, or nearly so. */
export const SHELLS_READ: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'mksh',
  'yash',
  'rbash',
])
/** Their lines mean the same to them as to bash. */
const ALIKE = /^(sh|bash|dash|ash|rbash)$/
/** To the others, these signs may mean something else. */
const PLAIN_LINE = /^[\w\s./:@%+,'"&|;-]*$/

const LONG: ReadonlySet<string> = new Set(
  'login noprofile norc posix restricted verbose noediting version help'.split(' '),
)
const LETTERS = 'abefhlmnptuvxBCEHPT'

interface Options {
  readonly at: number
  readonly readsText: boolean
  readonly flaw: string | null
  readonly lost: string | null
}

/** What `bash …` runs; `null` where it runs a file of lines, which is code like any other. */
export function unwrapShell(name: string, words: readonly ShellWord[]): Unwrapped | null {
  const { at, readsText, flaw, lost } = optionsOf(name, words)
  if (lost !== null) return wraps(hidden(lost))
  const first = words[at]
  if (first === undefined) return wraps(hidden(`${name} reads its lines from its input`))
  if (readsText) {
    const inner = lineOf([first], name)
    const isOther = inner.kind === 'line' && !ALIKE.test(name) && !PLAIN_LINE.test(inner.text)
    const strange = isOther ? hidden(`${name} may read the text otherwise than bash`) : inner
    return wraps(flaw === null ? strange : { ...strange, flaw })
  }
  if (first.value === null) return wraps(hidden(`which file ${name} reads is only known once it runs`))
  if (first.value === '-' || isStream(first.value))
    return wraps(hidden(`${name} reads its lines from its input`))
  return flaw === null ? null : { isCarrier: false, inner: [hidden(flaw)] }
}

function optionsOf(name: string, words: readonly ShellWord[]): Options {
  let readsText = false
  let flaw: string | null = null
  let at = 0
  const end = (lost: string | null): Options => ({ at, readsText, flaw, lost })
  for (; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    if (value === null && /^[-+*?[]/.test(shape))
      return end(`a word behind ${name} may come out as an option`)
    if (value === null || !/^[-+]./.test(value)) break
    if (value === '--') {
      at += 1
      break
    }
    if (LONG.has(value.replace(/^--?/, ''))) continue
    if (value.startsWith('--') || /^-(rcfile|init-file|debugger)/.test(value))
      return end(`${name} ${value} chooses what runs`)
    for (const letter of value.slice(1)) {
      if (letter === 'c') readsText = true
      else if (letter === 's') return end(`${name} reads its lines from its input`)
      else if (letter === 'i' || letter === 'k') flaw ??= `${name} -${letter} chooses what runs`
      else if (letter === 'o' || letter === 'O') at += 1
      else if (!LETTERS.includes(letter)) return end(`nobody knows what ${name} ${value} does`)
    }
  }
  return end(null)
}

/** What is no file of lines, by whatever way it is named: `/dev/stdin`, `/proc/self/fd/0`. */
function isStream(path: string): boolean {
  return (
    /(^|\/)(dev\/+(\.\/+)*(stdin|fd|tcp|udp|tty|std|pts)|proc\/)/.test(tidyPath(path)) ||
    /^\/+(dev|proc)\//.test(path)
  )
}

/** What a builtin runs that reads its words as a line, or `null` where it does not. */
export function unwrapLines(name: string, words: readonly ShellWord[]): Unwrapped | null {
  const behind = words[0]?.value === '--' ? words.slice(1) : words
  if (name === 'source' || name === '.') {
    const file = behind[0]?.value ?? null
    return file === null || isStream(file) ? wraps(hidden(`${name} reads lines that nobody knows`)) : null
  }
  if (name === 'eval') return behind.length === 0 ? null : wraps(lineOf(behind, name))
  const [text] = behind
  const saysNothing = text === undefined || (text.value !== null && /^(-|-[lpP]|)$/.test(text.value))
  if (name !== 'trap' || saysNothing) return null
  return wraps({ ...lineOf([text], name), flaw: 'trap has it run later' })
}

/** `su` and `runuser`: another user's shell. */
export function unwrapUser(name: string, words: readonly ShellWord[]): Unwrapped {
  const inner: Inner[] = []
  for (let at = 0; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    const glued = /^(-[lmpf]*c|--c[a-z]*=)(.+)$/s.exec(value ?? '')
    if (glued)
      inner.push(lineOf([{ value: glued[2] as string, shape: glued[2] as string, isGlob: false }], name))
    else if (/^(-[lmpf]*c|--c[a-z]*)$/.test(value ?? shape)) inner.push(lineOf([words[at + 1]], name))
  }
  const behind = words.findIndex(({ value }) => value === '-u')
  if (name === 'runuser' && behind >= 0 && inner.length === 0)
    inner.push({
      kind: 'words',
      words: words.slice(behind + 2).filter(({ value }, at) => at > 0 || value !== '--'),
    })
  if (inner.length === 0) inner.push(hidden(`${name} starts a shell that reads its lines from its input`))
  return { isCarrier: false, right: name, inner }
}

/** `script -c 'npm test' /dev/null`, and `script -q /dev/null npm test` as elsewhere. */
export function unwrapScript(words: readonly ShellWord[]): Unwrapped {
  const inner: Inner[] = []
  const operands: ShellWord[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as ShellWord
    const value = word.value ?? word.shape
    const isText = /^(-[aefq]*c|--command)$/.test(value)
    if (isText) inner.push(lineOf([words[(at += 1)]], 'script'))
    else if (/^(-[aefqkrt]+|--(append|return|flush|quiet|force))$/.test(value) && operands.length === 0)
      continue
    else if (value.startsWith('-') && value !== '--' && operands.length === 0)
      return wraps(...inner, hidden(`script ${value}: nobody can say what it runs`))
    else if (value !== '--' || operands.length > 0) operands.push(word)
  }
  const [file, ...command] = operands
  const flaw =
    file === undefined || file.value !== '/dev/null' ? 'script writes what it has seen to a file' : null
  if (command.length > 0) inner.push({ kind: 'words', words: command })
  if (inner.length === 0) return wraps(hidden('script starts a shell that reads its input'))
  return wraps(...inner.map((each) => (flaw === null ? each : { ...each, flaw })))
}
