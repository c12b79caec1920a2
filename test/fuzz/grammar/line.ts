import { choice, isOneIn, oneOf, type Choice, type Draft, type Production } from './draft.ts'
import { COMPOUNDS, PLACES } from './insides.ts'
import { MANGLINGS, NOISES } from './noise.ts'
import { FEEDS, SECOND_READINGS } from './second-readings.ts'
import { TRICKS } from './tricks.ts'
import { ARGUMENTS, ASSIGNMENTS, payload, REDIRECTIONS, simple, SPELLINGS } from './words.ts'
import { WRAPPERS } from './wrappers.ts'

/** What people and models write all day. */
const EVERYDAY = choice('everyday', {
  'a program': [
    6,
    (draft) =>
      `good ${oneOf(draft, ['', 'x', 'build', 'build --fast', 'x y z', '-v', "'a b'", '"a  b"', 'a=b'])}`.trim(),
  ],
  'a program with a subcommand': [
    4,
    (draft) => `alsogood sub${oneOf(draft, ['', ' x', ' --all', " 'x y'"])}`,
  ],
  'a program that is not known': [2, (draft) => `other${oneOf(draft, ['', ' x'])}`],
  git: [
    4,
    (draft) =>
      `git ${oneOf(draft, ['status', 'status --short', 'log --oneline -5', 'diff --stat', 'branch', 'add src/a.ts', "commit -m 'a b'", 'push', 'fetch', 'ls-files'])}`,
  ],
  npm: [
    4,
    (draft) =>
      `npm ${oneOf(draft, ['test', 'test -- --run x', 'run build', 'install', 'ci', 'run test:unit'])}`,
  ],
  read: [
    6,
    (draft) =>
      oneOf(draft, [
        'ls',
        'ls -la src',
        'cat README.md',
        'head -n 5 README.md',
        'wc -l src/a.ts',
        'grep -n x README.md',
        'echo done',
        'pwd',
        'sort list.txt',
        'tail -n 3 list.txt',
        'cat src/a.ts src/b.ts',
        'date',
        "echo 'a b'",
        'find src -name a.ts',
        'true',
      ]),
  ],
  write: [
    2,
    (draft) =>
      oneOf(draft, [
        'touch src/new.ts',
        'mkdir -p src/deep',
        'cp src/a.ts src/c.ts',
        'rm src/b.ts',
        'echo x > out',
        'mv src/a.ts src/d.ts',
        'cat list.txt | tee out',
      ]),
  ],
  'a program with output': [
    2,
    (draft) => `good ${oneOf(draft, ['2>&1', '> out', '>/dev/null', '> src/out.txt 2>&1', '>> out'])}`,
  ],
  'a program with a variable': (draft) =>
    `${oneOf(draft, ['CI=1', 'NODE_ENV=test', 'FORCE_COLOR=0'])} ${oneOf(draft, ['good', 'npm test'])}`,
})

const joined =
  (operators: readonly string[], part: Production): Production =>
  (draft) => {
    let line = part(draft)
    while (!isOneIn(draft, 2) && line.length < 400 && draft.below(3) > 0)
      line += oneOf(draft, operators) + part(draft)
    return line
  }

const PLAIN_OPERATORS = [' && ', ' ; ', '; ', ' | ', '\n', ' || ', '|', '&&', ' |\n', ' &&\n  ']
const OPERATORS = [...PLAIN_OPERATORS, ' & ', ' |& ', '&\n', ' ;\n', '; ! ', ' & wait; ']

/** A command with what may stand around it. */
const decorated: Production = (draft) => {
  const before = isOneIn(draft, 6)
    ? `${(draft.below(2) === 0 ? REDIRECTIONS : ASSIGNMENTS).draw(draft)} `
    : ''
  const after = isOneIn(draft, 5) ? ` ${REDIRECTIONS.draw(draft)}` : ''
  return before + simple(draft) + after
}

const STATEMENTS = choice('a statement', {
  simple: [10, decorated],
  everyday: [4, EVERYDAY.draw],
  compound: [5, COMPOUNDS.draw],
  'with a substitution': [4, PLACES.draw],
  'with a wrapper': [4, WRAPPERS.draw],
  'with a trick': [3, TRICKS.draw],
  'with a second reading': [1, SECOND_READINGS.draw],
  'with a feed': [1, FEEDS.draw],
})

const LINES = choice('a line', {
  'of everyday commands': [24, joined(PLAIN_OPERATORS, EVERYDAY.draw)],
  'of plain commands': [12, joined(PLAIN_OPERATORS, payload)],
  'of simple commands': [12, joined(PLAIN_OPERATORS, simple)],
  'of a wrapper': [10, (draft) => WRAPPERS.draw(draft)],
  'of a trick': [9, (draft) => TRICKS.draw(draft)],
  'of a second reading': [5, SECOND_READINGS.draw],
  'of a feed': [3, FEEDS.draw],
  'of a place': [9, (draft) => PLACES.draw(draft)],
  'of a compound': [8, (draft) => COMPOUNDS.draw(draft)],
  'of anything': [10, joined(OPERATORS, STATEMENTS.draw)],
  mangled: [6, (draft) => MANGLINGS.draw({ ...draft, inner: () => STATEMENTS.draw(draft) })],
  noise: [2, NOISES.draw],
})

export const CHOICES: readonly Choice[] = [
  LINES,
  STATEMENTS,
  EVERYDAY,
  SPELLINGS,
  ARGUMENTS,
  REDIRECTIONS,
  ASSIGNMENTS,
  PLACES,
  COMPOUNDS,
  WRAPPERS,
  TRICKS,
  SECOND_READINGS,
  FEEDS,
  MANGLINGS,
  NOISES,
]

/** Longer ones would only say the same again. */
const LINE_CHARS_MAX = 6_000

/** A line, and the names of all that was made for it. */
export interface MadeLine {
  readonly line: string
  readonly made: readonly string[]
}

/** Reads a line off a tape of numbers. */
export function lineFrom(tape: readonly number[], bin: string): MadeLine {
  let at = 0
  const below = (limit: number) => (tape[at++] ?? 0) % limit
  const made: string[] = []
  const isBenign = below(2) === 0
  const draftAt = (depth: number): Draft => ({
    below,
    made,
    isBenign,
    bin,
    depth,
    inner: () => STATEMENTS.draw(draftAt(depth + 1)),
  })
  return { line: LINES.draw(draftAt(0)).slice(0, LINE_CHARS_MAX), made }
}
