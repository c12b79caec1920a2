import type { Hit } from '../reading/outputs.ts'
import type { SearchRule } from './search-rules.ts'

const SCRIPT = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte']
const TYPED = ['ts', 'tsx', 'mts', 'cts']
const CODE = [
  ...SCRIPT,
  'py',
  'go',
  'rs',
  'java',
  'kt',
  'c',
  'h',
  'cc',
  'cpp',
  'hpp',
  'cs',
  'rb',
  'php',
  'swift',
  'ex',
  'sh',
]

const TESTING: readonly SearchRule[] = [
  {
    id: 'focused-test',
    title: 'Tests that switch all others off',
    why: 'While one test is focused, the rest of its file does not run, and the run is still green.',
    advice: 'Remove the focus, run everything, and let a lint rule refuse it from now on.',
    weight: 85,
    extensions: SCRIPT,
    pattern: String.raw`\b(describe|it|test|context|suite)\.only\(|^\s*f(it|describe)\(`,
    kinds: ['test'],
    standing: 'code',
  },
  {
    id: 'skipped-test',
    title: 'Tests that are switched off',
    why: 'What they guarded is unguarded, and the run does not say so loudly.',
    advice: 'Repair each one, or delete it and say why.',
    weight: 50,
    extensions: [...SCRIPT, 'py', 'go', 'rs', 'java', 'kt'],
    pattern: String.raw`\b(describe|it|test|suite)\.skip\(|^\s*x(it|describe)\(|@(pytest\.mark|unittest)\.skip\b|\bt\.Skip(Now|f)?\(|^\s*#\[ignore|^\s*@(Ignore|Disabled)\b`,
    kinds: ['test', 'source'],
    standing: 'code',
    // Go's and Python's ways also look like ordinary calls, so they count where tests are, or where they
    // are unmistakable.
    accept: ({ path, text }) => !path.endsWith('.go') || /\bt\.Skip/.test(text),
  },
]

