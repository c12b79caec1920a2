import type { ShellWord } from '../shell.ts'
import { unwrapFd, unwrapFind, unwrapXargs } from './find.ts'
import { SHELLS_READ, unwrapLines, unwrapScript, unwrapShell, unwrapUser } from './shells.ts'
import { hidden, lineOf, plainWord, wraps, type Inner, type Unwrapped } from './unwrapped.ts'
import { open } from './words-of-wrappers.ts'
import { CARRIERS, OPAQUE, WRAPPERS, type Carrier, type Wrapper } from './wrappers.ts'

/** What a program runs that its words name; `null` where it runs nothing but itself. */
export function unwrap(program: string, words: readonly ShellWord[], isOpen: boolean): Unwrapped | null {
  if (SHELLS_READ.has(program)) return unwrapShell(program, words)
  if (OPAQUE.has(program))
    return { isCarrier: true, inner: [hidden(`${program} runs what its words or its input say`)] }
  switch (program) {
    case 'eval':
    case 'trap':
    case 'source':
    case '.':
      return unwrapLines(program, words)
    case 'su':
    case 'runuser':
      return unwrapUser(program, words)
    case 'script':
      return unwrapScript(words)
    case 'find':
    case 'gfind':
      return unwrapFind(words)
    case 'fd':
    case 'fdfind':
      return unwrapFd(words)
    case 'xargs':
    case 'gxargs':
      return unwrapXargs(words)
    case 'busybox':
    case 'toybox':
      return words.length === 0 || words[0]?.value?.startsWith('-') ? null : wraps({ kind: 'words', words })
  }
  const wrapper = Object.hasOwn(WRAPPERS, program) ? WRAPPERS[program] : undefined
  if (wrapper) return unwrapWrapper(program, wrapper, words, isOpen)
  const carriers = Object.hasOwn(CARRIERS, program) ? CARRIERS[program] : undefined
  return carriers ? unwrapCarrier(program, carriers, words) : null
}

function unwrapWrapper(
  name: string,
  wrapper: Wrapper,
  words: readonly ShellWord[],
  isOpen: boolean,
): Unwrapped | null {
  // These only tell what a name stands for.
  if (name === 'command' && /^-p?[vV]+p?$/.test(words[0]?.value ?? '')) return null
  const split = name === 'env' ? splitText(words) : null
  if (split) return wraps(split)
  const { rest, given, directories, flaw, isHidden } = open(name, wrapper, words)
  const right = wrapper.isRight ? { right: name } : {}
  if (rest.length === 0) {
    if (isHidden) return { ...wraps(hidden(flaw ?? name)), ...right }
    if (isOpen) return { ...wraps(hidden(`what ${name} runs comes from its input`)), ...right }
    const isShell =
      wrapper.isShellAlone && !['l', 'K', 'k', 'v', 'V', 'L'].some((option) => given.has(option))
    return isShell ? { ...wraps(hidden(`${name} starts a shell that reads its input`)), ...right } : null
  }
  const joins = wrapper.joins !== undefined && !wrapper.joins.unless.some((option) => given.has(option))
  const isLine = joins || (name === 'flock' && /^-\w*c$|^--command$/.test(rest[0]?.value ?? ''))
  const text = joins ? rest : rest.slice(1)
  const found: Inner = isLine ? lineOf(text, name) : { kind: 'words', words: rest }
  const own = wrapper.makesFile === true ? { countsItself: true } : {}
  return { ...wraps({ ...found, directories, flaw, isHidden }), ...right, ...own }
}

/** `env -S 'git status'`: a word that env splits by rules of its own. */
function splitText(words: readonly ShellWord[]): Inner | null {
  const at = words.findIndex(({ value, shape }) => /^(-[^-uCaP]*S|--s)/.test(value ?? shape))
  const isFirst = words.slice(0, at).every(({ value }) => value !== null && /^-|=/.test(value))
  if (at < 0 || !isFirst) return null
  const said = words[at]?.value ?? null
  const [, glued = ''] = /^(?:-[^-S]*S|--s[a-z-]*=?)(.*)$/s.exec(said ?? '') ?? []
  const text = glued === '' ? (words[at + 1]?.value ?? null) : glued
  if (said === null || text === null || !/^[\w\s./:=@+-]*$/.test(text))
    return hidden('env -S splits a text by rules of its own')
  const split = text.split(/\s+/).filter((word) => word !== '')
  const rest = [...split.map(plainWord), ...words.slice(glued === '' ? at + 2 : at + 1)]
  const why = 'env -S splits a text by rules of its own'
  return { kind: 'words', words: [plainWord('env'), ...rest], flaw: why }
}

function unwrapCarrier(
  name: string,
  carriers: readonly Carrier[],
  words: readonly ShellWord[],
): Unwrapped | null {
  for (const { behind = [], reads, lines = [] } of carriers) {
    const start = startBehind(behind, words)
    if (start === null) continue
    const rest = words.slice(start)
    const at = rest.findIndex(({ value }) => value !== null && lines.some((line) => isOption(line, value)))
    if (at >= 0) {
      const value = rest[at]?.value ?? ''
      const text =
        value.startsWith('--') && value.includes('=')
          ? plainWord(value.slice(value.indexOf('=') + 1))
          : rest[at + 1]
      return { isCarrier: true, inner: [lineOf([text], name)] }
    }
    const opened = open(name, reads, rest)
    const command = opened.rest.map((word, index) => (index === 0 ? withoutVersion(word) : word))
    if (command.length === 0)
      return opened.isHidden ? { isCarrier: true, inner: [hidden(opened.flaw ?? name)] } : null
    const { flaw, isHidden } = opened
    const inner: Inner = reads.joins ? lineOf(command, name) : { kind: 'words', words: command }
    return { isCarrier: true, inner: [{ ...inner, flaw, isHidden }] }
  }
  return null
}

/** Where the words end that make it a carrier, options of the program in between; `null` where it is none. */
function startBehind(behind: readonly string[], words: readonly ShellWord[]): number | null {
  if (behind.length === 0) return 0
  let at = 0
  while (at < words.length && words[at]?.value?.startsWith('-')) {
    at += /^(--prefix|-C|--dir|--cwd|-w|--workspace|-F|--filter)$/.test(words[at]?.value ?? '') ? 2 : 1
  }
  return behind.every((word, index) => words[at + index]?.value === word) ? at + behind.length : null
}

function isOption(name: string, word: string): boolean {
  return name.length === 1 ? word === `-${name}` : word === `--${name}` || word.startsWith(`--${name}=`)
}

/** `rimraf@5` is `rimraf`. */
function withoutVersion(word: ShellWord): ShellWord {
  return word.value === null ? word : plainWord(word.value.replace(/(.)@[^/@]*$/, '$1'))
}
