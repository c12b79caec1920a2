import { constants, existsSync } from 'node:fs'
import { lstat, mkdir, open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { RuntimeError } from '../../errors.ts'
import type { Place } from '../../host.ts'

/** Whether the system tells the true path of an open file, and finds names below an open directory. */
export const HANDLES_HAVE_PATHS = process.platform === 'linux' && existsSync('/proc/self/fd')

const LINKS_MAX = 40
const PATH_CHARACTERS_MAX = 4096

/** A place in the workspace, with the absolute path that has no link left in it. */
export interface RealPlace extends Place {
  readonly absolute: string
  /** Permission bits, where there is something. */
  readonly mode: number | null
}

/** Whether a path, both without links, is the root or lies below it. */
export function isInside(root: string, absolute: string): boolean {
  const way = relative(root, absolute)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** How a path inside the root is written for everyone else: relative, with `/`; the root itself is `.`. */
export function written(root: string, absolute: string): string {
  return relative(root, absolute).split(sep).join('/') || '.'
}

/** Says where a path really leads, whether there is something or not. Rejects with `file/outside`. */
export async function locate(root: string, path: string): Promise<RealPlace> {
  if (path.includes('\0')) throw outside(path, 'it holds a NUL character')
  if (path.length > PATH_CHARACTERS_MAX) {
    throw outside(`${path.slice(0, 40)}…`, `it is longer than ${PATH_CHARACTERS_MAX} characters`)
  }
  const asked = resolve(root, path)
  if (process.platform === 'win32' && relative(root, asked).includes(':')) {
    throw outside(path, 'a colon names a drive or a stream')
  }

  const absolute = await followed(asked, path)
  if (!isInside(root, absolute)) throw outside(path, 'it leads out of the workspace')

  const found = await lstat(absolute).catch(nothing)
  const kind = !found ? 'absent' : found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
  return {
    path: written(root, absolute),
    kind,
    isHardLinked: kind === 'file' && found !== null && found.nlink > 1,
    absolute,
    mode: found ? found.mode & 0o7777 : null,
  }
}

/** Resolves every link on the way, also those that lead to what is not there yet. */
async function followed(asked: string, path: string): Promise<string> {
  const missing: string[] = []
  let here = asked
  for (let links = 0; links <= LINKS_MAX; ) {
    const real = await realpath(here).catch(nothing)
    if (real !== null) return join(real, ...missing)

    // `realpath` is also silent about a link whose target is missing. Writing there would create the target.
    const target = await readlink(here).catch(nothing)
    if (target !== null) {
      const directory = await realpath(dirname(here)).catch(nothing)
      if (directory === null) break
      here = resolve(directory, target)
      links += 1
    } else {
      if (dirname(here) === here) break
      missing.unshift(basename(here))
      here = dirname(here)
    }
  }
  throw outside(path, 'its links never end')
}

/** Refuses what a path leads to now, when it was judged `at` another real path. */
export function holdTo(at: string | null | undefined, place: RealPlace, path: string): void {
  if (at === undefined || at === null || at === place.path) return
  const message = `${path} was moved or replaced since it was judged. Read it again.`
  throw new RuntimeError('file/changed', message)
}

/** The workspace as the file system knows it. */
export interface Ground {
  /** Absolute, without links. */
  readonly root: string
  readonly hasHandlePaths: boolean
}

/**
 * Refuses a handle that is not what was located: a link was put in its way between the check and the use.
 * Where handles have no paths, the file that the path names now must be the one that is open.
 */
export async function verify(
  handle: FileHandle,
  absolute: string,
  { root, hasHandlePaths }: Ground,
): Promise<void> {
  const actual = hasHandlePaths ? await readlink(`/proc/self/fd/${handle.fd}`) : await realpath(absolute)
  const path = written(root, absolute)
  // A file replaced by another writer since it was opened is still the file that was asked for.
  const isWhereItWas = actual === absolute || (hasHandlePaths && actual === `${absolute} (deleted)`)
  if (!isWhereItWas) throw isInside(root, actual) ? moved(path) : outside(path, 'a link was put in its way')
  if (hasHandlePaths) return

  const [opened, named] = await Promise.all([
    handle.stat({ bigint: true }),
    lstat(absolute, { bigint: true }),
  ])
  if (opened.dev !== named.dev || opened.ino !== named.ino) throw moved(path)
}

/** An open directory. A name in it is reached through its handle, so that nothing above it can be swapped. */
export interface OpenDirectory {
  /** A path by which the system finds that name in this very directory. */
  at(name: string): string
  /** Refuses if the directory is no longer where it was. */
  check(): Promise<void>
  /** Makes renames and removals in it durable, as far as the system lets one. */
  sync(): Promise<void>
  close(): Promise<void>
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Opens a directory from the root down, name by name and through no link; `makes` what is missing. */
export async function openDirectory(
  ground: Ground,
  absolute: string,
  makes: boolean,
): Promise<OpenDirectory> {
  const { root, hasHandlePaths } = ground
  if (!hasHandlePaths) return namedDirectory(root, absolute, makes)

  let handle = await open(root, DIRECTORY)
  try {
    for (const name of relative(root, absolute).split(sep).filter(Boolean)) {
      const next = `/proc/self/fd/${handle.fd}/${name}`
      if (makes) await mkdir(next).catch(unlessItExists)
      const opened = await open(next, DIRECTORY).catch(async (error: unknown) => {
        const found = await lstat(next).catch(nothing)
        throw found?.isSymbolicLink() ? outside(written(root, absolute), 'a link was put in its way') : error
      })
      await handle.close()
      handle = opened
    }
    await verify(handle, absolute, ground)
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    at: (name) => `/proc/self/fd/${handle.fd}/${name}`,
    check: () => verify(handle, absolute, ground),
    sync: () => handle.sync().catch(() => {}),
    close: () => handle.close(),
  }
}

async function namedDirectory(root: string, absolute: string, makes: boolean): Promise<OpenDirectory> {
  const check = async () => {
    const actual = await realpath(absolute)
    if (actual === absolute) return
    const path = written(root, absolute)
    throw isInside(root, actual) ? moved(path) : outside(path, 'a link was put in its way')
  }
  if (makes) await mkdir(absolute, { recursive: true })
  await check()
  return { at: (name) => join(absolute, name), check, sync: async () => {}, close: async () => {} }
}

function unlessItExists(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error
}

function moved(path: string): RuntimeError {
  return new RuntimeError('file/changed', `${path} was moved or replaced while it was opened. Read it again.`)
}

/** The refusal of a path that leads out of the workspace. */
export function outside(path: string, why: string): RuntimeError {
  return new RuntimeError(
    'file/outside',
    `${JSON.stringify(path)} is refused: ${why}. Use a path inside the workspace.`,
  )
}

/** Turns an error of the file system into ours, in words. */
export function fileFailure(error: unknown, path: string, doing: 'read' | 'written' | 'removed'): unknown {
  const code = systemCode(error)
  if (RuntimeError.is(error) || code === null) return error
  if (code === 'ENOENT')
    return new RuntimeError('file/not-found', `There is no file ${path}.`, { cause: error })
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new RuntimeError('file/not-found', `${path} can't be ${doing}: a part of its path is a file.`, {
      cause: error,
    })
  }
  if (code === 'EISDIR') return isDirectory(path)
  if (code === 'ELOOP') return outside(path, 'a link was put in its way')
  if (code === 'EBUSY' || (doing !== 'read' && LOCKED.has(code))) {
    const message = `${path} can't be ${doing}: the system refuses it (${code}). Another program may hold it.`
    return new RuntimeError('file/locked', message, { cause: error })
  }
  return new RuntimeError('file/unavailable', `${path} can't be ${doing}: the system says ${code}.`, {
    cause: error,
  })
}

/** What a file system says of a file that another program holds, among other reasons. */
export const LOCKED: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES'])

/** The refusal of a directory where a file was meant. */
export function isDirectory(path: string): RuntimeError {
  return new RuntimeError(
    'file/is-directory',
    `${path} is a directory, not a file. Use list_files to see what is in it.`,
  )
}

/** The system's own code of an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

function nothing(): null {
  return null
}
