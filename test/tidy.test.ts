/**
 * The shape of the code, held by a test. Each finding names the file that breaks the rule.
 * Change a rule in the same commit as the code that needs it, and say why. The rules are in test/tidy/.
 */
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StateMachine } from 'xstate'
import * as layers from './tidy/layers.ts'
import * as shape from './tidy/shape.ts'
import { importsOf, isSource, isTest, ourFiles, type Rule, type Source, source } from './tidy/source.ts'
import * as words from './tidy/words.ts'

const { fullFolders, ...shapes } = shape
const RULES: readonly Rule[] = [...Object.values(layers), ...Object.values(shapes), ...Object.values(words)]

/** Everything in src is reached from one of these, or it is dead. */
const ENTRIES = ['src/index.ts', 'src/machines/machines.ts', 'src/testing/testing.ts', 'src/cli/main.ts']

const root = new URL('..', import.meta.url)
const files = ourFiles(root.pathname)

describe.each(RULES)('$name', ({ covers, check, plants, passes }) => {
  it('holds', () => {
    expect(files.filter(({ path }) => covers(path)).flatMap(check)).toEqual([])
  })

  it('bites, and only where it should', () => {
    expect(files.some(({ path }) => covers(path))).toBe(true)
    expect(plants.length).toBeGreaterThan(0)
    for (const [path, text] of plants) {
      expect(covers(path), `covers ${path}`).toBe(true)
      expect(check(source(path, text)), `${path}: ${text.slice(0, 80)}`).not.toEqual([])
    }
    for (const [path, text] of passes) {
      expect(covers(path) ? check(source(path, text)) : [], `${path}: ${text.slice(0, 80)}`).toEqual([])
    }
  })
})

describe('every chart is drawn in the header of its file', () => {
  it('holds', async () => {
    const charts = files.filter(({ path, text }) => isSource(path) && /\.createMachine\(/.test(text))
    expect(charts.length).toBeGreaterThan(0)
    const undrawn = await Promise.all(
      charts.map(async (chart) => undrawnStates(chart, await machinesIn(chart.path))),
    )
    expect(undrawn.flat()).toEqual([])
  })

  it('bites: a state that is not drawn is named, a nested one, too', () => {
    const header = '/**\n * One task.\n *\n *   idle ──► busy { thinking }\n */\n'
    const states = { idle: {}, busy: { states: { thinking: {}, acting: {} } } }
    expect(undrawnStates({ path: 'x.ts', text: header }, [{ id: 'task', states }])).toEqual([
      'x.ts: "acting" of task is not in the drawing',
    ])
    expect(undrawnStates({ path: 'x.ts', text: 'export {}' }, [{ id: 'task', states }])).toHaveLength(4)
  })
})

describe('no folder is too full', () => {
  it('holds', () => {
    expect(fullFolders(files.filter(({ path }) => isSource(path) || isTest(path)))).toEqual([])
  })

  it('bites', () => {
    const many = Array.from({ length: 16 }, (_, i) => ({ path: `src/tools/${i}.ts` }))
    expect(fullFolders(many)).toHaveLength(1)
    expect(fullFolders(many.slice(1))).toEqual([])
  })
})

describe('nothing in src is dead', () => {
  it('holds', () => {
    expect(
      deadFiles(
        files.filter(({ path }) => isSource(path)),
        ENTRIES,
      ),
    ).toEqual([])
  })

  it('bites: a file that only another dead file imports is dead', () => {
    const planted = [
      source('src/index.ts', "export { a } from './a.ts'"),
      source('src/a.ts', "const b = () => import('./tools/b.ts')"),
      source('src/tools/b.ts', ''),
      source('src/c.ts', "import './d.ts'"),
      source('src/d.ts', "import './c.ts'"),
    ]
    expect(deadFiles(planted, ['src/index.ts'])).toEqual(['src/c.ts', 'src/d.ts'])
  })
})

interface Chart {
  readonly id: string
  readonly states: States
}

interface States {
  readonly [name: string]: { readonly states?: States }
}

async function machinesIn(path: string): Promise<readonly Chart[]> {
  const module = (await import(new URL(path, root).href)) as Record<string, unknown>
  const machines = Object.values(module).filter((it) => it instanceof StateMachine)
  expect(machines, `${path} exports its chart`).not.toEqual([])
  return machines.map(({ id, root: { states } }) => ({ id, states }))
}

/** The drawing is the first comment of the file; every state stands in it by its own name. */
function undrawnStates(
  { path, text }: Pick<Source, 'path' | 'text'>,
  charts: readonly Chart[],
): readonly string[] {
  const header = /^\s*\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? ''
  return charts.flatMap(({ id, states }) =>
    namesIn(states)
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(header))
      .map((name) => `${path}: "${name}" of ${id} is not in the drawing`),
  )
}

function namesIn(states: States): readonly string[] {
  return Object.entries(states).flatMap(([name, { states: inner }]) => [name, ...namesIn(inner ?? {})])
}

function deadFiles(sources: readonly Source[], entries: readonly string[]): readonly string[] {
  const byPath = new Map(sources.map((it) => [it.path, it]))
  const alive = new Set<string>()
  const visit = (path: string) => {
    const it = byPath.get(path)
    if (!it || alive.has(path)) return
    alive.add(path)
    for (const to of importsOf(it)) if (to.startsWith('.')) visit(posix.join(posix.dirname(path), to))
  }
  entries.forEach(visit)
  return sources.map(({ path }) => path).filter((path) => !alive.has(path))
}
