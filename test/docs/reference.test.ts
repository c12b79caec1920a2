/** The tables of the documents are those of the code. errors.md and defaults.md: see test/docs.test.ts. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PROTECTED_FILES } from '../../src/boundary/files/control-files.ts'
import { LAYER_KEYS } from '../../src/boundary/layer.ts'
import { BUILTIN_AGENTS } from '../../src/hosts/builtin-agents.ts'
import { failure } from '../../src/errors.ts'
import { MODES } from '../../src/protocol/boundary.ts'
import { OWN_SETTINGS } from '../../src/hosts/settings.ts'
import { LEASE_MS, RENEWAL_MS } from '../../src/stores/sqlite/renewal.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'
import { builtinTools } from '../../src/tools/builtin.ts'
import type { Crew } from '../../src/tools/crew.ts'
import { delegationTools } from '../../src/tools/delegation/delegation-tools.ts'

const root = new URL('../..', import.meta.url)
const textOf = (path: string) => readFile(new URL(path, root), 'utf8')

/** The rows of every table in a text, as cells. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
}

/** The tools say what they take before they have anybody to work with. */
const NOBODY: Crew = {
  spawn: async () => ({ refusal: failure('task/may-not-spawn', 'Nobody works here.') }),
  descendants: () => [],
  cancel: async () => null,
  capacity: () => ({ running: 0, cap: 0, queued: 0 }),
  deadline: () => null,
}

const plain = (cell = '') => cell.replaceAll('`', '')

describe('docs/reference', () => {
  it('tools.md: every built-in tool, its input and its effect', async () => {
    const builtin = builtinTools({ files: await nodeFiles({ workspace: '.' }), processes: nodeProcesses() })
    const tools = [...builtin, ...delegationTools(NOBODY)]
    const rows = rowsOf(await textOf('docs/reference/tools.md')).filter(([first]) => first?.startsWith('`'))
    expect(rows.map(([name, input, , effect]) => [name, input, effect].map(plain))).toEqual(
      tools.map(({ name, spec, effect }) => [name, inputOf(spec.input) || '–', effect]),
    )
  })

  it('agents.md: every built-in agent and its boundary', async () => {
    const rows = rowsOf(await textOf('docs/reference/agents.md')).slice(1, 1 + BUILTIN_AGENTS.length)
    const said = BUILTIN_AGENTS.map(({ name, boundary = {} }) => [name, Object.keys(boundary).join()])
    expect(rows.map(([name, , limit]) => [plain(name), plain(limit).replace(/:.*|–/, '')])).toEqual(said)
  })

  it('events.md: every fact and every event, once', async () => {
    const source = await textOf('src/protocol/journal.ts')
    const types = [...source.matchAll(/readonly type: ((?:'[\w.]+'(?: \| )?)+)/g)].flatMap(([, list = '']) =>
      list.split(' | ').map((type) => type.replaceAll("'", '')),
    )
    const rows = rowsOf(await textOf('docs/reference/events.md')).map(([name]) => name ?? '')
    const named = rows.filter((name) => name.startsWith('`')).map(plain)
    expect(types.length).toBeGreaterThan(15)
    expect(named.toSorted()).toEqual(types.toSorted())
  })

  it('hooks.md: every hook, in order, and every key of a notice', async () => {
    const host = (await Promise.all(['src/host.ts', 'src/host/people.ts'].map(textOf))).join('\n')
    const bodyOf = (name: string) => host.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? ''
    const hooks = [...bodyOf('Hooks').matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name)
    const keys = [...bodyOf('Notice').matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name)
    const [before = '', after = ''] = (await textOf('docs/reference/hooks.md')).split('## Notices')
    const named = (text: string) => rowsOf(text).flatMap(([name = '']) => plain(name).split(', '))
    expect(hooks.length).toBeGreaterThan(0)
    expect(named(before).filter((name) => /^[A-Z]/.test(name))).toEqual(hooks)
    expect(named(after).slice(1)).toEqual(keys)
  })

  it('defaults.md: how long a process may be silent, and what a user may say in their settings', async () => {
    const rows = rowsOf(await textOf('docs/reference/defaults.md'))
    const amountOf = (what: string) => rows.find(([name]) => name?.startsWith(what))?.[1]
    expect(amountOf('how often a process shows')).toBe(`every ${RENEWAL_MS / 1_000} s`)
    expect(amountOf('how long it may be silent')).toMatch(`${LEASE_MS / 1_000} s, as seen`)
    const own = rows
      .map(([name]) => plain(name))
      .filter((name) => /^(retention\.|autoResume|environment$)/.test(name))
    const { retention, ...others } = OWN_SETTINGS
    const said = [...Object.keys(retention).map((key) => `retention.${key}`), ...Object.keys(others)]
    expect(own).toEqual(said)
  })

  it('policy.md: every key of a layer, every mode, every control file', async () => {
    const text = await textOf('docs/reference/policy.md')
    const rows = rowsOf(text)
    const names = rows.map(([name]) => plain(name))
    expect(names.filter((name) => LAYER_KEYS.includes(name))).toEqual(LAYER_KEYS)
    expect(rows.find(([name]) => name === '`mode`')?.[1]).toBe(MODES.map((mode) => `\`${mode}\``).join(', '))
    expect(rows.filter(([kind]) => kind === 'secret' || kind === 'control')).toEqual(
      PROTECTED_FILES.map(({ kind, patterns, why }) => [
        kind,
        patterns.map((it) => `\`${it}\``).join(' '),
        why,
      ]),
    )
  })
})

