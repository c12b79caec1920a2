import { protectionOf } from './control-files.ts'
import { tidyPath } from './paths.ts'
import { flawOfPath } from './patterns.ts'
import { lettersFlaw, plainLetters } from './look-alikes.ts'

/** What is wrong with a path as text, before anyone looks where it leads. */
export interface Suspicion {
  readonly verdict: 'deny' | 'ask'
  readonly why: string
}

interface Trap extends Suspicion {
  readonly in: RegExp
}

/** What no file of a project needs in its path, and what only some do. The first that fits is said. */
const TRAPS: readonly Trap[] = [
  { verdict: 'deny', in: /[\p{Cc}\u2028\u2029]/u, why: 'has a control character in it, such as a new line' },
  {
    verdict: 'deny',
    in: /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
    why: 'has characters in it that turn the direction of reading: it is not what it looks like',
  },
  { verdict: 'deny', in: /\p{Cs}/u, why: 'has half a character in it' },
  { verdict: 'deny', in: /^([\\/]{2}[?.][\\/]|\\\?\?\\|\\\\)/, why: 'names a device or another machine' },
  { verdict: 'deny', in: /^[a-zA-Z]:/, why: 'begins with the letter of a drive' },
  { verdict: 'deny', in: /:\$/, why: 'names an attribute of a file on Windows' },
  {
    verdict: 'ask',
    in: /(^|[\\/])(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *([.:\\/]|$)/i,
    why: 'has a part in it that is a device on Windows',
  },
  {
    verdict: 'ask',
    in: /[\uf000-\uf0ff]/,
    why: 'has a character in it that stands for a reserved one on some systems',
  },
  {
    verdict: 'ask',
    in: /[\u2044\u2215\u2216\u29f5\u29f8\ufe68\uff0f\uff3c]/,
    why: 'has a character in it that looks like a slash',
  },
]

/** Says what is wrong with a path as text, or `null`. `why` goes on where the path was named. */
export function suspicionOf(path: string): Suspicion | null {
  const flaw = flawOfPath(path)
  if (flaw) return { verdict: 'deny', why: `is too long: ${flaw}` }
  const trap = TRAPS.find((row) => row.in.test(path))
  if (trap) return { verdict: trap.verdict, why: trap.why }
  if (/^[^:]+\.[^:.]+:[^:]+$/.test(path.split(/[\\/]/).at(-1) ?? ''))
    return { verdict: 'ask', why: 'names a second stream of a file on Windows, behind its colon' }
  return hasOnlyAscii(path) ? shortName(path) : flawOfLetters(path)
}

function hasOnlyAscii(path: string): boolean {
  return /^[ -~]*$/.test(path)
}

/** A name that only Windows gives, to a file that has another one. */
function shortName(path: string): Suspicion | null {
  const part = path.split(/[\\/]/).find((text) => /^[^~.]{1,6}~\d{1,3}(\.[^.]{0,3})?$/.test(text))
  return part !== undefined && protectionOf(part)
    ? { verdict: 'ask', why: `has a part in it that may be the short name of a protected one on Windows` }
    : null
}

function flawOfLetters(path: string): Suspicion | null {
  if (UNSEEN.test(path.replace(JOINED, '')))
    return { verdict: 'ask', why: 'has characters in it that nobody sees' }
  const parts = path.split(/[\\/]/)
  if (parts.some((part) => /^\.{1,2}$/.test(part.normalize('NFKC')) && !/^\.{1,2}$/.test(part)))
    return { verdict: 'ask', why: 'has a part in it that looks like . or ..' }
  for (const part of parts) {
    const flaw = lettersFlaw(part)
    if (flaw) return { verdict: 'ask', why: flaw }
  }
  const plain = tidyPath(plainLetters(path))
  // A file of that name is asked for anyway, and what is asked then is right.
  return protectionOf(plain) && !protectionOf(path)
    ? { verdict: 'ask', why: `looks like ${plain}, and is another file` }
    : null
}

const UNSEEN = /\p{Default_Ignorable_Code_Point}/u

const PICTURE = '\\p{Extended_Pictographic}'

/**
 * Where unseen characters belong: in emoji, between letters of scripts that join them, behind a Han character
 * of which they choose the form, and in Mongolian.
 */
const JOINED = new RegExp(
  [
    // The flags of England, Scotland and Wales.
    `\\u{1f3f4}${tagged('gb')}(${['eng', 'sct', 'wls'].map(tagged).join('|')})\\u{e007f}`,
    '[0-9#*]\\ufe0f\\u20e3',
    `(?<=${PICTURE}|\\p{Emoji_Modifier})[\\ufe0e\\ufe0f]?(\\u200d(?=${PICTURE}))?`,
    `(?<=[${joining()}]\\p{M}{0,8})[\\u200c\\u200d](?=[${joining()}])`,
    '(?<=\\p{Script=Han})[\\u{e0100}-\\u{e01ef}\\ufe00-\\ufe02]',
    '(?<=\\p{Script=Mongolian})[\\u180b-\\u180f]',
  ].join('|'),
  'gu',
)

function joining(): string {
  const scripts =
    'Arabic Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer'
  return scripts
    .split(' ')
    .map((script) => `\\p{Script=${script}}`)
    .join('')
}

/** Letters as the unseen ones that follow a flag. */
function tagged(letters: string): string {
  return Array.from(letters, (letter) => `\\u{e00${letter.charCodeAt(0).toString(16)}}`).join('')
}
