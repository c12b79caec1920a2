import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  couldMatchLeaf,
  coversLeaf,
  coversLeaves,
  flawOfCommandPattern,
} from '../../../src/boundary/commands/command-patterns.ts'
import type { Leaf } from '../../../src/boundary/commands/leaves/leaf.ts'
import type { ShellWord } from '../../../src/boundary/commands/shell.ts'
import { couldMatchLine, coversLine } from '../../../src/boundary/policy/examples.ts'
import { COST_MS_MAX, costMs } from '../workspace.ts'

/** A word that bash leaves as it is; `glob:` and `$:` in front say that it does not. */
function word(text: string): ShellWord {
  const [, kind, shape] = /^(glob|\$):(.*)$/s.exec(text) ?? []
  if (kind === undefined || shape === undefined) return { value: text, shape: text, isGlob: false }
  return { value: null, shape, isGlob: kind === 'glob' }
}

function leaf(text: string, more: Partial<Leaf> = {}): Leaf {
  const words = text === '' ? [] : text.split(' ').map(word)
  const rest = { directories: [], flaw: null, isHidden: false, isWrapper: false }
  return { words, rights: [], isOpen: false, ...rest, ...more }
}

const covers = (pattern: string, text: string, more?: Partial<Leaf>) =>
  coversLeaf([pattern], leaf(text, more))
const could = (pattern: string, text: string, more?: Partial<Leaf>) =>
  couldMatchLeaf(pattern, leaf(text, more))

describe('a pattern that can not be used says why', () => {
  it.each([
    'npm run test:*',
    'npm test*',
    'git status:*',
    'git log *',
    'npx tsc --noEmit',
    'curl http://localhost:3000/*',
    './scripts/build.sh',
    'docker compose up:*',
    'pytest tests/*',
    'go test ./...',
    'python -m pytest:*',
    'npm run *',
    'cargo test --workspace -- --nocapture',
    'make -j4 all',
    'git commit -m *',
    'kubectl get pods -o=json',
    'npm install @scope/name@^1.2.3',
    '*',
  ])('everyday patterns are accepted: %s', (pattern) => {
    expect(flawOfCommandPattern(pattern)).toBeNull()
  })

  it.each([
    '',
    '  ',
    'a;b',
    'a && b',
    'a|b',
    'a > b',
    '$(x)',
    '`x`',
    'a?',
    '[ab]',
    'a\nb',
    '~/x',
    'x'.repeat(257),
  ])('what a shell reads is refused, and covers nothing: %j', (pattern) => {
    expect(flawOfCommandPattern(pattern)).toBeTypeOf('string')
    expect(coversLeaf([pattern], leaf('a'))).toBe(false)
  })
})

