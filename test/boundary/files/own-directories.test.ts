import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { decide } from '../../../src/boundary/decide.ts'
import { isOwn } from '../../../src/boundary/files/own-directories.ts'
import { GIT_READS, READ_COMMANDS } from '../../../src/boundary/commands/known/read-commands.ts'
import { UNSEEN_REACH } from '../../../src/boundary/commands/unseen-reach.ts'
import { read, run, search, write } from '../workspace.ts'

const OWN = { root: '/home/ann', home: '/home/ann', directories: ['/home/ann/.kept'] }

it.each([
  ['.kept/settings.json', 'deny'],
  ['.KEPT', 'deny'],
  ['./x/../.kept/trusted.json', 'deny'],
  ['.keptsake/x', 'allow'],
] as const)(
  "L13: the user's directory inside the workspace is denied to every tool: %s, %s",
  (path, verdict) => {
    const policy = { mode: 'bypassPermissions', allow: [], ask: [], deny: [] } as const
    const place = { path: path.replace('./x/../', ''), kind: 'file', isHardLinked: false } as const
    const places = new Map(
      [path, '.', `./${path}`, '.troupe'].map((key) => [key, key === '.' ? HERE : place]),
    )
    for (const action of [read(path), write(path), search(path), run(`cat ${path}`)])
      expect(decide({ boundary: [], policy, action, places, own: OWN }).verdict, action.tool).toBe(verdict)
  },
)
const HERE = { path: '.', kind: 'directory', isHardLinked: false } as const

it('is known by what bash would make of a path', () => {
  const seen = (path: string, cwd = 'src') => isOwn({ ...OWN, root: '/srv/shop' }, path, cwd)
  expect(
    ['~/.kept/x', '*/.kept', '${HOME}/.kept'.replaceAll(/[${}]/g, ''), '/home/ann/.kept', '~/.k*/x'].map(
      (path) => seen(path),
    ),
  ).toEqual([true, true, true, true, true])
  expect(['~/.other', '.kept', '*', '~/*', '/home/ann'].map((path) => seen(path))).toEqual(
    Array.from({ length: 5 }, () => false),
  )
})

it('docs/reference/policy.md names every command of the tables, and no other', () => {
  const text = readFileSync('docs/reference/policy.md', 'utf8')
  const part = (from: string, to?: string) => text.split(from)[1]?.split(to ?? '\0')[0] ?? ''
  const unasked = part('## Commands that run unasked', '## Commands that are asked for')
  for (const name of [...Object.keys(READ_COMMANDS), ...Object.keys(GIT_READS)])
    expect(unasked, name).toMatch(new RegExp(`\`(git )?${name}\``))
  const asked = part('## Commands that are asked for')
  for (const { programs, first = [], why } of UNSEEN_REACH) {
    for (const word of [...programs, ...first]) expect(asked, word).toMatch(new RegExp(`[\` ]${word}\\b`))
    expect(asked.replaceAll('`', ''), programs.join()).toContain(why.split(':')[0])
  }
})
