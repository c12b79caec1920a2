import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf, isSource, isTest, layerOf, lineOf, nodesOf, type Rule, type Source } from './source.ts'

const HOUSE = 'protocol errors host machines boundary tools actors runtime models stores hosts'

/** What each part of src may import, besides itself. Nothing else; a new part begins with a row here. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  errors: ['protocol'],
  host: ['protocol'],
  machines: ['protocol', 'errors'],
  boundary: ['protocol', 'errors'],
  tools: ['protocol', 'errors', 'host'],
  models: ['protocol', 'errors', 'host'],
  stores: ['protocol', 'errors', 'host'],
  actors: ['protocol', 'errors', 'host', 'tools', 'boundary'],
  runtime: ['protocol', 'errors', 'host', 'machines', 'actors', 'tools', 'boundary'],
  testing: ['protocol', 'errors', 'host', 'machines', 'stores', 'runtime'],
  hosts: HOUSE.split(' '),
  cli: [...HOUSE.split(' '), 'index'],
  index: HOUSE.split(' '),
}

/** Moving to another XState touches these and no others. */
const KNOWS_XSTATE = ['machines', 'actors', 'runtime', 'testing']

const MAY_USE_NODE = ['hosts', 'cli']
/** A store or a model may use what its one medium needs. */
const MEDIA: Readonly<Record<string, readonly string[]>> = {
  stores: ['node:fs', 'node:fs/promises', 'node:path', 'node:sqlite', 'node:module', 'node:crypto'],
}

export const importsPointOneWay: Rule = {
  name: 'imports point one way',
  covers: isSource,
  check: (source) => {
    const from = layerOf(source.path)
    const allowed = MAY_IMPORT[from]
    if (!allowed) return [`${source.path}: "${from}" is not in the table of who may import whom`]
    return importsOf(source)
      .filter((to) => to.startsWith('.'))
      .map((to) => posix.join(posix.dirname(source.path), to))
      .filter((to) => !(to.startsWith('src/') && (layerOf(to) === from || allowed.includes(layerOf(to)))))
      .map((to) => `${source.path} may not import ${to}`)
  },
  plants: [
    ['src/machines/task.ts', "import { x } from '../actors/x.ts'"],
    ['src/actors/x.ts', "import { taskMachine } from '../machines/task.ts'"],
    ['src/boundary/decide.ts', "export { x } from '../host.ts'"],
    ['src/hosts/node.ts', "const x = await import('../cli/main.ts')"],
    ['src/tools/x.ts', "import x from '../../package.json'"],
    ['src/services/x.ts', ''],
  ],
  passes: [
    ['src/machines/task.ts', "import { Bug } from '../errors.ts'\nimport { socket } from './socket.ts'"],
    ['src/runtime.ts', "import { taskMachine } from './machines/task.ts'"],
  ],
}

export const importsNameTheFile: Rule = {
  name: 'an import names the file, with its ending',
  covers: (path) => isSource(path) || isTest(path),
  check: (source) =>
    importsOf(source)
      .filter((to) => to.startsWith('.') && !/\.(ts|mjs|json)$/.test(to))
      .map((to) => `${source.path} imports ${to}`),
  plants: [
    ['src/a.ts', "import { x } from './b'"],
    ['src/a.ts', "import { x } from './b.js'"],
  ],
  passes: [['src/a.ts', "import { x } from './b.ts'"]],
}