describe('what allows is certain', () => {
  it.each([
    ['npm test*', 'npm test'],
    ['npm test*', 'npm test -- --watch'],
    ['npm test*', 'npm tests'],
    ['git log *', 'git log'],
    ['a *b c', 'a xb c'],
    ['git add *', 'git add glob:src/*.ts'],
    ['git:*', 'git glob:src*'],
    ['*', 'anything at all'],
    ['*', './here'],
    ['/usr/bin/git push', 'git push'],
    ['./scripts/*', './scripts/a.sh -x'],
    ['scripts/*/run', 'scripts/a/run'],
  ])('%s covers %s', (pattern, text) => {
    expect(covers(pattern, text)).toBe(true)
  })

  it.each<readonly string[]>([
    ['git push', 'gitevil'],
    ['git push', 'gitevil push'],
    ['git push', 'git push -f'],
    ['git push', 'git'],
    ['a *b c', 'a x b c', 'a star in the middle is one word'],
    ['a *b c', 'a xb xc', 'what follows it is whole'],
    ['a *b c', 'a xbx c', 'its word is whole'],
    ['a *b c', 'a xb c d', 'only at the end it is further words'],
    ['npm test', 'xnpm test'],
    ['git push', './git push', 'a path that was not said'],
    ['g*', './git', 'a star is no path'],
    ['*t push', 'node_modules/.bin/git push', 'however it begins'],
    ['g*', 'g\\x', 'nor one of Windows'],
    ['scripts/*/run', 'scripts/../run', 'it leads up'],
    ['./*', './..', 'it leads up'],
    ['/usr/bin/*', './git', 'the system has no such path'],
    ['git add *', 'git add glob:-*', 'an option'],
    ['git add *', 'git add glob:*', 'a file may be called like one'],
    ['git add *', 'git add glob:?x', 'or begin like one'],
    ['git add *', 'git add glob:[-]x', 'or be spelled like one'],
    ['git add *', 'git add $:src*', 'it may be several words'],
    ['git add *', 'git add glob:~x', 'a home directory'],
    ['git add *', 'git glob:add* x', 'a word that the pattern names'],
    ['git add*', 'git glob:add*', 'a glued one as well'],
    ['git *', 'glob:git* push', 'the name'],
    ['*', 'glob:git*', 'the name, whatever it may be'],
    ['*', `git ${'x'.repeat(1_025)}`, 'a word that is too long'],
    ['*', ''],
  ])('%s does not cover %s', (pattern = '', text = '') => {
    expect(covers(pattern, text)).toBe(false)
  })

  it('what gives other rights is named, word for word', () => {
    const rights = { rights: ['sudo'] }
    expect(covers('sudo apt *', 'apt update', rights)).toBe(true)
    expect(covers('/usr/bin/sudo apt *', 'apt update', rights)).toBe(true)
    expect(covers('sudo *', 'apt update', rights)).toBe(true)
    for (const pattern of ['apt *', '*', '* apt *', 's* apt *', 'doas apt *', 'sudo'])
      expect(covers(pattern, 'apt update', rights), pattern).toBe(false)
    expect(covers('sudo apt *', './apt update', rights)).toBe(false)
    expect(covers('sudo apt *', 'apt update')).toBe(false)
    expect(covers('sudo apt *', 'apt update', { rights: ['sudo', '-i'] })).toBe(false)
  })

  it('what has a flaw, is hidden or only wraps is covered by nothing', () => {
    expect(covers('*', 'git push', { flaw: 'LD_PRELOAD=x chooses what runs' })).toBe(false)
    expect(covers('*', 'bash', { isHidden: true })).toBe(false)
    expect(covers('*', 'env git', { isWrapper: true })).toBe(false)
  })

  it('where more words follow that nobody knows, the pattern must be open', () => {
    expect(covers('git add', 'git add', { isOpen: true })).toBe(false)
    expect(covers('git add:*', 'git add', { isOpen: true })).toBe(true)
    expect(covers('git add x*', 'git add', { isOpen: true })).toBe(false)
  })

  it('every leaf must be covered, each by whichever pattern, and none is not all', () => {
    expect(coversLeaves(['a', 'b'], [leaf('a'), leaf('b')])).toBe(true)
    expect(coversLeaves(['a'], [leaf('a'), leaf('b')])).toBe(false)
    expect(coversLeaves(['a'], [])).toBe(false)
    expect(coversLeaves([], [leaf('a')])).toBe(false)
  })
})

