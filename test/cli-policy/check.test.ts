/** `troupe policy check`: what would become of a call, by which rule of which layer, with nothing done. */
import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { grantTrust, trustOf } from '../../src/hosts/trust.ts'
import { MODES } from '../../src/protocol/boundary.ts'
import { builtBinary } from '../cli/binary.ts'
import { asking, PROJECT } from './asking.ts'

const troupe = builtBinary()
const layer = (value: object) => ['--permissions', JSON.stringify(value)]
const NPM_TEST = layer({ commandPatterns: ['npm test*'] })

describe('a command', () => {
  it('--json is the verdict, its rule, its layer and why, exactly', async () => {
    const { run } = await asking(troupe)
    expect(await run('check', 'git status', '--json')).toEqual({
      code: 0,
      signal: null,
      stdout:
        '{"verdict":"allow","rule":"default","layer":"mode","why":"it only reads inside the workspace"}\n',
      stderr: '',
    })
  })

  it.each([
    ['what is known to only read runs', ['git status'], 'allow', 'mode', 'default'],
    ['several that only read run', ['ls src && cat src/main.ts | head'], 'allow', 'mode', 'default'],
    ['code of the workspace is asked for', ['npm test'], 'ask', 'mode', 'default'],
    ['a write is asked for', ['cat src/main.ts > out.txt'], 'ask', 'mode', 'default'],
    [
      'acceptEdits lets it write',
      ['cp src/main.ts src/b.ts', '--mode', 'acceptEdits'],
      'allow',
      'mode',
      'acceptEdits',
    ],
    ['plan refuses it', ['cp src/main.ts src/b.ts', '--mode', 'plan'], 'deny', 'mode', 'plan'],
    ['dontAsk refuses what is asked for', ['npm test', '--mode', 'dontAsk'], 'deny', 'mode', /dontAsk/],
    [
      'bypassPermissions runs it',
      ['npm test', '--mode', 'bypassPermissions'],
      'allow',
      'mode',
      'bypassPermissions',
    ],
    ['a line that can’t be parsed is asked for', ['echo "'], 'ask', 'runtime', 'unreadable command'],
    [
      'troupe itself is out of reach',
      ['troupe approve x', '--mode', 'bypassPermissions'],
      'deny',
      'runtime',
      'own controls',
    ],
    ['it may not run outside', ['ls', '--cwd', '..'], 'deny', 'runtime', 'workspace'],
    [
      'the documented example is no way round',
      ['npm test && rm -rf /', ...NPM_TEST],
      'deny',
      'runtime',
      'workspace',
    ],
    [
      'nor is it with anything else behind it',
      ['npm test && npm publish', ...NPM_TEST],
      'deny',
      'layer 1 of 1',
      'commandPatterns',
    ],
    [
      'nor with the rest in a substitution',
      ['npm test $(npm publish)', ...NPM_TEST],
      'deny',
      'layer 1 of 1',
      'commandPatterns',
    ],
    [
      'an empty list is nothing',
      ['ls', ...layer({ commandPatterns: [] })],
      'deny',
      'layer 1 of 1',
      'commandPatterns',
    ],
    [
      'an agent’s boundary is a layer',
      ['npm test', '--agent', 'explorer'],
      'deny',
      'layer 1 of 1',
      'readOnly',
    ],
    ['in the background it only reads', ['npm test', '--background'], 'deny', 'layer 1 of 1', 'readOnly'],
    [
      'unless that is lifted',
      ['npm test', '--background', ...layer({ readOnly: false })],
      'ask',
      'mode',
      'default',
    ],
  ] as const)('%s', async (_, args, verdict, by, rule) => {
    const { check } = await asking(troupe)
    const said = await check(...args)
    expect({ verdict: said.verdict, layer: said.layer }).toEqual({ verdict, layer: by })
    expect(said.rule).toMatch(rule)
  })

  it('layers are AND-ed, in whatever order they stand', async () => {
    const { check } = await asking(troupe)
    const npm = layer({ commandPatterns: ['npm *'] })
    const both = await Promise.all([
      check('npm install', ...NPM_TEST, ...npm),
      check('npm install', ...npm, ...NPM_TEST),
    ])
    expect(both).toMatchObject([
      { verdict: 'deny', layer: 'layer 1 of 2', rule: 'commandPatterns' },
      { verdict: 'deny', layer: 'layer 2 of 2', rule: 'commandPatterns' },
    ])
    expect(await check('npm test', ...npm, ...NPM_TEST)).toMatchObject({ verdict: 'ask', layer: 'mode' })
  })

  it('the agent’s layer stands inside those of the tasks above it', async () => {
    const { check } = await asking(troupe)
    const args = ['npm test', '--agent', 'explorer', ...layer({}), ...layer({})]
    expect(await check(...args)).toMatchObject({ verdict: 'deny', layer: 'layer 2 of 3', rule: 'readOnly' })
    // What lifts it for a task of the user's own lifts it for none that another task has started.
    const lifted = layer({ readOnly: false })
    expect(await check('npm test', '--background', ...layer({}), ...lifted)).toMatchObject({
      verdict: 'deny',
      layer: 'layer 3 of 3',
    })
  })
})

