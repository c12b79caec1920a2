/**
 * docs/reference/command-line.md tells of every command and every flag there is, in the words of the help.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/command-table.ts'

const text = await readFile(new URL('../../docs/reference/command-line.md', import.meta.url), 'utf8')
/** What is told of each command: `## troupe pause, cancel` tells of both. */
const sections = new Map(
  text
    .split(/^## troupe /m)
    .slice(1)
    .flatMap((part) => {
      const [section = ''] = part.split(/^## /m)
      const [title = ''] = section.split('\n', 1)
      return title.split(', ').map((name) => [name, section] as const)
    }),
)
/** Said once: for all commands, or for all that work like `run`. */
const SHARED: readonly string[] = ['help', 'workspace', 'json']
const OF_RUN = COMMANDS.find(({ name }) => name === 'run')?.flags.map(({ name }) => name) ?? []

describe('docs/reference/command-line.md', () => {
  it('lists the commands in the order of the help, and says what each does in the same words', () => {
    const rows = text.matchAll(/^\| \[`([a-z]+)`\]\(#troupe-(?:[a-z]+-)*\1(?:-[a-z]+)*\) \| (.+) \|$/gm)
    const told = [...rows].map(([, name, what]) => [name, what])
    expect(told).toEqual(COMMANDS.map(({ name, what }) => [name, what]))
  })

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s: names every flag',
    (name, command) => {
      const section = sections.get(name) ?? ''
      expect(section, `a section called "troupe ${name}"`).not.toBe('')
      const flags = command.flags
        .map((flag) => flag.name)
        .filter((flag) => !SHARED.includes(flag) && (name === 'run' || !OF_RUN.includes(flag)))
      expect(flags.filter((flag) => !section.includes(`--${flag}`))).toEqual([])
    },
  )

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s: names no flag that is not there',
    (name, command) => {
      const tables = (sections.get(name) ?? '').matchAll(/^\| `(?:-\w, )?--([a-z-]+)/gm)
      const known = command.flags.map((flag) => flag.name)
      expect([...tables].map(([, flag = '']) => flag).filter((flag) => !known.includes(flag))).toEqual([])
    },
  )
})
