import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommandJudgement, CommandPart, Touched } from '../../src/boundary/commands/judgement.ts'
import type { Leaf } from '../../src/boundary/commands/leaves/leaf.ts'
import { leavesOf } from '../../src/boundary/commands/leaves/leaves.ts'
import { readLine } from '../../src/boundary/commands/shell.ts'
import type { Subject } from '../../src/boundary/findings.ts'
import type { KnownPlace, Places } from '../../src/boundary/files/places.ts'
import { matchesAny } from '../../src/boundary/files/patterns.ts'
import { readable } from '../../src/boundary/files/readable.ts'
import { coversCommand, coversWrites } from '../../src/boundary/policy/coverage.ts'
import { parsePolicy, RULES_MAX } from '../../src/boundary/policy/policy.ts'
import { reachesOf, reachOf } from '../../src/boundary/policy/reach.ts'
import { parseRule, rulesOfNoTool } from '../../src/boundary/policy/rule.ts'
import { UsageError } from '../../src/errors.ts'
import type { Access, GivenRule } from '../../src/protocol/boundary.ts'
import { COST_MS_MAX, costMs, locate } from './workspace.ts'

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (UsageError.is(error)) return (error as UsageError).message
    throw error
  }
  return 'nothing was refused'
}
const rule = (text: string) => parseRule(text, 'x')
/** Every path, and where it leads. */
class Everywhere extends Map<string, KnownPlace | 'outside'> {
  override get(given: string) {
    return locate(given)
  }
}
const WHEREVER: Places = new Everywhere()
const touched = (given: string): Touched => ({ given, place: locate(given) })

interface Call {
  readonly tool?: string
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  readonly command?: CommandJudgement | null
  readonly cwd?: string
  readonly access?: Access | null
  readonly isUnknown?: boolean
}

function subject({ tool = 'read_file', reads = [], writes = [], command = null, ...more }: Call): Subject {
  const said = { reads, writes, command: command && { line: '', cwd: more.cwd ?? '.' } }
  return {
    action: { tool, effect: 'idempotent', access: more.access === undefined ? said : more.access },
    reads: reads.map(touched),
    writes: writes.map(touched),
    command,
    cwd: command && touched(more.cwd ?? '.'),
    places: WHEREVER,
    isUnknown: more.isUnknown ?? false,
    isBackground: false,
  }
}

function part(line: string, kind: CommandPart['kind'] = 'other', change: Partial<Leaf> = {}): CommandPart {
  const read = readLine(line)
  const leaves = read.kind === 'read' ? read.commands.flatMap((command) => leavesOf(command)) : []
  const changed = leaves.map((leaf): Leaf => ({ ...leaf, ...change }))
  return { leaves: changed, kind, why: 'x', reads: [], writes: [], redirected: [], standings: [] }
}

function judged(
  parts: readonly CommandPart[],
  more: Partial<Omit<CommandJudgement, 'reads' | 'writes'>> & Pick<Call, 'reads' | 'writes'> = {},
): CommandJudgement {
  const { reads = [], writes = [], ...rest } = more
  const said = { why: 'x', isPlain: true, denied: null, asked: null, ...rest }
  const touches = { reads: reads.map(touched), writes: writes.map(touched) }
  const [first, ...others] = parts
  const read = first === undefined ? [] : [{ ...first, reads: touches.reads }, ...others]
  const kind = parts.every((it) => it.kind === 'read') ? 'read' : 'other'
  return { kind, parts: read, ...said, ...touches }
}

const run = (line: string, more: Omit<Call, 'command'> = {}) =>
  subject({ tool: 'execute_command', ...more, command: judged([part(line)]) })

