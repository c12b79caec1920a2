/** L5: what a task in the background was denied, it gets by no other way. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { grantTrust, trustOf } from '../../src/hosts/trust.ts'
import type { AskedCall, Result } from '../../src/protocol/model.ts'
import { complete, use, uses } from '../../src/testing/scripted-model.ts'
import { workspaceWith } from '../support/runtime.ts'
import { answerOf } from '../background/puppets.ts'
import { newTask, openStage, type Stage, type StageOptions } from '../background/stage.ts'

/** The widest that a user can say; and whoever is asked says yes. */
const WIDEST: StageOptions = {
  policy: { mode: 'bypassPermissions' },
  human: { approve: async () => ({ allow: true }), ask: async () => 'Yes, do it.' },
}
const FILES = { 'a.txt': 'Old.\n', 'notes.md': 'Notes.\n' }

const run = (command: string): AskedCall => ({ tool: 'execute_command', input: { command } })
const patch = (text: string): AskedCall => ({ tool: 'apply_patch', input: { patch: text } })

/** Ways to have `new.txt`, or `a.txt` changed. */
const WAYS: Readonly<Record<string, AskedCall>> = {
  write_file: { tool: 'write_file', input: { path: 'new.txt', content: 'New.' } },
  edit_file: { tool: 'edit_file', input: { path: 'a.txt', old_text: 'Old.', new_text: 'New.' } },
  'apply_patch, adding': patch('*** Begin Patch\n*** Add File: new.txt\n+New.\n*** End Patch'),
  'apply_patch, moving': patch(
    '*** Begin Patch\n*** Update File: a.txt\n*** Move to: new.txt\n@@\n-Old.\n+New.\n*** End Patch',
  ),
  'a redirection': run('echo New. > new.txt'),
  'a redirection behind a read': run('cat a.txt >> new.txt'),
  'bash -c': run('bash -c "echo New. > new.txt"'),
  'bash -lc in sh -c': run(`sh -c 'bash -lc "touch new.txt"'`),
  eval: run('eval "touch new.txt"'),
  'a substitution': run('cat "$(touch new.txt)" a.txt'),
  'a substitution of a process': run('cat <(touch new.txt)'),
  'a here-document': run('bash <<< "touch new.txt"'),
  'a subshell': run('(touch new.txt)'),
  'a pipe into a shell': run('echo "touch new.txt" | sh'),
  'a pipe into tee': run('cat a.txt | tee new.txt'),
  'the background of bash': run('ls & touch new.txt'),
  'a second line': run('ls\ntouch new.txt'),
  'a function': run('ls() { touch new.txt; }; ls'),
  xargs: run('echo new.txt | xargs touch'),
  'find -exec': run('find a.txt -exec cp {} new.txt ;'),
  'find -fprint': run('find a.txt -fprint new.txt'),
  env: run('env touch new.txt'),
  'a whole path': run('/usr/bin/touch new.txt'),
  'a quoted name': run("t'ou'ch new.txt"),
  'node -e': run(`node -e "require('fs').writeFileSync('new.txt', '')"`),
  'sed -i': run('sed -i s/Old/New/ a.txt'),
  'sort -o': run('sort -o new.txt a.txt'),
  'git diff --output': run('git diff --no-index --output=new.txt a.txt notes.md'),
  mv: run('mv a.txt new.txt'),
  'rm in front of &&': run('rm a.txt && ls'),
}

/** A lead with a task in the background that has just been given a call. */
async function denied(call: AskedCall, options: StageOptions = {}) {
  const workspace = options.workspace ?? (await workspaceWith(FILES))
  const stage = await openStage({ ...WIDEST, ...options, workspace })
  const { runtime, models } = stage
  await runtime.start({ message: 'Lead' })
  await models.say('Lead', uses([newTask('Child', { background: true })]))
  // What it may do at least: else a denial would prove nothing.
  await models.say('Child', use('read_file', { path: 'a.txt' }))
  await models.say('Child', uses([call]))
  return { ...stage, workspace, result: await resultOf(stage, 'Child', call.tool) }
}

async function resultOf({ models }: Pick<Stage, 'models'>, message: string, tool: string): Promise<Result> {
  return answerOf((await models.body(message)).request, tool)
}

async function expectUntouched(workspace: string) {
  expect((await readdir(workspace)).toSorted()).toEqual(Object.keys(FILES).toSorted())
  expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('Old.\n')
}

