import type { ShellWord } from '../shell.ts'
import { choosesProgram, flawOfVariable } from './variables.ts'
import type { Wrapper } from './wrappers.ts'

/** Where the command inside begins, and what the options in front of it say. */
export interface Opened {
  readonly rest: readonly ShellWord[]
  readonly given: ReadonlyMap<string, ShellWord | null>
  readonly directories: readonly string[]
  readonly flaw: string | null
  /** Nobody can say where the command begins. */
  readonly isHidden: boolean
}

interface Option {
  readonly names: readonly string[]
  /** The one that takes a value: glued to it, or `null` where it is the next word. */
  readonly takes: string | null
  readonly value: string | null
}

/** Reads the words behind the name of a wrapper. */
export function open(name: string, wrapper: Wrapper, words: readonly ShellWord[]): Opened {
  const given = new Map<string, ShellWord | null>()
  const lost = (at: number, why: string): Opened => ({
    ...settle(name, wrapper, given),
    rest: words.slice(at),
    flaw: why,
    isHidden: true,
  })
  let at = 0
  for (; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    if (value === null && !/^[^-*?[+]/.test(shape))
      return lost(at, `a word behind ${name} may come out as an option`)
    const word = value ?? shape
    if (word === '--') {
      at += 1
      break
    }
    if (word === '-' && name === 'env') continue
    if (!word.startsWith('-') || word === '-') break
    if (wrapper.takesNumber && /^-[-+]?\d+$/.test(word)) continue
    const option = optionOf(wrapper, word)
    if (option === null || value === null)
      return lost(at + 1, `${name} ${word}: nobody can say where its command begins`)
    for (const each of option.names) given.set(each, null)
    if (option.takes === null) continue
    if (option.value === null) at += 1
    given.set(option.takes, option.value === null ? (words[at] ?? null) : plain(option.value))
  }
  return behindOperands(name, wrapper, words.slice(at), settle(name, wrapper, given))
}

type Settled = Pick<Opened, 'given' | 'directories' | 'flaw' | 'isHidden'>

function settle(name: string, wrapper: Wrapper, given: Opened['given']): Settled {
  const directories: string[] = []
  let flaw: string | null = null
  for (const [option, value] of given) {
    const why = wrapper.flaws?.[option]
    if (why !== undefined) flaw ??= `${name} with ${dashed(option)} ${why}`
    if (wrapper.directories?.includes(option) !== true) continue
    const there = value?.value ?? null
    if (there === null) flaw ??= `where ${name} goes is only known once it runs`
    else directories.push(there)
  }
  return { given, directories, flaw, isHidden: false }
}

function behindOperands(
  name: string,
  wrapper: Wrapper,
  words: readonly ShellWord[],
  settled: Settled,
): Opened {
  const operands = wrapper.operands ?? []
  const isOff = operands.some((form, index) => {
    const word = words[index]
    return word === undefined ? false : word.value === null || !form.test(word.value)
  })
  if (isOff) {
    const why = `nobody can say where the command behind ${name} begins`
    return { ...settled, rest: words, flaw: why, isHidden: true }
  }
  let rest = words.slice(operands.length)
  let { flaw, isHidden } = settled
  while (wrapper.takesAssignments) {
    const [first] = rest
    const [, variable] = /^([^=*?[]*)=/s.exec(first?.value ?? first?.shape ?? '') ?? []
    if (first === undefined || variable === undefined) break
    const value = first.value === null ? null : first.value.slice(variable.length + 1)
    flaw ??= flawOfVariable(variable, value)
    isHidden ||= choosesProgram(variable, value, true)
    rest = rest.slice(1)
  }
  return { ...settled, rest, flaw, isHidden }
}

function optionOf(wrapper: Wrapper, word: string): Option | null {
  return word.startsWith('--') ? longOption(wrapper, word.slice(2)) : shortOptions(wrapper, word)
}

function longOption({ long = [] }: Wrapper, text: string): Option | null {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const value = equals < 0 ? null : text.slice(equals + 1)
  if (long.includes(`${name}=`)) return { names: [name], takes: name, value }
  if (long.includes(`${name}[=`) || (long.includes(name) && equals < 0))
    return { names: [name], takes: null, value: null }
  return null
}

function shortOptions({ flags = '', values = '' }: Wrapper, word: string): Option | null {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] as string
    if (values.includes(letter))
      return { names: [...word.slice(1, at + 1)], takes: letter, value: word.slice(at + 1) || null }
    if (!flags.includes(letter)) return null
  }
  return { names: [...word.slice(1)], takes: null, value: null }
}

function plain(value: string): ShellWord {
  return { value, shape: value, isGlob: false }
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`
}
