/**
 * What a file is, told from its path alone.
 */

export type Kind =
  | 'source'
  | 'test'
  | 'fixture'
  | 'vendored'
  | 'generated'
  | 'lock'
  | 'document'
  | 'setting'
  | 'other'

const CODE: Readonly<Record<string, string>> = {
  ts: 'TypeScript',
  tsx: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  js: 'JavaScript',
  jsx: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  py: 'Python',
  pyi: 'Python',
  go: 'Go',
  rs: 'Rust',
  java: 'Java',
  kt: 'Kotlin',
  kts: 'Kotlin',
  scala: 'Scala',
  c: 'C',
  h: 'C',
  cc: 'C++',
  cpp: 'C++',
  cxx: 'C++',
  hpp: 'C++',
  cs: 'C#',
  rb: 'Ruby',
  php: 'PHP',
  swift: 'Swift',
  ex: 'Elixir',
  exs: 'Elixir',
  sh: 'Shell',
  bash: 'Shell',
  lua: 'Lua',
  pl: 'Perl',
  r: 'R',
  dart: 'Dart',
  zig: 'Zig',
  vue: 'Vue',
  svelte: 'Svelte',
  sql: 'SQL',
  hs: 'Haskell',
  clj: 'Clojure',
  erl: 'Erlang',
}

const TEXT: Readonly<Record<string, string>> = {
  md: 'Markdown',
  mdx: 'Markdown',
  rst: 'reStructuredText',
  adoc: 'AsciiDoc',
  txt: 'Text',
  html: 'HTML',
  css: 'CSS',
  scss: 'CSS',
  less: 'CSS',
  json: 'JSON',
  jsonc: 'JSON',
  yaml: 'YAML',
  yml: 'YAML',
  toml: 'TOML',
  xml: 'XML',
  ini: 'INI',
  cfg: 'INI',
  properties: 'Properties',
  proto: 'Protocol Buffers',
  graphql: 'GraphQL',
  csv: 'CSV',
}

const HASH_COMMENTS: ReadonlySet<string> = new Set([
  'Python',
  'Ruby',
  'Shell',
  'Elixir',
  'Perl',
  'R',
  'YAML',
  'TOML',
])
const DOCUMENTS: ReadonlySet<string> = new Set(['Markdown', 'reStructuredText', 'AsciiDoc', 'Text'])

const VENDORED =
  /(^|\/)(node_modules|vendor|vendored|third[_-]party|bower_components|\.venv|venv|site-packages|\.yarn)\//
const GENERATED =
  /(^|\/)(dist|out|coverage|target|\.next|__pycache__|__generated__|generated|__snapshots__)\/|\.min\.(js|css)$|\.map$|\.snap$|\.pb\.go$|_pb2(_grpc)?\.py$|\.(generated|g)\.\w+$|\.tsbuildinfo$/
const LOCK =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|uv\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock)$/
const FIXTURE = /(^|\/)(fixtures?|__fixtures__|testdata|test-data|cassettes|golden)\//
const TEST =
  /(^|\/)(tests?|__tests__|specs?|e2e)\/|\.(test|spec|test-d)\.[cm]?[jt]sx?$|(^|\/)(test_[^/]*|conftest)\.py$|_(test|spec)\.(py|go|rb|exs)$|Tests?\.(java|kt|cs|swift)$/
/** Folders whose code is run by hand and talks to whoever ran it. */
const BY_HAND =
  /(^|\/)(cli|cmd|bin|scripts?|tools?|examples?|demos?|bench(marks?)?|docs?)\/|(^|\/)(cli|__main__|manage|setup|main)\.\w+$/

/** The extension in lower case, without its dot; empty when there is none. */
export function extensionOf(path: string): string {
  return /[^/]\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder a file is in; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The language by the file's name, or `null`. */
export function languageOf(path: string): string | null {
  const extension = extensionOf(path)
  return CODE[extension] ?? TEXT[extension] ?? null
}

export function isCode(path: string): boolean {
  return extensionOf(path) in CODE
}

export function isCodeLanguage(language: string): boolean {
  return Object.values(CODE).includes(language)
}

export function hasHashComments(path: string): boolean {
  return HASH_COMMENTS.has(languageOf(path) ?? '')
}

export function isRunByHand(path: string): boolean {
  return BY_HAND.test(path)
}

/** What the file is for. The first that fits: a lock file in a vendored folder is vendored. */
export function kindOf(path: string): Kind {
  if (VENDORED.test(path)) return 'vendored'
  if (GENERATED.test(path)) return 'generated'
  if (LOCK.test(path)) return 'lock'
  if (FIXTURE.test(path)) return 'fixture'
  if (isCode(path)) return TEST.test(path) ? 'test' : 'source'
  const language = languageOf(path)
  if (language === null) return 'other'
  return DOCUMENTS.has(language) ? 'document' : 'setting'
}
