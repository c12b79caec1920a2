import { choice, oneOf, type Draft } from './draft.ts'

const MARKS = [
  '"',
  "'",
  '`',
  '$',
  '(',
  ')',
  '{',
  '}',
  '\\',
  '\n',
  ' ',
  ';',
  '&',
  '|',
  '<',
  '>',
  '#',
  '!',
  '*',
  '=',
  '[',
  ']',
  '~',
  '\r',
  '\t',
  '\u00a0',
  '$(',
  '<<E',
  "$'",
  ';;',
  '%',
  '@',
  ',',
]

function at(draft: Draft, line: string, change: (before: string, after: string) => string): string {
  const place = draft.below(line.length + 1)
  return change(line.slice(0, place), line.slice(place))
}

/** A line with something done to it that nobody meant. */
export const MANGLINGS = choice('mangled', {
  'a mark more': [
    4,
    (draft) => at(draft, draft.inner(), (before, after) => before + oneOf(draft, MARKS) + after),
  ],
  'a character less': [3, (draft) => at(draft, draft.inner(), (before, after) => before + after.slice(1))],
  'another mark': [
    2,
    (draft) => at(draft, draft.inner(), (before, after) => before + oneOf(draft, MARKS) + after.slice(1)),
  ],
  'cut off': (draft) => at(draft, draft.inner(), (before) => before),
  'begun later': (draft) => at(draft, draft.inner(), (_, after) => after),
  'one in another': (draft) => at(draft, draft.inner(), (before, after) => before + draft.inner() + after),
  'two characters turned': (draft) =>
    at(
      draft,
      draft.inner(),
      (before, after) => before + (after[1] ?? '') + (after[0] ?? '') + after.slice(2),
    ),
  'without spaces': (draft) => draft.inner().replaceAll(' ', oneOf(draft, ['', '\t', '\n', '${IFS}', '\\ '])),
  'in other quotes': (draft) => draft.inner().replaceAll("'", oneOf(draft, ['"', '`', "\\'", ''])),
})

const TOKENS = [
  ...MARKS,
  'good',
  'evil',
  'bad push',
  'if',
  'then',
  'fi',
  'do',
  'done',
  'x',
  '1',
  'a=b',
  'echo',
  'case',
  'in',
  'esac',
  'for',
  '[[',
  ']]',
  '((',
  '))',
  '${',
  'EOF',
  '<(',
  '{a,b}',
  '&&',
  '||',
  '|&',
]

function many(draft: Draft, one: () => string): string {
  let line = ''
  for (let left = 1 + draft.below(12); left > 0; left -= 1) line += one()
  return line
}

/** Any character but a slash: what is run by chance must not lead anywhere. */
function character(draft: Draft, limit: number): string {
  const code = draft.below(limit)
  const isSurrogate = code >= 0xd8_00 && code < 0xe0_00
  return isSurrogate || code === 0 || code === 0x2f ? ' ' : String.fromCodePoint(code)
}

/** What no grammar would make. */
export const NOISES = choice('noise', {
  'signs and words': [4, (draft) => many(draft, () => oneOf(draft, TOKENS) + oneOf(draft, ['', ' ']))],
  'any characters': (draft) => many(draft, () => character(draft, 128)),
  'any characters of the world': (draft) => many(draft, () => character(draft, 0x1_00_00)),
  'half a character': (draft) => `good ${String.fromCharCode(0xd8_00 + draft.below(0x8_00))} x`,
  'a null character': (draft) => `good \0${oneOf(draft, ['', '; evil', 'x'])}`,
  'much of the same': (draft) =>
    oneOf(draft, [
      '(',
      '{ ',
      '$(',
      '`',
      '"',
      "'",
      '\\',
      '<<',
      '$((',
      '[[ ',
      '{a,',
      '*',
      'a=',
      '! ',
      '&&\n',
    ]).repeat(1 << (2 + draft.below(11))),
})