describe('a rule is read', () => {
  it.each([
    ['read_file', 'read_file', null],
    ['write_file(src/**)', 'write_file', 'src/**'],
    ['execute_command(git status:*)', 'execute_command', 'git status:*'],
    ['execute_command(*)', 'execute_command', '*'],
    ['deploy(envs/{a,b}/*)', 'deploy', 'envs/{a,b}/*'],
  ])('%s', (text, tool, spec) => {
    expect(rule(text)).toEqual({ text, tool, spec })
    expect(Object.isFrozen(rule(text))).toBe(true)
  })

  it.each([
    ['rm -rf', '"rm -rf" is no rule'],
    ['read_file (x)', 'is no rule'],
    ['read_file(x) ', 'is no rule'],
    ['read_file(x', 'is no rule'],
    ['', 'a rule is empty'],
    ['write_file()', 'has nothing in its parentheses; "write_file" alone'],
    ['execute_command( )', 'has nothing in its parentheses'],
    ['execute_command(git push; rm)', "can't be used: it has something in it that a shell reads"],
    ['write_file(/etc/**)', 'it is not relative to the workspace'],
    ['write_file((a+)+b)', 'mean nothing in a glob'],
    ['write_file(\uff08a\uff09)', 'mean nothing in a glob'],
    ['attempt_completion(x)', 'touches no file and runs no command; write "attempt_completion" alone'],
    ['new_task(coder)', 'touches no file'],
    ['update_todo_list(x)', 'touches no file'],
    ['Bash(git push:*)', 'names "Bash", which is no tool here. Did you mean "execute_command"?'],
    ['bash(rm:*)', 'Did you mean "execute_command"?'],
    ['Execute_command(rm:*)', 'Did you mean "execute_command"?'],
    ['WriteFile(src/**)', 'names "WriteFile", which is no tool here. Did you mean "write_file"?'],
    ['new-task', 'Did you mean "new_task"?'],
    ['edit', 'Did you mean "edit_file"?'],
    [`read_file(${'a'.repeat(600)})`, 'more than 512 characters'],
    [{ rule: 'read_file(a)', matches: ['a'] }, 'there is no key "matches". Did you mean "match"?'],
    [{ match: ['a'] }, 'an object with a text under rule'],
    [{ rule: 'read_file(a)', match: 'a' }, 'a rule is a text, or an object'],
    [{ rule: 'read_file(a)', match: Array(33).fill('a') }, 'up to 32 texts'],
    [7, 'a rule is a text, or an object'],
    [null, 'a rule is a text, or an object'],
  ])('or refused, by name: %j', (given, words) => {
    const message = refusal(() => parseRule(given as GivenRule, 'settings: deny'))
    expect(message).toMatch(/^settings: deny: /)
    expect(message).toContain(words)
    expect(refusal(() => parsePolicy({ deny: [given] }, 'settings'))).toContain(words)
  })

  it.each<[GivenRule, 'allow' | 'deny']>([
    [
      { rule: 'execute_command(git push)', match: ['git push'], not_match: ['git push -f', 'gitevil'] },
      'allow',
    ],
    [{ rule: 'execute_command(npm test*)', not_match: ['npm test && rm -rf /'] }, 'allow'],
    [
      { rule: 'execute_command(git push)', match: ['git push -f', 'ls && git push'], not_match: ['ls'] },
      'deny',
    ],
    [{ rule: 'write_file(src/**)', match: ['src/a.ts'], not_match: ['src', 'SRC/a.ts'] }, 'allow'],
    [{ rule: 'write_file(src/**)', match: ['SRC/a.ts'], not_match: ['lib/a.ts'] }, 'deny'],
  ])('with examples that hold: %j under %s', (given, list) => {
    expect(() => parsePolicy({ [list]: [given] }, 'x')).not.toThrow()
  })

  it.each<[GivenRule, 'allow' | 'deny', string]>([
    [{ rule: 'execute_command(git push)', match: ['git push -f'] }, 'allow', 'does not match "git push -f"'],
    [{ rule: 'execute_command(git push:*)', not_match: ['git push -f'] }, 'allow', 'matches "git push -f"'],
    [{ rule: 'execute_command(npm test*)', match: ['npm test && rm x'] }, 'allow', 'does not match'],
    [{ rule: 'execute_command(git push)', not_match: ['git push -f'] }, 'deny', 'matches "git push -f"'],
    [{ rule: 'execute_command(git push)', match: ['git "'] }, 'deny', '"git \\"", which can\'t be compared'],
    [{ rule: 'execute_command(git push)', match: ['# no'] }, 'deny', 'there is no command in it'],
    [{ rule: 'write_file(src/**)', match: ['lib/a.ts'] }, 'allow', 'does not match "lib/a.ts"'],
    [{ rule: 'write_file(src/**)', not_match: ['SRC/a.ts'] }, 'deny', 'matches "SRC/a.ts"'],
    [{ rule: 'write_file', match: ['a'] }, 'deny', 'has examples, but speaks of every call'],
  ])('or with examples that do not, by name: %j under %s', (given, list, words) => {
    const message = refusal(() => parsePolicy({ [list]: [given] }, 'settings'))
    expect(message).toContain(`settings: ${list}: the rule "${(given as { rule: string }).rule}" `)
    expect(message).toContain(words)
  })

  it('a policy is read whole, and nobody changes it afterwards', () => {
    const policy = parsePolicy({ allow: ['read_file', { rule: 'execute_command(ls)' }], mode: 'plan' }, 'x')
    expect(policy).toEqual({
      mode: 'plan',
      allow: [
        { text: 'read_file', tool: 'read_file', spec: null },
        { text: 'execute_command(ls)', tool: 'execute_command', spec: 'ls' },
      ],
      ask: [],
      deny: [],
    })
    expect(Object.isFrozen(policy) && Object.isFrozen(policy.allow)).toBe(true)
    for (const mode of ['plan', 'dontAsk', 'default', 'acceptEdits', 'bypassPermissions'])
      expect(parsePolicy({ mode }, 'x').mode).toBe(mode)
  })

  it('no list is longer than can be compared', () => {
    expect(refusal(() => parsePolicy({ deny: Array(RULES_MAX + 1).fill('a') }, 'x'))).toContain(
      'deny is wrong',
    )
    const globs = Array.from({ length: 60 }, (_, i) => `read_file(${`${i}`.repeat(100)})`)
    expect(refusal(() => parsePolicy({ deny: globs }, 'x'))).toContain('come to more than 8192 characters')
    expect(refusal(() => parsePolicy({ denys: [] }, 'x'))).toContain('Did you mean "deny"?')
  })
})

