/**
 * What looks like a secret. The patterns search, and they also guard: whatever the report quotes passes
 * through
 * `withholdSecrets`, so that a key on a line found for another reason is not printed either.
 */

/**
 * Forms that keys of well-known services have, each from the beginning of a word. One language for both regex
 * engines: no look-around.
 */
export const KEY_SHAPES: readonly string[] = [
  String.raw`A[KS]IA[0-9A-Z]{16}\b`,
  String.raw`gh[opsur]_[A-Za-z0-9]{36}`,
  String.raw`github_pat_[A-Za-z0-9_]{22,}`,
  String.raw`glpat-[A-Za-z0-9_-]{20,}`,
  String.raw`sk-[A-Za-z0-9_-]{20,}`,
  String.raw`[rs]k_live_[A-Za-z0-9]{16,}`,
  String.raw`xox[abeprs]-[A-Za-z0-9-]{10,}`,
  String.raw`AIza[0-9A-Za-z_-]{35}`,
  String.raw`npm_[A-Za-z0-9]{36}\b`,
  String.raw`hf_[A-Za-z0-9]{34}`,
  String.raw`SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`,
  String.raw`eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
]

/** Keys of known forms, and where a private key begins. */
export const KEY_PATTERN = [
  ...KEY_SHAPES.map((shape) => String.raw`\b${shape}`),
  String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----(\s*$|\\n[A-Za-z0-9+/=]{8})`,
].join('|')

const SECRET_NAME = '(password|passwd|secret|api_?key|access_?key|auth_?token|access_?token|private_?key)'

/** A quoted value given to a name that says it is secret, or a password inside an address. */
export const ASSIGNED_PATTERN = [
  String.raw`${SECRET_NAME}["']?\s*(:|=|=>)\s*["'][^"'\s]{8,}["']`,
  String.raw`[a-z]+://[^/\s:@"']+:[^/\s:@"']{4,}@`,
].join('|')

/** Values that stand for a secret rather than being one. */
const PLACEHOLDER =
  /example|change.?me|placeholder|dummy|fake|sample|your[-_ ]?|xxx|\*\*\*|\.\.\.|<[^>]*>|\$\{|\{\{|%\(|process\.env|environ|getenv|todo|localhost|127\.0\.0\.1|postgres:postgres|user:pass/i

/** Whether the line holds more than stand-ins, so that nobody is alarmed for nothing. */
export function holdsMoreThanPlaceholders(text: string, pattern: string): boolean {
  return [...text.matchAll(new RegExp(pattern, 'gi'))].some(([match]) => !PLACEHOLDER.test(match))
}

const WITHHELD = '[withheld]'
const KEYS = new RegExp(`(?:${KEY_PATTERN})[A-Za-z0-9+/=_-]*`, 'g')
// Looser than the search on purpose: in a quotation, leaving out too much costs nothing.
const ASSIGNED = new RegExp(String.raw`((?:${SECRET_NAME}|token)\w*["']?\s*(?::|=|=>)\s*)\S{6,}.*`, 'gi')
const ADDRESS = /([a-z]+:\/\/)[^/\s@"']+@/gi

/** The same text with everything that may be a secret left out. */
export function withholdSecrets(text: string): string {
  return text
    .replace(KEYS, WITHHELD)
    .replace(ADDRESS, `$1${WITHHELD}@`)
    .replace(ASSIGNED, (_, name: string) => `${name}${WITHHELD}`)
}
