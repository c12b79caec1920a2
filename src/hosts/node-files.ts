import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RuntimeError, UsageError } from '../errors.ts'
import type { ChangeOptions, FileContent, Files, FileStamp } from '../host.ts'
import { linksIn } from './node/links.ts'
import * as paths from './node/paths.ts'
import { nodeSearch, ripgrepPath } from './node/search.ts'

const RETRIES_MAX = 5
const RETRY_BASE_MS = 20
const CHUNK_BYTES = 64 * 1024
const NEW_FILE_MODE = 0o644
/** Never follows a link, and never waits for the other end of a pipe. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

/** What the files of a workspace rest on. Only tests give anything but the default. */
export interface FileGround {
  readonly hasHandlePaths: boolean
  readonly retryBaseMs: number
  readonly rename: (from: string, to: string) => Promise<void>
  /** Called between the check of a path and its use: the moment in which an attacker would swap a link. */
  readonly afterCheck: (path: string) => Promise<void>
  /** Rejects where there is no ripgrep for this platform. */
  readonly ripgrep: () => Promise<string>
}

const GROUND: FileGround = {
  hasHandlePaths: paths.HANDLES_HAVE_PATHS,
  retryBaseMs: RETRY_BASE_MS,
  rename,
  afterCheck: async () => {},
  ripgrep: ripgrepPath,
}

interface Workspace extends FileGround {
  readonly root: string
}

/** The files of one directory on this machine's disk. Rejects with a `UsageError` when there is none. */
export async function nodeFiles(
  { workspace }: { workspace: string },
  ground: Partial<FileGround> = {},
): Promise<Files> {
  const root = await rootOf(workspace)
  const base: Workspace = { ...GROUND, ...ground, root }
  const inTurn = turns()

  return {
    root,
    async locate(path) {
      const { absolute: _, mode: __, ...place } = await paths.locate(root, path)
      return place
    },
    links: (directory) => linksIn(root, directory).catch(() => null),
    hashOf,
    read: (path, options) => said(path, 'read', () => read(base, path, options)),
    async write(path, bytes, options) {
      const { absolute } = await paths.locate(root, path)
      return inTurn(absolute, () => said(path, 'written', () => write(base, path, bytes, options)))
    },
    async remove(path, options) {
      const { absolute } = await paths.locate(root, path)
      return inTurn(absolute, () => said(path, 'removed', () => remove(base, path, options)))
    },
    ...nodeSearch(base),
  }
}

async function rootOf(workspace: string): Promise<string> {
  const root = await realpath(workspace).catch(() => null)
  const found = root === null ? null : await stat(root).catch(() => null)
  if (root === null || !found?.isDirectory()) {
    throw new UsageError(`The workspace "${workspace}" is not a directory that can be read.`)
  }
  return root
}

async function said<T>(
  path: string,
  doing: 'read' | 'written' | 'removed',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw paths.fileFailure(error, path, doing)
  }
}

type ReadOptions = Parameters<Files['read']>[1]

async function read(base: Workspace, path: string, options: ReadOptions): Promise<FileContent> {
  const { maxBytes, signal } = options
  const place = await paths.locate(base.root, path)
  paths.holdTo(options.at, place, path)
  if (place.kind === 'directory') throw paths.isDirectory(place.path)
  if (place.kind === 'other') throw notRegular(place.path)
  stopIf(signal, place.path, 'read')
  await base.afterCheck(place.path)

  const handle = await open(place.absolute, READ)
  try {
    await paths.verify(handle, place.absolute, base)
    const bytes = await contentOf(handle, place.path, { maxBytes, signal })
    return { path: place.path, hash: hashOf(bytes), size: bytes.length, bytes }
  } finally {
    await handle.close()
  }
}

async function contentOf(
  handle: FileHandle,
  path: string,
  { maxBytes, signal }: ReadOptions,
): Promise<Buffer> {
  const found = await handle.stat()
  if (found.isDirectory()) throw paths.isDirectory(path)
  if (!found.isFile()) throw notRegular(path)
  if (found.size > maxBytes) throw tooLarge(path, found.size, maxBytes)

  // The size is only a hint: a file may grow while it is read, and some systems say 0.
  const chunks: Buffer[] = []
  for (let size = 0; size <= maxBytes; ) {
    stopIf(signal, path, 'read')
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES)
    if (bytesRead === 0) return Buffer.concat(chunks)
    chunks.push(buffer.subarray(0, bytesRead))
    size += bytesRead
  }
  throw tooLarge(path, maxBytes + 1, maxBytes)
}

