import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeError } from '../../errors.ts'
import type { Installation } from '../../stores/sqlite/file/signature.ts'

const KEY_FILE = 'installation.key'
const KEY_BYTES = 32
/** Of the name under which it is written before it is there as a whole. */
const DRAFT_BYTES = 8
const KEY = /^[0-9a-f]{64}\n?$/

/**
 * By what the stores of this user are told from all others: a random key in the user's own directory, made
 * when it is first needed. A store that came with a workspace was not made with it.
 */
export async function installationOf(directory: string): Promise<Installation> {
  const path = join(directory, KEY_FILE)
  try {
    return { key: (await readKey(path)) ?? (await makeKey(directory, path)) }
  } catch (error) {
    if (RuntimeError.is(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new RuntimeError(
      'store/unavailable',
      `The key of your stores can't be kept in ${path} (${why}). See to it that the directory belongs to you, or ` +
        'set TROUPE_HOME to one that does.',
      { cause: error },
    )
  }
}

async function readKey(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  if (KEY.test(text)) return text.trim()
  throw new RuntimeError(
    'store/unavailable',
    `${path} holds no key. Put it back as it was; or remove it, and take over each of your stores anew with ` +
      '`troupe doctor --adopt`.',
  )
}

/** Of several processes that make one at once, the first wins and the others use its. */
async function makeKey(directory: string, path: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const key = randomBytes(KEY_BYTES).toString('hex')
  const draft = `${path}.${randomBytes(DRAFT_BYTES).toString('hex')}`
  try {
    await writeFile(draft, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, path)
    return key
  } catch (error) {
    const theirs = await readKey(path)
    if (theirs) return theirs
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}
