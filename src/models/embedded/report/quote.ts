/**
 * The one door by which words of the workspace enter a report. What passes cannot forge a heading, a link
 * or HTML,
 * cannot steer a terminal, and holds no secret.
 */
import { withholdSecrets } from '../rules/secrets.ts'

const EXCERPT_CHARS_MAX = 120
const PATH_CHARS_MAX = 300
/** Nothing longer is looked at: a minified line must not cost time. */
const LOOKED_AT_CHARS_MAX = 4_000

const ESCAPE = String.fromCodePoint(27)
const BELL = String.fromCodePoint(7)
/** Terminal sequences as a whole; a lone escape character falls with the other control characters. */
const TERMINAL_SEQUENCE = new RegExp(
  `${ESCAPE}\\[[0-?]*[ -/]*[@-~]|${ESCAPE}\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?`,
  'g',
)
/** Line ends, control characters, and the invisible ones that turn text around or hide it. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** One line of visible text, cut to size, without secrets. */
export function plain(text: string, charsMax = EXCERPT_CHARS_MAX): string {
  const visible = text
    .slice(0, LOOKED_AT_CHARS_MAX)
    .replace(TERMINAL_SEQUENCE, '')
    .replace(/\s+/g, ' ')
    .replace(INVISIBLE, '')
  const line = withholdSecrets(visible).trim()
  const characters = Array.from(line)
  return characters.length > charsMax
    ? `${characters
        .slice(0, charsMax - 1)
        .join('')
        .trimEnd()}…`
    : line
}

/** Text as inline code, whatever backticks it holds. */
export function code(text: string, charsMax = EXCERPT_CHARS_MAX): string {
  const line = plain(text, charsMax)
  if (line === '') return '(empty)'
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length)
  if (runs.length === 0) return `\`${line}\``
  const fence = '`'.repeat(Math.max(...runs) + 1)
  return `${fence} ${line} ${fence}`
}

/** A path, or a path with a line, as inline code. */
export function place(path: string, line?: number): string {
  return code(line === undefined ? path : `${path}:${line}`, PATH_CHARS_MAX)
}

/** Inline code that stays inside its table cell. */
export function cell(text: string, charsMax = EXCERPT_CHARS_MAX): string {
  return code(text, charsMax).replaceAll('|', '\\|')
}

/** Somebody's sentence, shown as sentence: every character that means something in Markdown is escaped. */
export function prose(text: string, charsMax: number): string {
  return plain(text, charsMax)
    .replace(/[\\`*_{}[\]<>#|~&$]/g, '\\$&')
    .replace(/^([-+=]|\d+[.)])/, '\\$1')
}

/** `1 file`, `1,234 files`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${grouped(amount)} ${amount === 1 ? one : many}`
}

/** `1,234`, the same in every locale. */
export function grouped(amount: number): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ',')
}