async function write(
  base: Workspace,
  path: string,
  bytes: Uint8Array,
  options: ChangeOptions,
): Promise<FileStamp> {
  const place = await paths.locate(base.root, path)
  paths.holdTo(options.at, place, path)
  if (place.kind === 'directory') throw paths.isDirectory(place.path)
  if (place.kind === 'other') throw notRegular(place.path)
  stopIf(options.signal, place.path, 'written')
  await base.afterCheck(place.path)

  const directory = await paths.openDirectory(base, dirname(place.absolute), true)
  const name = basename(place.absolute)
  const temporary = `.troupe-${randomBytes(8).toString('hex')}.tmp`
  try {
    // Checked twice: early, so that nothing is written in vain, and right before the old content is gone.
    await expectAt(directory, name, place.path, options.expect)
    await fill(directory.at(temporary), bytes, directory.at(name))
    await directory.check()
    await expectAt(directory, name, place.path, options.expect)
    await patiently(base, options.signal, place.path, () =>
      base.rename(directory.at(temporary), directory.at(name)),
    )
    await directory.sync()
    return { path: place.path, hash: hashOf(bytes), size: bytes.length }
  } catch (error) {
    await unlink(directory.at(temporary)).catch(() => {})
    throw error
  } finally {
    await directory.close()
  }
}

/** Writes a new file that nobody sees yet, with the mode and the owner of the one it will replace. */
async function fill(temporary: string, bytes: Uint8Array, replaced: string): Promise<void> {
  const handle = await open(temporary, CREATE, NEW_FILE_MODE)
  try {
    const old = await open(replaced, READ).catch(() => null)
    const found = await old?.stat()
    await old?.close()
    if (found) {
      await handle.chown(found.uid, found.gid).catch(() => {})
      await handle.chmod(found.mode & 0o7777)
    }
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function remove(base: Workspace, path: string, options: ChangeOptions): Promise<void> {
  const { expect, signal } = options
  const place = await paths.locate(base.root, path)
  paths.holdTo(options.at, place, path)
  if (place.kind === 'directory') throw paths.isDirectory(place.path)
  stopIf(signal, place.path, 'removed')
  await base.afterCheck(place.path)

  const directory = await paths.openDirectory(base, dirname(place.absolute), false)
  try {
    const name = basename(place.absolute)
    await expectAt(directory, name, place.path, expect)
    await patiently(base, signal, place.path, () => unlink(directory.at(name)))
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function expectAt(
  directory: paths.OpenDirectory,
  name: string,
  path: string,
  expect: string,
): Promise<void> {
  if (expect === 'any') return
  const actual = await hashAt(directory.at(name), path)
  if (actual === expect) return
  const what =
    actual === 'absent' ? 'is gone' : expect === 'absent' ? 'exists already' : 'has changed since it was read'
  throw new RuntimeError('file/changed', `${path} ${what}. Read it again, then decide.`)
}

async function hashAt(absolute: string, path: string): Promise<string> {
  let handle: FileHandle
  try {
    handle = await open(absolute, READ)
  } catch (error) {
    if (paths.systemCode(error) === 'ENOENT') return 'absent'
    throw error
  }
  try {
    if (!(await handle.stat()).isFile()) throw notRegular(path)
    const hash = createHash('sha256')
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer)
    return hash.digest('hex')
  } finally {
    await handle.close()
  }
}

/** Tries again while another program holds the file, as virus scanners and editors do for a moment. */
async function patiently(
  base: Workspace,
  signal: AbortSignal,
  path: string,
  change: () => Promise<void>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await change()
    } catch (error) {
      if (attempt >= RETRIES_MAX || !paths.LOCKED.has(paths.systemCode(error) ?? '')) throw error
      await wait(base.retryBaseMs * 2 ** attempt)
      stopIf(signal, path, 'changed')
    }
  }
}

/** Lets changes of one file wait for each other, so that what `expect` found still holds at the rename. */
function turns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, mine)
    const leave = () => void (last.get(key) === mine && last.delete(key))
    mine.then(leave, leave)
    return mine
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function stopIf(signal: AbortSignal, path: string, doing: string): void {
  if (signal.aborted) throw new RuntimeError('tool/stopped', `Stopped before ${path} was ${doing}.`)
}

function notRegular(path: string): RuntimeError {
  return new RuntimeError(
    'file/unavailable',
    `${path} is no regular file: a pipe, a socket or a device. It is left alone.`,
  )
}

function tooLarge(path: string, size: number, maxBytes: number): RuntimeError {
  return new RuntimeError(
    'file/too-large',
    `${path} has ${size} bytes or more; at most ${maxBytes} are read.`,
  )
}
