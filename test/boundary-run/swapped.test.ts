/** What the verdict saw is what the tool opens, also where a link was put in its way in between. */
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createJudge } from '../../src/actors/effects/judge.ts'
import type { LiveTasks } from '../../src/actors/effects/live-tasks.ts'
import { parseLayer } from '../../src/boundary/layer.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'
import { builtinTools } from '../../src/tools/builtin.ts'
import { directoryOf } from '../hosts/workspace.ts'
import { toolContext } from '../tools/tool-context.ts'

const FILES = { 'src/x': 'harmless\n', 'src/dir/y': 'y\n', 'docs/d': 'TOPSECRET\n' }

/** A call that is judged under `src/**`, then `swap` happens, then it runs. */
async function swappedIn(tool: string, input: object, swap: (root: string) => Promise<unknown>) {
  const root = await directoryOf(FILES)
  const files = await nodeFiles({ workspace: root })
  const spec = {
    boundary: [parseLayer({ filePatterns: ['src/**'] }, 'new_task')],
    background: false,
  } as Partial<TaskSpec> as TaskSpec
  const tasks = { spec: () => spec, isBackground: () => spec.background } as Partial<LiveTasks> as LiveTasks
  const policy = parsePolicy({ mode: 'acceptEdits' }, 'settings')
  const judge = createJudge(tasks, files, { policy, hasBash: true })

  const used = builtinTools({ files, processes: nodeProcesses() }).find(({ name }) => name === tool)
  const prepared = await used?.prepare(input)
  if (!used || prepared?.kind !== 'prepared') throw new Error(`"${tool}" refuses its input.`)
  const call = { id: '1.0', tool, effect: used.effect, input }
  const { verdict, judgedAt } = await judge.verdict('t1', call, prepared.access)
  await swap(root)
  // What the task has read before, so that nothing but the swap speaks against a change.
  const seen = new Map([`src/x`, `docs/d`].map((path) => [`read:${path}`, files.hashOf(bytesOf(path))]))
  const result = await prepared.run(toolContext({ mayRead: judge.mayRead('t1'), judgedAt }, seen))
  return { root, verdict: verdict.verdict, result }
}

const bytesOf = (path: string) =>
  new TextEncoder().encode(path === 'docs/d' ? FILES['docs/d'] : FILES['src/x'])

const nothing = async () => {}

async function fileForLink(root: string): Promise<void> {
  await rm(join(root, 'src/x'))
  await symlink('../docs/d', join(root, 'src/x'))
}

async function directoryForLink(root: string): Promise<void> {
  await rm(join(root, 'src'), { recursive: true })
  await symlink('docs', join(root, 'src'))
}

async function directoryForLinkToFile(root: string): Promise<void> {
  await rename(join(root, 'src'), join(root, 'away'))
  await symlink('docs/d', join(root, 'src'))
}

const linkForNew = (root: string) => symlink('../docs/new', join(root, 'src/new'))
const linkToFile = (root: string) => symlink('../docs/d', join(root, 'src/new'))

const patch = (...lines: string[]) => ({ patch: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') })
const UPDATE = patch('*** Update File: src/x', '@@', '-TOPSECRET', '+evil')
const MOVE = patch('*** Update File: src/x', '*** Move to: src/new', '@@', '-harmless', '+evil')

it.each<[string, object, (root: string) => Promise<unknown>]>([
  ['read_file', { path: 'src/x' }, fileForLink],
  ['write_file', { path: 'src/x', content: 'evil\n' }, fileForLink],
  // Its own work, as after a crash, is told from another's by where it lies.
  ['write_file', { path: 'src/x', content: 'TOPSECRET\n' }, fileForLink],
  ['write_file', { path: 'src/new', content: 'evil\n' }, linkForNew],
  ['edit_file', { path: 'src/x', old_text: 'TOPSECRET', new_text: 'evil' }, fileForLink],
  ['apply_patch', UPDATE, fileForLink],
  ['apply_patch', patch('*** Delete File: src/x'), fileForLink],
  ['apply_patch', patch('*** Add File: src/new', '+evil'), linkForNew],
  ['apply_patch', MOVE, linkForNew],
  ['apply_patch', MOVE, linkToFile],
  ['list_files', { path: 'src' }, directoryForLink],
  [
    'search_files',
    { path: 'src/dir', pattern: 'TOP' },
    async (root) => {
      await rm(join(root, 'src/dir'), { recursive: true })
      await symlink('../docs', join(root, 'src/dir'))
    },
  ],
  ['search_files', { path: 'src', pattern: 'TOP' }, directoryForLinkToFile],
])('L5: %s %j opens nothing but what was judged', async (tool, input, swap) => {
  const { root, verdict, result } = await swappedIn(tool, input, swap)
  expect(verdict).toBe('allow')
  expect(result).toMatchObject({
    kind: 'failed',
    code: 'file/changed',
    message: expect.stringContaining('was moved or replaced since it was judged'),
  })
  expect(JSON.stringify(result)).not.toContain('TOPSECRET')
  expect(await readFile(join(root, 'docs/d'), 'utf8')).toBe('TOPSECRET\n')
  await expect(readFile(join(root, 'docs/new'))).rejects.toThrow('ENOENT')
})

it.each<[string, object]>([
  ['read_file', { path: 'src/x' }],
  ['read_file', { path: './src/../src/x' }],
  ['write_file', { path: 'src/x', content: 'new\n' }],
  ['write_file', { path: 'src/new', content: 'new\n' }],
  ['edit_file', { path: 'src/x', old_text: 'harmless', new_text: 'mended' }],
  ['apply_patch', MOVE],
  ['list_files', { path: 'src' }],
  ['search_files', { path: 'src', pattern: 'harm' }],
])('%s %j works where nothing was swapped', async (tool, input) => {
  const { verdict, result } = await swappedIn(tool, input, nothing)
  expect([verdict, result.kind]).toEqual(['allow', 'ok'])
})

it('a link that led there when it was judged is no swap', async () => {
  const root = await directoryOf(FILES)
  await mkdir(join(root, 'lib'))
  await symlink('../src/x', join(root, 'lib/link'))
  const files = await nodeFiles({ workspace: root })
  const options = { maxBytes: 100, signal: new AbortController().signal }
  expect((await files.read('lib/link', { ...options, at: 'src/x' })).path).toBe('src/x')
  await writeFile(join(root, 'src/x'), 'changed\n')
  expect((await files.read('lib/link', { ...options, at: null })).path).toBe('src/x')
  // What was judged as outside is opened nowhere inside.
  await expect(files.read('lib/link', { ...options, at: '..' })).rejects.toThrow('since it was judged')
})

it('a command does not start in a directory that was swapped', async () => {
  const root = await directoryOf(FILES)
  const files = await nodeFiles({ workspace: root })
  const tool = builtinTools({ files, processes: nodeProcesses() }).find(
    ({ name }) => name === 'execute_command',
  )
  const prepared = await tool?.prepare({ command: 'touch began', cwd: 'src' })
  if (prepared?.kind !== 'prepared') throw new Error('It refuses its input.')
  await directoryForLink(root)
  expect(await prepared.run(toolContext({ judgedAt: () => 'src' }))).toMatchObject({ code: 'file/changed' })
  await expect(readFile(join(root, 'docs/began'))).rejects.toThrow('ENOENT')
})
