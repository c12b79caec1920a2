import { spellingsOf } from './paths.ts'
import { compile, isMatch, spelledOut } from './patterns.ts'
import { longNames } from './short-names.ts'
import { couldMeet, wildcards } from '../wildcards.ts'

/** A file that decides what happens to the user, or that holds what only the user may see. */
export interface ProtectedFile {
  /** Lower case: they are compared without regard to it. */
  readonly patterns: readonly string[]
  /** `control`: writing asks. `secret`: reading asks too. */
  readonly kind: 'control' | 'secret'
  readonly why: string
}

/** What is asked for in every mode, in the order in which it is looked up. */
export const PROTECTED_FILES: readonly ProtectedFile[] = [
  { kind: 'secret', patterns: ['**/.env*', '**/.envrc', '**/*.env'], why: 'environment files hold keys' },
  {
    kind: 'secret',
    patterns: ['**/*.{pem,key,p12,pfx,jks,keystore,kdbx,ppk}', '**/id_{rsa,dsa,ecdsa,ed25519}*'],
    why: 'it is a key',
  },
  {
    kind: 'secret',
    patterns: ['**/.{ssh,gnupg,aws,azure,kube,docker}/**', '**/.config/{gh,gcloud}/**'],
    why: 'the credentials of a tool lie there',
  },
  {
    kind: 'secret',
    patterns: [
      '**/{.netrc,_netrc,.pgpass,.pypirc,.git-credentials,.htpasswd,credentials,.credentials*}',
      '**/{credentials,secrets}.{json,yml,yaml,toml,ini,txt}',
      '**/service-account*.json',
    ],
    why: 'it holds passwords or tokens',
  },
  {
    kind: 'secret',
    patterns: ['**/.{npmrc,yarnrc,yarnrc.yml}'],
    why: 'it holds registry tokens, and says where packages come from',
  },
  {
    kind: 'secret',
    patterns: ['**/.git/config'],
    why: 'it names programs that git runs, and may hold tokens',
  },
  {
    kind: 'secret',
    patterns: ['**/environ'],
    why: 'the environment of a program holds its keys',
  },
  { kind: 'control', patterns: ['**/.git/**'], why: 'hooks and configuration of git run programs' },
  {
    kind: 'control',
    patterns: ['**/.gitconfig', '**/.config/git/**'],
    why: 'git runs the programs that it names, in every repository',
  },
  {
    kind: 'control',
    patterns: ['**/{.gitattributes,.gitmodules}'],
    why: 'it makes git run filters or fetch other code',
  },
  {
    kind: 'control',
    patterns: ['**/{.gitignore,.ignore,.rgignore}'],
    why: 'it decides which files a search leaves unread',
  },
  {
    kind: 'control',
    patterns: ['**/head'],
    why: 'a directory with a HEAD can pose as a repository with its own git configuration',
  },
  {
    kind: 'control',
    patterns: ['**/{.husky,.githooks}/**', '**/{,.}lefthook*', '**/.pre-commit-config.y*ml'],
    why: 'hooks run by themselves',
  },
  {
    kind: 'control',
    patterns: ['**/.troupe/**'],
    why: 'settings and agents of Troupe decide what a task may do',
  },
  {
    kind: 'control',
    patterns: ['**/package.json', '**/.pnpmfile.cjs', '**/bunfig.toml'],
    why: 'its scripts are run by others',
  },
  {
    kind: 'control',
    patterns: [
      '**/.{github,gitlab,circleci,buildkite,ci,forgejo,gitea,woodpecker}/**',
      '**/.{gitlab-ci,travis,drone,appveyor,woodpecker}.y*ml',
      '**/{azure,bitbucket}-pipelines.y*ml',
      '**/jenkinsfile*',
    ],
    why: 'it runs on the build machines, with their secrets',
  },
  {
    kind: 'control',
    patterns: [
      '**/.{vscode,idea,devcontainer,zed,fleet}/**',
      '**/*.code-workspace',
      '**/.{exrc,vimrc,nvimrc,nvim.lua,dir-locals.el}',
    ],
    why: 'an editor runs tasks from it when the folder is opened',
  },
  {
    kind: 'control',
    patterns: [
      '**/.{bashrc,bash_profile,bash_login,bash_logout,bash_aliases,profile,inputrc}',
      '**/.{zshrc,zshenv,zprofile,zlogin,zlogout}',
      '**/.config/fish/**',
      '**/{,.}mise*.toml',
      '**/.tool-versions',
    ],
    why: 'a shell runs it when it starts',
  },
  {
    kind: 'control',
    patterns: [
      '**/{agents,claude,gemini}{,.*}.md',
      '**/.{claude,cursor,windsurf,continue}/**',
      '**/.{cursorrules,windsurfrules,clinerules}',
      '**/.mcp.json',
    ],
    why: 'agents take instructions or programs from it',
  },
]

