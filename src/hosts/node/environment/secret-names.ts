/** Names under which people keep what a model must not see. */
const SECRET_WORDS = new RegExp(
  `(^|_)(${[
    'SECRETS?|TOKENS?|ACCESSTOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|PASSCODE|PASS|PWD|CREDENTIALS?|CREDS?',
    'API_?KEYS?|AUTH|AUTHORIZATION|BEARER|JWT|COOKIE|DSN|PAT|SK|KEYS?|MNEMONIC|WEBHOOK(_URL)?',
  ].join('|')})\\d*(_|$)`,
  'i',
)
const SECRET_ENDINGS =
  /(KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|_PWD|CONNECTION_?STRING|KEY_BASE64)\d*$/i
/** Where a store or a queue is, mostly with the password in it. */
const SECRET_PLACES =
  /(DATABASE|DB|REDIS|MONGO(DB)?|AMQP|RABBITMQ|POSTGRES(QL)?|PG|MYSQL|SMTP|BROKER)_?(URL|URI)$/i
/** The way to a program that keeps keys, not a key; and where the shell stands. */
const HARMLESS: ReadonlySet<string> = new Set(['SSH_AUTH_SOCK', 'PWD', 'OLDPWD'])

/** Whether a variable is named like something that nobody else may see. */
export function isSecretName(name: string): boolean {
  if (HARMLESS.has(name)) return false
  return SECRET_WORDS.test(name) || SECRET_ENDINGS.test(name) || SECRET_PLACES.test(name)
}
