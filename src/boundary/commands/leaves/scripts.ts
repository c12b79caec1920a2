import type { ShellWord } from '../shell.ts'
import type { WordFlaw } from './options.ts'

/** Why the script of `sed` or `awk` keeps it from being covered, or `null`. */
export function flawOfScript(program: string, words: readonly ShellWord[], isOpen: boolean): WordFlaw | null {
  if (!/^(g?sed|[gmn]?awk)$/.test(program)) return null
  // An option behind the files counts as well: `-e`, `-f`.
  if (isOpen && !words.some(({ value }) => value === '--')) return UNKNOWN
  return program.endsWith('sed') ? flawOfSed(words) : flawOfAwk(words)
}

const UNKNOWN: WordFlaw = { flaw: 'its script is only known once it runs', isHidden: true }
const FROM_FILE: WordFlaw = { flaw: 'its script comes from a file', isHidden: false }

function flawOfSed(words: readonly ShellWord[]): WordFlaw | null {
  const scripts: (string | null)[] = []
  const operands: (string | null)[] = []
  let isOver = false
  for (let at = 0; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    if (value === null && !isOver && /^[-*?[]/.test(shape)) return UNKNOWN
    if (value === '--' && !isOver) isOver = true
    else if (value === null || isOver || !value.startsWith('-') || value === '-') operands.push(value)
    else if (value.startsWith('--')) {
      if (value.startsWith('--f')) return FROM_FILE
      if (/^--e[a-z]*=/.test(value)) scripts.push(value.slice(value.indexOf('=') + 1))
      else if (value.startsWith('--e')) scripts.push(words[(at += 1)]?.value ?? null)
      else if (/^--l[a-z-]*$/.test(value)) at += 1
    } else {
      const [, letters = '', option, text = ''] = /^-([nrEsuzb]*)([efliI])?(.*)$/s.exec(value) ?? []
      if (option === 'f' || (option === undefined && letters.length + 1 < value.length)) return FROM_FILE
      if (option === 'e') scripts.push(text === '' ? (words[(at += 1)]?.value ?? null) : text)
      if (option === 'l' && text === '') at += 1
    }
  }
  const said = scripts.length > 0 ? scripts : operands.slice(0, 1)
  if (said.includes(null)) return UNKNOWN
  return said.every((text) => isTame(text as string))
    ? null
    : { flaw: 'its script may run programs, or read and write files', isHidden: true }
}

const ADDRESS = String.raw`(?:\d+(?:~\d+)?|\$|/(?:[^/\\\n]|\\[^\n])*/I?)`
const WHERE = String.raw`(?:${ADDRESS}(?:,[+~]?${ADDRESS})?)?\s*!?\s*`
const PART = String.raw`(?:(?!\1)[^\\\n]|\\[^\n])*\1`
const SUBSTITUTE = String.raw`s([/|#,@:!%])${PART}${PART}[gpiIM\d]*`
const END = String.raw`\s*(?:[;\n]|$|(?=\}))`
/** One command of sed that shows, drops, adds or replaces, and nothing else. */
const TAME_COMMAND = new RegExp(
  String.raw`^\s*${WHERE}(?:\{|[aic]\s*[^\s\\\n][^\\\n]*(?:\n|$)|` +
    String.raw`(?:[pdPDqQ=hHgGxnNlz]\d*|${SUBSTITUTE}|y/[^/\\\n]*/[^/\\\n]*/|\})${END})`,
)
const SCRIPT_CHARS_MAX = 2_048
const SCRIPT_COMMANDS_MAX = 64

/** Whether a script is nothing but such commands. */
function isTame(script: string): boolean {
  let rest = script
  if (script.length > SCRIPT_CHARS_MAX) return false
  for (let count = 0; rest.trim() !== ''; count += 1) {
    const [found] = TAME_COMMAND.exec(rest) ?? []
    if (found === undefined || found === '' || count >= SCRIPT_COMMANDS_MAX) return false
    rest = rest.slice(found.length)
  }
  return true
}

function flawOfAwk(words: readonly ShellWord[]): WordFlaw | null {
  let at = 0
  for (; at < words.length; at += 1) {
    const { value, shape } = words[at] as ShellWord
    if (value === null && /^[-*?[]/.test(shape)) return UNKNOWN
    if (value === null || !value.startsWith('-')) break
    if (value === '--') {
      at += 1
      break
    }
    if (/^-[Fv]$/.test(value)) at += 1
    else if (!/^-[Fv]./s.test(value))
      return { flaw: `awk ${value.slice(0, 60)} may choose what runs`, isHidden: true }
  }
  const program = words[at]?.value ?? null
  if (program === null) return UNKNOWN
  const isWild =
    /system|ARG[VC]|ENVIRON|PROCINFO|\||getline|>|@|close|printf?\s*\(?[^;}]*</.test(program) ||
    program.length > SCRIPT_CHARS_MAX
  return isWild ? { flaw: 'its program may run others, or read and write files', isHidden: true } : null
}
