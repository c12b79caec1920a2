import { realpathSync } from 'node:fs'
import { delimiter, isAbsolute, sep } from 'node:path'
import { isInside } from './paths.ts'

/** What would make bash run something else than the line it was given, or load what is not its own. */
const DANGEROUS: ReadonlySet<string> = new Set([
  'BASH_ENV',
  'ENV',
  'SHELLOPTS',
  'BASHOPTS',
  'BASH_COMPAT',
  'BASH_LOADABLES_PATH',
  'BASH_XTRACEFD',
  'POSIXLY_CORRECT',
  'CDPATH',
  'GLOBIGNORE',
  'PROMPT_COMMAND',
  'PS4',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'DYLD_INSERT_LIBRARIES',
  'DYLD_LIBRARY_PATH',
  'RIPGREP_CONFIG_PATH',
  'TROUPE_HOME',
])
/** Of git's own only these: others have it read another repository, write a trace, or run a program. */
const GIT = /^GIT_/
const GIT_KEPT =
  /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|TERMINAL_PROMPT|CEILING_DIRECTORIES|SSH(_COMMAND)?|EDITOR)$/
const FUNCTIONS = /^BASH_FUNC_/i

/** Names under which people keep what a model must not see. */
const SECRET_FAMILIES = /^(OPENAI|ANTHROPIC|AZURE|AWS|GOOGLE_APPLICATION|GCP|VAULT|DOPPLER|SENTRY)_/i
const SECRET_WORDS = new RegExp(
  `(^|_)(${[
    'SECRETS?|TOKENS?|ACCESSTOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|PASSCODE|PASS|PWD|CREDENTIALS?|CREDS?',
    'API_?KEYS?|AUTH|AUTHORIZATION|BEARER|JWT|COOKIE|DSN|PAT|SK|KEYS?|MNEMONIC|WEBHOOK(_URL)?',
  ].join('|')})\\d*(_|$)`,
  'i',
)
const SECRET_ENDINGS =
  /(KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|_PWD|CONNECTION_STRING|KEY_BASE64)\d*$/i
/** Where a store or a queue is, mostly with the password in it. */
const SECRET_PLACES =
  /(DATABASE|DB|REDIS|MONGO(DB)?|AMQP|RABBITMQ|POSTGRES(QL)?|PG|MYSQL|SMTP|BROKER)_?(URL|URI)$/i
/** `scheme://user:password@`, whatever the name. */
const SECRET_VALUE = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i
/** The way to a program that keeps keys, not a key; and where the shell stands. */
const HARMLESS: ReadonlySet<string> = new Set(['SSH_AUTH_SOCK', 'PWD', 'OLDPWD'])

/**
 * What a command inherits: everything but secrets and what would change the meaning of its line.
 * `workspace`, without links: no program is looked up there.
 */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  workspace: string,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (value === undefined || isDangerous(name) || isSecret(name, value)) continue
    kept[name] = name === 'PATH' ? foreignPath(value, workspace) : value
  }
  // Reading takes no lock, writes nothing, and so runs no hook.
  return { ...kept, GIT_OPTIONAL_LOCKS: '0' }
}

/** The directories of a PATH that the workspace has no say in: it would decide what `ls` is. */
function foreignPath(path: string, workspace: string): string {
  return path
    .split(delimiter)
    .filter((directory) => isAbsolute(directory) && !isOfWorkspace(directory, workspace))
    .join(delimiter)
}

/** Whose workspace these lie in works on the whole machine. */
const SYSTEM: ReadonlySet<string> = new Set(['/bin', '/usr/bin', '/usr/local/bin', '/sbin', '/usr/sbin'])

function isOfWorkspace(directory: string, workspace: string): boolean {
  if (SYSTEM.has(directory)) return false
  if (directory.split(sep).filter(Boolean).slice(-2).join('/') === 'node_modules/.bin') return true
  return isInside(workspace, directory) || isInside(workspace, realOf(directory))
}

function realOf(directory: string): string {
  try {
    return realpathSync(directory)
  } catch {
    return directory
  }
}

function isDangerous(name: string): boolean {
  const upper = name.toUpperCase()
  return DANGEROUS.has(upper) || FUNCTIONS.test(name) || (GIT.test(upper) && !GIT_KEPT.test(upper))
}

function isSecret(name: string, value: string): boolean {
  if (HARMLESS.has(name)) return false
  return SECRET_FAMILIES.test(name) || isSecretName(name) || SECRET_VALUE.test(value)
}

/** Whether a variable is named like something that nobody else may see. */
export function isSecretName(name: string): boolean {
  if (HARMLESS.has(name)) return false
  return SECRET_WORDS.test(name) || SECRET_ENDINGS.test(name) || SECRET_PLACES.test(name)
}
