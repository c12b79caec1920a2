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
])
const FUNCTIONS = /^BASH_FUNC_/i

/** Names under which people keep what a model must not see. */
const SECRET_FAMILIES = /^(OPENAI|ANTHROPIC|AZURE|AWS|GOOGLE_APPLICATION|GCP|VAULT|DOPPLER|SENTRY)_/i
const SECRET_WORDS =
  /(^|_)(SECRETS?|TOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEYS?|AUTH|COOKIE|DSN|PAT)(_|$)/i
const SECRET_ENDINGS =
  /(KEYS?|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|_PWD|CONNECTION_STRING|DATABASE_URL)$/i
/** The way to a program that keeps keys, not a key. */
const HARMLESS: ReadonlySet<string> = new Set(['SSH_AUTH_SOCK'])

/** What a command inherits: everything but secrets and what would change the meaning of its line. */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (
      value !== undefined &&
      !DANGEROUS.has(name.toUpperCase()) &&
      !FUNCTIONS.test(name) &&
      !isSecret(name)
    ) {
      kept[name] = value
    }
  }
  return kept
}

function isSecret(name: string): boolean {
  if (HARMLESS.has(name)) return false
  return SECRET_FAMILIES.test(name) || SECRET_WORDS.test(name) || SECRET_ENDINGS.test(name)
}
