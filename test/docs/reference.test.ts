/** The tables of docs/reference are those of the code. errors.md and defaults.md: see test/docs.test.ts. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PROTECTED_FILES } from '../../src/boundary/control-files.ts'
import { LAYER_KEYS } from '../../src/boundary/layer.ts'
import { BUILTIN_AGENTS } from '../../src/hosts/builtin-agents.ts'
import { MODES } from '../../src/protocol/boundary.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'
import { builtinTools } from '../../src/tools/builtin.ts'

const root = new URL('../..', import.meta.url)
const textOf = (path: string) => readFile(new URL(path, root), 'utf8')

/** The rows of every table in a text, as cells. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
}

const plain = (cell = '') => cell.replaceAll('`', '')

describe('docs/reference', () => {
  it('tools.md: every built-in tool, its input and its effect', async () => {
    const tools = builtinTools({ files: await nodeFiles({ workspace: '.' }), processes: nodeProcesses() })
    const rows = rowsOf(await textOf('docs/reference/tools.md')).filter(([first]) => first?.startsWith('`'))
    expect(rows.map(([name, input, , effect]) => [name, input, effect].map(plain))).toEqual(
      tools.map(({ name, spec, effect }) => [name, inputOf(spec.input), effect]),
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
