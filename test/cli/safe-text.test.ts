/** L10: the one door to a terminal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { everyCharacter, safeJson, safeLine, safeText } from '../../src/cli/safe-text.ts'

/** Written apart from the code: what no terminal may ever be sent. */
const DANGEROUS =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/u
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        '\x1b[2J',
        '\x9b',
        '\u202e',
        '\u200b',
        '\r',
        '\ud800',
        '👩',
        '\u200d',
        '\ufe0f',
        'a',
        ' ',
        '\n',
      ),
    )
    .map((it) => it.join('')),
)

describe('whatever comes', () => {
  it('nothing dangerous is left, in any form', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const safe of [safeText, safeLine, everyCharacter]) expect(safe(text)).not.toMatch(DANGEROUS)
        expect(safeLine(text)).not.toMatch(/[\n\t]/)
        expect(everyCharacter(text)).not.toMatch(/[\n\t]|\u200d|\ufe0f| $/)
        expect(safeJson({ text })).not.toMatch(DANGEROUS)
      }),
      { numRuns: 2_000 },
    )
  })

  it('JSON means the same as before', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(JSON.parse(safeJson([text]))).toEqual([text])
      }),
    )
  })

  it('two different lines never look the same but by writing an escape out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        fc.pre(one !== other && !`${one}${other}`.includes('\\'))
        expect(everyCharacter(one)).not.toBe(everyCharacter(other))
      }),
    )
  })
})

describe('an approval', () => {
  it.each([
    ['\x1b[31m', '\\x1b[31m'],
    ['a\u202eb', 'a\\u202eb'],
    ['a\tb\r', 'a\\tb\\r'],
    ['a\u00a0b', 'a\\xa0b'],
    ['end  ', 'end\\x20\\x20'],
    ['\u{e0041}', '\\u{e0041}'],
    ['👩\u200d👩', '👩\\u200d👩'],
    ['\u0301a', '\\u0301a'],
    ['plain ✓ 漢字 é', 'plain ✓ 漢字 é'],
  ])('%j is shown as %s', (text, shown) => {
    expect(everyCharacter(text)).toBe(shown)
  })
})

describe('prose', () => {
  it('keeps what people write', () => {
    const text = 'Le test : « passé » — 完了 ⚠️ 👩‍💻\n\t- done'
    expect(safeText(text.replace(' :', '\u00a0:'))).toBe(text)
    expect(safeText('a\r\nb')).toBe('a\nb')
  })

  it('on one line has the width of its characters', () => {
    expect(safeLine(' a\n\t b ⚠️ 👩‍💻 ')).toBe('a b ⚠ 👩💻')
  })

  it('no text, however long, takes long', () => {
    const long = [
      ' '.repeat(500_000),
      `${' '.repeat(300_000)}x`,
      '\u0301'.repeat(200_000),
      '👩\u200d'.repeat(100_000),
    ]
    const began = performance.now()
    for (const text of long) for (const safe of [safeText, safeLine, everyCharacter]) safe(text)
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
