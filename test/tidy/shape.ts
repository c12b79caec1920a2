import ts from 'typescript'
import { isCode, isSource, isTest, lineOf, nodesOf, type Rule, type Source } from './source.ts'

const SOURCE_LINES_MAX = 300
const TEST_LINES_MAX = 500
const FUNCTION_LINES_MAX = 50
const COLUMNS_MAX = 110
const FOLDER_FILES_MAX = 15

const linesOf = (text: string) => text.replace(/\n$/, '').split('\n')

export const filesFitInAHead: Rule = {
  name: 'files fit in a head',
  covers: isCode,
  check: ({ path, text }) => {
    const limit = isTest(path) ? TEST_LINES_MAX : SOURCE_LINES_MAX
    const count = linesOf(text).length
    return count > limit ? [`${path} has ${count} lines; at most ${limit}`] : []
  },
  plants: [
    ['src/x.ts', 'x()\n'.repeat(SOURCE_LINES_MAX + 1)],
    ['test/x.test.ts', 'x()\n'.repeat(TEST_LINES_MAX + 1)],
  ],
  passes: [
    ['src/x.ts', 'x()\n'.repeat(SOURCE_LINES_MAX)],
    ['test/x.test.ts', 'x()\n'.repeat(TEST_LINES_MAX)],
  ],
}

export const linesFitOnAScreen: Rule = {
  name: 'lines fit on a screen',
  covers: isCode,
  check: ({ path, text, tree }) => {
    const lines = linesOf(text)
    if (lines.every(({ length }) => length <= COLUMNS_MAX)) return []
    const literals = literalColumns(tree)
    return lines.flatMap((line, i) => {
      const count = line.length - (literals.get(i) ?? 0)
      return count > COLUMNS_MAX ? [`${path}:${i + 1} has ${count} columns; at most ${COLUMNS_MAX}`] : []
    })
  },
  plants: [
    ['src/x.ts', `// ${'x'.repeat(COLUMNS_MAX)}`],
    ['src/x.ts', `const x = 'y'\nconst y = ${'z'.repeat(COLUMNS_MAX)}`],
  ],
  passes: [
    ['src/x.ts', 'x'.repeat(COLUMNS_MAX)],
    // A text or a pattern is not made easier to read by cutting it up.
    ['src/x.ts', `const x = '${'y '.repeat(COLUMNS_MAX)}'`],
    ['src/x.ts', `const x = \`\n${'y '.repeat(COLUMNS_MAX)}\${z}\``],
    ['src/x.ts', `const x = /${'y'.repeat(COLUMNS_MAX)}/`],
  ],
}

/** How many columns of each line are the inside of a text or a pattern. */
function literalColumns(tree: ts.SourceFile): ReadonlyMap<number, number> {
  const columns = new Map<number, number>()
  const isLiteral = (node: ts.Node) =>
    ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isRegularExpressionLiteral(node)
  for (const node of nodesOf(tree).filter(isLiteral)) {
    const first = lineOf(tree, node) - 1
    for (const [i, part] of node.getText(tree).split('\n').entries()) {
      columns.set(first + i, (columns.get(first + i) ?? 0) + part.length)
    }
  }
  return columns
}

export const functionsFitOnAScreen: Rule = {
  name: 'functions fit on a screen',
  covers: (path) => isCode(path) && !isTest(path),
  check: ({ path, tree }) =>
    nodesOf(tree)
      .filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
      .map((node) => ({ node, count: lineCount(tree, node) - chartLines(tree, node) }))
      .filter(({ count }) => count > FUNCTION_LINES_MAX)
      .map(
        ({ node, count }) =>
          `${path}:${lineOf(tree, node)} is a function of ${count} lines; at most ${FUNCTION_LINES_MAX}`,
      ),
  plants: [
    ['src/x.ts', `function x() {\n${'  y()\n'.repeat(FUNCTION_LINES_MAX)}}`],
    ['src/x.ts', `const x = {\n  async y() {\n${'  z()\n'.repeat(FUNCTION_LINES_MAX)}}\n}`],
  ],
  passes: [
    ['src/x.ts', `function x() {\n${'  y()\n'.repeat(FUNCTION_LINES_MAX - 2)}}`],
    // A chart is data, also where a function makes it.
    ['src/x.ts', `const x = () => setup({}).createMachine({\n${'  a: 1,\n'.repeat(FUNCTION_LINES_MAX)}})`],
  ],
}

function lineCount(tree: ts.SourceFile, node: ts.Node): number {
  const { line } = tree.getLineAndCharacterOfPosition(node.getEnd())
  return line + 2 - lineOf(tree, node)
}

