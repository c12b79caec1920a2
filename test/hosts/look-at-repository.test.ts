/** Law L12: what git would act on in a workspace, told from repositories that real git made. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lookAtRepository } from '../../src/actors/effects/look-at-repository.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { nodeProcesses } from '../../src/hosts/node-processes.ts'
import { directoryOf, never } from './workspace.ts'

const PLAIN = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', PATH: process.env['PATH'] }
const git = (root: string, ...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: root, env: PLAIN })

/** A repository with two commits, as `git init` and `git clone` make one. */
async function repository(): Promise<string> {
  const root = await directoryOf({ 'src/a.ts': 'one\n', 'b.ts': 'b\n' })
  git(root, 'init', '-q', '-b', 'main')
  git(root, 'add', '.')
  git(root, 'commit', '-q', '-m', 'one')
  git(root, 'remote', 'add', 'origin', 'https://git.test/a.git')
  return root
}
const look = async (root: string) => lookAtRepository(await nodeFiles({ workspace: root }))

describe('a repository', () => {
  it('as git makes it is fine: new, with commits, changed', async () => {
    const root = await directoryOf()
    git(root, 'init', '-q')
    expect(await look(root)).toBeNull()
    const grown = await repository()
    expect(await look(grown)).toBeNull()
    await writeFile(join(grown, 'src/a.ts'), 'two\n')
    git(grown, 'add', '-N', '.')
    expect(await look(grown)).toBeNull()
  })

  it.each([
    ['a setting that runs a program', (root: string) => git(root, 'config', 'core.fsmonitor', './x')],
    [
      'a hook that git status runs',
      (root: string) => writeFile(join(root, '.git/hooks/post-index-change'), ''),
    ],
    ['submodules', (root: string) => writeFile(join(root, '.gitmodules'), '')],
    ['another common directory', (root: string) => writeFile(join(root, '.git/commondir'), '../x')],
    ['an index that cannot be read', (root: string) => writeFile(join(root, '.git/index'), 'DIRC????')],
    ['an index in two parts', (root: string) => git(root, 'update-index', '--split-index')],
    ['an index of another form', (root: string) => git(root, 'update-index', '--index-version', '4')],
    ['no branch', (root: string) => writeFile(join(root, '.git/HEAD'), 'nonsense')],
    ['no .git', (root: string) => rm(join(root, '.git'), { recursive: true })],
    [
      'its parts where no .git is',
      async (root: string) => {
        for (const name of ['HEAD', 'config', 'objects', 'refs'])
          await rename(join(root, '.git', name), join(root, name))
        await rm(join(root, '.git'), { recursive: true })
      },
    ],
    [
      'a file .git that leads elsewhere',
      async (root: string) => {
        await rename(join(root, '.git'), join(root, 'data'))
        await writeFile(join(root, '.git'), 'gitdir: data')
      },
    ],
    [
      'another repository inside, without .gitmodules',
      async (root: string) => {
        await mkdir(join(root, 'sub'))
        git(join(root, 'sub'), 'init', '-q')
        git(join(root, 'sub'), 'commit', '-q', '--allow-empty', '-m', 'x')
        git(root, '-c', 'advice.addEmbeddedRepo=false', 'add', 'sub')
      },
    ],
  ])('with %s is asked for', async (_, change) => {
    const root = await repository()
    await change(root)
    expect(await look(root)).toEqual(expect.any(String))
  })
})

it('git status takes no lock in a command, and so runs no hook of the index', async () => {
  const root = await repository()
  const hook = join(root, '.git/hooks/post-index-change')
  await mkdir(join(root, '.git/hooks'), { recursive: true })
  await writeFile(hook, '#!/bin/sh\ntouch ran\n')
  await chmod(hook, 0o755)
  await writeFile(join(root, 'b.ts'), 'b\n')
  const command = { line: 'git status', cwd: root, timeoutMs: 60_000, keepBytes: 1000 }
  const end = await nodeProcesses().run(command, { signal: never, progress: () => {} })
  expect(end.output).toContain('On branch main')
  expect(existsSync(join(root, 'ran'))).toBe(false)
})
