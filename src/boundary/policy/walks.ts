import { baseOf } from '../commands/programs.ts'
import { firstOf } from '../commands/unseen/unseen-reach-table.ts'
import { goesThrough } from '../commands/unseen/wide-commands.ts'

/** Programs whose words are texts and numbers, and name no file of which they show or change anything. */
const WITHOUT_FILES: ReadonlySet<string> = new Set(
  'echo printf test [ true false : exit return wait kill sleep'.split(' '),
)

/** Whether what a program is told names no files. */
export function takesNoFiles(name: string): boolean {
  return WITHOUT_FILES.has(name)
}

const SEARCHES: ReadonlySet<string> = new Set(['rg', 'rgrep', 'ag', 'ack', 'ugrep'])
const GREPS: ReadonlySet<string> = new Set(['grep', 'egrep', 'fgrep'])
const RECURSIVE = /^(-[^-]*[rR].*|--recursive|--dereference-recursive|--directories=recurse|recurse)$/
const SHOWS_HIDDEN = /^(-[^-]*[u.].*|--hidden|--no-ignore.*|--unrestricted)$/

/** How a command goes through the directories that it names. */
export interface Walk {
  /** It begins where it stands when it names none. */
  readonly isHere: boolean
  /** It passes over names that begin with a dot. */
  readonly skipsHidden: boolean
}

/** How a command goes through all that is in the directories that it names; `null`: it is not known to. */
export function walkOf([name = '', ...words]: readonly string[]): Walk | null {
  const program = baseOf(name).toLowerCase()
  const isSearch = SEARCHES.has(program) || (GREPS.has(program) && words.some((it) => RECURSIVE.test(it)))
  if (isSearch)
    return {
      isHere: !endsInPath(words),
      skipsHidden: program === 'rg' && !words.some((it) => SHOWS_HIDDEN.test(it)),
    }
  if (program === 'git') return GIT_WALKS.has(firstOf(words)) ? { isHere: false, skipsHidden: false } : null
  const starts = goesThrough([program, ...words])
  return starts === null ? null : { isHere: starts.length === 1 && starts[0] === '.', skipsHidden: false }
}

const GIT_WALKS: ReadonlySet<string> = new Set('grep archive bundle checkout restore clean rm mv'.split(' '))

/** Whether the last word is something to search in: behind the text, and no value of an option. */
function endsInPath(words: readonly string[]): boolean {
  const [text, last] = words.slice(-2)
  return text !== undefined && last !== undefined && !text.startsWith('-') && !last.startsWith('-')
}

/**
 * Whether the words that a program is given are nothing but what `find` found below where it begins: no other
 * program hands words on, and no link is followed.
 */
export function isFoundBelow(programs: readonly (readonly string[])[]): boolean {
  const [first = [], ...rest] = programs
  return (
    first[0] === 'find' &&
    !first.some((word) => /^-(L|H|follow|files0-from)$/.test(word)) &&
    goesThrough(first) !== null &&
    rest.every(([name = '']) => !HANDING_ON.has(name))
  )
}

const HANDING_ON: ReadonlySet<string> = new Set(['', 'xargs', 'parallel', 'find'])
