/** Letters of other scripts, each with the Latin one that it looks like. */
const CYRILLIC =
  'аa еe оo рp сc уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԜW'
const GREEK = 'οo νv ιi υu ρp αa κk ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϲc ϳj'
/** Latin ones that hardly anybody writes, and that pass for plain ones. */
const LATIN = 'ɡg ɑa ıi ɩi ʟL ɪI ʀR ɴN ʜH'

const LIKE: ReadonlyMap<string, string> = new Map(
  [CYRILLIC, GREEK, LATIN]
    .flatMap((table) => table.split(' '))
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
)
/** Latin letters that pass for Cyrillic ones. */
const CYRILLIC_LIKE: ReadonlySet<string> = new Set(CYRILLIC.split(' ').map((pair) => pair.slice(1)))

/** A path with every letter that looks like a plain one in its place. */
export function plainLetters(path: string): string {
  return Array.from(path.normalize('NFKC'), (letter) => LIKE.get(letter) ?? letter).join('')
}

/** Why the letters of a name make it look like another one, in words, or `null`. */
export function lettersFlaw(part: string): string | null {
  if (hasOddWidth(part)) return 'has letters in it that look like plain ones, and are not'
  const runs = part.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return runs.some(isMixed) ? 'mixes letters of scripts that look alike in one word' : null
}

/** Wide or mathematical letters, and no script beside them to which they would belong. */
function hasOddWidth(part: string): boolean {
  if (!/[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u{1d400}-\u{1d7ff}]/u.test(part)) return false
  const letters = part.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '')
  return /^[ -~]*$/.test(letters)
}

/** Scripts whose letters look like Latin ones, and that nobody mixes with it. */
const RARE = /[\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}\p{Script=Deseret}]/u

/** A word that passes for one of a single script, and has letters of two. */
function isMixed(run: string): boolean {
  if (!/\p{Script=Latin}/u.test(run)) return false
  if (RARE.test(run)) return true
  const others = Array.from(run.matchAll(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu), ([letter]) => letter)
  if (others.length === 0) return false
  if (others.every((letter) => LIKE.has(letter))) return true
  // `тестAPI` shows where the one ends; a single letter in the middle of another script does not.
  const latin = run.match(/\p{Script=Latin}+/gu) ?? []
  return /\p{Script=Cyrillic}/u.test(run) && latin.every((letter) => CYRILLIC_LIKE.has(letter))
}
