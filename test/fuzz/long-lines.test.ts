/** Much of the same: what no generator would make often enough to see that it is slow. */
import { afterAll, describe, expect, it } from 'vitest'
import { COST_MS_MAX } from '../boundary/workspace.ts'
import { judged } from './campaign.ts'
import { judgedByTroupe } from './judged.ts'
import { rulesFrom } from './rules.ts'
import { remove, throwAway } from './throw-away.ts'

const directory = throwAway()
afterAll(() => remove(directory))

/** What opens something, what is looked into, and what is compared; each a row of its own. */
const UNITS = [
  ...[
    '(',
    '{ ',
    '$(',
    '`',
    '"',
    "'",
    '\\',
    '<<',
    '<<E ',
    '$((',
    '((',
    '[[ ',
    '{a,',
    '{a,b}',
    '${x:-',
    '$x',
    'a[',
    '$[',
  ],
  ...[
    '"$(',
    '`echo ',
    '\\`',
    "$'\\x41'",
    '$(echo ',
    'a=(',
    'x=$(',
    '@(',
    'sh -c "',
    "eval '",
    "bash -c 'good;",
  ],
  ...[
    '*',
    '?',
    '[a-z]',
    '*a',
    '{1..9}',
    'x{a,b}y{c,d} ',
    '$x*',
    'good *x* ',
    'a/b/',
    '../',
    './x ',
    'src/a.ts ',
    '~/x ',
  ],
  ...[
    'a=',
    'a=b ',
    'a:b:',
    '! ',
    '&&\n',
    'good;',
    'good|',
    'x ',
    'evil x;',
    "''",
    '#',
    '\n',
    '\r',
    'é',
    '🙂',
  ],
  ...[
    'env ',
    'env a=b ',
    'xargs ',
    'nice -n 5 ',
    'timeout 5 ',
    'sh -c ',
    'eval ',
    'time ',
    'coproc ',
    'npm run ',
    'command ',
  ],
  ...[
    'find . -exec ',
    '-exec good ; ',
    'git -C . ',
    'git -c a=b ',
    '>out ',
    '<x ',
    '1>',
    'good $(good) ',
    'good `good` ',
  ],
  ...[
    'if good; then ',
    'case x in x) ',
    'for i in x; do ',
    'f() { ',
    'select x in ',
    'exec ',
    'builtin ',
    'nohup ',
    'sudo ',
  ],
]
/** At, and far beyond, what is looked at of a line. */
const TIMES = [333, 4_000]
const CHARS_MAX = 65_000
const KINDS = ['default, allow rules', 'bypassPermissions, deny rules', 'bypassPermissions, commandPatterns']
const rules = [rulesFrom([0, 0, 0, 0, 0]), rulesFrom([6, 2, 0, 0, 0]), rulesFrom([14, 1, 0, 0, 0])]

describe(`a line as long as can be is judged in ${COST_MS_MAX} ms`, () => {
  it('under each kind of rules', () => {
    expect(rules.map(({ name }) => name)).toEqual(KINDS)
  })

  it.each(UNITS)('%j, over and over', (unit) => {
    const slow = TIMES.flatMap((times) =>
      rules.flatMap((one) => {
        const line = `${unit.repeat(times).slice(0, CHARS_MAX)}evil x`
        const { flaw } = judged(judgedByTroupe, { line, rules: one, made: [] }, directory)
        return flaw === null ? [] : [`${times} times, under ${one.name}: ${flaw}`]
      }),
    )
    expect(slow).toEqual([])
  })
})
