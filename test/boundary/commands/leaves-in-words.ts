import { INSIDE_CHARS_MAX, leavesOf } from '../../../src/boundary/commands/leaves/leaves.ts'
import { readLine } from '../../../src/boundary/commands/shell.ts'

/** A line, what its leaves are in words, and the trick in it. */
export type Row = readonly [line: string, leaves: string, trick: string]

/** Reads a table: `line  =>  leaves  (trick)`. */
export function rowsOf(table: string): readonly Row[] {
  const lines = table.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [, said, leaves, trick] = /^(.*?) {2}=> {2}(.*?) {2}\((.*)\)$/.exec(line) ?? []
    if (said === undefined || leaves === undefined || trick === undefined) throw new Error(`no row: ${line}`)
    return [said, leaves, trick]
  })
}

/**
 * The leaves of a line in words: `~` wraps another, `sudo:` has other rights, `<…>` is not known before it
 * runs, `…` has more words, `@` runs there, `?` is hidden, `!` has a flaw. Of what wraps all that follows it
 * is the name.
 */
export function leavesInWords(line: string): string {
  const parsed = readLine(line)
  if (parsed.kind === 'unreadable') return 'unreadable'
  const budget = { charsLeft: INSIDE_CHARS_MAX }
  return parsed.commands.flatMap((command) => inWords(leavesOf(command, budget))).join(' // ')
}

function inWords(leaves: ReturnType<typeof leavesOf>): readonly string[] {
  return leaves.map((leaf, at) => {
    const isChain = !leaf.isHidden && leaves.slice(0, at + 1).every(({ isWrapper }) => isWrapper)
    const words = isChain ? leaf.words.slice(0, 1) : leaf.words
    return [
      leaf.isWrapper ? '~' : '',
      ...leaf.rights.map((right) => `${right}:`),
      words.map(({ value, shape }) => value ?? `<${shape}>`).join(' '),
      leaf.isOpen ? ' …' : '',
      ...leaf.directories.map((directory) => ` @${directory}`),
      leaf.isHidden ? ' ?' : '',
      leaf.flaw === null ? '' : ' !',
    ].join('')
  })
}
