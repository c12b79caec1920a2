/** Ways round a rule that readers of the code have found, each closed: L5, L13. */
import { describe, expect, it } from 'vitest'
import type { GivenPolicy } from '../../src/protocol/boundary.ts'
import { COST_MS_MAX, costMs, judge, run, write, type Rules } from './workspace.ts'

const EDITS: GivenPolicy = { mode: 'acceptEdits' }
const rules = (...allow: readonly string[]): GivenPolicy => ({
  ...EDITS,
  allow: allow.map((it) => `execute_command(${it})`),
})

it.each<[line: string, rules: Rules, verdict: string, why: string]>([
  ['LC_ALL=zh_CN.GBK\necho \u3041\\; touch x', {}, 'ask', 'a letter of another set holds the backslash'],
  ['LANG=zh_TW.BIG5\necho \u3061\\; touch x', {}, 'ask', 'the same by another name'],
  ['LC_ALL=zh_TW npm test', { policy: rules('npm test:*') }, 'ask', 'no set of letters said is an old one'],
  ['LC_ALL=C.UTF-8 npm test', { policy: rules('npm test:*') }, 'allow', 'everyday: as the line was read'],
  ['LANG=C npm test', { policy: rules('npm test:*') }, 'allow', 'everyday: bytes'],

  [
    'mv hook.sh x && echo x > x',
    { policy: EDITS },
    'ask',
    'a link to what is not there is moved, and leads elsewhere',
  ],
  ['rm hook.sh', { policy: EDITS }, 'ask', 'the link goes, not what it leads to'],
  ['mv docs/guide.md docs/old.md', { policy: EDITS }, 'allow', 'everyday: a file gets another name'],

  ['cat <> src/a.ts', { policy: { ...EDITS, deny: ['read_file(src/**)'] } }, 'deny', '<> reads as well'],
  ['cat <> src/a.ts', { policy: { ...EDITS, deny: ['write_file(src/**)'] } }, 'deny', 'and writes'],

  [
    'ln -sfn .. y && echo x > y/z',
    { policy: rules('ln:*') },
    'ask',
    'what is written to may be a link by then',
  ],
  ['ln -sfn .. y && cat y/z', { policy: rules('ln:*') }, 'ask', 'so may what is read and is not there yet'],
  ['ln -sfn .. y && cat README.md', { policy: rules('ln:*') }, 'allow', 'what is there was looked at'],
  [
    'npm test | tee out.txt',
    { policy: rules('npm test:*') },
    'allow',
    'everyday: who runs code needs no link',
  ],
  [
    'npm run build && cp src/a.ts docs',
    { policy: rules('npm run build') },
    'allow',
    'everyday: build, then copy',
  ],

  [
    'flock x npm test',
    { policy: { allow: ['execute_command(npm test:*)'] } },
    'ask',
    'flock makes a file of its own',
  ],
  ['rm -rfv /etc/x', { policy: rules('rm:*') }, 'deny', 'an option that nobody knows hides no file'],
  ['rm -rf /', { mode: 'bypassPermissions' }, 'deny', 'nor does one that is known'],
  ['cp --backup src/a.ts /etc/cron.d/x', { policy: rules('cp:*') }, 'deny', 'the target of a copy'],
  ['cp --target-directory=/etc src/a.ts', { policy: rules('cp:*') }, 'deny', 'said by an option'],
  ['cp -b /etc/shadow src/y', { policy: rules('cp:*') }, 'ask', 'its source is read'],
  ['mv -b src/a.ts ../x', { policy: rules('mv:*') }, 'deny', 'up and out'],
  ['chmod 777 /etc/passwd', { policy: rules('chmod:*') }, 'deny', 'who may open it is changed as well'],
  ['rm -rf dist', { policy: rules('rm:*') }, 'allow', 'everyday: inside'],
  [
    'cp -r src/lib dist',
    { policy: { ...EDITS, mode: 'bypassPermissions' } },
    'ask',
    'inside, secrets among it',
  ],
  ['chmod 755 src/a.ts', { policy: rules('chmod:*') }, 'allow', 'everyday: inside'],

  ["cd docs && echo x > '\\x'", { policy: EDITS }, 'deny', 'a name to bash, a root to whoever tidies paths'],
  ['cd docs && echo x > c:/z', { policy: EDITS }, 'deny', 'the same with the letter of a drive'],
])('%j: %s', (line, given, verdict, why) => {
  expect(judge(run(line), given).verdict, why).toBe(verdict)
})

it('more paths and patterns than can be compared are refused, in time', () => {
  const globs = Array.from({ length: 30 }, (_, index) => `${'**/*a*1/'.repeat(30)}${index}`)
  const line = `cat ${Array.from({ length: 100 }, (_, index) => `${'a1/'.repeat(26)}${index}`).join(' ')}`
  const given = {
    boundary: [{ filePatterns: globs }],
    policy: { deny: globs.map((glob) => `read_file(${glob})`) },
  }
  expect(judge(run(line), given)).toMatchObject({ verdict: 'deny', rule: 'path limits' })
  expect(costMs(() => judge(run(line), given))).toBeLessThan(COST_MS_MAX)
})

describe('a call that touches more than can be looked at', () => {
  it('is refused by name, and quickly', () => {
    const paths = Array.from({ length: 1_000 }, (_, index) => `src/${index}.ts`)
    const action = { ...write('x'), access: { reads: [], writes: paths, command: null } }
    expect(judge(action, { policy: EDITS })).toMatchObject({ verdict: 'deny', rule: 'path limits' })
  })
})