const compiled = PROTECTED_FILES.map((row) => ({ row, patterns: compile(row.patterns.flatMap(withItself)) }))
const state = compile(withItself('**/.troupe/state/**'))
/** Short names of Windows stand for long ones: `GIT~1` is `.git`. */
const inFull = longNames([
  ...new Set(compiledNames(PROTECTED_FILES.flatMap(({ patterns }) => patterns)).concat('.troupe', 'state')),
])

/** A directory is protected like what is in it. */
function withItself(pattern: string): readonly string[] {
  return pattern.endsWith('/**') ? [pattern, pattern.slice(0, -'/**'.length)] : [pattern]
}

/**
 * The longest plain run of each protected name. A path with none of them in it is not protected: cheap
 * to say first.
 */
const HINT = new RegExp(
  [
    ...new Set(
      PROTECTED_FILES.flatMap(({ patterns }) => patterns)
        .flatMap(namesIn)
        .map(longestRun),
    ),
  ]
    .map(literally)
    .join('|'),
)

function longestRun(name: string): string {
  return name.split(/[*?]/).reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}

function literally(text: string): string {
  return text.replace(/[^a-z0-9]/g, '\\$&')
}

/** Every part of a pattern that is a name. */
function compiledNames(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => pattern.split('/')).flatMap((part) => spelledOut(part) ?? [])
}

/** What protects a path, by any spelling, or `null`. */
export function protectionOf(path: string): ProtectedFile | null {
  const spellings = spellingsOf(path)
    .flatMap(inFull)
    .filter((spelling) => HINT.test(spelling))
  if (spellings.length === 0) return null
  return (
    compiled.find(({ patterns }) => spellings.some((spelling) => isMatch(patterns, spelling)))?.row ?? null
  )
}

/** Whether a path lies in a state directory of Troupe, by any spelling. */
export function isState(path: string): boolean {
  return spellingsOf(path)
    .flatMap(inFull)
    .some((spelling) => spelling.includes('.troupe') && isMatch(state, spelling))
}

/** Whether a search may show a file that nobody named: it is no secret, and no state of Troupe. */
export function mayBeFound(path: string): boolean {
  return !isState(path) && protectionOf(path)?.kind !== 'secret'
}

/** Globs, whatever the case, of what no search looks into unless it is named. */
export const SEARCHED_NEVER: readonly string[] = [
  '**/.troupe/state/**',
  ...PROTECTED_FILES.filter(({ kind }) => kind === 'secret').flatMap(({ patterns }) => patterns),
]

/**
 * The names that protect whatever has them as a part of its path, for words that a shell has yet to
 * expand.
 */
const NAMES = PROTECTED_FILES.flatMap(({ patterns }) => patterns)
  .flatMap((pattern) => namesIn(pattern))
  .map((name) => name.replace(/\*$/, ''))
  .map((name) => ({
    isHidden: name.startsWith('.'),
    isEnding: name.startsWith('*'),
    tokens: wildcards(name),
    lengthMax: name.includes('*') ? Number.POSITIVE_INFINITY : name.length,
  }))

/**
 * Whether a word with wildcards in it could come out as something protected. Like bash, a wildcard
 * that begins a part does not stand for a dot. A part that is nothing but wildcards names nothing, and one
 * that ends with what a variable holds may end with anything: that says nothing of it.
 */
export function couldBeProtected(shape: string, isExpansion = false): boolean {
  return shape.split('/').some((part) => {
    if (!/[*?]/.test(part) || /^[*?]*$/.test(part)) return false
    if (countOfWildcards(part) > WILDCARDS_MAX) return true
    const tokens = wildcards(part.toLowerCase())
    const plainLength = tokens.filter(({ kind }) => kind !== 'run').length
    return NAMES.some(
      (name) =>
        plainLength <= name.lengthMax &&
        !(name.isHidden && /^[*?]/.test(part)) &&
        !(isExpansion && name.isEnding && /[*?]$/.test(part)) &&
        couldMeet(tokens, name.tokens),
    )
  })
}

/** More in one part of a path, and it counts as whatever is feared. */
const WILDCARDS_MAX = 6

function countOfWildcards(part: string): number {
  return part.match(/[*?]/g)?.length ?? 0
}

/** The same for the state directory. */
export function couldBeState(shape: string): boolean {
  const parts = shape
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  return parts.some((part, index) => {
    const next = parts[index + 1]
    return (
      next !== undefined &&
      part.startsWith('.') &&
      couldMeet(wildcards(part), wildcards('.troupe')) &&
      couldMeet(wildcards(next), wildcards('state'))
    )
  })
}

/** The last part of a pattern that is a name, its braces written out. */
function namesIn(pattern: string): readonly string[] {
  return spelledOut(pattern.split('/').findLast((part) => part !== '**') ?? '') ?? []
}