/** Lines of the charts that a function holds: data, which no function runs through. */
function chartLines(tree: ts.SourceFile, node: ts.Node): number {
  return nodesOf(node)
    .filter(ts.isCallExpression)
    .filter(({ expression }) => /(^|\.)(createMachine|createStateConfig)$/.test(expression.getText(tree)))
    .flatMap((call) => call.arguments)
    .reduce((sum, chart) => sum + lineCount(tree, chart) - 1, 0)
}

export const nothingIsSharedByAccident: Rule = {
  name: 'no module keeps a state: two runtimes in one process never meet',
  covers: isSource,
  check: ({ path, tree }) =>
    tree.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => {
      if (!(declarationList.flags & ts.NodeFlags.Const)) {
        return [`${path}:${lineOf(tree, declarationList)} is a variable of the module`]
      }
      return declarationList.declarations
        .filter((declaration) => isMutable(declaration))
        .map(
          (declaration) =>
            `${path}:${lineOf(tree, declaration)} anyone can change ${declaration.name.getText(tree)}`,
        )
    }),
  plants: [
    ['src/x.ts', 'let count = 0'],
    ['src/x.ts', 'export var count = 0'],
    ['src/x.ts', 'const seen = new Map<string, number>()'],
    ['src/x.ts', 'const seen = new WeakMap()'],
    ['src/x.ts', 'const seen: string[] = []'],
    ['src/x.ts', 'const seen: Record<string, string> = {}'],
  ],
  passes: [
    ['src/x.ts', 'const NAMES: ReadonlySet<string> = new Set(["a"])'],
    ['src/x.ts', 'const LIST = ["a", "b"] as const\nfunction x() { let count = 0; return count }'],
  ],
}

function isMutable({ initializer, type }: ts.VariableDeclaration): boolean {
  const isReadonly = type !== undefined && /^(Readonly|readonly )/.test(type.getText())
  if (!initializer || isReadonly) return false
  if (ts.isNewExpression(initializer)) {
    return /^(Map|Set|WeakMap|WeakSet|Array)$/.test(initializer.expression.getText())
  }
  const isEmptyList = ts.isArrayLiteralExpression(initializer) && initializer.elements.length === 0
  return isEmptyList || (ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 0)
}

export const typesAreHonest: Rule = {
  name: 'types are honest: no any, no silenced compiler, no unexplained double cast',
  covers: (path) => path.endsWith('.ts'),
  check: ({ path, text, tree }) =>
    [
      ...nodesOf(tree)
        .filter(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)
        .map((node) => ({ node, what: 'any' })),
      ...nodesOf(tree)
        .filter((node) => isDoubleCast(node) && !isExplained(text, tree, node))
        .map((node) => ({ node, what: 'a double cast' })),
    ]
      .map(({ node, what }) => `${path}:${lineOf(tree, node)} ${what}`)
      .concat(
        /@ts-(ignore|nocheck)/.test(text.replace(/(['"`/]).*?\1/g, ''))
          ? [`${path} silences the compiler`]
          : [],
      ),
  plants: [
    ['src/x.ts', 'const x: any = 1'],
    ['src/x.ts', 'const x = y as any'],
    ['src/x.ts', `// @ts-${'ignore'}\nx()`],
    ['src/x.ts', 'x()\nconst a = b as unknown as C'],
  ],
  passes: [
    ['src/x.ts', '// Any thing, for any reason.\nconst x: unknown = 1'],
    ['src/x.ts', '// The library says `string`; it gives a number.\nconst a = b as unknown as C'],
  ],
}

function isDoubleCast(node: ts.Node): boolean {
  return (
    ts.isAsExpression(node) &&
    ts.isAsExpression(node.expression) &&
    node.expression.type.getText() === 'unknown'
  )
}

function isExplained(text: string, tree: ts.SourceFile, node: ts.Node): boolean {
  const lines = text.split('\n')
  const line = lineOf(tree, node)
  return [lines[line - 1], lines[line - 2]].some((it) => it !== undefined && /\/\/|\*\/|^\s*\*/.test(it))
}

export const classesAreErrors: Rule = {
  name: 'a class is an error; all else is functions and data',
  covers: isSource,
  check: ({ path, tree }) =>
    nodesOf(tree)
      .filter((node) => ts.isClassLike(node))
      .filter((node) => !node.heritageClauses?.some((clause) => /Error\b/.test(clause.getText(tree))))
      .map((node) => `${path}:${lineOf(tree, node)} is a class and not an error`),
  plants: [['src/x.ts', 'export class Task {}']],
  passes: [['src/x.ts', 'export class Bug extends Error {}']],
}

/** A folder of more files than a reader can hold is two folders. */
export function fullFolders(sources: readonly Pick<Source, 'path'>[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { path } of sources) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > FOLDER_FILES_MAX)
    .map(([folder, count]) => `${folder} has ${count} files; at most ${FOLDER_FILES_MAX}`)
}