describe('a rule about commands reaches', () => {
  it.each([
    ['git push', 'git push -f', 'yes'],
    ['git push', 'ls; (cd x && git push)', 'yes'],
    ['git push', './node_modules/.bin/git push', 'yes'],
    ['git push', 'timeout 5 git push', 'yes'],
    ['git push', 'git $X', 'maybe'],
    ['git push', 'git pull', 'no'],
  ])('%s: %s: %s', (pattern, line, reach) => {
    expect(reachOf(rule(`execute_command(${pattern})`), run(line))).toBe(reach)
  })

  it('also what another tool runs, perhaps what can not be read, and what a tool does not say', () => {
    const denied = rule('execute_command(git push)')
    expect(reachOf(denied, run('git push', { tool: 'deploy' }))).toBe('yes')
    const unreadable = judged([], { kind: 'unreadable' })
    expect(reachOf(denied, subject({ tool: 'execute_command', command: unreadable }))).toBe('maybe')
    expect(reachOf(denied, subject({ tool: 'deploy', access: null, isUnknown: true }))).toBe('maybe')
    expect(reachOf(denied, subject({ tool: 'deploy', access: null }))).toBe('no')
    expect(reachOf(denied, subject({ reads: ['src/a.ts'] }))).toBe('no')
    expect(reachOf(denied, subject({ tool: 'attempt_completion', access: null, isUnknown: true }))).toBe('no')
  })
})

