import fc from 'fast-check'
import { expect, it } from 'vitest'
import { globMatcher } from '../../src/hosts/node/glob.ts'

it.each([
  ['*.ts', 'a.ts', true],
  ['*.ts', 'src/deep/a.ts', true],
  ['*.ts', 'a.tsx', false],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/**/*.ts', 'src/x/y/a.ts', true],
  ['**/test/**', 'a/test/b/c', true],
  ['**/test/**', 'a/tests/b', false],
  ['./src/', 'src/a/b', true],
  ['/a.ts', 'a.ts', true],
  ['*.{ts,js}', 'a.js', true],
  ['{src,test}/**/*.{ts,js}', 'test/x/a.ts', true],
  ['{a,b{c,d}}', 'bd', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[!a-c]x', 'dx', true],
  ['a[', 'a[', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['!*.ts', 'a.js', true],
  ['!*.ts', 'a.ts', false],
  ['.env*', '.env.local', true],
  ['*', '.hidden', true],
  ['a**b', 'axyb', true],
  ['ä*', 'äö', true],
])('%s on %s: %s', (glob, path, matches) => {
  expect(globMatcher(glob)(path)).toBe(matches)
})

it('a path matches itself, its own directory’s **, and any of its characters by ?', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', 'ö'), minLength: 1, maxLength: 8 })
  const path = fc.array(name, { minLength: 2, maxLength: 5 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(
      path.filter((it) => !/^\.?\//.test(it)),
      (it) => {
        expect(globMatcher(it)(it)).toBe(true)
        expect(globMatcher(`${it.split('/')[0]}/**`)(it)).toBe(true)
        expect(globMatcher(it.replace(/[^/]/gu, '?'))(it)).toBe(true)
        expect(globMatcher(`${it}x`)(it)).toBe(false)
      },
    ),
  )
})

it('never throws but for its limits', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 50 }), fc.string({ maxLength: 50 }), (glob, path) => {
      expect(typeof globMatcher(glob.replaceAll(',', ''))(path)).toBe('boolean')
    }),
  )
})
