/** `troupe policy explain`: what a call is taken for, what was said of it, and what a sandbox would stop. */
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/protocol/boundary.ts'
import type { Entry } from '../../src/protocol/journal.ts'
import { complete, use } from '../../src/testing/scripted-model.ts'
import { builtBinary, workspaceOf } from '../cli/binary.ts'
import { atWork } from '../cli-commands/other-process.ts'
import { asking, PROJECT } from './asking.ts'

const troupe = builtBinary()
const layer = (value: object) => ['--permissions', JSON.stringify(value)]

/** The page up to what a sandbox would stop, which is another one on every machine. */
function page(stdout: string): readonly string[] {
  return (stdout.split(/\n\n(→ )?What a sandbox would stop/)[0] ?? '').split('\n')
}

describe('a command', () => {
  it('tells each part, every layer and rule, the verdict, and what to do', async () => {
    const { run } = await asking(troupe, PROJECT, { deny: ['execute_command(git push:*)'] })
    const args = ['--agent', 'explorer', ...layer({ commandPatterns: ['npm *'] }), ...layer({})]
    const { code, stdout } = await run('explain', 'npm test && timeout 5 git push > out.txt', ...args)
    expect(code).toBe(0)
    const text = page(stdout).join('\n')
    expect(text).toMatch(/^npm test && timeout 5 git push > out\.txt\n\nagent {6}explorer\nmode {7}default: /)
    expect(text).toMatch(
      /\nboundary {3}1 --permissions 1: commands: "npm \*"\n {11}2 agent explorer: reads only\n {11}3 --permissions 2: .*\n/,
    )
    expect(text).toMatch(/\nWhat it is taken for\n {2}npm test\n {4}it runs code of the workspace/)
    expect(text).toMatch(/\n {2}git push\n[\s\S]*\n {4}it stands behind timeout\n/)
    expect(text).toMatch(/\n {2}writes {5}out\.txt, not there yet\n/)
    expect(text).toMatch(
      /\nWhat is said of it\n {2}Troupe {5}· nothing against it\n {2}layer 1 {4}✗ commandPatterns: /,
    )
    expect(text).toMatch(/\n {2}layer 2 {4}✗ readOnly: /)
    expect(text).toMatch(/\n {2}layer 3 {4}· nothing against it\n/)
    expect(text).toMatch(/\n {2}rules {6}✗ deny execute_command\(git push:\*\): /)
    expect(text).toMatch(/\n {2}mode {7}\? default: /)
    expect(text).toMatch(/\n✗ denied\nby {9}commandPatterns of layer 1 of 3 \(--permissions 1\)\nwhy {8}/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(80)
  })

  it('why no rule can cover it, and whose rights it has', async () => {
    const { run } = await asking(troupe)
    const { stdout } = await run('explain', 'LD_PRELOAD=./x.so git status; sudo git status; echo $(date)')
    expect(stdout).toMatch(/\n {2}git status\n {4}no rule can cover it: LD_PRELOAD=/)
    expect(stdout).toMatch(/\n {2}git status\n[^✗?]*\n {4}it has the rights of sudo\n/)
    expect(stdout).toMatch(/\n {2}no rule can allow it: it is more than simple commands/)
  })

  it('what can’t be parsed is said to be so', async () => {
    const { run } = await asking(troupe)
    const { stdout } = await run('explain', 'echo "')
    expect(stdout).toMatch(/\nWhat it is taken for\n {2}the line could not be parsed: /)
    expect(stdout).toMatch(/\(no rule and no\n? *mode answers it\)/)
  })

  it('what a sandbox would stop: names of variables, never their values, and keys that can be read', async () => {
    const { cwd, home } = await asking(troupe)
    const user = await workspaceOf({ '.ssh/config': 'never-shown', '.netrc': 'password never-shown' })
    const environment = {
      TROUPE_HOME: home,
      HOME: user,
      MY_TOKEN: 'never-shown',
      EDITOR: 'never-shown-either',
    }
    const { stdout } = await troupe.run(['policy', 'explain'], { cwd, environment })
    const text = stdout.split('What a sandbox would stop')[1]?.replaceAll(/\s+/g, ' ') ?? ''
    expect(text).toContain('It could read where your keys lie: ~/.ssh, ~/.netrc.')
    expect(text).toMatch(/It inherits \d+ variables: EDITOR, /)
    const one = await troupe.run(['policy', 'explain', 'npm test'], { cwd, environment })
    expect(one.stdout, 'of one command only where to look').toMatch(
      /\n\n→ What a sandbox would stop: troupe policy explain\n$/,
    )
    expect(text).toMatch(/It does not inherit 2 variables: MY_TOKEN, TROUPE_HOME\./)
    expect(stdout).not.toContain('never-shown')
  })
})

describe('a path', () => {
  it('tells where it leads, and nothing of commands', async () => {
    const { run } = await asking(troupe)
    const { stdout } = await run('explain', '--path', '.env', '--tool', 'write_file')
    expect(page(stdout).join('\n')).toMatch(/\nWhat it touches\n {2}writes {5}\.env\n/)
    expect(stdout).toMatch(/\n {2}Troupe {5}\? control files and secrets: /)
    expect(stdout).not.toContain('sandbox')
  })
})

describe('without a command', () => {
  const settings = {
    permissions: {
      mode: 'acceptEdits',
      allow: ['execute_command'],
      ask: ['read_file'],
      deny: ['apply_patch'],
    },
  }
  const FILES = { ...PROJECT, '.troupe/settings.json': JSON.stringify(settings) }

  it('the mode, the rules of each file, what is ignored, and the agent’s boundary', async () => {
    const { run, home } = await asking(troupe, FILES, { mode: 'plan', allow: ['write_file(src/**)'] })
    const { code, stdout } = await run('explain', '--agent', 'reviewer')
    expect(code).toBe(0)
    const text = stdout.replaceAll(home, '~')
    expect(text).toMatch(/^agent {6}reviewer\nmode {7}plan: /)
    expect(text).toMatch(/\nboundary {3}1 agent reviewer: writes: nothing\n/)
    expect(text).toMatch(/\n~\/settings\.json\n {2}mode {5}plan\n {2}allow {4}write_file\(src\/\*\*\)\n/)
    expect(text).toMatch(
      /\n\.troupe\/settings\.json, which nobody trusts: it only tightens\n {2}deny {5}apply_patch\n {2}ask {6}read_file\n/,
    )
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(
      /ignored: .*the rule that allows execute_command; .*acceptEdits/,
    )
    expect(text).toMatch(/\nWhat a sandbox would stop\n/)
    expect(text).toMatch(/\n→ What would happen: troupe policy explain "<command>"\n$/)
  })

  it('how each rule about commands is read', async () => {
    const { run } = await asking(troupe, PROJECT, {
      allow: [
        'execute_command(curl http://localhost:*)',
        'execute_command(npm run test:*)',
        'execute_command(git add:*)',
        'execute_command(npm test)',
      ],
      deny: ['execute_command(git push)'],
    })
    const text = (await run('explain')).stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain(
      'execute_command(curl http://localhost:*) "curl http://localhost" and any further words; not "http://localhost:…", which is another word',
    )
    expect(text).toContain('"npm run test" and any further words; not "test:…", which is another word')
    expect(text).toContain('execute_command(git add:*) "git add" and any further words execute_command')
    expect(text).toContain('execute_command(npm test) these words and no more')
    expect(text).toContain('execute_command(git push) allow')
  })

  it('--json: the same as data', async () => {
    const { run } = await asking(troupe, FILES)
    const { stdout } = await run('explain', '--background', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      agent: 'lead',
      background: true,
      mode: 'default',
      boundary: [{ from: 'every task in the background', layer: { readOnly: true } }],
      rules: {
        user: { mode: null, allow: [], ask: [], deny: [] },
        workspace: { mode: null, allow: [], ask: ['read_file'], deny: ['apply_patch'] },
      },
      isTrusted: false,
      exposure: { keyPlaces: [], inherited: expect.arrayContaining(['HOME', 'PATH']) },
    })
  })
})

