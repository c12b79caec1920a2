import type { KnownPlace } from '../files/places.ts'

/**
 * What git itself would act on when it reads a workspace. Its configuration names programs that run with
 * `git status`, so whoever can write it, or brings it along, runs what they like.
 */
export interface RepositoryFacts {
  /** Where each of `REPOSITORY_PATHS` leads. One that is missing counts as outside. */
  readonly places: ReadonlyMap<string, KnownPlace | 'outside'>
  /** The text of `.git/config`; `null` where it could not be read. */
  readonly config: string | null
  /** The text of `.git/HEAD`; `null` where it could not be read. */
  readonly head: string | null
  /** The bytes of `.git/index`; `null` where there are none, or too many. */
  readonly index: Uint8Array | null
}

const CONFIG = '.git/config'
const INDEX = '.git/index'
/** What makes a directory a repository of its own. Each must be what its name says, and no link. */
const OWN: readonly (readonly [path: string, kind: KnownPlace['kind']])[] = [
  ['.git', 'directory'],
  ['.git/objects', 'directory'],
  ['.git/refs', 'directory'],
  ['.git/HEAD', 'file'],
  [CONFIG, 'file'],
]
/** What would have git read elsewhere, or run something. */
const ABSENT: readonly (readonly [path: string, why: string])[] = [
  ['.git/commondir', 'it has git read another repository'],
  ['.git/config.worktree', 'it is a second configuration'],
  ['.git/objects/info/alternates', 'it has git read the objects of another repository'],
  ['.git/hooks/post-index-change', 'it is a program that git status runs'],
  ['.gitmodules', 'git runs in each submodule, by the configuration that lies there'],
]

/** What must be located before git may read a workspace unasked. */
export const REPOSITORY_PATHS: readonly string[] = [
  ...OWN.map(([path]) => path),
  ...ABSENT.map(([path]) => path),
  INDEX,
]

/** Why git may not read a workspace unasked, or `null` when nothing there makes it do more. */
export function flawOfRepository({ places, config, head, index }: RepositoryFacts): string | null {
  for (const [path, kind] of OWN) {
    const place = places.get(path)
    if (place === undefined || place === 'outside' || place.kind !== kind || place.path !== path)
      return `${path} is no plain ${kind}, so that git may read another repository than this`
  }
  for (const [path, why] of ABSENT) {
    const place = places.get(path)
    if (place === undefined || place === 'outside' || place.kind !== 'absent')
      return `there is ${path}: ${why}`
  }
  // Where HEAD makes no sense to git, it looks for a repository further up.
  if (head === null || !/^(ref: refs\/\S+|[0-9a-f]{40})\n?$/.test(head))
    return '.git/HEAD names no branch or commit'
  if (config === null) return `${CONFIG} can't be read`
  const setting = unknownSetting(config)
  if (setting !== null) return `${CONFIG} has something in it that may run programs: ${setting}`
  const place = places.get(INDEX)
  const isNew = place !== undefined && place !== 'outside' && place.kind === 'absent'
  return isNew || (index !== null && isPlainIndex(index))
    ? null
    : `${INDEX} names another repository inside this one, or can't be read`
}

/** Settings that only say how files look, where branches come from and who commits. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  core: new RegExp(
    `^(${[
      'repositoryformatversion|filemode|ignorecase|symlinks|autocrlf|eol|safecrlf',
      'logallrefupdates|precomposeunicode|quotepath|longpaths',
    ].join('|')})$`,
  ),
  remote: /^(url|pushurl|fetch|tagopt|prune)$/,
  branch: /^(remote|merge|rebase|description|vscode-merge-base|github-pr-owner-number)$/,
  user: /^(name|email)$/,
  init: /^defaultbranch$/,
  pull: /^(rebase|ff)$/,
  push: /^(default|autosetupremote)$/,
  fetch: /^prune$/,
  color: /^ui$/,
  merge: /^conflictstyle$/,
  rebase: /^(autostash|autosquash)$/,
}
const NAMED: readonly string[] = ['remote', 'branch']
const SHOWN_CHARS_MAX = 60

/** The first thing in a configuration that is not known to be harmless, or `null`. */
function unknownSetting(config: string): string | null {
  let section = ''
  for (const line of config.split(/\r?\n/)) {
    if (/^\s*([#;].*)?$/.test(line)) continue
    const header = /^\s*\[([a-z]+)(?: "([^"\\]*)")?\]\s*$/i.exec(line)
    if (header) {
      section = (header[1] ?? '').toLowerCase()
      const isKnown = Object.hasOwn(HARMLESS, section)
      if (!isKnown || NAMED.includes(section) !== (header[2] !== undefined)) return shown(line)
    } else if (!isHarmless(section, line)) return shown(line)
  }
  return null
}

function isHarmless(section: string, line: string): boolean {
  // A value in quotes, with escapes or over several lines could say something else than it seems to.
  const [, name, value = ''] = /^\s*([a-z][a-z0-9-]*)\s*=\s*([^"\\]*)$/i.exec(line) ?? []
  if (name === undefined || /\p{Cc}/u.test(value.replaceAll('\t', ' '))) return false
  const key = name.toLowerCase()
  if (section === 'core' && key === 'bare') return value.trim() === 'false'
  // `ext::` and its like are programs.
  return Object.hasOwn(HARMLESS, section) && (HARMLESS[section]?.test(key) ?? false) && !value.includes('::')
}

/** Of a setting only its name is told: its value may be a token. */
function shown(line: string): string {
  return JSON.stringify((line.split('=')[0] ?? '').trim().slice(0, SHOWN_CHARS_MAX))
}

const HEADER_BYTES = 12
/** Where in an entry its mode, its flags and its name are, for names of objects of 20 bytes. */
const MODE_AT = 24
const FLAGS_AT = 60
const NAME_AT = 62
const HAS_MORE_FLAGS = 0x4000
const KIND = 0xf000
const OTHER_REPOSITORY = 0xe000
const HASH_BYTES = 20

/** Whether an index names files only, and holds all of them itself. What can't be read does not. */
function isPlainIndex(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const version = view.getUint32(4)
    if (textAt(bytes, 0) !== 'DIRC' || version < 2 || version > 3) return false
    let at = HEADER_BYTES
    for (let left = view.getUint32(8); left > 0; left -= 1) {
      if ((view.getUint32(at + MODE_AT) & KIND) === OTHER_REPOSITORY) return false
      const hasMore = (view.getUint16(at + FLAGS_AT) & HAS_MORE_FLAGS) !== 0
      const end = bytes.indexOf(0, at + NAME_AT + (hasMore ? 2 : 0))
      if (end < 0) return false
      at += Math.ceil((end + 1 - at) / 8) * 8
    }
    // What begins with a small letter must be understood to read the rest: a part that lies elsewhere.
    while (at < bytes.length - HASH_BYTES) {
      if (!/^[A-Z]{4}$/.test(textAt(bytes, at))) return false
      at += 8 + view.getUint32(at + 4)
    }
    return at === bytes.length - HASH_BYTES
  } catch {
    return false
  }
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}