describe('a path', () => {
  const path = (at: string, tool: string) => ['--path', at, '--tool', tool]

  it.each([
    ['reading inside runs', path('src/main.ts', 'read_file'), 'allow', 'mode'],
    ['listing runs', path('.', 'list_files'), 'allow', 'mode'],
    ['searching runs', path('src', 'search_files'), 'allow', 'mode'],
    ['writing is asked for', path('src/main.ts', 'write_file'), 'ask', 'mode'],
    ['so is a patch', path('src/main.ts', 'apply_patch'), 'ask', 'mode'],
    [
      'explorer writes nothing',
      [...path('src/main.ts', 'edit_file'), '--agent', 'explorer'],
      'deny',
      'layer 1 of 1',
    ],
    ['outside is denied', path('../x', 'read_file'), 'deny', 'runtime'],
    ['an absolute path, too', path('/etc/passwd', 'read_file'), 'deny', 'runtime'],
    ['a secret is asked for', path('.env', 'read_file'), 'ask', 'runtime'],
    ['what decides what others run, too', path('package.json', 'write_file'), 'ask', 'runtime'],
    ['Troupe’s own state is out of reach', path('.troupe/state/troupe.db', 'read_file'), 'deny', 'runtime'],
    [
      'an empty list is nothing',
      [...path('src/main.ts', 'read_file'), ...layer({ filePatterns: [] })],
      'deny',
      'layer 1 of 1',
    ],
  ] as const)('%s', async (_, args, verdict, by) => {
    const { check } = await asking(troupe)
    expect(await check(...args)).toMatchObject({ verdict, layer: by })
  })

  it.each(MODES)('a secret is never read unasked: %s', async (mode) => {
    const { check } = await asking(troupe)
    const { verdict } = await check(...path('.env', 'read_file'), '--mode', mode)
    expect(verdict).toBe(mode === 'dontAsk' ? 'deny' : 'ask')
  })

  it('a link is what it leads to', async () => {
    const { cwd, check } = await asking(troupe)
    await symlink('/etc', join(cwd, 'src/etc'))
    await symlink('../.env', join(cwd, 'src/settings.txt'))
    expect(await check(...path('src/etc/passwd', 'read_file'))).toMatchObject({ verdict: 'deny' })
    expect(await check(...path('src/settings.txt', 'read_file'))).toMatchObject({
      verdict: 'ask',
      rule: 'control files and secrets',
    })
  })

  it('an agent that lacks the tool can’t, whatever the rules say', async () => {
    const files = {
      ...PROJECT,
      '.troupe/agents/a.md': '---\nname: scribe\ndescription: It reads.\ntools: [read_file]\n---\nRead.\n',
    }
    const { check } = await asking(troupe, files, { allow: ['write_file'] })
    expect(await check(...path('src/main.ts', 'write_file'), '--agent', 'scribe')).toEqual({
      verdict: 'deny',
      rule: 'tools',
      layer: 'agent scribe',
      why: 'scribe has no tool write_file',
    })
  })
})

