import fc from 'fast-check'
import micromatch from 'micromatch'
import { describe, expect, it } from 'vitest'
import { couldBeProtected, mayBeFound, protectionOf } from '../../../src/boundary/files/control-files.ts'
import {
  coversDirectory,
  flawOf,
  flawOfList,
  matchesAny,
  PATTERN_CHARS_MAX,
} from '../../../src/boundary/files/patterns.ts'
import { couldMeet, matchText, wildcards } from '../../../src/boundary/wildcards.ts'
import { COST_MS_MAX, costMs } from '../workspace.ts'

describe('globs', () => {
  it.each([
    ['src/**', 'src/a.ts', true],
    ['src/**', 'src/.hidden/a.ts', true],
    ['src/**', 'evil/src/a.ts', false],
    ['src/**', 'srcX/evil.ts', false],
    ['src/*.ts', 'src/lib/c.ts', false],
    ['src/*.ts', 'src/a.tsx', false],
    ['**/*.ts', 'a.ts', true],
    ['src/**', 'src', false],
    ['*/**', 'README.md', false],
    ['src/**/*.{ts,tsx}', 'src/x/y.tsx', true],
    ['file-[0-9].txt', 'file-7.txt', true],
    ['file-[!0-9].txt', 'file-7.txt', false],
    ['a+b.txt', 'aab.txt', false],
    ['a.b', 'axb', false],
    ['src/**', 'src/a\nb', true],
  ])('the whole path is compared: %s with %s', (pattern, path, expected) => {
    expect(matchesAny([pattern], path)).toBe(expected)
  })

  it('an empty list allows nothing', () => {
    expect(matchesAny([], 'a')).toBe(false)
    expect(coversDirectory([], '.')).toBe(false)
  })

  it('a directory is covered only when everything below it is', () => {
    expect(coversDirectory(['src/**'], 'src')).toBe(true)
    expect(coversDirectory(['src/**'], 'src/lib')).toBe(true)
    expect(coversDirectory(['src/**'], '.')).toBe(false)
    expect(coversDirectory(['src/*.ts', 'src'], 'src')).toBe(false)
    expect(coversDirectory(['**'], '.')).toBe(true)
  })

  it.each([
    '',
    '/etc/**',
    '~/x',
    'C:/x',
    'src/../**',
    './src',
    'src//a',
    'src/',
    'src**',
    '(a+)+b',
    '+(*a)',
    '!(a*)',
    'a|b',
    '!src/**',
    'a\\b',
    '{a,{b,c}}',
    '{a',
    'a}',
    '{a}',
    '{a,b}{a,b}{a,b}{a,b}{a,b}',
    '[a',
    '[]',
    '[[:alpha:]]*',
    'a]',
    '[z-a]',
    'a\nb',
    'a'.repeat(PATTERN_CHARS_MAX + 1),
  ])('a pattern that could mean anything else is refused, and allows nothing: %j', (pattern) => {
    expect(flawOf(pattern)).toBeTypeOf('string')
    expect(matchesAny([pattern], pattern)).toBe(false)
  })

  it('agrees with micromatch on tame patterns, but that a last ** never stands for nothing', () => {
    const part = fc.stringMatching(/^[ab*?]{1,4}$/).filter((text) => !text.includes('**'))
    const pattern = fc
      .array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
    const path = fc
      .array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'))
    fc.assert(
      fc.property(pattern, path, (glob, file) => {
        const theirs = micromatch.isMatch(file, glob, { dot: true, nobrace: true, noextglob: true })
        const ours = matchesAny([glob], file)
        if (glob.endsWith('**')) expect(!ours || theirs).toBe(true)
        else expect(ours).toBe(theirs)
      }),
      { numRuns: 2_000 },
    )
  })

  it('no pattern and no path costs over 50 ms', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'a', '*', '?', '/', '**', '[ab]', '{a,b}', '(', '+'),
      maxLength: 200,
    })
    const paths = fc.string({
      unit: fc.constantFrom('a', 'a', 'a', 'b', '/'),
      minLength: 500,
      maxLength: 1_024,
    })
    fc.assert(
      fc.property(letters, paths, (pattern, path) => {
        expect(costMs(() => matchesAny([pattern], path))).toBeLessThan(COST_MS_MAX)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['**/*a*/*a*/**/*a*/*a*/**/*a*/*b', 'aaa/'.repeat(255)],
    ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(255)],
    [`${'**/a/'.repeat(50)}b`, 'a/'.repeat(511)],
    [`${'{a,a}'.repeat(4)}${'*a'.repeat(100)}b`, 'a'.repeat(255)],
    ['*'.repeat(200), 'a'.repeat(255)],
  ])('S73: what hangs other matchers costs nothing here: %s', (pattern, path) => {
    expect(costMs(() => matchesAny([pattern], path))).toBeLessThan(COST_MS_MAX)
  })

  it('a whole list at its limits costs no more', () => {
    const patterns = Array.from({ length: 32 }, () => `${'*a'.repeat(120)}b`)
    expect(flawOfList(patterns)).toBeNull()
    const path = Array(4).fill('a'.repeat(255)).join('/')
    expect(costMs(() => matchesAny(patterns, path))).toBeLessThan(COST_MS_MAX)
    expect(flawOfList([...patterns, ...patterns])).toContain('characters')
  })

  it('paths that are too long are never allowed', () => {
    expect(matchesAny(['**'], 'a'.repeat(256))).toBe(false)
    expect(matchesAny(['**'], 'a/'.repeat(600))).toBe(false)
  })
})

