import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** One file of ours, as text and as a syntax tree. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

/** A rule over one file. `plants` break it, `passes` keep it: a rule that can't bite is no rule. */
export interface Rule {
  readonly name: string
  readonly covers: (path: string) => boolean
  readonly check: (source: Source) => readonly string[]
  readonly plants: readonly Planted[]
  readonly passes: readonly Planted[]
}

type Planted = readonly [path: string, text: string]

export function source(path: string, text: string): Source {
  let tree: ts.SourceFile | undefined
  return {
    path,
    text,
    get tree() {
      tree ??= ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
      return tree
    },
  }
}

const NOT_OURS = ['node_modules', 'dist', 'coverage', '.git', '.tmp', '.troupe', 'package-lock.json']
const TEXT =
  /(\.(ts|mjs|js|json|md|txt|html|css|patch|yml|yaml|sh)|^\.ci\/run|^\.githooks\/[^/]+|^LICENSE|^\.[a-z]+)$/

/** Every text file that would be committed, by its path from the root of the repository. */
export function ourFiles(root: string): readonly Source[] {
  return pathsBelow(root, '')
    .filter((path) => TEXT.test(path))
    .toSorted()
    .map((path) => source(path, readFileSync(join(root, path), 'utf8')))
}

function pathsBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.includes(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return pathsBelow(root, path)
      return entry.isFile() ? [path] : []
    })
}

export const isCode = (path: string) => /\.(ts|mjs)$/.test(path)
export const isSource = (path: string) => path.startsWith('src/') && path.endsWith('.ts')
export const isTest = (path: string) => path.startsWith('test/') && path.endsWith('.ts')

/** The part of the house that a file belongs to: `machines`, `runtime`, `cli`… */
export function layerOf(path: string): string {
  const [, first = ''] = path.split('/')
  return first.replace(/\.ts$/, '')
}

/** Every node of a tree, parents first. */
export function nodesOf(tree: ts.Node): readonly ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node) => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return nodes
}

export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

/** What a file imports, re-exports or loads later, by the name it says. */
export function importsOf({ tree }: Source): readonly string[] {
  return nodesOf(tree).flatMap((node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return textOf(node.arguments[0])
    }
    return []
  })
}

function textOf(node: ts.Node | undefined): string[] {
  return node && ts.isStringLiteralLike(node) ? [node.text] : []
}