export const xstateStaysWhereItBelongs: Rule = {
  name: 'XState stays where it belongs',
  covers: isSource,
  check: (source) =>
    importsOf(source).some((to) => /^xstate(\/|$)|^@xstate\//.test(to)) &&
    !KNOWS_XSTATE.includes(layerOf(source.path))
      ? [`${source.path} imports XState`]
      : [],
  plants: [
    ['src/tools/x.ts', "import { createActor } from 'xstate'"],
    ['src/hosts/node.ts', "import { getShortestPaths } from 'xstate/graph'"],
  ],
  passes: [['src/machines/task.ts', "import { setup } from 'xstate'"]],
}

export const nodeStaysAtTheEdges: Rule = {
  name: 'Node stays at the edges',
  covers: isSource,
  check: (source) => {
    const layer = layerOf(source.path)
    if (MAY_USE_NODE.includes(layer)) return []
    return importsOf(source)
      .filter((to) => to.startsWith('node:') && !MEDIA[layer]?.includes(to))
      .map((to) => `${source.path} imports ${to}`)
  },
  plants: [
    ['src/tools/x.ts', "import { readFile } from 'node:fs/promises'"],
    ['src/stores/x.ts', "import { spawn } from 'node:child_process'"],
  ],
  passes: [
    ['src/hosts/x.ts', "import { readFile } from 'node:fs/promises'"],
    ['src/stores/x.ts', "import { open } from 'node:fs/promises'"],
  ],
}

const WORLD = ['process', 'console', 'fetch', 'performance', 'crypto', 'globalThis']
const TIME = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']
/** Contract suites run in real time; a model and a store are each one medium. */
const BRINGS_THE_WORLD = ['hosts', 'cli', 'models', 'stores', 'testing']

export const theWorldComesThroughTheHost: Rule = {
  name: 'the world comes in through the host',
  covers: (path) => isSource(path) && !BRINGS_THE_WORLD.includes(layerOf(path)),
  check: (source) => {
    const found = [...valuesNamed(source, [...WORLD, 'setInterval']), ...nowOrChance(source)]
    return found.map((it) => `${it}: ask the host`)
  },
  plants: [
    ['src/runtime.ts', 'const at = Date.now()'],
    ['src/actors/x.ts', 'const at = new Date()'],
    ['src/tools/x.ts', 'const id = Math.random()'],
    ['src/boundary/x.ts', 'const home = process.env.HOME'],
    ['src/tools/x.ts', "console.log('x')"],
  ],
  passes: [
    ['src/tools/x.ts', 'const day = new Date(at).toISOString(); task.process = 1; const x = { console: 2 }'],
    ['src/hosts/x.ts', 'const at = Date.now()'],
  ],
}

export const machinesOnlyDecide: Rule = {
  name: 'L1: machines do nothing but decide',
  covers: (path) => isSource(path) && layerOf(path) === 'machines',
  check: (source) => {
    const { tree, path } = source
    const waits = nodesOf(tree)
      .filter((node) => node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node))
      .map((node) => `${path}:${lineOf(tree, node)} is asynchronous`)
    const names = [...WORLD, ...TIME, 'Date', 'Promise', 'fromPromise', 'AbortController']
    return [...waits, ...valuesNamed(source, names), ...nowOrChance(source)]
  },
  plants: [
    ['src/machines/x.ts', 'export async function x() {}'],
    ['src/machines/x.ts', 'const at = new Date(0)'],
    ['src/machines/x.ts', 'const at = Date.now()'],
    ['src/machines/x.ts', 'const id = Math.random()'],
    ['src/machines/x.ts', "console.warn('x')"],
    ['src/machines/x.ts', 'setTimeout(() => {}, 1)'],
    ['src/machines/x.ts', "const mode = process.env['MODE']"],
    ['src/machines/x.ts', 'const socket = fromPromise(() => Promise.reject())'],
  ],
  passes: [
    [
      'src/machines/x.ts',
      '/** Not async; never process.exit. */\nexport const x = (at: number) => Math.max(at, 0)',
    ],
  ],
}

const PARTS_PRIVATE_TO_XSTATE = /^_[a-z]/

export const xstateKeepsItsSecrets: Rule = {
  name: 'nobody reaches into what XState keeps private',
  covers: (path) => isSource(path) || isTest(path),
  check: ({ path, tree }) =>
    nodesOf(tree)
      .filter(ts.isPropertyAccessExpression)
      .filter(({ name }) => PARTS_PRIVATE_TO_XSTATE.test(name.text))
      .map((node) => `${path}:${lineOf(tree, node)} reads .${node.name.text}`),
  plants: [['src/runtime.ts', 'actor._parent.send(event)']],
  passes: [['src/runtime.ts', 'const { $schema: _, ...rest } = schema; actor.system.get(id)']],
}

export const testsUseRealParts: Rule = {
  name: 'a test replaces none of our own modules',
  covers: isTest,
  check: ({ path, tree }) =>
    nodesOf(tree)
      .filter(ts.isCallExpression)
      .filter(({ expression }) => /^vi\s*\.\s*(mock|doMock|hoisted)$/.test(expression.getText(tree)))
      .map((node) => `${path}:${lineOf(tree, node)} replaces a module`),
  plants: [['test/x.test.ts', "vi.mock('../src/host.ts')"]],
  passes: [['test/x.test.ts', 'const heard = vi.fn()']],
}

function valuesNamed({ path, tree }: Source, names: readonly string[]): readonly string[] {
  return nodesOf(tree)
    .filter(ts.isIdentifier)
    .filter((node) => names.includes(node.text) && isValue(node))
    .map((node) => `${path}:${lineOf(tree, node)} uses ${node.text}`)
}

/** A name that is read from around, not one that is declared here or belongs to an object. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isTypeReferenceNode(parent) || ts.isExpressionWithTypeArguments(parent)) return false
  if (ts.isShorthandPropertyAssignment(parent)) return true
  return (
    !('name' in parent && parent.name === node) &&
    !(ts.isBindingElement(parent) && parent.propertyName === node)
  )
}

function nowOrChance({ path, tree }: Source): readonly string[] {
  return nodesOf(tree)
    .filter((node) => {
      if (ts.isPropertyAccessExpression(node)) return /^(Math\.random|Date\.now)$/.test(node.getText(tree))
      return ts.isNewExpression(node) && node.expression.getText(tree) === 'Date' && !node.arguments?.length
    })
    .map((node) => `${path}:${lineOf(tree, node)} uses ${node.getText(tree)}`)
}
