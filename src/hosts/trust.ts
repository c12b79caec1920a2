import { randomUUID } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { agentsOf, type AgentOptions } from './agent-files.ts'
import { readControlFiles, SETTINGS_PATH, type ControlFiles } from './control-files.ts'
import { isInside } from './node/paths.ts'
import { readSettings } from './settings.ts'

/** Whether the user trusts what a workspace says about how it wants to be worked on (L12). */
export interface Trust {
  readonly isTrusted: boolean
  /** `none`: never granted. `changed`: granted for something else than what lies there now. */
  readonly why: 'granted' | 'none' | 'changed'
  /** What does not count because of it, in words. */
  readonly ignored: readonly string[]
  /** What was judged. Use this and read nothing again: it may have changed since. */
  readonly files: ControlFiles
}

const TRUST_FILE = 'trusted.json'
const trustSchema = z.record(z.string(), z.string())

/** The user's own directory. Never said by the workspace. */
export function userDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['TROUPE_HOME']
  if (!given) return join(homedir(), '.troupe')
  if (!isAbsolute(given)) throw new UsageError(`TROUPE_HOME is "${given}"; it must be an absolute path.`)
  return given
}

/** Says whether a workspace is trusted, and what is ignored as long as it is not. */
export async function trustOf(
  workspace: string,
  directory: string,
  options: AgentOptions = {},
): Promise<Trust> {
  const files = await readControlFiles(workspace)
  const granted = (await isWithin(directory, files.root))
    ? undefined
    : (await readTrust(directory))[files.root]
  if (granted === files.hash) return { isTrusted: true, why: 'granted', ignored: [], files }

  const settings = readSettings(files.settings, SETTINGS_PATH, false)
  const agents = agentsOf(files, { ...options, isTrusted: false })
  return {
    isTrusted: false,
    why: granted === undefined ? 'none' : 'changed',
    ignored: [...settings.ignored, ...agents.ignored],
    files,
  }
}

/** Remembers that the user trusts exactly what `trust` has seen. Only a person's word may lead here. */
export async function grantTrust({ files }: Trust, directory: string): Promise<void> {
  if (await isWithin(directory, files.root)) {
    throw new UsageError(
      `${directory} lies in the workspace, which can't say that it is trusted. ` +
        'Set TROUPE_HOME to a directory outside it.',
    )
  }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const trusted = { ...(await readTrust(directory)), [files.root]: files.hash }
  const path = join(directory, TRUST_FILE)
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, `${JSON.stringify(trusted, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** A file that can't be read trusts nothing. */
async function readTrust(directory: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(directory, TRUST_FILE), 'utf8').catch(() => '{}')
  try {
    return trustSchema.parse(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Whether a directory lies in another one that has no link in it; also where it is not there yet. */
export async function isWithin(directory: string, root: string): Promise<boolean> {
  if (isInside(root, directory)) return true
  for (let here = directory; ; here = dirname(here)) {
    const real = await realpath(here).catch(() => null)
    if (real !== null || dirname(here) === here) return isInside(root, real ?? here)
  }
}