describe('rules of no tool', () => {
  it('are told, when they ask or deny, with the name that was probably meant', () => {
    const policy = parsePolicy(
      {
        allow: ['frob'],
        ask: ['deploy', 'read_file'],
        deny: ['execute_comand(rm:*)', 'weather', 'new_task'],
      },
      'x',
    )
    expect(rulesOfNoTool(policy, ['deploy'])).toEqual([
      'deny: the rule "execute_comand(rm:*)" reaches nothing: no tool here is called "execute_comand". ' +
        'Did you mean "execute_command"?',
      'deny: the rule "weather" reaches nothing: no tool here is called "weather".',
    ])
  })
})

describe('files that are shown by a search', () => {
  it.each([
    ['[!A-Z]*/**', 'lower/x', false],
    ['[!A-Z]*/**', 'Upper/x', true],
    ['[A-z]*/x', '_a/x', false],
    ['SRC/**', 'src/a.ts', false],
    ['src/**', 'lib/a.ts', true],
  ])('deny read_file(%s): %s: %s', (glob, path, shown) => {
    expect(readable([], { deny: [rule(`read_file(${glob})`)] })(path)).toBe(shown)
  })
})

describe('a rule about files reaches', () => {
  it.each<[string, Call, string]>([
    ['write_file(src/**)', { tool: 'write_file', writes: ['src/a.ts'] }, 'yes'],
    ['write_file(src/**)', { tool: 'edit_file', writes: ['./src//a.ts'] }, 'yes'],
    ['edit_file(src/**)', { tool: 'apply_patch', writes: ['README.md', 'src/new.ts'] }, 'yes'],
    ['write_file(src/**)', { tool: 'write_file', writes: ['SRC/A.ts'] }, 'yes'],
    ['write_file(SRC/**)', { tool: 'write_file', writes: ['src/a.ts'] }, 'yes'],
    ['write_file(src/**)', { tool: 'write_file', writes: ['/home/ann/shop/src/a.ts'] }, 'yes'],
    ['write_file(README.md)', { tool: 'write_file', writes: ['src/up/README.md'] }, 'yes'],
    ['write_file(README.md)', { tool: 'write_file', writes: ['README.md.'] }, 'yes'],
    ['write_file(README.md)', { tool: 'write_file', writes: ['READ\u200bME.md'] }, 'yes'],
    ['write_file(README.md)', { tool: 'write_file', writes: ['\uff32EADME.md'] }, 'yes'],
    ['write_file(src/**)', { tool: 'write_file', writes: ['srcX/evil.ts'] }, 'no'],
    ['write_file(src/**)', { tool: 'read_file', reads: ['src/a.ts'] }, 'no'],
    ['write_file(src/a.ts)', { tool: 'move', writes: ['src'] }, 'maybe'],
    ['write_file(src/**)', { tool: 'move', writes: ['src/lib'] }, 'yes'],
    ['read_file(src/**)', { tool: 'read_file', reads: ['src/a.ts'] }, 'yes'],
    ['search_files(src/**)', { tool: 'read_file', reads: ['src/a.ts'] }, 'yes'],
    ['read_file(src/**)', { tool: 'search_files', reads: ['src'] }, 'yes'],
    ['read_file(src/**)', { tool: 'search_files', reads: ['.'] }, 'maybe'],
    ['read_file(**/*.ts)', { tool: 'search_files', reads: ['docs'] }, 'maybe'],
    ['read_file(src/**)', { tool: 'search_files', reads: ['docs'] }, 'no'],
    ['read_file(src/**)', { tool: 'list_files', reads: ['src'] }, 'no'],
    ['list_files(src/**)', { tool: 'list_files', reads: ['src'] }, 'yes'],
    ['list_files(src/**)', { tool: 'search_files', reads: ['src'] }, 'yes'],
    ['list_files(src/**)', { tool: 'read_file', reads: ['src/a.ts'] }, 'no'],
    ['read_file(src/**)', { tool: 'write_file', writes: ['src/a.ts'] }, 'no'],
    ['deploy(src/**)', { tool: 'deploy', reads: ['src/a.ts'] }, 'yes'],
    ['deploy(src/**)', { tool: 'read_file', reads: ['src/a.ts'] }, 'no'],
    ['write_file(src/**)', { tool: 'deploy', access: null, isUnknown: true }, 'maybe'],
    ['read_file(src/**)', { tool: 'deploy', access: null }, 'maybe'],
    ['read_file(src/**)', { tool: 'update_todo_list', access: null }, 'no'],
  ])('%s: %j: %s', (text, call, reach) => {
    expect(reachOf(rule(text), subject(call))).toBe(reach)
  })

  it.each<[string, CommandJudgement, string]>([
    ['write_file(src/**)', judged([part('cp a b', 'files')], { kind: 'files', writes: ['src/b'] }), 'yes'],
    ['write_file(src/**)', judged([part('cp a b', 'files')], { kind: 'files', writes: ['lib'] }), 'no'],
    [
      'write_file(new/**)',
      judged([part('mv src new', 'files')], { kind: 'files', writes: ['new'] }),
      'maybe',
    ],
    ['write_file(**/x.lock)', judged([part('cp a b', 'files')], { kind: 'files', writes: ['b'] }), 'no'],
    ['read_file(src/*.ts)', judged([part('cat src/a.ts', 'read')], { reads: ['src/a.ts'] }), 'yes'],
    ['read_file(**/*.ts)', judged([part('ls', 'read')], { reads: ['.'] }), 'no'],
    ['list_files(src/**)', judged([part('ls src', 'read')], { reads: ['src'] }), 'yes'],
    ['read_file(src/**)', judged([part('cp -r . x', 'files')], { kind: 'files', reads: ['.'] }), 'maybe'],
    ['read_file(src/**)', judged([], { kind: 'unreadable' }), 'maybe'],
  ])('%s: what a command is known to touch: %#', (text, command, reach) => {
    expect(reachOf(rule(text), subject({ tool: 'execute_command', command }))).toBe(reach)
  })

  it.each([
    ['read_file(secret/**)', 'frob secret/key.txt', 'maybe'],
    ['read_file(secret/**)', 'frob --in=./SECRET/key.txt', 'maybe'],
    ['read_file(secret/**)', 'frob "open(\'secret/key.txt\')"', 'maybe'],
    ['write_file(secret/**)', 'frob secret', 'maybe'],
    ['write_file(secret/**)', 'frob .', 'no'],
    ['write_file(secret/**)', 'rm -r .', 'maybe'],
    ['read_file(secret/**)', 'cat sec*/key.txt', 'maybe'],
    ['read_file(secret/**)', 'cat "$DIR"/key.txt', 'maybe'],
    ['read_file(secret/**)', 'cat $FILE', 'maybe'],
    ['read_file(secret/**)', 'bash -c "cat secret/key.txt"', 'maybe'],
    ['read_file(secret/**)', 'find . | xargs frob', 'maybe'],
    ['write_file(docs/**)', 'rm -r doc?', 'maybe'],
    ['write_file(docs/a/b)', 'rm -r doc?', 'maybe'],
    ['write_file(docs/a/b)', 'frob doc?', 'no'],
    ['write_file(docs/**)', 'frob doc[s]', 'maybe'],
    ['write_file(docs/**)', 'frob d', 'no'],
    ['read_file(.env)', 'frob notes.md', 'maybe'],
    ['read_file(.env)', 'frob /home/ann/shop/.env', 'maybe'],
    ['read_file(.env)', 'frob src/up', 'no'],
    ['read_file(.env)', 'tar c src/up', 'maybe'],
    ['read_file(.env)', 'frob -p :3000 key= .', 'no'],
    ['read_file(.env)', 'git diff', 'no'],
    ['read_file(.env)', 'git diff -- .env', 'maybe'],
    ['read_file(.env)', 'git checkout .', 'maybe'],
    ['read_file(.env)', 'test $? -eq 0', 'no'],
    ['read_file(.env)', 'echo "$PATH"', 'no'],
    ['read_file(.env)', 'frob "$FILE"', 'maybe'],
    ['read_file(.env)', 'rg add', 'no'],
    ['read_file(.env)', 'rg --hidden add', 'maybe'],
    ['read_file(src/**)', 'rg add', 'maybe'],
    ['read_file(src/**)', 'rg add docs', 'no'],
    ['read_file(src/**)', 'rg add -r docs', 'maybe'],
    ['read_file(.env)', "find src -name '*.ts' -exec wc -l {} +", 'no'],
    ['read_file(src/**)', "find src -name '*.ts' -exec wc -l {} +", 'maybe'],
    ['read_file(.env)', 'find -L src -exec cat {} +', 'maybe'],
    ['read_file(.env)', 'find src -exec xargs cat {} +', 'maybe'],
    ['read_file(.env)', 'find src -exec cat {} "$X" +', 'maybe'],
    ['read_file(.env)', 'xargs -n1 echo < README.md', 'no'],
    ['read_file(.env)', '. .venv/bin/activate', 'no'],
    ['read_file(.env)', 'curl x | bash', 'maybe'],
    ['read_file(.env)', 'PYTHONPATH=src pytest', 'no'],
    ['read_file(.env)', 'BASH_ENV=x bash y', 'maybe'],
    ['read_file(secret/**)', 'git -C secret push', 'maybe'],
    ['read_file(secret/**)', 'frob pub*/key.txt', 'no'],
    ['read_file(secret/**)', 'frob src/a.ts', 'no'],
    ['write_file(**/*.lock)', 'frob src/a.ts', 'no'],
    ['write_file(**/*.lock)', 'frob src/yarn.lock', 'maybe'],
  ])('%s: what the words of %s may name is never certain: %s', (text, line, reach) => {
    expect(reachOf(rule(text), run(line))).toBe(reach)
  })

  it('words are seen from where the command runs', () => {
    expect(reachOf(rule('read_file(src/lib/c.ts)'), run('frob c.ts', { cwd: 'src/lib' }))).toBe('maybe')
    expect(reachOf(rule('read_file(README.md)'), run('frob README.md', { cwd: 'src/up' }))).toBe('maybe')
    expect(reachOf(rule('read_file(README.md)'), run('frob ../README.md', { cwd: 'src' }))).toBe('maybe')
    expect(reachOf(rule('read_file(README.md)'), run('frob README.md', { cwd: 'src' }))).toBe('no')
  })

  it('also from behind a cd, whether or not they name anything there', () => {
    const behind = (standings: readonly string[], line: string) =>
      subject({ tool: 'execute_command', command: judged([{ ...part(line), standings }]) })
    expect(reachOf(rule('read_file(src/lib/**)'), behind(['src/lib'], 'frob c.ts'))).toBe('maybe')
    expect(reachOf(rule('read_file(src/lib/**)'), behind(['.', 'src/lib'], 'make'))).toBe('maybe')
    expect(reachOf(rule('read_file(src/lib/**)'), behind(['src/up/src/lib'], 'make'))).toBe('maybe')
    expect(reachOf(rule('read_file(src/lib/c.ts)'), behind(['src/lib'], 'frob c.ts'))).toBe('maybe')
    expect(reachOf(rule('read_file(src/lib/c.ts)'), behind(['src/lib'], 'make'))).toBe('no')
    expect(reachOf(rule('read_file(src/lib/**)'), behind(['src'], 'make'))).toBe('no')
  })

  it.each([
    ['cd doc? && frob', 'maybe'],
    ['cd "$X" && frob', 'maybe'],
    ['cd - && frob', 'maybe'],
    ['command cd src && frob', 'maybe'],
    ['frob && cd -', 'no'],
    ['cd src && frob', 'no'],
  ])('a cd to where nobody knows makes them open: %s: %s', (line, reach) => {
    const read = readLine(line)
    const lines = line.split(' && ').map((it) => part(it))
    expect(read.kind).toBe('read')
    const command = judged(lines)
    expect(reachOf(rule('read_file(.env)'), subject({ tool: 'execute_command', command }))).toBe(reach)
  })

  it('what one that allows covers, one that denies reaches for certain', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', 'Σ', 'ß', '\u200b', '.', ' ', ':', '/', 'ﬁ'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(name, fc.nat(5), (path, cut) => {
        const glob = `${path.slice(0, cut)}*`
        const given = { text: '', tool: 'write_file', spec: glob }
        if (!matchesAny([glob], path)) return
        const place = { path, kind: 'file', isHardLinked: false } as const
        const writes = [{ given: path, place }]
        expect(reachOf(given, { ...subject({ tool: 'write_file' }), writes })).toBe('yes')
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('rules that allow cover', () => {
  const rules = [
    'execute_command(git push)',
    'execute_command(npm test*)',
    'write_file(src/**)',
    'read_file',
  ].map(rule)
  const read = part('ls', 'read')
  it.each<[string, CommandJudgement, boolean]>([
    ['each part by one of them', judged([part('git push'), part('npm test x')]), true],
    ['what only reads by none', judged([part('git push'), read]), true],
    ['through wrappers', judged([part('timeout 5 git push')]), true],
    ['not one part more', judged([part('git push'), part('rm x')]), false],
    ['no file command unless named', judged([part('rm x', 'files')], { kind: 'files' }), false],
    ['nothing that is not plain', judged([part('git push')], { isPlain: false }), false],
    ['nothing unreadable', judged([], { kind: 'unreadable' }), false],
    ['no line without a part', judged([]), false],
    ['nothing hidden', judged([part('git push', 'other', { isHidden: true })]), false],
    ['nothing with a flaw', judged([part('git push', 'other', { flaw: 'x' })]), false],
    ['nothing that only wraps', judged([part('git push', 'other', { isWrapper: true })]), false],
    ['no part of which nothing is known', judged([{ ...part('git push'), leaves: [] }]), false],
  ])('%s', (_, command, covered) => {
    expect(coversCommand(rules, command)).toBe(covered)
  })

  it('everything with the name of the tool alone, and only of that tool', () => {
    const odd = judged([part('rm -rf /')], { isPlain: false })
    expect(coversCommand([rule('execute_command')], odd)).toBe(true)
    expect(coversCommand([rule('write_file')], odd)).toBe(false)
    expect(coversCommand([], judged([part('ls')]))).toBe(false)
  })

  it.each([
    [['src/a.ts', 'src/new.ts'], true],
    [['src/lib'], true],
    [['src/a.ts', 'README.md'], false],
    [['src'], true],
    [['.'], false],
    [['src/up/README.md'], false],
    [['src/out.ts'], false],
    [['SRC/a.ts'], false],
    [[], false],
  ])('writes, every one, by where they really lead: %j: %s', (writes, covered) => {
    expect(coversWrites(rules, 'write_file', writes.map(touched))).toBe(covered)
  })

  it('the writes of the tool that they name, and of no other', () => {
    expect(coversWrites(rules, 'edit_file', [touched('src/a.ts')])).toBe(false)
    expect(coversWrites([rule('write_file')], 'write_file', [touched('README.md')])).toBe(true)
  })
})

describe('no rules and no call are slow', () => {
  it.each([
    ['many commands', run('a b c;'.repeat(900))],
    ['many words', run(`frob ${'aaa/b '.repeat(5_000)}`)],
    ['long words', run(`frob ${`${'a/'.repeat(500)} `.repeat(60)}`)],
    ['shapes', run(`frob ${'a*b '.repeat(390)}`)],
    [
      'many writes',
      subject({ tool: 'apply_patch', writes: Array.from({ length: 200 }, (_, i) => `src/${i}`) }),
    ],
  ])('%s', (_, given) => {
    const globs = Array.from({ length: 64 }, (_, i) => rule(`write_file(${'*a'.repeat(60)}${i})`))
    const patterns = Array.from({ length: RULES_MAX }, (_, i) =>
      rule(`execute_command(${'* '.repeat(40)}${i})`),
    )
    expect(costMs(() => reachesOf(globs, given))).toBeLessThan(COST_MS_MAX)
    expect(costMs(() => reachesOf(patterns, given))).toBeLessThan(COST_MS_MAX)
  })
})
