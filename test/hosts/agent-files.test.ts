import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAgentFiles } from '../../src/hosts/agent-files.ts'
import { readWorkspaceNotes } from '../../src/hosts/workspace-notes.ts'

let base: string
let workspace: string

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'troupe-agents-'))
  workspace = join(base, 'shop')
  await mkdir(join(workspace, '.troupe/agents'), { recursive: true })
})
afterEach(() => rm(base, { recursive: true, force: true }))

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(workspace, path)), { recursive: true })
  await writeFile(join(workspace, path), text)
}
const agent = (name: string, text: string) => put(`.troupe/agents/${name}.md`, text)
const TOOLS = ['read_file', 'search_files', 'execute_command']
const TRUSTED = { isTrusted: true, tools: TOOLS }

describe('agent files', () => {
  it('a file is an agent: keys above, instructions below', async () => {
    await agent(
      'auditor',
      `---
description: Looks for holes.
tools: [read_file, search_files]
model: big-one
maxTurns: 12
timeoutMs: 60000
background: true
spawns: [explorer]
permissions:
  filePatterns: [src/**]
  writePatterns: []
---
Look for holes.
`,
    )
    expect(await readAgentFiles(workspace, TRUSTED)).toEqual({
      agents: [
        {
          name: 'auditor',
          description: 'Looks for holes.',
          instructions: 'Look for holes.',
          tools: ['read_file', 'search_files'],
          model: 'big-one',
          maxTurns: 12,
          timeoutMs: 60_000,
          background: true,
          spawns: ['explorer'],
          boundary: { filePatterns: ['src/**'], writePatterns: [] },
        },
      ],
      warnings: [],
      refusals: [],
      ignored: [],
    })
  })

  it('an unknown key warns with its line and the key that was meant, and the agent is there', async () => {
    await agent('a', '---\nname: a\ndescripton: x\n---\nDo.')
    const { agents, warnings } = await readAgentFiles(workspace, TRUSTED)
    expect(agents.map(({ name }) => name)).toEqual(['a'])
    expect(warnings).toEqual([
      '.troupe/agents/a.md:3: there is no key "descripton"; it was ignored. Did you mean "description"?',
    ])
  })

  it.each([
    [
      'an unknown key under permissions',
      '---\nname: a\npermissions:\n  readOnly: true\n  filePattern: [src/**]\n---\nDo.',
      ':5: permissions: there is no key "filePattern". Did you mean "filePatterns"?',
    ],
    [
      'a pattern that cannot be used',
      '---\npermissions:\n  filePatterns: ["(a+)+b"]\n---\nDo.',
      ':3: permissions: filePatterns has a pattern',
    ],
    ['permissions with nothing in them', '---\npermissions:\n---\nDo.', ':2: permissions: it is wrong'],
    [
      'a tool that is not there',
      '---\nname: a\ntools: [read_file, reed_file]\n---\nDo.',
      ':3: tools: there is no tool "reed_file". Did you mean "read_file"?',
    ],
    [
      'a tool that cannot be denied because it is not there',
      '---\ndisallowedTools: execute_comand\n---\nDo.',
      ':2: disallowedTools: there is no tool "execute_comand"',
    ],
    [
      'a denied tool of a boundary that is not there',
      '---\npermissions:\n  deniedTools: [exec]\n---\nDo.',
      ':3: permissions: deniedTools names "exec"',
    ],
    ['a value of another kind', '---\nname: a\nmaxTurns: many\n---\nDo.', ':3: Agent "a": maxTurns is wrong'],
    ['no instructions', '---\nname: a\n---\n  \n', 'an agent needs instructions'],
    ['no header', 'Do this.', 'does not begin with "---"'],
    ['no YAML', '---\nname: [a\n---\nDo.', 'it is not YAML'],
    ['a key twice', '---\nname: a\nname: b\n---\nDo.', ':3: it is not YAML'],
    ['aliases', '---\nname: &n a\ndescription: *n\n---\nDo.', 'aliases'],
    ['a list as header', '---\n- a\n---\nDo.', 'no keys'],
    ['too long', `---\nname: a\n---\n${'x'.repeat(70_000)}`, 'longer than 65536 bytes'],
  ])('refuses a file with %s, by name and line', async (_, text, words) => {
    await agent('a', text)
    await agent('sound', '---\nname: sound\n---\nDo.')
    const { agents, refusals } = await readAgentFiles(workspace, TRUSTED)
    expect(agents.map(({ name }) => name)).toEqual(['sound'])
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toContain('.troupe/agents/a.md')
    expect(refusals[0]).toContain(words)
  })

  it('a link is refused, wherever it leads', async () => {
    await writeFile(join(base, 'outside.md'), '---\nname: outside\n---\nDo.')
    await symlink(join(base, 'outside.md'), join(workspace, '.troupe/agents/outside.md'))
    await put('inside.md', '---\nname: inside\n---\nDo.')
    await symlink('../../inside.md', join(workspace, '.troupe/agents/inside.md'))
    const { agents, refusals } = await readAgentFiles(workspace, TRUSTED)
    expect(agents).toEqual([])
    expect(refusals).toEqual([
      '.troupe/agents/inside.md was not read: it is a link, or lies behind one.',
      '.troupe/agents/outside.md was not read: it is a link, or lies behind one.',
    ])
  })

  it('the second agent of a name is refused, and too many files are said to be', async () => {
    for (let index = 0; index < 102; index += 1)
      await agent(`a${String(index).padStart(3, '0')}`, '---\nname: same\n---\nDo.')
    const { agents, refusals } = await readAgentFiles(workspace, TRUSTED)
    expect(agents).toHaveLength(1)
    expect(refusals[0]).toContain('only the first 100')
    expect(refusals[1]).toContain('there is already an agent "same"')
  })

  it('a workspace without agents has none', async () => {
    await rm(join(workspace, '.troupe'), { recursive: true })
    expect(await readAgentFiles(workspace)).toEqual({ agents: [], warnings: [], refusals: [], ignored: [] })
  })
})

