import { realpathSync } from 'node:fs'
import { delimiter, isAbsolute, sep } from 'node:path'
import { isInside } from '../paths.ts'
import { isSecretName } from './secret-names.ts'
import { isSecretValue } from './secret-values.ts'

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
  'EXECIGNORE',
  'LOCPATH',
  'BASH_ARGV0',
  'RIPGREP_CONFIG_PATH',
  'TROUPE_HOME',
])
/** Of git's own only these: others have it read another repository, write a trace, or run a program. */
const GIT = /^GIT_/
const GIT_KEPT =
  /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|TERMINAL_PROMPT|CEILING_DIRECTORIES|SSL_CAINFO|SSH(_COMMAND)?|EDITOR)$/
/** Of the loader, which puts other code into every program. */
const LOADER = /^(LD|DYLD)_/
const FUNCTIONS = /^BASH_FUNC_/i

/** By which letters bash reads its line: of other sets than these one may hold a backslash. */
const LOCALES = /^(LANG|LC_.*)$/
const LOCALE = /^$|^(C|POSIX)$|\.(utf-?8)(@\w+)?$/i

/** Families of names that belong to somebody who is paid. */
const SECRET_FAMILIES = /^(OPENAI|ANTHROPIC|AZURE|AWS|GOOGLE_APPLICATION|GCP|VAULT|DOPPLER|SENTRY)_/i
/** The way to a program that lends keys to whoever asks. */
const LENDING: ReadonlySet<string> = new Set(['SSH_AUTH_SOCK', 'GPG_AGENT_INFO', 'GNOME_KEYRING_CONTROL'])
/** Where the shell stands, whatever the directories are called, and where certificates lie. */
const PLACES: ReadonlySet<string> = new Set(['PWD', 'OLDPWD', 'GIT_SSL_CAINFO', 'AWS_CA_BUNDLE'])
/** Bash took a value that begins like this for a function, once. */
const FUNCTION_VALUE = /^\s*\(\s*\)\s*\{/

/**
 * What a command inherits: everything but secrets and what would change the meaning of its line.
 * `workspace`, without links: no program is looked up there. `keeps`: names that the user wants to be handed
 * on though they look like secrets.
 */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  workspace: string,
  keeps: readonly string[] = [],
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (value === undefined || changesTheLine(name) || FUNCTION_VALUE.test(value)) continue
    if (LOCALES.test(name) && !LOCALE.test(value)) continue
    if (!keeps.includes(name) && isSecret(name, value)) continue
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

/** Whether a variable would make a line mean something else: no command is given one, whoever wants it. */
export function changesTheLine(name: string): boolean {
  const upper = name.toUpperCase()
  if (DANGEROUS.has(upper) || LOADER.test(upper) || FUNCTIONS.test(name)) return true
  return GIT.test(upper) && !GIT_KEPT.test(upper)
}

function isSecret(name: string, value: string): boolean {
  if (PLACES.has(name)) return false
  if (LENDING.has(name) || SECRET_FAMILIES.test(name) || isSecretName(name)) return true
  return isSecretValue(name, value)
}
