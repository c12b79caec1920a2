import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What the user has said of a folder: yes or no, and to what. */
export interface TrustEntry {
  /** The real path of the folder. */
  readonly folder: string
  /** Of the settings and agents that were shown. */
  readonly hash: string
  readonly isTrusted: boolean
}

const ENTRIES = 'trust'
/** Where the answers stood once: all of them in one file, and only what was said yes to. */
const OLD_FILE = 'trusted.json'
const entrySchema = z.strictObject({ folder: z.string(), hash: z.string(), isTrusted: z.boolean() })
const oldSchema = z.record(z.string(), z.string())

/** What was said of a folder; `null`: nothing. A file that can't be read trusts nothing. */
export async function readTrustEntry(directory: string, folder: string): Promise<TrustEntry | null> {
  const text = await readFile(pathOf(directory, folder), 'utf8').catch(() => null)
  if (text !== null) {
    const entry = entrySchema.safeParse(parsed(text)).data
    return entry?.folder === folder ? entry : null
  }
  const old = oldSchema.safeParse(parsed(await readFile(join(directory, OLD_FILE), 'utf8').catch(() => '')))
  const hash = old.data && Object.hasOwn(old.data, folder) ? old.data[folder] : undefined
  return hash === undefined ? null : { folder, hash, isTrusted: true }
}

/**
 * Keeps what was said of a folder, in a file of its own: two processes that write at once can't lose each
 * other's word. It is there as a whole or not at all, and only the user reads it.
 */
export async function keepTrustEntry(directory: string, entry: TrustEntry): Promise<void> {
  await mkdir(join(directory, ENTRIES), { recursive: true, mode: 0o700 })
  const path = pathOf(directory, entry.folder)
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** A path may be longer than a name of a file, and have any character in it. */
function pathOf(directory: string, folder: string): string {
  return join(directory, ENTRIES, `${createHash('sha256').update(folder).digest('hex')}.json`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
