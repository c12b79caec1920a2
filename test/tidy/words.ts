import ts from 'typescript'
import { isCode, isSource, isTest, lineOf, nodesOf, type Rule } from './source.ts'

/** Names that say nothing, and end up holding everything. */
const EMPTY_FILE_NAMES =
  /(^|\/)(utils?|helpers?|types|common|misc|shared|[a-z-]*-?(manager|handler))\.(test\.)?(ts|mjs)$/
const EMPTY_SUFFIXES = /[a-z](Manager|Handler|Helper|Helpers|Util|Utils|Impl)$/
const ABBREVIATIONS: readonly string[] =
  'arr cb cfg ctx err evt fn idx msg mgr num obj opts req res str tmp val'.split(' ')

export const filesSayWhatIsInThem: Rule = {
  name: 'a file is named after the one thing in it',
  covers: isCode,
  check: ({ path }) => {
    if (path === 'src/index.ts') return []
    if (/(^|\/)index\.(ts|mjs)$/.test(path)) return [`${path}: only src/index.ts is an index`]
    if (EMPTY_FILE_NAMES.test(path)) return [`${path}: a name that says nothing`]
    return /(^|\/)[a-z0-9]+([.-][a-z0-9]+)*\.(ts|mjs)$/.test(path) ? [] : [`${path}: not in kebab-case`]
  },
  plants: [
    ['src/tools/index.ts', ''],
    ['src/tools/helpers.ts', ''],
    ['src/types.ts', ''],
    ['src/actors/task-manager.ts', ''],
    ['src/actors/callModel.ts', ''],
  ],
  passes: [
    ['src/index.ts', ''],
    ['test/tools/read-file.test.ts', ''],
  ],
}

export const namesSaySomething: Rule = {
  name: 'names say something, in whole words',
  covers: isSource,
  check: ({ path, tree }) =>
    nodesOf(tree).flatMap((node) => {
      const name = declaredName(node)
      if (name === null) return []
      const at = `${path}:${lineOf(tree, node)}`
      if (EMPTY_SUFFIXES.test(name)) return [`${at} "${name}" says nothing at its end`]
      return ABBREVIATIONS.includes(name) ? [`${at} "${name}" is an abbreviation`] : []
    }),
  plants: [
    ['src/x.ts', 'export interface TaskManager {}'],
    ['src/x.ts', 'type EventHandler = () => void'],
    ['src/x.ts', 'function x(msg: string) {}'],
    ['src/x.ts', 'const { value: res } = y'],
  ],
  passes: [['src/x.ts', 'const handler = x; interface Message { readonly text: string }']],
}

function declaredName(node: ts.Node): string | null {
  const isDeclaration =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)
  return isDeclaration && node.name && ts.isIdentifier(node.name) ? node.name.text : null
}

const LEFT_BEHIND: readonly Unwanted[] = [
  [/\b(FIX[M]E|X[X]X|HACK[:])/, 'unfinished business'],
  [/\bTO[D]O\b(?! \(#\d+\))/, 'a note to oneself without the number of an issue'],
  [/\.onl[y]\(/, 'a test that silences the others'],
]

export const nothingIsLeftBehind: Rule = {
  name: 'nothing is left behind',
  covers: (path) => isCode(path) || path.endsWith('.md'),
  check: ({ path, text, tree }) => [
    ...matches(path, text, LEFT_BEHIND),
    ...nodesOf(tree)
      .filter(ts.isDebuggerStatement)
      .map((node) => `${path}:${lineOf(tree, node)} a breakpoint`),
  ],
  plants: [
    ['src/x.ts', `// ${'FIX'}ME later`],
    ['src/x.ts', `// ${'TO'}DO tidy up`],
    ['src/x.ts', 'function x() { debugger }'],
    ['test/x.test.ts', `it.on${'ly'}('x', () => {})`],
  ],
  passes: [['src/x.ts', `// ${'TO'}DO (#12) when v6 is out.\nconst todos = []`]],
}

export const skippedTestsSayWhy: Rule = {
  name: 'a test that is skipped says why',
  covers: isTest,
  check: ({ path, text }) => {
    const lines = text.split('\n')
    return lines.flatMap((line, i) => {
      const isSkipped = /\b(it|test|describe)\.(ski[p]|skipI[f]|runI[f]|tod[o])\b/.test(line)
      const isExplained = /\/\/ \S+ \S+/.test(line) || /^\s*(\/\/ \S+|\*|\/\*\*)/.test(lines[i - 1] ?? '')
      return isSkipped && !isExplained ? [`${path}:${i + 1} is skipped without a reason`] : []
    })
  },
  plants: [['test/x.test.ts', `\nit.sk${'ip'}('x', () => {})`]],
  passes: [['test/x.test.ts', `// Windows has no process groups.\nit.skip${'If'}(isWindows)('x', () => {})`]],
}

/** Where somebody's machine, or the talk around the work, shows through. */
const NOT_FOR_READERS: readonly Unwanted[] = [
  [/\/wor[k]\/|\/tmp\/bash_job[s]|\/roo[t]\/\.npm/, 'a path of one machine'],
  [/\bco-founde[r]|\bfounder[s]\b|\bbluep[r]int\b|\bsubagen[t]\b|COMMO[N]\.md/i, 'talk around the work'],
  [/\bAs an A[I]\b|\bCo-Authored-B[y]\b|\bGenerated wit[h]\b/i, 'talk around the work'],
]

export const strangersCanReadIt: Rule = {
  name: 'what is committed is written for a stranger',
  covers: () => true,
  check: ({ path, text }) => matches(path, text, NOT_FOR_READERS),
  plants: [
    ['docs/x.md', `See /wo${'rk'}/main/src.`],
    ['src/x.ts', `// As the blue${'print'} says.`],
    ['README.md', `Written by a co-found${'er'}.`],
  ],
  passes: [['docs/x.md', 'The work goes to /home/user/project.']],
}

/** A pattern, written so that it does not match itself, and what it is that it finds. */
type Unwanted = readonly [pattern: RegExp, what: string]

function matches(path: string, text: string, unwanted: readonly Unwanted[]): readonly string[] {
  const found = (line: string) => unwanted.filter(([pattern]) => pattern.test(line))
  return text.split('\n').flatMap((line, i) => found(line).map(([, what]) => `${path}:${i + 1} ${what}`))
}