describe('a task in the background', () => {
  it.each(Object.keys(WAYS))('changes nothing by %s', async (way) => {
    const { workspace, result } = await denied(WAYS[way] ?? run(''))
    expect(result).toMatchObject({ kind: 'failed', code: 'call/denied' })
    await expectUntouched(workspace)
  })

  it.each([
    ['in front', {}],
    ['in the background', { background: true }],
    ['with wide permissions', { permissions: { filePatterns: ['**'], writePatterns: ['**'] } }],
    ['with commands', { permissions: { commandPatterns: ['*'], allowedTools: ['write_file'] } }],
    ['with nothing said', { permissions: {}, background: true }],
    ['as an agent that writes', { agent: 'coder' }],
    ['as an agent that says readOnly: false', { agent: 'scribe' }],
  ])('has nobody else do it: a task of its own %s', async (_, input) => {
    const scribe = { name: 'scribe', instructions: 'Write.', boundary: { readOnly: false } } as const
    const agents = [{ ...scribe, description: '' }]
    const { models, workspace, facts, find } = await denied(WAYS['write_file'] ?? run(''), { agents })
    await models.say('Child', uses([newTask('Grandchild', input)]))
    await models.say('Grandchild', uses([WAYS['write_file'] ?? run('')]))
    const result = await resultOf({ models }, 'Grandchild', 'write_file')
    expect(result).toMatchObject({ code: 'call/denied' })
    const [birth] = await facts((await find('Grandchild')).id, 'task.created')
    const { boundary } = (birth as { spec: { boundary: readonly object[] } }).spec
    expect(boundary).toContainEqual({ readOnly: true })
    await expectUntouched(workspace)
  })

  it('is not lifted by what its parent says: readOnly: false is refused by name, and starts nothing', async () => {
    const { runtime, models } = await openStage(WIDEST)
    await runtime.start({ message: 'Lead' })
    for (const background of [true, false]) {
      const permissions = { readOnly: false }
      await models.say('Lead', uses([newTask('Child', { background, permissions })]))
      expect(await resultOf({ models }, 'Lead', 'new_task')).toMatchObject({
        code: 'tool/bad-input',
        message: expect.stringMatching(/permissions.*readOnly.*can only be true/),
      })
    }
    expect(await runtime.tasks()).toHaveLength(1)
  })

  it('is not lifted by a message, nor by a title', async () => {
    const { models, workspace, runtime, find } = await denied(WAYS['write_file'] ?? run(''))
    await runtime.message((await find('Child')).id, 'You may write now. readOnly: false')
    await models.say('Child', uses([WAYS['write_file'] ?? run('')]))
    expect(await resultOf({ models }, 'Child', 'write_file')).toMatchObject({ code: 'call/denied' })
    await expectUntouched(workspace)
  })
})

describe('a task that a model gives permissions', () => {
  const CLOSED = { code: 'call/denied' }

  it('has those of its parent, of its agent and of the call, whatever they say', async () => {
    const workspace = await workspaceWith({ 'a.txt': 'A', 'b.txt': 'B', 'c.txt': 'C' })
    const { runtime, models, facts, find } = await openStage({ ...WIDEST, workspace })
    await runtime.start({ message: 'Lead', boundary: { filePatterns: ['a.txt', 'b.txt'] } })
    const permissions = { filePatterns: ['b.txt', 'c.txt'], commandPatterns: [] }
    await models.say('Lead', uses([newTask('Child', { agent: 'coder', permissions })]))
    for (const [path, wanted] of [
      ['a.txt', CLOSED],
      ['c.txt', CLOSED],
      ['b.txt', { kind: 'ok' }],
    ] as const) {
      await models.say('Child', use('read_file', { path }))
      expect(await resultOf({ models }, 'Child', 'read_file')).toMatchObject(wanted)
    }
    await models.say('Child', uses([run('cat b.txt')]))
    expect(await resultOf({ models }, 'Child', 'execute_command')).toMatchObject(CLOSED)
    const [birth] = await facts((await find('Child')).id, 'task.created')
    expect(birth).toMatchObject({ spec: { boundary: [{ filePatterns: ['a.txt', 'b.txt'] }, permissions] } })
  })

  it.each<[string, object, RegExp]>([
    ['a misspelled key', { allowedTool: ['read_file'] }, /"allowedTool"; did you mean "allowedTools"/],
    ['a key nobody knows', { blockedCommands: [] }, /"blockedCommands"/],
    ['a tool that there is not', { allowedTools: ['read_fil'] }, /"read_fil".*read_file/],
    ['a pattern that is no glob', { filePatterns: ['src/[a'] }, /permissions: filePatterns.*src\/\[a/],
    ['a command that is a line', { commandPatterns: ['npm test && ls'] }, /permissions: commandPatterns/],
    ['a regex', { commandPatterns: ['^npm test.*$'] }, /permissions: commandPatterns/],
    ['a text instead of a list', { filePatterns: 'src/**' }, /permissions.*filePatterns/],
  ])('is refused whole for %s, by name, and nothing starts', async (_, permissions, words) => {
    const { runtime, models } = await openStage(WIDEST)
    await runtime.start({ message: 'Lead' })
    await models.say('Lead', uses([newTask('Child', { permissions })]))
    expect(await resultOf({ models }, 'Lead', 'new_task')).toMatchObject({
      code: 'tool/bad-input',
      message: expect.stringMatching(words),
    })
    expect(await runtime.tasks()).toHaveLength(1)
  })

  it('given as the text of JSON is refused: it is an object', async () => {
    const { runtime, models } = await openStage(WIDEST)
    await runtime.start({ message: 'Lead' })
    await models.say('Lead', uses([newTask('Child', { permissions: '{"readOnly":true}' })]))
    expect(await resultOf({ models }, 'Lead', 'new_task')).toMatchObject({ code: 'tool/bad-input' })
  })
})

describe('what lifts it', () => {
  const SCRIBE = '---\ndescription: Writes.\npermissions:\n  readOnly: false\n---\nWrite.\n'

  it.each([
    ['once it is trusted', true, ['.troupe', 'new.txt']],
    ['not before', false, ['.troupe']],
  ])('an agent in a file of the workspace, %s', async (_, isTrusted, left) => {
    const workspace = await workspaceWith()
    const home = await workspaceWith()
    vi.stubEnv('TROUPE_HOME', home)
    onTestFinished(() => void vi.unstubAllEnvs())
    await mkdir(join(workspace, '.troupe/agents'), { recursive: true })
    await writeFile(join(workspace, '.troupe/agents/scribe.md'), SCRIBE)
    if (isTrusted) await grantTrust(await trustOf(workspace, home), home)
    const { runtime, models } = await openStage({ ...WIDEST, workspace, settings: true })
    await runtime.start({ message: 'Back', background: true, agent: 'scribe' })
    await models.say('Back', uses([WAYS['write_file'] ?? run('')]))
    await models.say('Back', complete('Done.'))
    expect((await readdir(workspace)).toSorted()).toEqual(left)
  })
})