const ERRORS: readonly SearchRule[] = [
  {
    id: 'empty-catch',
    title: 'Errors that are caught and dropped',
    why: 'When it goes wrong there, nobody learns of it, and the cause is gone.',
    advice: 'Handle the error, pass it on, or say in a comment why it may be dropped.',
    weight: 60,
    extensions: [...SCRIPT, 'java', 'kt', 'cs', 'php', 'swift'],
    pattern: String.raw`\bcatch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\s*\(\s*\w*\s*\)\s*=>\s*\{\s*\}\s*\)`,
    kinds: ['source'],
    standing: 'code',
  },
  {
    id: 'bare-except',
    title: 'Exceptions caught without a name, or passed over',
    why: 'It also swallows interrupts and plain mistakes, so failures look like success.',
    advice: 'Name the exception that is expected; log or re-raise the rest.',
    weight: 60,
    extensions: ['py'],
    pattern: String.raw`^\s*except\s*:|^\s*except\b.*:\s*pass\b`,
    kinds: ['source'],
    standing: 'code',
  },
  {
    id: 'unsafe-call',
    title: 'Calls that are dangerous with input from outside',
    why: 'They run text as code, start a shell, or switch off a check.',
    advice: 'Make sure that no outside input reaches them, or use the safe variant.',
    weight: 65,
    extensions: [...SCRIPT, 'py', 'rb', 'php', 'go'],
    pattern: String.raw`\beval\(|\bnew Function\(|\bshell\s*=\s*True|\byaml\.load\([^,)]*\)|\bpickle\.loads?\(|\bverify\s*=\s*False|rejectUnauthorized:\s*false|dangerouslySetInnerHTML|InsecureSkipVerify:\s*true|\bos\.system\(`,
    kinds: ['source'],
    standing: 'code',
    accept: ({ text }) => !/\.\$?eval\(|\bdef eval\b|\bfunction eval\b/.test(text),
  },
  {
    id: 'breakpoint',
    title: 'Breakpoints left in',
    why: 'The program stops there, for everyone.',
    advice: 'Remove them.',
    weight: 70,
    extensions: [...SCRIPT, 'py', 'rb'],
    pattern: String.raw`^\s*debugger\s*;?\s*$|\bbreakpoint\(\)|\bpdb\.set_trace\(\)|\bbinding\.pry\b`,
    kinds: ['source', 'test'],
    standing: 'code',
  },
  {
    id: 'mutable-default',
    title: 'Lists or dictionaries as default arguments',
    why: 'All calls share the one object, so what one call adds the next one sees.',
    advice: 'Default to None and make the object inside the function.',
    weight: 55,
    extensions: ['py'],
    pattern: String.raw`^\s*(async )?def .*=\s*(\[\]|\{\}|list\(\)|dict\(\)|set\(\))\s*[,)]`,
    kinds: ['source'],
  },
  {
    id: 'unwrap',
    title: 'Results unwrapped without a message',
    why: 'When the value is not there the program panics, and says little about why.',
    advice: 'Return the error, or use expect with the reason why it cannot happen.',
    weight: 25,
    extensions: ['rs'],
    pattern: String.raw`\.unwrap\(\)`,
    kinds: ['source'],
    standing: 'code',
    sparesRunByHand: true,
  },
]

const TIDINESS: readonly SearchRule[] = [
  {
    id: 'type-hole',
    title: 'Places where the type checker is switched off',
    why: 'Mistakes there are found when the program runs, not before.',
    advice: 'Write the type, or narrow from unknown; keep what must stay with a reason beside it.',
    weight: 35,
    extensions: TYPED,
    pattern: String.raw`(:\s*|\bas\s+|<)any\b|@ts-(ignore|nocheck)\b`,
    kinds: ['source'],
    accept: standsAsHole,
  },
  {
    id: 'type-ignore',
    title: 'Lines the type checker is told to skip',
    why: 'Mistakes there are found when the program runs, not before.',
    advice: 'Repair the type, or name the one error that is ignored.',
    weight: 30,
    extensions: ['py'],
    pattern: String.raw`#\s*type:\s*ignore\s*($|#)`,
    kinds: ['source'],
  },
  {
    id: 'marker',
    title: 'Work the authors marked as unfinished',
    why: 'Each is a promise in the code that nobody is reminded of.',
    advice: 'Do it, delete it, or move it to the issue tracker and leave the number.',
    weight: 30,
    extensions: CODE,
    pattern: String.raw`\b(TO[D]O|FIX[M]E|HA[C]K|X[X]X)\b`,
    kinds: ['source', 'test'],
    standing: 'comment',
    accept: isOneMarker,
  },
  {
    id: 'local-address',
    title: 'Addresses of the local machine in code',
    why: 'It works where it was written and nowhere else, unless something replaces it.',
    advice: 'Take host and port from a setting, with this as its documented default.',
    weight: 25,
    extensions: CODE,
    pattern: String.raw`\b(localhost|127\.0\.0\.1|0\.0\.0\.0):\d{2,5}\b|https?://(localhost|127\.0\.0\.1)(/|[^\w.:-]|$)`,
    kinds: ['source'],
    accept: ({ text }) => !/^\s*(\/\/|#|\*|\/\*)/.test(text),
  },
  {
    id: 'print-script',
    title: 'Console output outside tests, scripts and command lines',
    why: 'Output left over from debugging fills logs, and a library should not write to its user’s terminal.',
    advice: 'Remove it, or send it through the logger.',
    weight: 20,
    extensions: SCRIPT,
    pattern: String.raw`\bconsole\.(log|debug|trace)\(`,
    kinds: ['source'],
    standing: 'code',
    sparesRunByHand: true,
  },
  {
    id: 'print-python',
    title: 'Print calls outside tests, scripts and command lines',
    why: 'Output left over from debugging cannot be switched off by whoever uses the code.',
    advice: 'Remove it, or use logging.',
    weight: 20,
    extensions: ['py'],
    pattern: String.raw`^\s*print\(`,
    kinds: ['source'],
    sparesRunByHand: true,
  },
]

/** `any` counts in code, a directive in a comment. */
function standsAsHole({ path, text }: Hit): boolean {
  if (/\.d\.[cm]?ts$/.test(path)) return false
  if (/^\s*(\/\/|\/\*)\s*@ts-/.test(text)) return true
  const at = text.search(/(:\s*|\bas\s+|<)any\b/)
  return at >= 0 && !/^\s*(\/\/|\*|\/\*)/.test(text) && !/\/\/|['"`]/.test(text.slice(0, at))
}

const MARKER = /\b(?:TO[D]O|FIX[M]E|HA[C]K|X[X]X)\b/g
const COMMENT_START = /^.*?(?:\/\/|\/\*|<!--|--|#|\*)[\s/*#!@-]*/

/**
 * A remark that begins with the marker, or `marker:`. A list of such words, or talk about them, is no
 * promise.
 */
function isOneMarker({ text }: Hit): boolean {
  const markers = [...text.matchAll(MARKER)]
  const [marker] = markers
  if (markers.length !== 1 || marker === undefined) return false
  const after = text.slice(marker.index + marker[0].length)
  const start = COMMENT_START.exec(text)?.[0].length ?? -1
  return /^\s?[:(]/.test(after) || (start === marker.index && /^(\s|$|-|!)/.test(after))
}

/** Rules about code, by language. */
export const codeRules: readonly SearchRule[] = [...TESTING, ...ERRORS, ...TIDINESS]
