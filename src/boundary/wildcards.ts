/**
 * One matching rule for globs, for words of commands and for what is protected. Time grows with the
 * length of the pattern times the length of the text and never faster, whatever either holds.
 */

/**
 * What one place in a pattern stands for: any run, any one character, or exactly this one (or not one
 * of these).
 */
export type Token =
  | { readonly kind: 'run' }
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly character: string }
  | {
      readonly kind: 'set'
      readonly isNegated: boolean
      readonly ranges: readonly (readonly [string, string])[]
    }

/** Whether `values` is an instance of `pattern`. A run stands for any number of values, none included. */
export function matchRun<P, V>(
  pattern: readonly P[],
  values: readonly V[],
  rules: { readonly isRun: (place: P) => boolean; readonly fits: (place: P, value: V) => boolean },
): boolean {
  let place = 0
  let value = 0
  // Only the latest run ever has to grow: an earlier one that took less would leave no more for it.
  let runAt = -1
  let runTook = 0
  while (value < values.length) {
    if (place < pattern.length && rules.isRun(pattern[place] as P)) {
      runAt = place
      runTook = value
      place += 1
    } else if (place < pattern.length && rules.fits(pattern[place] as P, values[value] as V)) {
      place += 1
      value += 1
    } else if (runAt >= 0) {
      runTook += 1
      value = runTook
      place = runAt + 1
    } else return false
  }
  return pattern.slice(place).every(rules.isRun)
}

const textRules = {
  isRun: (token: Token) => token.kind === 'run',
  fits: (token: Token, character: string) => fits(token, character),
}

/** Whether a text, from its first character to its last, is an instance of the tokens. */
export function matchText(tokens: readonly Token[], text: string): boolean {
  return matchCharacters(tokens, Array.from(text))
}

/** The same for a text that was taken apart before. */
export function matchCharacters(tokens: readonly Token[], characters: readonly string[]): boolean {
  // Most names end otherwise, which is cheap to see.
  const last = tokens.at(-1)
  if (last?.kind === 'one' && last.character !== characters.at(-1)) return false
  return matchRun(tokens, characters, textRules)
}

function fits(token: Token, character: string): boolean {
  if (token.kind === 'one') return token.character === character
  if (token.kind === 'set')
    return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.isNegated
  return true
}

/** Reads `*` and `?`; everything else stands for itself. */
export function wildcards(text: string): readonly Token[] {
  return Array.from(text, (character): Token => {
    if (character === '*') return { kind: 'run' }
    if (character === '?') return { kind: 'any' }
    return { kind: 'one', character }
  })
}

/**
 * Whether some text is an instance of both. Sets count as any character: this may say yes too often,
 * never too seldom.
 */
export function couldMeet(left: readonly Token[], right: readonly Token[]): boolean {
  if (differ(left[0], right[0]) || differ(left.at(-1), right.at(-1))) return false
  // `reached[j]`: the tokens so far on the left and the first j on the right have an instance in common.
  let reached = [true]
  for (let j = 1; j <= right.length; j += 1)
    reached[j] = reached[j - 1] === true && right[j - 1]?.kind === 'run'
  for (const token of left) {
    const next = [reached[0] === true && token.kind === 'run']
    for (let j = 1; j <= right.length; j += 1) {
      const other = right[j - 1] as Token
      if (token.kind === 'run' || other.kind === 'run') next[j] = reached[j] === true || next[j - 1] === true
      else next[j] = reached[j - 1] === true && sameCharacter(token, other)
    }
    reached = next
  }
  return reached[right.length] === true
}

function differ(left: Token | undefined, right: Token | undefined): boolean {
  return left?.kind === 'one' && right?.kind === 'one' && left.character !== right.character
}

function sameCharacter(left: Token, right: Token): boolean {
  return left.kind !== 'one' || right.kind !== 'one' || left.character === right.character
}
