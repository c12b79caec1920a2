/** The fuzz finds what it is there to find: each fault, planted on purpose, goes red. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRun, runLines } from './bash-runner.ts'
import { addBatch, newTally, shrunk } from './campaign.ts'
import { judgedByTroupe, verdictOf, type Judge } from './judged.ts'
import { escapes } from './oracle.ts'
import { rulesFrom, type Rules } from './rules.ts'
import { remove, throwAway, type ThrowAway } from './throw-away.ts'

let directory: ThrowAway
beforeAll(() => {
  directory = throwAway()
})
afterAll(() => remove(directory))

const heads = (patterns: readonly string[]) => patterns.map((pattern) => pattern.split(/[ :*]/)[0] ?? '')
const deniedHeads = ({ denied }: Rules) => heads(denied).filter((head) => head !== '')
/** What else a fault would change is not what it is about. */
const changed =
  (change: (line: string) => string): Judge =>
  (line, rules, where) =>
    judgedByTroupe(change(line), rules, where)

const FAULTS: Readonly<Record<string, Judge>> = {
  'a substitution is not looked into': changed((line) => line.replace(/\$\([^()]*\)|`[^`]*`/g, 'x')),
  'only the first command is judged': changed((line) => line.split(/&&|\|\||[;|&\n]/)[0] ?? ''),
  'what stands in quotes is text': changed((line) => line.replace(/'[^']*'|"[^"]*"/g, 'x')),
  'a here-document is text': changed((line) => line.replace(/<<(\w)[\s\S]*?\n\1\n/g, '')),
  'a redirection is not looked at': changed((line) => line.replace(/[0-9&]*>+\|? *\S+/g, '')),
  'what is in front of a command is not looked at': changed((line) =>
    line.replace(/(^|[;&|] *)\w+=\S* /g, '$1'),
  ),
  'a rule that denies is compared with the text of the line': (line, rules) =>
    deniedHeads(rules).every((head) => !line.split(/\s+/).includes(head)) && rules.denied.length > 0
      ? 'allow'
      : 'deny',
  'a rule that allows is not anchored': (line, rules, where) =>
    heads(rules.covered ?? []).some((head) => head !== '' && line.includes(head))
      ? 'allow'
      : judgedByTroupe(line, rules, where),
  'wrappers are not seen through': (line, rules, where) =>
    /^(env|sh|bash|xargs|timeout|nice|nohup|eval|command|find) /.test(line)
      ? 'allow'
      : judgedByTroupe(line, rules, where),
  'one layer is enough': (line, rules, where) =>
    rules.layers.some((layer) => judgedByTroupe(line, { ...rules, layers: [layer] }, where) === 'allow')
      ? 'allow'
      : judgedByTroupe(line, rules, where),
  'a line that cannot be parsed is let through': (line, rules, where) => {
    const { verdict, rule } = verdictOf(line, rules, where)
    return rule === 'unreadable command' ? 'allow' : verdict
  },
  'a rule that denies knows only the case it was written in': (line, rules, where) =>
    line.startsWith('Evil') ? 'allow' : judgedByTroupe(line, rules, where),
  "programs of the workspace are the system's": changed((line) =>
    line.replace(/(\.|tools)\/(?=good|x)/g, ''),
  ),
}

/** Lines that the product allows as well are left out: what is found is the fault's doing. */
const alone =
  (judge: Judge): Judge =>
  (line, rules, where) => {
    const verdict = judge(line, rules, where)
    return verdict === 'allow' && judgedByTroupe(line, rules, where) === 'allow' ? 'deny' : verdict
  }

const BATCHES_MAX = 60
const BATCH = 400

describe('a planted fault goes red', () => {
  it.each(Object.entries(FAULTS))('%s', async (_, judge) => {
    const tally = newTally()
    for (let seed = 1; seed <= BATCHES_MAX && tally.failures.length === 0; seed += 1)
      await addBatch(tally, { judge: alone(judge), seed, count: BATCH }, directory)
    expect(tally.failures[0]?.what).toMatch(/^it (ran|wrote) /)
  })

  it('a judge that throws, and one that is slow', async () => {
    const tally = newTally()
    const throwing: Judge = (line) => {
      if (line.length > 20) throw new RangeError('a long line')
      return 'deny'
    }
    await addBatch(tally, { judge: throwing, seed: 1, count: 20 }, directory)
    const slow: Judge = () => {
      const start = process.cpuUsage()
      while (process.cpuUsage(start).user < 70_000);
      return 'deny'
    }
    await addBatch(tally, { judge: slow, seed: 1, count: 1 }, directory)
    expect(tally.failures[0]?.what).toBe('judging it threw RangeError: a long line')
    expect(tally.failures.at(-1)?.what).toMatch(/^it took \d+\.\d ms to judge$/)
  })

  it('is made as simple as can be, and found again by its seed and path', async () => {
    const judge = alone(() => 'allow')
    const tally = newTally()
    await addBatch(tally, { judge, seed: 3, count: 60 }, directory)
    const [failure] = tally.failures.toSorted((one, other) => other.line.length - one.line.length)
    if (failure === undefined) throw new Error('Nothing was found.')
    const { line, what } = await shrunk(judge, failure, directory)
    expect(line.length).toBeLessThan(Math.min(failure.line.length, 40))
    expect(what).toMatch(/^it (ran|wrote) /)
  })
})

describe('what is run shows', () => {
  const rules = { ...rulesFrom([]), covered: ['good:*'], denied: ['evil:*', 'bad push:*', 'git push:*'] }

  it('each program, by its name and its words, and the line that it belongs to', async () => {
    const { logged } = await runLines(directory, [
      "good 'a  b' \"\n\" ''",
      'echo x | (alsogood | cat >&2) & wait',
      'cd tools; ./evil',
    ])
    expect(logged.filter(({ line }) => line === 0)).toEqual([
      { line: 0, program: 'good', words: ['a  b', '\n', ''] },
    ])
    expect(
      logged
        .filter(({ line }) => line === 1)
        .map(({ program }) => program)
        .toSorted(),
    ).toEqual(['alsogood', 'cat'])
    expect(logged.filter(({ line }) => line === 2)).toEqual([{ line: 2, program: '././evil', words: [] }])
  })

  it('also where its environment was taken away', async () => {
    const { logged } = await runLines(directory, ['env -i "$(type -P evil)"'])
    expect(logged).toEqual([{ line: null, program: 'evil', words: [] }])
  })

  it('a line that does not end is ended, and the others run', async () => {
    const { logged, stuck } = await runLines(directory, [
      'good 1',
      'while :; do read -t 9 <> <(:); done',
      'good 3',
    ])
    expect(stuck).toEqual([1])
    expect(logged.map(({ words }) => words)).toEqual([['1'], ['3']])
  })

  it('a file that was written', async () => {
    expect((await runLines(directory, ['good > src/a.ts'])).hasWritten).toBe(true)
    expect((await runLines(directory, ['good > /dev/null; cat README.md'])).hasWritten).toBe(false)
  })

  it.each([
    [['evil', 'x'], 'denied by evil:*'],
    [['EVIL'], 'denied by evil:*'],
    [['bad', 'push'], 'denied by bad push:*'],
    [['git', '-C', '.', '--no-pager', 'push'], 'denied by git push:*'],
    [['../workspace/good'], 'neither covered by good:* nor a read'],
    [['goodness'], 'neither covered by good:* nor a read'],
    [['touch', 'x'], 'neither covered by good:* nor a read'],
  ])('%j is found', ([program = '', ...words], why) => {
    expect(escapes(rules, [{ line: 0, program, words }], '')).toEqual([
      `${[program, ...words].join(' ')}: ${why}`,
    ])
  })

  it.each([[['good', 'x']], [['cat', 'README.md']], [['git', 'status']]])(
    '%j is not',
    ([program = '', ...words]) => {
      expect(escapes(rules, [{ line: 0, program, words }], '')).toEqual([])
    },
  )

  it.each(['kill -9 1', 'k"il"l 1', '>/etc/x', 'echo $(</etc/passwd)', "cat '/etc/x'", 'x\0'])(
    '%j is never run',
    (line) => {
      expect(mayRun(directory, line)).toBe(false)
    },
  )

  it('what stays in the directory may run', () => {
    expect(mayRun(directory, `${directory.bin}/good >/dev/null; ./x; sed 's/x/x/;e'`)).toBe(true)
  })
})
