import { posix, win32 } from 'node:path'
import type { OwnDirectories } from '../../../src/boundary/files/own-directories.ts'
import type { KnownPlace } from '../../../src/boundary/files/places.ts'

/** A workspace that is nowhere on disk: what is in it, and where its links lead. */
export interface World {
  readonly own: OwnDirectories
  /** Where a path of the workspace leads, as a host would say. */
  readonly locate: (given: string) => KnownPlace | 'outside'
  /** Which names in a directory are links. `null`: there is no such directory. */
  readonly links: (directory: string) => readonly string[] | null
}

/** What a made-up disk holds; paths are relative to the root, directories follow from the files. */
export interface Disk {
  readonly root: string
  readonly files: readonly string[]
  readonly links?: Readonly<Record<string, string>>
  readonly hardLinked?: readonly string[]
  readonly others?: readonly string[]
}

const FILES = [
  'README.md',
  'package.json',
  'tsconfig.json',
  'Makefile',
  'a.csv',
  'a b.txt',
  '-rf',
  'AGENTS.md',
  '.env',
  '.gitignore',
  '.npmrc',
  '.git/HEAD',
  '.git/config',
  '.git/hooks/pre-commit.sample',
  '.troupe/settings.json',
  '.troupe/agents/coder.md',
  '.troupe/state/tasks.db',
  '.github/workflows/ci.yml',
  'src/a.ts',
  'src/b.ts',
  'src/twin.ts',
  'src/lib/c.ts',
  'src/keys/server.pem',
  'src/keys/x.txt',
  'src/old/x',
  'test/a.test.ts',
  'docs/guide.md',
  'dist/a.js',
  'logs/app.log',
  'packages/a/package.json',
  'packages/a/src/x.ts',
  'scripts/build.sh',
  'node_modules/.bin/git',
  'node_modules/.bin/troupe',
  'gradlew',
  'evil/HEAD',
  'evil/src/foo.ts',
  'srcX/evil.ts',
]

/** A project on Linux. */
export const SHOP: World = {
  own: { root: '/home/ann/shop', home: '/home/ann', directories: ['/home/ann/.troupe'] },
  locate: (given) => locateOnLinux(SHOP_DISK, given),
  links: (directory) => linksOnLinux(SHOP_DISK, directory),
}

const SHOP_DISK: Disk = {
  root: '/home/ann/shop',
  files: FILES,
  links: {
    'notes.md': '.env',
    'state-link': '.troupe/state',
    'db.txt': '.troupe/state/tasks.db',
    'hook.sh': '.git/hooks/pre-commit',
    'src/out.ts': '/etc/passwd',
    outdir: '/etc',
    dangling: '/tmp/new',
    'src/up': '..',
    'src/to-docs': '../docs',
    current: 'src',
    deep: 'src/lib',
    loop: 'loop',
  },
  hardLinked: ['src/twin.ts'],
  others: ['fifo', 'sock'],
}

const HOPS_MAX = 40

/** Takes `.` and `..` as text, then follows every link on the way: as the host does. */
export function locateOnLinux(disk: Disk, given: string): KnownPlace | 'outside' {
  const { root, links = {} } = disk
  if (given.includes('\0')) return 'outside'
  let path = posix.resolve(root, given)
  for (let hops = 0; ; hops += 1) {
    if (hops > HOPS_MAX) return 'outside'
    const link = firstLink(path, root, links)
    if (link === null) break
    path = link
  }
  return placeAt(disk, path, posix)
}

/** The names in a directory that are links. */
export function linksOnLinux(disk: Disk, directory: string): readonly string[] | null {
  const place = locateOnLinux(disk, directory)
  if (place === 'outside' || place.kind !== 'directory') return null
  return namesBelow(Object.keys(disk.links ?? {}), place.path === '.' ? '' : place.path)
}

/** The names that lie right in a directory. */
export function namesBelow(paths: readonly string[], directory: string): readonly string[] {
  const start = directory === '' ? '' : `${directory}/`
  return paths
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length))
    .filter((name) => !name.includes('/'))
}

/** The same path with its first link taken out, or `null` where it has none. */
function firstLink(path: string, root: string, links: Readonly<Record<string, string>>): string | null {
  const names = posix.relative(root, path).split('/')
  for (let count = 1; count <= names.length; count += 1) {
    const target = links[names.slice(0, count).join('/')]
    if (target === undefined) continue
    return posix.resolve(root, ...names.slice(0, count - 1), target, ...names.slice(count))
  }
  return null
}

function placeAt(
  disk: Disk,
  path: string,
  { relative, isAbsolute, sep }: typeof posix,
): KnownPlace | 'outside' {
  const inside = relative(disk.root, path).split(sep).join('/')
  if (inside === '..' || inside.startsWith('../') || isAbsolute(inside)) return 'outside'
  const isDirectory = inside === '' || disk.files.some((file) => file.startsWith(`${inside}/`))
  const found = disk.files.includes(inside) ? 'file' : 'absent'
  const kind = disk.others?.includes(inside) ? 'other' : isDirectory ? 'directory' : found
  return { path: inside || '.', kind, isHardLinked: disk.hardLinked?.includes(inside) ?? false }
}

const WINDOWS_DISK: Disk = { root: 'C:\\Users\\Ann\\shop', files: FILES }
/** Names that Windows makes for programs of old. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'git~1': '.git',
  'troupe~1': '.troupe',
  'env~1': '.env',
}

/** The same project on Windows: two slashes, drives, names in any case, short names, a junction. */
export const SHOP_ON_WINDOWS: World = {
  own: {
    root: WINDOWS_DISK.root,
    home: 'C:\\Users\\Ann',
    directories: ['C:\\Users\\Ann\\.troupe'],
  },
  locate(given) {
    const { root, files } = WINDOWS_DISK
    const asked = win32.resolve(root, given)
    const inside = win32.relative(root, asked)
    if (given.includes('\0') || inside.includes(':') || win32.isAbsolute(inside)) return 'outside'
    if (inside.startsWith('junction')) return 'outside'
    let real = root
    for (const name of inside.split('\\').filter((part) => part !== '')) {
      const long = SHORT_NAMES[name.toLowerCase()] ?? name
      const above = win32
        .relative(root, real)
        .split('\\')
        .filter((part) => part !== '')
      real = win32.join(real, nameOnDisk(files, above, long))
    }
    return placeAt(WINDOWS_DISK, inside.startsWith('..') ? asked : real, win32 as typeof posix)
  },
  links(directory) {
    const place = SHOP_ON_WINDOWS.locate(directory)
    return place === 'outside' || place.kind !== 'directory' ? null : place.path === '.' ? ['junction'] : []
  },
}

/** How a name in a directory is written on the disk, whatever its case. */
function nameOnDisk(files: readonly string[], above: readonly string[], name: string): string {
  const siblings = files
    .map((file) => file.split('/'))
    .filter((parts) => above.every((part, index) => parts[index] === part))
    .map((parts) => parts[above.length] ?? '')
  return siblings.find((sibling) => sibling.toLowerCase() === name.toLowerCase()) ?? name
}
