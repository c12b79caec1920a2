/** Finds every boundary and every rule that a text shows: in code, in JSON, in an agent's file. */
import ts from 'typescript'
import { parseDocument } from 'yaml'
import { LAYER_KEYS } from '../../src/boundary/layer.ts'

export interface Shown {
  readonly path: string
  /** As it stands there. */
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

const POLICY_KEYS = ['allow', 'ask', 'deny']
const NOT_PLAIN = Symbol('not plain')

/** Layers that a document, a source file or a text for a model shows. */
export function layersIn(path: string, text: string): readonly Shown[] {
  return shownIn(path, text, LAYER_KEYS, () => true)
}

/** Policies: what has at least one list of rules. */
export function policiesIn(path: string, text: string): readonly Shown[] {
  return shownIn(path, text, POLICY_KEYS, (value) => POLICY_KEYS.some((key) => Array.isArray(value[key])))
}

/** Rules with something in parentheses, `write_file(src/**)`, wherever they stand in backquotes or quotes. */
export function rulesIn(text: string, tools: readonly string[]): readonly string[] {
  const names = tools.join('|')
  const found = text.matchAll(new RegExp(`[\`'"]((?:${names})\\([^\`'"\\n]+\\))[\`'"]`, 'g'))
  return [...new Set([...found].map(([, rule = '']) => rule))]
}

function shownIn(
  path: string,
  text: string,
  keys: readonly string[],
  isMeant: (value: Shown['value']) => boolean,
): readonly Shown[] {
  const chunks = path.endsWith('.md') ? chunksOf(text) : [text]
  const found = chunks
    .filter((chunk) => keys.some((key) => chunk.includes(key)))
    .flatMap((chunk) => [...inFrontMatter(chunk), ...inCode(chunk)])
    .filter(({ value }) => Object.keys(value).some((key) => keys.includes(key)) && isMeant(value))
  const unique = new Map(found.map((it) => [JSON.stringify(it.value), { path, ...it }]))
  return [...unique.values()]
}

/** Blocks of code, and code within a line. */
function chunksOf(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^(```|~~~)\w*\n([\s\S]*?)^\1/gm)].map(([, , code = '']) => code)
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
  return [...blocks, ...[...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)]
}

function inFrontMatter(chunk: string): readonly Omit<Shown, 'path'>[] {
  const [, yaml] = /^---\n([\s\S]*?)\n---/.exec(chunk) ?? []
  if (yaml === undefined) return []
  const value = (parseDocument(yaml).toJS() as { permissions?: Shown['value'] }).permissions
  return value ? [{ text: yaml, value }] : []
}

/** Objects that are written out: in code, as JSON, as the argument of a command, or as a pair alone. */
function inCode(chunk: string): readonly Omit<Shown, 'path'>[] {
  const inQuotes = [...chunk.matchAll(/\{[^\n]*\}/g)].map(([object]) => `(${object})`)
  const asPair = /^\w+: [^\n]+$/.test(chunk) ? [`({ ${chunk} })`] : []
  return [chunk, `(${chunk})`, ...inQuotes, ...asPair].flatMap((code) => objectsIn(code))
}

function objectsIn(code: string): readonly Omit<Shown, 'path'>[] {
  const file = ts.createSourceFile('shown.ts', code, ts.ScriptTarget.ESNext, true)
  const found: Omit<Shown, 'path'>[] = []
  const look = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const value = valueOf(node)
      if (typeof value === 'object' && value !== null)
        found.push({ text: node.getText(file), value: value as Shown['value'] })
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return found
}

function valueOf(node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false
  if (ts.isArrayLiteralExpression(node)) {
    const values = node.elements.map(valueOf)
    return values.includes(NOT_PLAIN) ? NOT_PLAIN : values
  }
  if (!ts.isObjectLiteralExpression(node)) return NOT_PLAIN
  const entries = node.properties.map((property) => {
    if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return null
    return [property.name.text, valueOf(property.initializer)] as const
  })
  if (entries.some((entry) => entry === null || entry[1] === NOT_PLAIN)) return NOT_PLAIN
  return Object.fromEntries(entries as (readonly [string, unknown])[])
}