describe('--json of one call', () => {
  it('the verdict first, then all that it came from', async () => {
    const { run } = await asking(troupe)
    const { code, stdout } = await run(
      'explain',
      'npm test > out.txt',
      ...layer({ readOnly: true }),
      '--json',
    )
    const told = JSON.parse(stdout) as Verdict & { findings: readonly Verdict[] }
    expect(code).toBe(0)
    expect(told).toMatchObject({
      verdict: 'deny',
      rule: 'readOnly',
      layer: 'layer 1 of 1',
      boundary: [{ from: '--permissions', layer: { readOnly: true } }],
      action: { tool: 'execute_command', access: { command: { line: 'npm test > out.txt', cwd: '.' } } },
      command: { kind: 'other', isPlain: true, writes: [{ given: 'out.txt' }] },
    })
    expect(told.findings.map((finding) => finding.layer)).toContain('mode')
  })
})

it('says what the runtime says, of the same calls in the same task', async () => {
  const calls = [
    ['execute_command', { command: 'git status' }, ['git status']],
    ['execute_command', { command: 'npm test && rm -rf /' }, ['npm test && rm -rf /']],
    ['execute_command', { command: 'cat docs/notes.md', cwd: 'src' }, ['cat docs/notes.md', '--cwd', 'src']],
    ['execute_command', { command: 'git commit -m x' }, ['git commit -m x']],
    ['execute_command', { command: 'troupe tasks' }, ['troupe tasks']],
    ['read_file', { path: 'src/main.ts' }, ['--path', 'src/main.ts', '--tool', 'read_file']],
    ['read_file', { path: 'docs/notes.md' }, ['--path', 'docs/notes.md', '--tool', 'read_file']],
    ['read_file', { path: 'src/.env' }, ['--path', 'src/.env', '--tool', 'read_file']],
    ['write_file', { path: 'src/b.ts', content: 'b' }, ['--path', 'src/b.ts', '--tool', 'write_file']],
    ['list_files', { path: '../' }, ['--path', '../', '--tool', 'list_files']],
  ] as const
  const boundary = { filePatterns: ['src/**'], commandPatterns: ['git *', 'cat *', 'npm test', 'troupe *'] }
  const turns = calls.map(([tool, input]) => use(tool, input))
  const { runtime, troupe: run } = await atWork(
    troupe,
    { reviewer: [...turns, complete('Done.')] },
    { settings: true, onAsk: 'refuse' },
    PROJECT,
  )
  const { taskId } = await runtime.run({ message: 'Look', agent: 'reviewer', boundary })
  const entries: readonly Entry[] = await runtime.journal(taskId)
  const judged = entries.flatMap(({ fact }) => (fact.type === 'call.checked' ? [fact.verdict] : []))
  const told: unknown[] = []
  for (const [, , args] of calls) {
    const { stdout } = await run(
      'policy',
      'check',
      ...args,
      '--agent',
      'reviewer',
      ...layer(boundary),
      '--json',
    )
    told.push(JSON.parse(stdout))
  }
  expect(told).toEqual(judged.slice(0, calls.length))
  expect(new Set(judged.map(({ verdict }) => verdict))).toEqual(new Set(['allow', 'ask', 'deny']))
})
