import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { RuntimeError } from '../../../errors.ts'
import { replaced } from './faults.ts'

const STORE_FILE = 'store.sqlite'
const PRIVATE_DIRECTORY = 0o700
const PRIVATE_FILE = 0o600
const OTHERS = 0o077
/** Where SQLite's header has what, and 1 for the largest page. */
const HEADER_BYTES = 100
const PAGE_BYTES_AT = 16
const PAGE_COUNT_AT = 28
const PAGE_BYTES_MAX = 65_536
const TROUPE_DIRECTORY = '.troupe'

/** Where the store file of a directory is. */
export function storePath(directory: string): string {
  return join(resolve(directory), STORE_FILE)
}

/** Makes the place of a store, for its user alone. Gives back the path of its file, which is there then. */
export function makePlace(directory: string): string {
  const path = storePath(directory)
  const place = dirname(path)
  refuseLink(place)
  if (basename(dirname(place)) === TROUPE_DIRECTORY) refuseLink(dirname(place))
  mkdirSync(place, { recursive: true, mode: PRIVATE_DIRECTORY })
  keepPrivate(place)
  createFile(join(place, '.gitignore'), '*\n')
  refuseLink(path)
  if (createFile(path, '')) keepName(place)
  keepPrivate(path)
  return path
}

/** Throws once the file that was opened isn't the one that others find. */
export function watchIdentity(path: string): () => void {
  const log = `${path}-wal`
  const file = identityOf(path)
  const fileOfLog = identityOf(log)
  return () => {
    const now = identityOf(path)
    if (now !== file) throw replaced(path, now === null ? 'was deleted' : 'was replaced by another file')
    const logNow = identityOf(log)
    if (logNow !== fileOfLog)
      throw replaced(log, logNow === null ? 'was deleted' : 'was replaced by another file')
  }
}

/**
 * The file is shorter than it says of itself, which SQLite finds out only where it wants to read. As long as
 * there is a log, what is missing may be in there.
 */
export function isCutShort(path: string): boolean {
  const hasLog = () => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  if (hasLog()) return false
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, header) < HEADER_BYTES) return false
    const pageBytes = header.readUInt16BE(PAGE_BYTES_AT)
    const bytes = header.readUInt32BE(PAGE_COUNT_AT) * (pageBytes === 1 ? PAGE_BYTES_MAX : pageBytes)
    return fstatSync(file).size < bytes && !hasLog()
  } finally {
    closeSync(file)
  }
}

/** What stays the same of a file as long as it is the same file. `null`: there is none. */
export function identityOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev}:${stat.ino}` : null
}

/** A link could lead anywhere, and a workspace may come with one. */
function refuseLink(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat?.isSymbolicLink()) return
  throw new RuntimeError(
    'store/unavailable',
    `${path} is a link; a store is never kept behind one. Remove it, or name the directory that it leads to.`,
  )
}

/** False: it was there. */
function createFile(path: string, text: string): boolean {
  try {
    const file = openSync(path, 'wx', PRIVATE_FILE)
    try {
      writeFileSync(file, text)
    } finally {
      closeSync(file)
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** After a loss of power, a file whose name was not on the disk is not there. */
function keepName(place: string): void {
  for (const directory of [place, dirname(place)]) {
    try {
      const file = openSync(directory, 'r')
      fsyncSync(file)
      closeSync(file)
    } catch {
      // Not every system can do that with a directory, and not everybody may open the outer one.
    }
  }
}

/** Where it belongs to another user, who may write to it is theirs to say. */
function keepPrivate(path: string): void {
  const { mode, uid } = statSync(path)
  if ((mode & OTHERS) !== 0 && uid === process.getuid?.()) chmodSync(path, mode & ~OTHERS)
}
