import { baseOf } from '../programs.ts'

/** A program that runs code which nobody has judged. */
export interface CodeRunner {
  readonly programs: readonly string[]
  /** The first word behind the options must be one of these. */
  readonly first?: readonly string[]
  readonly why: string
}

const scripts = 'runs code of the workspace: the scripts of package.json'
const installs = 'runs code of packages: what they run when they are installed'
const fetched = 'runs code of a package, perhaps fetched right now'
const files = 'runs code: the files it is given, or what the command itself says'
const tests = 'runs code of the workspace: tests and their settings'
const builds = 'runs code of the workspace: its build files'
const settings = 'runs code of the workspace: settings and plugins'
const hooks = 'may run code of the repository: hooks and filters'
const containers = 'runs code: what the image and the build file say'

/** The published table. It can't be whole: any program may run what it reads. */
export const CODE_RUNNERS: readonly CodeRunner[] = [
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun'],
    first: ['test', 't', 'tst', 'run', 'run-script', 'start', 'stop', 'restart', 'build', 'dev', 'lint'],
    why: scripts,
  },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun'],
    first: [
      'install',
      'i',
      'ci',
      'add',
      'update',
      'up',
      'rebuild',
      'link',
      'install-test',
      'pack',
      'publish',
    ],
    why: installs,
  },
  {
    programs: ['npm', 'pnpm', 'yarn', 'bun'],
    first: ['exec', 'x', 'dlx', 'create', 'init', 'node'],
    why: fetched,
  },
  { programs: ['npx', 'pnpx', 'bunx', 'uvx', 'pipx'], why: fetched },
  {
    programs: ['node', 'nodejs', 'deno', 'tsx', 'ts-node', 'perl', 'ruby', 'php', 'lua', 'luajit'],
    why: files,
  },
  {
    programs: ['r', 'rscript', 'julia', 'elixir', 'erl', 'escript', 'groovy', 'scala', 'kotlin'],
    why: files,
  },
  { programs: ['java', 'dotnet', 'swift', 'osascript', 'tclsh', 'expect', 'pwsh', 'powershell'], why: files },
  { programs: ['awk', 'gawk', 'mawk', 'vim', 'vi', 'nvim', 'emacs', 'ed', 'ex'], why: files },
  {
    programs: ['sh', 'bash', 'dash', 'zsh', 'ksh', 'fish', 'source', '.', 'eval'],
    why: 'runs lines of a shell: of the file it is given, or of the command itself',
  },
  { programs: ['go'], first: ['run', 'test', 'generate', 'build', 'install', 'tool', 'vet'], why: builds },
  {
    programs: ['cargo'],
    first: ['run', 'r', 'test', 't', 'build', 'b', 'bench', 'check', 'c', 'clippy', 'install', 'doc'],
    why: builds,
  },
  {
    programs: ['make', 'gmake', 'cmake', 'ctest', 'ninja', 'meson', 'bazel', 'just', 'task', 'scons'],
    why: builds,
  },
  { programs: ['mvn', 'mvnw', 'gradle', 'gradlew', 'ant', 'sbt', 'lein', 'rake', 'mix', 'zig'], why: builds },
  {
    programs: ['pytest', 'tox', 'nox', 'jest', 'vitest', 'mocha', 'ava', 'playwright', 'cypress'],
    why: tests,
  },
  { programs: ['rspec', 'phpunit', 'karma', 'behave', 'nyc', 'c8'], why: tests },
  {
    programs: ['eslint', 'prettier', 'stylelint', 'babel', 'webpack', 'rollup', 'vite', 'next'],
    why: settings,
  },
  {
    programs: ['nuxt', 'astro', 'tsup', 'turbo', 'nx', 'lerna', 'gulp', 'grunt', 'storybook'],
    why: settings,
  },
  {
    programs: ['mypy', 'pylint', 'sphinx-build', 'django-admin', 'alembic', 'rubocop', 'rails'],
    why: settings,
  },
  {
    programs: ['pip', 'pip3', 'gem', 'easy_install'],
    first: ['install', 'wheel', 'download'],
    why: installs,
  },
  {
    programs: ['poetry', 'pipenv', 'hatch', 'pdm'],
    first: ['run', 'install', 'shell', 'build', 'add'],
    why: installs,
  },
  { programs: ['uv'], first: ['run', 'sync', 'pip', 'tool', 'add', 'build'], why: installs },
  {
    programs: ['bundle', 'composer'],
    first: ['exec', 'install', 'update', 'run', 'run-script', 'require'],
    why: installs,
  },
  {
    programs: ['docker', 'podman', 'nerdctl'],
    first: ['run', 'build', 'buildx', 'compose', 'exec', 'start', 'create'],
    why: containers,
  },
  { programs: ['docker-compose', 'vagrant', 'act'], why: containers },
  {
    programs: ['terraform', 'tofu'],
    first: ['apply', 'plan', 'init', 'destroy', 'import', 'validate'],
    why: settings,
  },
  { programs: ['ansible', 'ansible-playbook', 'pulumi', 'serverless', 'sls', 'cdk', 'helm'], why: settings },
  {
    programs: ['git'],
    first: [
      ...['commit', 'merge', 'checkout', 'switch', 'rebase', 'push', 'pull', 'am', 'cherry-pick', 'revert'],
      ...['add', 'reset', 'restore', 'stash', 'clone', 'worktree', 'bisect', 'gc', 'fetch', 'apply'],
    ],
    why: hooks,
  },
  { programs: ['pre-commit', 'husky', 'lefthook', 'lint-staged', 'direnv', 'mise', 'asdf'], why: hooks },
]

