import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decisionOn } from '../../src/actors/effects/judge.ts'
import { decide } from '../../src/boundary/decide.ts'
import { parsePolicy } from '../../src/boundary/policy/policy.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import type { Files } from '../../src/host.ts'
import { run } from '../boundary/workspace.ts'
import { directoryOf } from './workspace.ts'

/** A repository that ships links: one to a secret, one out of the workspace, one that does no harm. */
async function shipped(): Promise<Files> {
  const outer = await directoryOf({ 'secret.txt': 'OUTSIDE', 'ws/.env': 'KEY=1', 'ws/src/a.ts': 'x' })
  const root = join(outer, 'ws')
  await mkdir(join(root, 'docs'))
  await symlink('.env', join(root, 'notes.txt'))
  await symlink('../secret.txt', join(root, 'out.txt'))
  await symlink('../.env', join(root, 'docs/env'))
  await symlink('../src/a.ts', join(root, 'docs/plain.ts'))
  await symlink('docs', join(root, 'inner'))
  return nodeFiles({ workspace: root })
}

describe('the links in a directory', () => {
  it.each([
    ['.', ['inner', 'notes.txt', 'out.txt']],
    ['docs', ['env', 'plain.ts']],
    ['inner', ['env', 'plain.ts']],
    ['src', []],
    ['missing', null],
    ['src/a.ts', null],
    ['..', null],
    ['out.txt', null],
  ])('%j: %j', async (path, names) => {
    const found = await (await shipped()).links?.(path)
    expect(found?.toSorted() ?? null).toEqual(names)
  })

  it('of a crowd nobody knows', async () => {
    const root = await directoryOf({ 'a.ts': '' })
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => writeFile(join(root, `${i}.txt`), '')))
    const files = await nodeFiles({ workspace: root })
    expect(await files.links?.('.')).toBeNull()
  })
})

describe('a wildcard under a rule that allows', () => {
  const policy = parsePolicy({ allow: ['execute_command(cat:*)', 'execute_command(base64:*)'] }, 'policy')
  const judged = async (line: string, files: Files) => {
    const task = { boundary: [], background: false }
    return decide(await decisionOn(run(line), { task, policy, files, hasBash: true }))
  }

  it.each([
    ['cat note*.txt', '.env'],
    ['cat notes.tx?', '.env'],
    ['base64 {notes,x}.t*', '.env'],
    ['cat docs/*', '.env'],
    ['cat inner/en[v]', '.env'],
    ['cd docs && cat e*', '.env'],
    ['cat out.tx?', 'by a link'],
    ['base64 out.txt', 'by a link'],
    ['cat src/*/a.ts', 'may come out as a link'],
    ['cat missing/*.ts', 'may come out as a link'],
  ])('%s is asked for', async (line, why) => {
    const said = expect.stringContaining(why)
    expect(await judged(line, await shipped())).toMatchObject({ verdict: 'ask', why: said })
  })

  it.each(['cat src/*', 'cat docs/pla*.ts', 'cat a*.txt', 'cat src/{a,b}.ts', 'cd src && base64 a*.ts'])(
    '%s is allowed',
    async (line) => {
      expect((await judged(line, await shipped())).verdict).toBe('allow')
    },
  )

  it('is asked for where no host says what links there are', async () => {
    const { links: _, ...files } = await shipped()
    expect((await judged('cat src/*', files)).verdict).toBe('ask')
  })
})
