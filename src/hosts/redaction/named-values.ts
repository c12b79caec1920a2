import { isSecretName } from '../node/environment/secret-names.ts'

/**
 * Secrets that are known by what stands before them: a variable, a field, a header, an address. Each pattern
 * takes time in proportion to the text: what repeats is bounded, or nothing has to follow it.
 */

const REDACTED = '[redacted]'
const AT_BEGINNING = String.raw`(?:(?<![A-Za-z0-9_.$])|(?<=\\[nrt]))`

/** `NAME=value` as in `.env` files and in front of commands, to the end of the word or of the quotes. */
const VARIABLE = new RegExp(
  String.raw`${AT_BEGINNING}([A-Z][A-Z0-9_]{2,80})=(\\{0,3}"[^"\n]{1,4096}"|'[^'\n]{1,4096}'|[^\s"'\\]+)`,
  'g',
)

const FIELD_NAME =
  '(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|credential)'
/** `"apiKey": "…"`, `password = '…'`: a text in quotes that is given to a name that says what it is. */
const FIELD = new RegExp(
  String.raw`(${FIELD_NAME}\w{0,40}["']?\s{0,8}(?::|=>|=)\s{0,8}(["']))((?:(?!\2)[^\s\\]|\\\S){8,})`,
  'gi',
)
/** The same inside a text of JSON, where the quotes have backslashes. */
const FIELD_IN_TEXT = new RegExp(
  String.raw`(${FIELD_NAME}\w{0,40}\\{1,3}["']\s{0,8}(?::|=>|=)\s{0,8}\\{1,3}["'])([^"'\s\\]{8,})`,
  'gi',
)
/** `password: …` of a line in YAML. */
const LINE = new RegExp(
  String.raw`((?:^|\n|\\n)[ \t-]{0,40}\w{0,40}${FIELD_NAME}\w{0,40}:[ \t]{1,8})([^\s"'\\,;(){}<>[\]]{8,})(?=\s|\\|$)`,
  'gi',
)
const HEADER =
  /((?:authorization|api-key|auth-token|private-token)\\{0,3}["']?\s{0,4}[:=]\s{0,4}\\{0,3}["']?(?:[a-z]{2,20}\s{1,4})?)([^\s"'\\,]{8,})/gi
const COOKIE = /(cookie\\{0,3}["']?:\s{0,4}\\{0,3}["']?[\w.-]{1,80}=)([^;\s"'\\]{8,})/gi
const BEARER = /(\bbearer\s{1,4})([A-Za-z0-9._~+/=-]{16,})/gi
const FLAG = /(--(?:password|token|secret|api-?key|access-?token)[= ]\\{0,3}["']?)([^\s"'\\]{6,})/gi
const ADDRESS = /([a-z][a-z0-9+.-]{0,20}:\/\/[^/\s:@"'\\]{0,100}:)([^/\s@"'\\]{1,200})(?=@)/gi

/** `$NAME`, `${{ … }}` and calls name a secret and are none; so do numbers, which are counts. */
const NO_VALUE =
  /^(?:\\*["'])?(?:\$|%|<|\{\{|process\.env|\d{1,7}(?:\\*["'])?$|true$|false$|null$|\[redacted)/
const VALUE_CHARACTERS_MIN = 6

/** The same without what is said to be a secret. */
export function withoutNamed(text: string): string {
  return text
    .replace(VARIABLE, (whole, name: string, value: string) =>
      isSecretName(name) && isValue(value) ? `${name}=${REDACTED}` : whole,
    )
    .replace(HEADER, replaced)
    .replace(BEARER, withDigit)
    .replace(FLAG, replaced)
    .replace(ADDRESS, replaced)
    .replace(COOKIE, replaced)
    .replace(FIELD, (whole, before: string, _quote: string, value: string) => field(whole, before, value))
    .replace(FIELD_IN_TEXT, field)
    .replace(LINE, withDigit)
}

/** Whatever reads programs calls their pieces tokens, too. */
function field(whole: string, before: string, value: string): string {
  return /^token/i.test(before) ? withDigit(whole, before, value) : replaced(whole, before, value)
}

function replaced(whole: string, before: string, value: string): string {
  return isValue(value) ? `${before}${REDACTED}` : whole
}

/** Words that have no digit are mostly just words. */
function withDigit(whole: string, before: string, value: string): string {
  return /\d/.test(value) ? replaced(whole, before, value) : whole
}

function isValue(value: string): boolean {
  return value.length >= VALUE_CHARACTERS_MIN && !NO_VALUE.test(value)
}