describe('what denies is as wide as can be', () => {
  it.each([
    ['git push', 'git push -f origin'],
    ['git push', '/opt/x/GIT.EXE push'],
    ['git push', 'C:\\Git\\bin\\git.cmd push'],
    ['./x/Git push', 'git push'],
    ['git pu*', 'git push x'],
    ['*', 'anything'],
    ['*', ''],
    ['* push', './any push'],
  ])('%s certainly reaches %s', (pattern, text) => {
    expect(could(pattern, text)).toBe('yes')
  })

  it.each<readonly string[]>([
    ['git push', 'git $:* x'],
    ['git push', 'git $:* push'],
    ['git push', 'git glob:p* x'],
    ['git push', 'git $:p* x'],
    ['git push', 'git glob:[p]ush'],
    ['git push', 'git glob:pu[a-z]h'],
    ['git push', '$:* push'],
    ['git push', 'glob:./g* push'],
    ['git push', 'git $:--x=*', 'what follows the option may come out of it'],
    ['git push', 'git --no-pager push'],
    ['git push', 'git -c a.b=c push'],
    ['git push', `git ${'--quiet '.repeat(300)}push`],
    ['git push', `git ${'x'.repeat(70_000)}`],
    ['kubectl delete:*', 'kubectl -n prod delete x'],
    ['docker compose up', 'docker --host h compose -f x up'],
    ['git push --force', 'git push origin --force'],
    ['git push --force', 'git push --forc'],
    ['git push --force', 'git push --force=yes'],
    ['git push --force', 'git push $:*'],
    ['rm -rf', 'rm -v -fr x'],
    ['rm -rf', 'rm -f -r x'],
  ])('%s could be %s', (pattern = '', text = '') => {
    expect(could(pattern, text)).toBe('maybe')
  })

  it.each([
    ['git push', 'gitevil push'],
    ['git push', 'git pushes'],
    ['git push', 'git log push'],
    ['git push', 'echo git push'],
    ['git push', 'git glob:st* x'],
    ['git push', 'git $:x* push'],
    ['git push --force', 'git push origin'],
    ['git push --force', 'git push --force-with-lease'],
    ['git push --force', 'git push glob:src/*'],
    ['rm -rf', 'rm -r x'],
    ['git push', ''],
  ])('%s does not reach %s', (pattern, text) => {
    expect(could(pattern, text)).toBe('no')
  })

  it('with what gives other rights, and without', () => {
    expect(could('apt update', 'apt update', { rights: ['sudo'] })).toBe('yes')
    expect(could('sudo apt', './apt update', { rights: ['sudo'] })).toBe('yes')
    expect(could('sudo', 'apt update', { rights: ['sudo', '-u', 'root'] })).toBe('yes')
    expect(could('sudo apt', 'apt update', { rights: ['sudo', '-u', 'root'] })).toBe('maybe')
    expect(could('doas apt', 'apt update', { rights: ['sudo', 'doas'] })).toBe('yes')
    expect(could('doas apt', 'apt update', { rights: ['sudo'] })).toBe('no')
    expect(could('pip install', 'apt update', { rights: Array(40).fill('sudo') })).toBe('maybe')
  })

  it('also what wraps, what is hidden, and what would follow', () => {
    expect(could('env', 'env git push', { isWrapper: true })).toBe('yes')
    expect(could('git push', 'bash', { isHidden: true })).toBe('maybe')
    expect(could('bash', 'bash', { isHidden: true })).toBe('yes')
    expect(could('git push', 'git', { isOpen: true })).toBe('maybe')
    expect(could('git push', 'git', {})).toBe('no')
    expect(could('git push', 'git log', { isOpen: true })).toBe('no')
    expect(could('git push', 'git push', { flaw: 'x' })).toBe('yes')
  })
})

