import { execFileSync } from 'node:child_process'
import { link, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readable } from '../../src/boundary/files/readable.ts'
import { nodeFiles } from '../../src/hosts/node-files.ts'
import { codeOf, directoryOf, never } from './workspace.ts'

const TREE = {
  'src/a.ts': 'const one = 1\nconst two = 2\n',
  'src/deep/b.ts': 'const three = 3\n',
  'src-more.ts': 'const four = 4\r\n',
  'kept.log': 'const kept',
  'src/dropped.log': 'const dropped',
  'node_modules/x/index.ts': 'const foreign',
  '.hidden/c.ts': 'const hidden',
  '.git/config': 'const git',
  'vendor/.git': 'const gitfile',
  '.troupe-0123456789abcdef.tmp': 'const unfinished',
  '.gitignore': '*.log\n!kept.log\nnode_modules/\n',
}
const VISIBLE = ['.gitignore', '.hidden/c.ts', 'kept.log', 'src/a.ts', 'src/deep/b.ts', 'src-more.ts']

const listed = async (root: string, query: { path?: string; glob?: string; filesMax?: number } = {}) => {
  const files = await nodeFiles({ workspace: root })
  return files.list(
    { path: query.path ?? '.', glob: query.glob ?? null, filesMax: query.filesMax ?? 100 },
    never,
  )
}
const names = async (...asked: Parameters<typeof listed>) =>
  (await listed(...asked)).files.map((file) => file.path)
const found = async (
  root: string,
  pattern: string,
  query: { path?: string; glob?: string; ignoreCase?: boolean; hitsMax?: number } = {},
) => {
  const files = await nodeFiles({ workspace: root })
  const { path = '.', glob = null, ignoreCase = false, hitsMax = 100 } = query
  return files.search({ pattern, path, glob, ignoreCase, hitsMax }, never)
}

describe('listing', () => {
  it('honours .gitignore, shows hidden files, hides .git, in order', async () => {
    expect(await names(await directoryOf(TREE))).toEqual(VISIBLE)
  })

  it('does so inside a repository too, and from below its root', async () => {
    const root = await directoryOf({ ...TREE, '.git/HEAD': 'ref: refs/heads/main\n', 'src/.env': 'x' })
    expect(await names(root)).toEqual(VISIBLE.toSpliced(3, 0, 'src/.env'))
    expect(await names(root, { path: 'src' })).toEqual(['src/.env', 'src/a.ts', 'src/deep/b.ts'])
    expect(await names(join(root, 'src'))).toEqual(['.env', 'a.ts', 'deep/b.ts'])
  })

  it('keeps to .gitignore also where a glob asks for what it names', async () => {
    const root = await directoryOf(TREE)
    expect(await names(root, { glob: '*.ts' })).toEqual([
      '.hidden/c.ts',
      'src/a.ts',
      'src/deep/b.ts',
      'src-more.ts',
    ])
    expect(await names(root, { glob: '**' })).toEqual(VISIBLE)
    expect(await names(root, { glob: '*.log' })).toEqual(['kept.log'])
    expect(await names(root, { path: 'src', glob: 'deep/*' })).toEqual(['src/deep/b.ts'])
    expect(await names(root, { path: 'src', glob: 'src/deep/*' })).toEqual(['src/deep/b.ts'])
    expect(await names(root, { path: 'src', glob: '!*.ts' })).toEqual([])
  })

  it('honours .gitignore below the root when asked for a directory below', async () => {
    expect(await names(await directoryOf(TREE), { path: 'src' })).toEqual(['src/a.ts', 'src/deep/b.ts'])
  })

  it('says the size, and when it was cut', async () => {
    const root = await directoryOf({ a: '1', b: '22', c: '333' })
    expect(await listed(root, { filesMax: 2 })).toEqual({
      files: [
        { path: 'a', size: 1 },
        { path: 'b', size: 2 },
      ],
      isCut: true,
      filesHidden: 0,
    })
    expect(await listed(root, { filesMax: 3 })).toMatchObject({ isCut: false })
    expect(await listed(root, { path: 'b' })).toEqual({
      files: [{ path: 'b', size: 2 }],
      isCut: false,
      filesHidden: 0,
    })
    expect(await codeOf(listed(root, { path: 'none' }))).toBe('file/not-found')
  })

  it('follows no link', async () => {
    const [root, other] = [await directoryOf({ a: '1' }), await directoryOf({ secret: 'x' })]
    await symlink(other, join(root, 'out'))
    await symlink(join(other, 'secret'), join(root, 'out-file'))
    expect(await names(root)).toEqual(['a'])
    expect((await found(root, 'x')).hits).toEqual([])
  })

  it('lists names that hold anything but a slash', async () => {
    const strange = ['-e', '--files', 'a\nb', 'ä ö', 'q"\'`$(x)']
    const root = await directoryOf(Object.fromEntries(strange.map((name) => [name, 'word'])))
    expect((await names(root)).toSorted()).toEqual(strange.toSorted())
    expect((await found(root, 'word')).hits.map((hit) => hit.path).toSorted()).toEqual(strange.toSorted())
    expect(await names(root, { path: '--files' })).toEqual(['--files'])
  })
})

