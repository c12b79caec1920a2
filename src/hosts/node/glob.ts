import { RuntimeError } from '../../errors.ts'

const GLOB_CHARACTERS_MAX = 1000
const ALTERNATIVES_MAX = 64

/**
 * Reads a glob of a model's. Its own matcher, because a model may word a glob on which a regular expression
 * never ends: this one takes at most glob × path steps. Knows `*`, `?`, `[…]`, `**` and `{a,b}`. Without
 * a `/` it is matched against names at any depth. Throws `search/bad-pattern`.
 */
export function globMatcher(glob: string): (path: string) => boolean {
  if (glob.length > GLOB_CHARACTERS_MAX) {
    throw new RuntimeError('search/bad-pattern', `The glob is longer than ${GLOB_CHARACTERS_MAX} characters.`)
  }
  const isNegated = glob.startsWith('!')
  const bare = (isNegated ? glob.slice(1) : glob).replace(/^(\.?\/)+/, '')
  const alternatives = expanded(bare.endsWith('/') ? `${bare}**` : bare).map((one) => one.split('/'))

  return (path) => {
    const parts = path.split('/')
    const matches = alternatives.some((glob) => manyMatch(glob.length === 1 ? ['**', ...glob] : glob, parts))
    return matches !== isNegated
  }
}

/** `a{b,c}` as `ab` and `ac`. */
function expanded(glob: string): readonly string[] {
  const done: string[] = []
  const open = [glob]
  while (open.length > 0) {
    const one = open.pop() ?? ''
    const found = /\{([^{}]*,[^{}]*)\}/.exec(one)
    if (!found) done.push(one)
    else {
      const rest = one.slice(found.index + found[0].length)
      for (const choice of (found[1] ?? '').split(',')) open.push(one.slice(0, found.index) + choice + rest)
    }
    if (open.length + done.length > ALTERNATIVES_MAX) {
      throw new RuntimeError(
        'search/bad-pattern',
        `The glob has more than ${ALTERNATIVES_MAX} alternatives in braces.`,
      )
    }
  }
  return done
}

function manyMatch(globs: readonly string[], parts: readonly string[]): boolean {
  return starred(globs, parts, (glob) => glob === '**', nameMatches)
}

function nameMatches(glob: string, name: string): boolean {
  return starred(tokens(glob), [...name], (token) => token === '*' || token === '**', characterMatches)
}

/** Matches items of which some stand for any number of others. Only the last star is ever tried again. */
function starred<A, B>(
  pattern: readonly A[],
  items: readonly B[],
  isStar: (item: A) => boolean,
  matches: (item: A, other: B) => boolean,
): boolean {
  let at = 0
  let item = 0
  let star = -1
  let taken = 0
  while (item < items.length) {
    const next = pattern[at]
    if (next !== undefined && isStar(next)) {
      star = at
      taken = item
      at += 1
    } else if (next !== undefined && matches(next, items[item] as B)) {
      at += 1
      item += 1
    } else if (star >= 0) {
      taken += 1
      at = star + 1
      item = taken
    } else return false
  }
  return pattern.slice(at).every(isStar)
}

function tokens(glob: string): readonly string[] {
  return (
    glob.match(/\\.|\[[!^]?\]?[^\]]*\]|\*+|[^]/gu)?.map((token) => (token.startsWith('*') ? '*' : token)) ??
    []
  )
}

function characterMatches(token: string, character: string): boolean {
  if (token === '?') return true
  if (token.length > 1 && token.startsWith('\\')) return token.slice(1) === character
  if (token.length > 2 && token.startsWith('[')) return classMatches(token.slice(1, -1), character)
  return token === character
}

function classMatches(members: string, character: string): boolean {
  const isNegated = members.startsWith('!') || members.startsWith('^')
  const set = [...(isNegated ? members.slice(1) : members)]
  const isMember = set.some((member, index) => {
    const isRange = set[index + 1] === '-' && set[index + 2] !== undefined
    return isRange ? member <= character && character <= (set[index + 2] ?? '') : member === character
  })
  return isMember !== isNegated
}
