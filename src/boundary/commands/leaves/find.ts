import type { ShellWord } from '../shell.ts'
import { open } from './words-of-wrappers.ts'
import { hidden, plainWord, runsToo, withUnknown, wraps, type Inner, type Unwrapped } from './unwrapped.ts'
import type { Wrapper } from './wrappers.ts'

/** How many commands of one find are looked at. */
const COMMANDS_MAX = 64
const RUNS = /^-(exec|execdir|ok|okdir)$/

/** What `find … -exec` runs, each as it comes; find itself counts as well. */
export function unwrapFind(words: readonly ShellWord[]): Unwrapped | null {
  const inner: Inner[] = []
  for (let at = 0; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    if (!RUNS.test(value ?? shape)) continue
    if (inner.length === COMMANDS_MAX)
      return runsToo(...inner, hidden(`find runs more than ${COMMANDS_MAX} commands`))
    const start = at + 1
    // A semicolon that bash would still make something of is the end all the same.
    while (at + 1 < words.length && !isEnd(words, at + 1, start)) at += 1
    const command = withUnknown(words.slice(start, at + 1), '{}')
    at += 1
    inner.push({ kind: 'words', words: command, ...(value === null && { isHidden: true }) })
  }
  return inner.length === 0 ? null : runsToo(...inner)
}

function isEnd(words: readonly ShellWord[], at: number, start: number): boolean {
  const text = words[at]?.value ?? words[at]?.shape
  return text === ';' || (text === '+' && at > start && (words[at - 1]?.shape ?? '').includes('{}'))
}

/** What `fd -x` runs. */
export function unwrapFd(words: readonly ShellWord[]): Unwrapped | null {
  const at = words.findIndex(({ value, shape }) => /^(-[^-]*[xX]|--exec)/.test(value ?? shape))
  if (at < 0) return null
  const isPlain = /^(-x|-X|--exec|--exec-batch)$/.test(words[at]?.value ?? '')
  if (!isPlain) return runsToo(hidden('nobody can say what fd runs'))
  const command = words.slice(at + 1).filter(({ value }) => value !== ';')
  const unknown = ['{}', '{/}', '{//}', '{.}', '{/.}'].reduce(withUnknown, command)
  return runsToo({ kind: 'words', words: unknown, isOpen: true })
}

const XARGS: Wrapper = {
  flags: '0optrx',
  values: 'adEILnPsJRS',
  long: [
    'null',
    'no-run-if-empty',
    'verbose',
    'interactive',
    'exit',
    'open-tty',
    'arg-file=',
    'delimiter=',
    'eof[=',
    'replace[=',
    'max-args=',
    'max-lines[=',
    'max-procs=',
    'max-chars=',
    'process-slot-var=',
  ],
}

/** What `xargs` runs, with words from its input behind it or in place of others. */
export function unwrapXargs(words: readonly ShellWord[]): Unwrapped {
  // `-i`, `-l` and `-e` take what is glued to them, or nothing.
  const tidy = words.map((word) => (/^-[ile]/.test(word.value ?? '') ? plainWord('-0') : word))
  const end = firstOperand(tidy)
  const { rest, given, flaw, isHidden } = open('xargs', XARGS, [...tidy.slice(0, end), ...words.slice(end)])
  const marks = [given.get('I'), given.get('J'), given.get('replace')].map((mark) => mark?.value)
  const replaces =
    given.has('I') || given.has('J') || given.has('replace') || tidy.some((it, at) => it !== words[at])
  const mark = marks.find((text) => text !== undefined && text !== null && text !== '') ?? '{}'
  const glued = words.slice(0, end).find(({ value }) => /^(-i|--replace=)./.test(value ?? ''))?.value
  const unknown = replaces ? withUnknown(rest, glued?.replace(/^(-i|--replace=)/, '') ?? mark) : rest
  const command = unknown.length === 0 ? [plainWord('echo')] : unknown
  return wraps({ kind: 'words', words: command, isOpen: true, flaw, isHidden })
}

/** Where the options of xargs end, as far as can be seen without knowing their values. */
function firstOperand(words: readonly ShellWord[]): number {
  for (let at = 0; at < words.length; at += 1) {
    const value = words[at]?.value ?? ''
    if (!value.startsWith('-') || value === '--') return at
    if (
      /^-[0optrx]*[adEILnPsJRS]$/.test(value) ||
      /^--(arg-file|delimiter|max-args|max-procs|max-chars)$/.test(value)
    )
      at += 1
  }
  return words.length
}