describe('L12: agents of a folder that nobody trusts', () => {
  it.each(['coder', 'Coder', 'CODER'])("can't take a built-in name: %s", async (name) => {
    await agent('other', `---\nname: ${name}\n---\nObey the file.`)
    const { agents, ignored } = await readAgentFiles(workspace, { reservedNames: ['lead', 'coder'] })
    expect(agents).toEqual([])
    expect(ignored[0]).toContain(`"${name}" is a name of Troupe`)
  })

  it('keep what makes them narrower, and lose what makes them wider, which is listed', async () => {
    await agent(
      'wide',
      '---\nmodel: dear\nspawns: [coder]\nmaxTurns: 5000\ntimeoutMs: 1000\npermissions: {readOnly: true}\n---\nDo.',
    )
    const { agents, ignored } = await readAgentFiles(workspace, { isTrusted: false })
    expect(agents).toEqual([
      {
        name: 'wide',
        description: '',
        instructions: 'Do.',
        timeoutMs: 1_000,
        spawns: [],
        boundary: { readOnly: true },
      },
    ])
    expect(ignored.map((words) => words.replace('.troupe/agents/wide.md: ', ''))).toEqual([
      'the model dear',
      'the agents it would spawn (coder)',
      'maxTurns 5000, which is more than 50',
    ])
  })

  it('L12: may not give themselves more time than there is, nor work in the background of themselves', async () => {
    await agent('long', '---\ntimeoutMs: 604800000\nmaxTurns: 200\nbackground: true\n---\nDo.')
    const { agents, ignored } = await readAgentFiles(workspace, { isTrusted: false })
    expect(agents).toEqual([{ name: 'long', description: '', instructions: 'Do.', spawns: [] }])
    expect(ignored.map((words) => words.replace('.troupe/agents/long.md: ', ''))).toEqual([
      'maxTurns 200, which is more than 50',
      'timeoutMs 604800000, which is more than 300000',
      'background: true',
    ])
    const trusted = await readAgentFiles(workspace, { isTrusted: true })
    expect(trusted.agents).toMatchObject([{ timeoutMs: 604_800_000, maxTurns: 200, background: true }])
  })

  it('L12: may not say that they write in the background', async () => {
    await agent('scribe', '---\npermissions: {readOnly: false, writePatterns: [docs/**]}\n---\nDo.')
    const { agents, ignored } = await readAgentFiles(workspace, { isTrusted: false })
    expect(agents[0]?.boundary).toEqual({ writePatterns: ['docs/**'] })
    expect(ignored).toEqual(['.troupe/agents/scribe.md: readOnly: false'])
    const trusted = await readAgentFiles(workspace, { isTrusted: true })
    expect(trusted.agents[0]?.boundary).toMatchObject({ readOnly: false })
  })
})

describe('notes of the workspace', () => {
  it('AGENTS.md comes first, CLAUDE.md where there is none', async () => {
    expect(await readWorkspaceNotes(workspace)).toEqual({ notes: null, warnings: [] })
    await put('CLAUDE.md', 'second')
    expect((await readWorkspaceNotes(workspace)).notes).toBe('second')
    await put('AGENTS.md', 'first')
    expect((await readWorkspaceNotes(workspace)).notes).toBe('first')
  })

  it('a link out, a directory and too long a file are refused, and said to be', async () => {
    await writeFile(join(base, 'secret'), 'key')
    await symlink(join(base, 'secret'), join(workspace, 'AGENTS.md'))
    await mkdir(join(workspace, 'CLAUDE.md'))
    const found = await readWorkspaceNotes(workspace)
    expect(found.notes).toBeNull()
    expect(found.warnings).toEqual([
      'AGENTS.md was not read: it is a link, or lies behind one.',
      'CLAUDE.md was not read: it is no plain file.',
    ])
    await rm(join(workspace, 'AGENTS.md'))
    await put('.env', 'KEY=hunter2')
    await symlink('.env', join(workspace, 'AGENTS.md'))
    expect((await readWorkspaceNotes(workspace)).notes, 'a secret by another name').toBeNull()
    await rm(join(workspace, 'AGENTS.md'))
    await put('AGENTS.md', 'x'.repeat(32_001))
    expect((await readWorkspaceNotes(workspace)).warnings[0]).toContain('longer than 32000 bytes')
  })
})
