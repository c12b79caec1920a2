import { baseOf, SYSTEM_DIRECTORIES } from '../programs.ts'
import type { ShellWord } from '../shell.ts'

/** What a command is called. */
export interface Name {
  /** The program as the tables know it: without its path, in small letters. */
  readonly program: string
  /** The word, without a directory of the system. */
  readonly word: ShellWord
  /** It is the system's, as far as its spelling goes: no path of its own, no capital letters. */
  readonly isSystem: boolean
}

/** The name of a command, or `null` where it is only known once it runs. */
export function nameOf(word: ShellWord | undefined): Name | null {
  if (word === undefined || word.value === null) return null
  const path = word.value.replace(/\/(\.?\/)+/g, '/')
  const directory = SYSTEM_DIRECTORIES.find(
    (each) => path.startsWith(`${each}/`) && !path.slice(each.length + 1).includes('/'),
  )
  const text = directory === undefined ? word.value : path.slice(directory.length + 1)
  const program = baseOf(text)
    .toLowerCase()
    .replace(/\.(exe|cmd|bat|com)$/, '')
  return { program, word: { value: text, shape: text, isGlob: false }, isSystem: program === text }
}