describe('docs/lifecycle.md', () => {
  it('names every state of the task, and says which of them hold a slot, want one, or do neither', async () => {
    const text = await textOf('docs/lifecycle.md')
    const [, table = ''] = text.split('## Where a task can be')
    const rows = rowsOf(table.split('\n## ')[0] ?? '').filter(([name]) => name?.startsWith('`'))
    const told = rows.flatMap(([names = '', , slot = '']) =>
      plain(names)
        .split(', ')
        .map((name) => [
          name,
          slot.includes('wants') ? 'wantsSlot' : slot.includes('holds') ? 'holdsSlot' : '',
        ]),
    )
    // Both are passed in no time, and said to be so below the table.
    const states = leaves(taskMachine.root).filter(([name]) => !['interrupted', 'ending'].includes(name))
    expect(new Map(told as [string, string][])).toEqual(new Map(states as [string, string][]))
  })

  it('tells the promises of the supervisor in the words of its header', async () => {
    const header = (await textOf('src/machines/supervisor.ts')).split('*/')[0] ?? ''
    const laws = [...header.matchAll(/^ \* (S\d) {2}([\s\S]*?)(?=^ \* S\d|(?![\s\S]))/gm)].map(
      ([, name, text = '']) => [name, text.replace(/\s*\n \*?\s*/g, ' ').trim()],
    )
    const rows = rowsOf(await textOf('docs/lifecycle.md')).filter(([name]) => /^S\d$/.test(name ?? ''))
    expect(laws.length).toBeGreaterThan(3)
    expect(rows).toEqual(laws)
  })
})

type Node = (typeof taskMachine)['root']

/** `running.thinking`, and its tag if it has one. */
function leaves(node: Node, path: readonly string[] = []): readonly (readonly [string, string])[] {
  const below = Object.entries(node.states) as [string, Node][]
  if (below.length > 0) return below.flatMap(([name, child]) => leaves(child, [...path, name]))
  return [[path.join('.'), node.tags.join(', ')]]
}

/** `path, glob?`, as a model is told of it. */
function inputOf({
  properties = {},
  required = [],
}: {
  properties?: object
  required?: readonly string[]
}): string {
  const keys = Object.entries(properties as Record<string, { default?: unknown }>)
  return keys
    .map(([key, { default: given }]) => (required.includes(key) && given === undefined ? key : `${key}?`))
    .join(', ')
}