describe('searching', () => {
  it('names file, line and text, in order', async () => {
    const { hits, isCut } = await found(await directoryOf(TREE), 'const')
    expect(hits.map((hit) => `${hit.path}:${hit.line}`)).toEqual([
      '.hidden/c.ts:1',
      'kept.log:1',
      'src/a.ts:1',
      'src/a.ts:2',
      'src/deep/b.ts:1',
      'src-more.ts:1',
    ])
    expect(hits.at(-1)?.text).toBe('const four = 4')
    expect(isCut).toBe(false)
  })

  it('searches one file, a directory, or by glob', async () => {
    const root = await directoryOf(TREE)
    expect((await found(root, 'two', { path: 'src/a.ts' })).hits).toEqual([
      { path: 'src/a.ts', line: 2, text: 'const two = 2' },
    ])
    expect((await found(root, 'const', { path: 'src/deep' })).hits.map((hit) => hit.path)).toEqual([
      'src/deep/b.ts',
    ])
    expect((await found(root, 'const', { glob: '*.log' })).hits.map((hit) => hit.path)).toEqual(['kept.log'])
    // Whoever names an ignored directory wants to see it.
    expect((await found(root, 'foreign')).hits).toEqual([])
    expect((await found(root, 'foreign', { path: 'node_modules' })).hits).toHaveLength(1)
  })

  it('leaves packages of others alone, also where nothing is ignored', async () => {
    const root = await directoryOf({
      'a.js': 'word',
      'node_modules/x/a.js': 'word',
      'p/node_modules/y.js': 'word',
    })
    expect((await found(root, 'word')).hits.map(({ path }) => path)).toEqual(['a.js'])
    expect(await names(root)).toEqual(['a.js'])
    expect(await names(root, { path: 'p/node_modules' })).toEqual(['p/node_modules/y.js'])
  })

  it('shows no secret and nothing of our own state that nobody named', async () => {
    const root = await directoryOf({
      '.env': 'TOKEN=word',
      'deploy/key.pem': 'a word',
      '.troupe/state/journal': 'a word',
      'notes.md': 'a word',
    })
    const { hits, filesHidden } = await found(root, 'word')
    expect([hits.map(({ path }) => path), filesHidden]).toEqual([['notes.md'], 2])
    expect(await names(root)).toEqual(['.env', 'deploy/key.pem', 'notes.md'])
    // Who names it has been asked for, or refused, by its name.
    expect((await found(root, 'word', { path: '.env' })).hits).toHaveLength(1)
  })

  it('under a limit shows no text of a file with another name, and counts it whatever is in it', async () => {
    const root = await directoryOf({ 'src/a': 'TOP one', 'src/b': 'TOP two', 'docs/secret': 'TOPSECRET' })
    await link(join(root, 'docs/secret'), join(root, 'src/h'))
    const files = await nodeFiles({ workspace: root })
    const search = async (pattern: string, boundary: Parameters<typeof readable>[0], hitsMax = 100) => {
      const mayRead = readable(boundary, { deny: [] })
      const query = { pattern, path: 'src', glob: null, ignoreCase: false, hitsMax, mayRead }
      const { hits, isCut, filesHidden } = await files.search(query, never)
      return { paths: hits.map((hit) => hit.path), isCut, filesHidden }
    }
    const limit = [{ filePatterns: ['src/**'] }]
    const shown = { paths: ['src/a', 'src/b'], isCut: false, filesHidden: 1 }
    expect(await search('TOP', limit)).toEqual(shown)
    expect(await search('TOP', limit, 2)).toEqual(shown)
    expect(await search('nowhere', limit)).toEqual({ ...shown, paths: [] })
    expect(await search('TOP', [])).toEqual({ ...shown, paths: ['src/a', 'src/b', 'src/h'], filesHidden: 0 })
  })

  it('says nothing of what is in a secret: neither hits nor numbers depend on it', async () => {
    const root = await directoryOf({
      '.env': 'TOKEN=word',
      'Deploy/KEY.PEM': 'word',
      '.troupe/state/journal': 'word',
      'a.md': 'word',
    })
    const ask = async (pattern: string) => (await found(root, pattern, { hitsMax: 1 })).filesHidden
    expect(await Promise.all(['^TOKEN=w', '^TOKEN=x', 'word', 'none'].map(ask))).toEqual([2, 2, 2, 2])
    expect((await found(root, 'word', { glob: '*.md' })).filesHidden, 'none of that name').toBe(0)
    // Enough is enough only for files that may be shown.
    expect(await found(root, 'word', { hitsMax: 1 })).toMatchObject({
      isCut: false,
      hits: [{ path: 'a.md' }],
    })
  })

  it('ignores case when asked to, and is cut when there is more', async () => {
    const root = await directoryOf(TREE)
    expect((await found(root, 'CONST')).hits).toEqual([])
    const { hits, isCut } = await found(root, 'CONST', { ignoreCase: true, hitsMax: 2 })
    expect([hits.length, isCut]).toEqual([2, true])
  })

  it('takes nothing for an option', async () => {
    const root = await directoryOf({ 'a.ts': '--pre=x\n-e\n' })
    expect((await found(root, '--pre=x')).hits).toHaveLength(1)
    expect((await found(root, '-e')).hits).toHaveLength(1)
    expect((await found(root, '--files')).hits).toEqual([])
  })

  it('leaves binary files out, wherever the NUL is', async () => {
    const root = await directoryOf({
      'early.bin': 'word\n\0',
      'late.bin': `word\n${'x\n'.repeat(200_000)}\0word\n`,
      'z.txt': 'word\n',
    })
    expect((await found(root, 'word', { path: 'late.bin' })).hits.every((hit) => hit.text === 'word')).toBe(
      true,
    )
    const { hits } = await found(root, 'word')
    expect(hits.at(-1)).toEqual({ path: 'z.txt', line: 1, text: 'word' })
    expect(hits.map((hit) => hit.path)).not.toContain('early.bin')
    expect(hits.every((hit) => hit.text === 'word')).toBe(true)
  })

  it('shows only the beginning of an endless line', async () => {
    const root = await directoryOf({ 'min.js': 'word'.repeat(1_000_000) })
    const { hits } = await found(root, 'word')
    expect(hits).toHaveLength(1)
    expect(hits[0]?.text.length).toBeLessThan(3000)
  })

  it.each(['(', 'a{2000}{2000}{2000}', '(?=x)', '\\1', 'a\nb'])(
    'says what is wrong with the pattern %j',
    async (pattern) => {
      expect(await codeOf(found(await directoryOf(TREE), pattern))).toBe('search/bad-pattern')
    },
  )

  it('a pattern that would never end in a back-tracking engine ends', async () => {
    const root = await directoryOf({ a: `${'a'.repeat(100_000)}!` })
    expect((await found(root, '^(a+)+$')).hits).toEqual([])
  })

  it('a glob that would never end as a regular expression ends', async () => {
    const root = await directoryOf({ [`${'a'.repeat(200)}`]: 'x' })
    expect(await names(root, { glob: `${'*a'.repeat(400)}b` })).toEqual([])
    expect(await codeOf(names(root, { glob: '{a,b}'.repeat(20) }))).toBe('search/bad-pattern')
  })
})