describe('of any pattern and any leaf', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'A', 'Σ', 'ß', 'İ', '.', '/', '-', '\\', '.exe', '/usr/bin/', '..'),
    maxLength: 5,
  })
  const words = fc.array(
    text.filter((it) => it !== ''),
    { minLength: 1, maxLength: 3 },
  )
  /** A pattern made out of what it is asked about, or it would hardly ever cover it. */
  const patternOf = (from: readonly string[], cuts: readonly number[], end: string) =>
    `${from.map((it, index) => starred(it, cuts[index] ?? 0)).join(' ')}${end}`
  const starred = (it: string, cut: number) => (cut === 0 ? it : `${it.slice(0, cut - 1)}*${it.slice(cut)}`)
  const ends = fc.constantFrom('', '', ' *', ':*', '*')
  const cases = fc.tuple(
    words,
    fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
    ends,
    fc.array(text, { maxLength: 2 }),
    fc.constantFrom([], [], ['sudo'], ['doas', 'sudo']),
  )

  it('what one that allows covers, one that denies reaches for certain', () => {
    let covered = 0
    fc.assert(
      fc.property(cases, fc.boolean(), ([said, cuts, end, more, rights], isOpen) => {
        const pattern = patternOf([...rights, ...said], [...rights.map(() => 0), ...cuts], end)
        const given = leaf('', { words: [...said, ...more].map(word), rights, isOpen })
        if (!coversLeaf([pattern], given)) return
        covered += 1
        expect(couldMatchLeaf(pattern, given)).toBe('yes')
      }),
      { numRuns: 5_000 },
    )
    expect(covered).toBeGreaterThan(500)
  })

  it('another name is never covered, nor one with something in front or behind', () => {
    fc.assert(
      fc.property(cases, text, ([said, cuts, end, more], other) => {
        const pattern = patternOf(said, [0, ...cuts.slice(1)], said.length > 1 ? end : end === '*' ? '' : end)
        const name = said[0] ?? ''
        for (const changed of [`${name}${other}`, `${other}${name}`, other]) {
          if (changed === name || changed.startsWith('/usr/bin/') || name.startsWith('/usr/bin/')) continue
          const given = leaf('', { words: [changed, ...said.slice(1), ...more].map(word) })
          expect(coversLeaf([pattern], given), `${pattern} covers ${changed}`).toBe(false)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('no pattern and no leaf is slow', () => {
  const heavy = `${'*a'.repeat(127)}b`
  const long = 'a'.repeat(1_024)
  const patterns = Array.from({ length: 64 }, () => heavy)
  it.each([
    ['one heavy word', [leaf(long)]],
    ['many', Array.from({ length: 64 }, () => leaf(long))],
    ['many leaves', Array.from({ length: 1_000 }, () => leaf('a b c'))],
    ['many words', [leaf('a '.repeat(32_000).trim())]],
    ['many options', [leaf(`a ${'-b '.repeat(20_000)}c`)]],
    ['one word of 64 KB', [leaf(`a ${'b'.repeat(65_536)}`)]],
    ['shapes', [leaf(`a ${'glob:*b*c '.repeat(2_000).trim()}`)]],
    ['much in front', [leaf('a b', { rights: Array(20_000).fill('sudo') })]],
  ])('%s', (_, leaves) => {
    const given = [
      'a b -c -d d:*',
      '* * * * * * *a',
      `* ${'a '.repeat(120)}`,
      heavy,
      `* ${heavy.slice(0, 250)}`,
    ]
    expect(costMs(() => coversLeaves(patterns, leaves))).toBeLessThan(COST_MS_MAX)
    for (const pattern of given) {
      const first = leaves[0] as Leaf
      expect(
        costMs(() => couldMatchLeaf(pattern, first)),
        pattern,
      ).toBeLessThan(COST_MS_MAX)
      expect(
        costMs(() => coversLeaves([pattern], leaves)),
        pattern,
      ).toBeLessThan(COST_MS_MAX)
    }
  })
})

describe('the examples of the docs', () => {
  const page = readFileSync(new URL('../../../docs/reference/command-patterns.md', import.meta.url), 'utf8')
  const rows = page
    .split('\n')
    .filter((row) => row.startsWith('| `'))
    .map((row) =>
      row.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^`|`$/g, '').replaceAll('\\|', '|')),
    )
    .map(([, pattern = '', line = '', allows = '', denies = '', why = '']) => [
      pattern,
      line,
      allows,
      denies,
      why,
    ])

  it('are forty at least, no two of them alike, and each says why', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
    expect(new Set(rows.map(([pattern, line]) => `${pattern}\n${line}`)).size).toBe(rows.length)
    expect(rows.filter((row) => row.some((cell) => cell === ''))).toEqual([])
  })

  it.each(rows)('%s with %s: allows %s, denies %s', (pattern = '', line = '', allows, denies) => {
    expect(flawOfCommandPattern(pattern)).toBeNull()
    expect(coversLine([pattern], line) ? 'yes' : 'no').toBe(allows)
    expect({ yes: 'certain', maybe: 'perhaps', no: 'no' }[couldMatchLine(pattern, line)]).toBe(denies)
  })
})