describe('wildcards', () => {
  it('two patterns could meet whenever some text is an instance of both', () => {
    const shape = fc.stringMatching(/^[ab*?]{0,5}$/)
    fc.assert(
      fc.property(shape, shape, fc.stringMatching(/^[ab]{0,5}$/), (left, right, text) => {
        const both = matchText(wildcards(left), text) && matchText(wildcards(right), text)
        expect(!both || couldMeet(wildcards(left), wildcards(right))).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('what is protected', () => {
  it.each([
    '.env',
    '.env.local',
    'apps/web/.ENV',
    'deploy/server.pem',
    '.ssh/config',
    'home/id_ed25519',
    '.git/config',
    '.npmrc',
    '.e\u200bnv',
    '.env.',
    '.env ',
    '.env::$DATA',
    '\uff0eenv',
    'a\\.env',
    './x/../.env',
  ])('a secret, by any spelling: %j', (path) => {
    expect(protectionOf(path)?.kind).toBe('secret')
  })

  it.each([
    '.git',
    '.git/hooks/pre-commit',
    '.gitattributes',
    '.gitignore',
    'sub/HEAD',
    '.husky/pre-push',
    '.troupe/agents/x.md',
    '.troupe',
    'package.json',
    'apps/web/package.json',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    '.vscode/tasks.json',
    '.bashrc',
    'AGENTS.md',
    'docs/CLAUDE.md',
    '.mcp.json',
    'Jenkinsfile',
    '.GitHub/x.yml',
  ])('a control file: %j', (path) => {
    expect(protectionOf(path)?.kind).toBe('control')
  })

  it.each([
    'src/env.ts',
    'README.md',
    'src/head.ts',
    'src/hooks/use-cart.ts',
    'docs/agents/plan.md',
    'src/secrets.ts',
    'environment',
  ])('an ordinary file: %j', (path) => {
    expect(protectionOf(path)).toBeNull()
  })

  it('a search shows neither secrets nor the state of Troupe, and control files it does', () => {
    expect(['.env', 'a/b.pem', '.troupe/state/tasks.db', '.git/config'].filter(mayBeFound)).toEqual([])
    expect(['src/a.ts', 'package.json', '.github/workflows/ci.yml'].every(mayBeFound)).toBe(true)
  })

  it('a word that the shell has yet to expand is judged by what it could become', () => {
    expect(['.e*', '.g?t/hooks', 'pack*.json', '*.pem'].filter((shape) => !couldBeProtected(shape))).toEqual(
      [],
    )
    expect(['*', 'src/*.ts', 'dist/*', '*.test.ts'].filter((shape) => couldBeProtected(shape))).toEqual([])
  })
})