describe('what can go wrong', () => {
  it('stops at once when told to', async () => {
    const files = await nodeFiles({ workspace: await directoryOf(TREE) })
    const query = { pattern: 'x', path: '.', glob: null, ignoreCase: false, hitsMax: 1 }
    expect(await codeOf(files.search(query, AbortSignal.abort()))).toBe('tool/stopped')

    // A ripgrep that never ends: only being killed brings the promise back.
    const root = await directoryOf({ rg: '#!/bin/sh\nexec sleep 120\n' })
    execFileSync('chmod', ['+x', join(root, 'rg')])
    const slow = await nodeFiles({ workspace: root }, { ripgrep: async () => join(root, 'rg') })
    const stop = new AbortController()
    const asked = codeOf(slow.list({ path: '.', glob: null, filesMax: 1 }, stop.signal))
    setImmediate(() => stop.abort())
    expect(await asked).toBe('tool/stopped')
  })

  it('says so where there is no ripgrep', async () => {
    const root = await directoryOf(TREE)
    const missing = await nodeFiles(
      { workspace: root },
      { ripgrep: () => Promise.reject(new Error('not installed')) },
    )
    const gone = await nodeFiles({ workspace: root }, { ripgrep: async () => join(root, 'none') })
    for (const files of [missing, gone]) {
      expect(await codeOf(files.list({ path: '.', glob: null, filesMax: 1 }, never))).toBe(
        'search/unavailable',
      )
    }
  })
})