const SAYS_CODE = /^(-[a-zA-Z]*[ecp]|--eval|--print|--command)(=.*)?$/
const EVALUATE =
  /^(node|nodejs|deno|bun|tsx|perl|ruby|python[\d.]*|pypy[\d.]*|php|lua|sh|bash|dash|zsh|ksh|r|rscript)$/
/** With nothing but one of these it tells of itself. */
const TELLS = /^(--version|--help|-V|-h|version|help)$/
/** Options in front of the word that counts which take the next word along. */
const TAKING: ReadonlySet<string> = new Set(
  [
    '-C -c -w -H --git-dir --work-tree --prefix --dir --cwd --filter --workspace',
    '--directory --project --context --host',
  ].flatMap((options) => options.split(' ')),
)

/** Why a command runs code that nobody has judged, in words; `null` where it is not known to. */
export function codeRunBy(words: readonly string[]): string | null {
  const [given = '', ...rest] = words
  if (given === '') return null
  if (given !== '.' && /[\\/]/.test(given) && !/^\/(usr\/(local\/)?)?s?bin\/[^\\/]+$/.test(given))
    return `runs a program by its path: ${given.slice(0, PATH_CHARS_SHOWN)}`
  const name = baseOf(given)
    .toLowerCase()
    .replace(/\.exe$/, '')
  if (rest.length === 1 && TELLS.test(rest[0] as string)) return null
  if (EVALUATE.test(name) && saysCode(rest)) return 'runs code that the command itself says'
  if (/^(python|pypy)[\d.]*$/.test(name)) return files
  const first = firstOf(rest)
  const row = CODE_RUNNERS.find(
    ({ programs, first: firsts }) => programs.includes(name) && (firsts?.includes(first) ?? true),
  )
  if (row) return row.why
  // `yarn lint` is a script of whatever name.
  if (name !== 'yarn' || YARN_OWN.has(first)) return null
  return first === '' ? installs : scripts
}

const PATH_CHARS_SHOWN = 200
const YARN_OWN: ReadonlySet<string> = new Set(
  'info list outdated why version help audit licenses cache config remove'.split(' '),
)

/** Whether an option in front of the first file gives the code. */
function saysCode(words: readonly string[]): boolean {
  for (const word of words) {
    if (SAYS_CODE.test(word) || word === 'eval') return true
    if (!word.startsWith('-')) return false
  }
  return false
}

function firstOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    if (!/^[-+]/.test(word)) return word
    if (TAKING.has(word)) at += 1
  }
  return ''
}
