/** Letters of other scripts that many fonts draw like Latin ones. */
const LIKE_LATIN = /^[аеорсухѕіјһԁԛԝѵАВЕКМНОРСТУХЅІЈαικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+$/u
const LATIN = /\p{Script=Latin}/u
const OTHERS = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
] as const
const WORD = /[\p{L}\p{M}]+/gu
const WORDS_MAX = 3
const LETTERS_MAX = 40

/** A word that looks like another one, and why it does, in words. */
export interface LookAlike {
  readonly word: string
  readonly why: string
}

/**
 * The first words of a text that mix Latin letters with letters of a script that look like them. `isName`:
 * it is a path or a command, where a word of such letters alone is taken for a Latin one, too.
 */
export function lookAlikesIn(text: string, isName: boolean): readonly LookAlike[] {
  const found = new Map<string, string>()
  for (const [word] of text.matchAll(WORD)) {
    const why = found.has(word) ? null : whyAlike(word, isName)
    if (why !== null) found.set(word, why)
    if (found.size === WORDS_MAX) break
  }
  return Array.from(found, ([word, why]) => ({ word: word.slice(0, LETTERS_MAX), why }))
}

function whyAlike(word: string, isName: boolean): string | null {
  const script = OTHERS.find(([, letters]) => letters.test(word))?.[0]
  if (script === undefined) return null
  if (LATIN.test(word)) return `mixes Latin and ${script}: ${codesOf(word)}`
  return isName && LIKE_LATIN.test(word) ? `looks Latin and is ${script}: ${codesOf(word)}` : null
}

function codesOf(word: string): string {
  const letters = [...new Set(word)].filter((letter) => OTHERS.some(([, script]) => script.test(letter)))
  const shown = letters.slice(0, WORDS_MAX).map((letter) => {
    const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `${letter} U+${code}`
  })
  return shown.join(', ') + (letters.length > shown.length ? ' …' : '')
}
