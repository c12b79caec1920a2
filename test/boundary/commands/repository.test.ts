import { expect, it } from 'vitest'
import type { KnownPlace } from '../../../src/boundary/files/places.ts'
import { flawOfRepository, REPOSITORY_PATHS } from '../../../src/boundary/commands/repository.ts'

const ORDINARY = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
; a comment
[remote "origin"]
	url = https://git.test/ann/shop.git
	fetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
	remote = origin
	merge = refs/heads/main
[user]
	name = Ann
[pull]
	rebase = true
`
const KINDS: Readonly<Record<string, KnownPlace['kind']>> = {
  '.git': 'directory',
  '.git/objects': 'directory',
  '.git/refs': 'directory',
  '.git/HEAD': 'file',
  '.git/config': 'file',
}

const places = () =>
  new Map<string, KnownPlace | 'outside'>(
    REPOSITORY_PATHS.map((path) => [path, { path, kind: KINDS[path] ?? 'absent', isHardLinked: false }]),
  )
const flaw = (config: string | null, head: string | null = 'ref: refs/heads/main\n') =>
  flawOfRepository({ places: places(), config, head, index: null })

it('an ordinary configuration is harmless', () => {
  expect(flaw(ORDINARY)).toBeNull()
  expect(flaw(ORDINARY.replaceAll('\n', '\r\n'))).toBeNull()
  expect(flaw('')).toBeNull()
})

it.each([
  ['fsmonitor', '[core]\n\tfsmonitor = ./x'],
  ['fsmonitor, in other letters', '[CORE]\n\tFSMonitor = ./x'],
  ['hooksPath', '[core]\n\thooksPath = hooks'],
  ['worktree', '[core]\n\tworktree = ..'],
  ['bare', '[core]\n\tbare = true'],
  ['bare, with nothing behind it', '[core]\n\tbare'],
  ['a driver of diff', '[diff "x"]\n\tcommand = ./x'],
  ['diff.external', '[diff]\n\texternal = ./x'],
  ['a filter', '[filter "x"]\n\tclean = ./x'],
  ['gpg', '[gpg]\n\tprogram = ./x'],
  ['log.showSignature', '[log]\n\tshowSignature = true'],
  ['a format', '[pretty]\n\tzz = %GG'],
  ['a promisor', '[remote "origin"]\n\tpromisor = true'],
  ['a url that is a program', '[remote "origin"]\n\turl = ext::sh -c x'],
  ['an include', '[include]\n\tpath = ../x'],
  ['a conditional include', '[includeIf "gitdir:."]\n\tpath = x'],
  ['extensions', '[extensions]\n\tworktreeConfig = true'],
  ['a name without a section', 'fsmonitor = ./x'],
  ['a section and a setting on one line', '[core] fsmonitor = ./x'],
  ['a section of the old form', '[core.x]\n\tfilemode = true'],
  ['a section with a name too many', '[core "x"]\n\tfilemode = true'],
  ['a value over two lines', '[user]\n\tname = a\\\n\tfsmonitor = x'],
  ['quotes', '[remote "o"]\n\turl = "ext:":sh'],
  ['a carriage return inside', '[user]\n\tname = a\r[core]\r\tfsmonitor = x'],
  ['a name that every object has', '[constructor]\n\tname = x'],
])('%s is asked for', (_, config) => {
  expect(flaw(config)).toContain('.git/config has something in it that may run programs')
})

it('tells the name of a setting and never its value', () => {
  const words = flaw('[http]\n\textraheader = AUTHORIZATION: basic hunter2')
  expect(words).toContain('http')
  expect(flaw('[user]\n\tsigningkey = hunter2')).not.toContain('hunter2')
})

it('what cannot be read, or points nowhere, is asked for', () => {
  expect(flaw(null)).toContain("can't be read")
  expect(flaw('', null)).toContain('HEAD')
  expect(flaw('', 'ref: elsewhere')).toContain('HEAD')
  expect(flawOfRepository({ places: new Map(), config: '', head: '', index: null })).toContain('.git')
})

it.each([
  ['.git', { path: 'elsewhere', kind: 'directory' }],
  ['.git', { path: '.git', kind: 'file' }],
  ['.git', { path: '.git', kind: 'absent' }],
  ['.git/objects', { path: 'objects', kind: 'directory' }],
  ['.git/config', { path: 'config', kind: 'file' }],
  ['.git/commondir', { path: '.git/commondir', kind: 'file' }],
  ['.git/hooks/post-index-change', { path: 'hooks/post-index-change', kind: 'file' }],
  ['.gitmodules', { path: '.gitmodules', kind: 'file' }],
] as [string, Omit<KnownPlace, 'isHardLinked'>][])('%s as %j is asked for', (path, place) => {
  const changed = places().set(path, { ...place, isHardLinked: false })
  const facts = { config: '', head: 'ref: refs/heads/main', index: null }
  expect(flawOfRepository({ places: changed, ...facts })).toContain(path)
  expect(flawOfRepository({ places: places().set(path, 'outside'), ...facts })).toContain(path)
})