describe('whose rules', () => {
  const settings = { permissions: { allow: ['execute_command'], deny: ['execute_command(git push:*)'] } }
  const HOSTILE = { ...PROJECT, '.troupe/settings.json': JSON.stringify(settings) }

  it('the user’s allow lets it run, and their deny outweighs it', async () => {
    const { check } = await asking(troupe, PROJECT, {
      allow: ['execute_command(npm test:*)', 'write_file(src/**)'],
      deny: ['execute_command(npm test --update)'],
    })
    expect(await check('npm test')).toMatchObject({ verdict: 'allow', layer: 'policy' })
    expect(await check('npm test --update')).toMatchObject({ verdict: 'deny', layer: 'policy' })
    expect(await check('npm install')).toMatchObject({ verdict: 'ask', layer: 'mode' })
    expect(await check('--path', 'src/main.ts', '--tool', 'write_file')).toMatchObject({ verdict: 'allow' })
  })

  it('where the user’s own settings lie is out of every command’s reach', async () => {
    const { home, check } = await asking(troupe, PROJECT, { allow: ['execute_command'] })
    expect(await check(`cat ${home}/settings.json`)).toMatchObject({ verdict: 'deny', rule: 'own controls' })
  })

  it('of an untrusted workspace the allow is ignored and the deny holds', async () => {
    const { run, check } = await asking(troupe, HOSTILE)
    expect(await check('npm test')).toMatchObject({ verdict: 'ask', layer: 'mode' })
    expect(await check('git push', '--mode', 'bypassPermissions')).toMatchObject({
      verdict: 'deny',
      layer: 'policy',
    })
    const { stdout } = await run('check', 'npm test')
    expect(stdout).toMatch(/^→ 1 thing that this folder says does not count: troupe trust$/m)
  })

  it('of a trusted one both count, until it changes', async () => {
    const { cwd, home, check } = await asking(troupe, HOSTILE)
    await grantTrust(await trustOf(cwd, home), home)
    expect(await check('npm test')).toMatchObject({ verdict: 'allow', layer: 'policy' })
    await writeFile(
      join(cwd, '.troupe/settings.json'),
      JSON.stringify({ permissions: { allow: ['write_file'] } }),
    )
    expect(await check('--path', 'a.txt', '--tool', 'write_file')).toMatchObject({ verdict: 'ask' })
  })
})

describe('what is used wrongly ends with 2 and says what was meant', () => {
  it.each([
    [['check'], /What is to be checked\?/],
    [[], /check or explain\?/],
    [['chek', 'ls'], /Did you mean "check"\?/],
    [['check', 'git', 'status'], /put it in quotes/],
    [['check', ' '], /empty/],
    [['check', 'ls', '--path', 'x'], /not both/],
    [['check', '--path', 'x'], /Which tool/],
    [['check', '--tool', 'read_file'], /Which path/],
    [['check', '--path', 'x', '--tool', 'read_file', '--cwd', 'src'], /--cwd/],
    [['check', '--path', 'x', '--tool', 'read_fil'], /Did you mean "read_file"\?/],
    [['check', '--path', 'x', '--tool', 'new_task'], /takes no path/],
    [['check', '--path', 'x', '--tool', 'execute_command'], /policy check "<command>"/],
    [['check', 'ls', '--agent', 'explorr'], /Did you mean "explorer"\?/],
    [['check', 'ls', '--mode', 'plann'], /Did you mean "plan"\?/],
    [
      ['check', 'ls', ...layer({ comandPatterns: [] })],
      /no key "comandPatterns"\. Did you mean "commandPatterns"/,
    ],
    [
      ['check', 'ls', ...layer({}), ...layer({ allowedTools: ['reed_file'] })],
      /--permissions 2: allowedTools/,
    ],
    [['check', 'ls', ...layer({ filePatterns: ['../**'] })], /filePatterns.*"\.\.\/\*\*"/],
    [['check', 'ls', ...layer({ readOnly: 'yes' })], /readOnly/],
    [['check', 'ls', '--permissions', '{secret'], /--permissions is not JSON/],
  ] as const)('%j', async (args, words) => {
    const { run } = await asking(troupe)
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('{secret')
  })
})

describe('in words', () => {
  it('the verdict in a line, then by whom, why, and what to do', async () => {
    const { run } = await asking(troupe)
    const { code, stdout } = await run('check', 'npm test && git push', ...NPM_TEST)
    expect(code).toBe(1)
    expect(stdout.split('\n')).toEqual([
      '✗ denied  npm test && git push',
      'by         commandPatterns of layer 1 of 1 (--permissions)',
      'why        "git push" is outside the patterns (allowed: npm test*)',
      '',
      '→ No rule and no mode lifts a layer. This one comes from --permissions.',
      '→ All that was said of it: the same with explain instead of check',
      '',
    ])
  })

  it('a rule is suggested only if it would do', async () => {
    const { run, home } = await asking(troupe)
    const words = async (...args: readonly string[]) =>
      (await run('check', ...args)).stdout.replaceAll(/\s+/g, ' ').replaceAll(home, '~')
    expect(await words('git push origin')).toContain(
      '→ It runs unasked with "execute_command(git push origin)" under permissions.allow in ~/settings.json.',
    )
    expect(await words('--path', 'src/main.ts', '--tool', 'edit_file')).toContain('"edit_file(src/main.ts)"')
    expect(await words('echo $(git push)')).toContain('"execute_command" under permissions.allow')
    expect(await words('cat .env')).toContain('→ No rule lets it run unasked')
  })

  it('the rules suggested are the fewest and the narrowest, next to those there are', async () => {
    const { run } = await asking(troupe, PROJECT, { allow: ['execute_command(npm test:*)'] })
    const words = async (line: string) => (await run('check', line)).stdout.replaceAll(/\s+/g, ' ')
    const teed = await words('npm test 2>&1 | tee test.log')
    expect(teed).toContain('→ It runs unasked with "execute_command(tee test.log)" under')
    expect(teed).toContain('why the command writes test.log')
    expect(await words('npm test > out.txt')).toContain('with "write_file(out.txt)" under')
    expect(await words('make all > out.txt; git push')).toContain(
      'with "execute_command(make all)" and "execute_command(git push)" and "write_file(out.txt)" under',
    )
    expect(await words('cp src/main.ts src/b.ts')).toContain('"execute_command(cp src/main.ts src/b.ts)"')
  })

  it('the reason is that of the first part which no rule covers', async () => {
    const { run, check } = await asking(troupe, PROJECT, { allow: ['execute_command(npm test:*)'] })
    expect(await check('npm test; sleep 1')).toMatchObject({
      why: 'sleep is no command that is known to only read',
    })
    const { stdout } = await run('explain', 'npm test > out.txt')
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /mode ✓ default: .*package\.json \(answered beforehand, by your rules or the mode\) \? default: the command writes out\.txt/,
    )
  })

  it('nothing of a line reaches the terminal raw', async () => {
    const { run } = await asking(troupe)
    const { stdout } = await run('check', 'echo \x1b[31mred\u202e\n\ttwo')
    expect(stdout).toContain('echo \\x1b[31mred\\u202e\\n\\ttwo')
    expect(stdout).not.toMatch(/[\x1b\u202e]/)
  })
})

it('nothing is run, made or kept, neither in the workspace nor in the user’s directory', async () => {
  const { cwd, home, run } = await asking(troupe)
  const before = await readdir(cwd, { recursive: true })
  for (const args of [
    ['check', 'touch made.txt', '--mode', 'bypassPermissions'],
    ['check', '--path', 'made.txt', '--tool', 'write_file', '--mode', 'bypassPermissions'],
    ['explain', 'touch made.txt; ls > made.txt', '--background'],
    ['explain'],
  ])
    expect((await run(...args)).code).toBe(0)
  expect(await readdir(cwd, { recursive: true })).toEqual(before)
  await expect(readdir(home)).rejects.toThrow('ENOENT')
})
