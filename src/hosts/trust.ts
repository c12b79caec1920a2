import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { UsageError } from '../errors.ts'
import { agentsOf, type AgentOptions } from './agent-files.ts'
import { readControlFiles, SETTINGS_PATH, type ControlFiles } from './control-files.ts'
import { keepTrustEntry, readTrustEntry } from './keeping/trust-entries.ts'
import { isInside } from './node/paths.ts'
import { readSettings, type Settings } from './settings.ts'

/** Whether the user trusts what a workspace says about how it wants to be worked on (L12). */
export interface Trust {
  readonly isTrusted: boolean
  /**
   * `none`: nobody has said anything about what lies there. `changed`: granted for something else.
   * `refused`: the user has said no to exactly this.
   */
  readonly why: 'granted' | 'none' | 'changed' | 'refused'
  /** What does not count, in words. */
  readonly ignored: readonly string[]
  /** Of that, what would count if the folder were trusted. */
  readonly wants: readonly string[]
  /** Why its settings would be refused if it were trusted; `null`: they would not. */
  readonly flaw: string | null
  /** What was judged. Use this and read nothing again: it may have changed since. */
  readonly files: ControlFiles
}

/** How many things that are ignored are named in one line. */
const IGNORED_NAMED_MAX = 6

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
  const entry = (await isWithin(directory, files.root)) ? null : await readTrustEntry(directory, files.root)
  const isThis = entry?.hash === files.hash
  const asTrusted = read(files, true)
  const flaw = typeof asTrusted === 'string' ? asTrusted : null
  if (isThis && entry.isTrusted) {
    const ignored = typeof asTrusted === 'string' ? [] : asTrusted.notTheirs
    return { isTrusted: true, why: 'granted', ignored, wants: [], flaw, files }
  }
  const settings = read(files, false)
  const agents = agentsOf(files, { ...options, isTrusted: false })
  const said = typeof settings === 'string' ? { ignored: [], notTheirs: [] } : settings
  const wants = [...said.ignored, ...agents.ignored]
  const why = isThis ? 'refused' : entry?.isTrusted ? 'changed' : 'none'
  return { isTrusted: false, why, ignored: [...wants, ...said.notTheirs], wants, flaw, files }
}

/** The settings, or why they are refused. */
function read({ settings }: ControlFiles, isTrusted: boolean): Settings | string {
  try {
    return readSettings(settings, SETTINGS_PATH, isTrusted)
  } catch (error) {
    if (UsageError.is(error)) return (error as UsageError).message
    throw error
  }
}

/** What is not counted, in one line, with what to do about it. Contract: something is ignored. */
export function ignoredInWords({ ignored, why }: Pick<Trust, 'ignored' | 'why'>): string {
  const rest = ignored.length - IGNORED_NAMED_MAX
  const named = ignored.slice(0, IGNORED_NAMED_MAX).join('; ')
  const because = {
    granted: 'This folder is trusted (troupe trust), but',
    none: 'This folder is not trusted (troupe trust), so that',
    changed: 'This folder has changed since you trusted it (troupe trust), so that',
    refused: 'You do not trust this folder (troupe trust), so that',
  }[why]
  return `${because} this is ignored: ${named}${rest > 0 ? `; and ${rest} more` : ''}`
}

/** Remembers that the user trusts exactly what `trust` has seen. Only a person's word may lead here. */
export async function grantTrust({ files }: Trust, directory: string): Promise<void> {
  await refuseOwnWord(directory, files.root)
  await keepTrustEntry(directory, { folder: files.root, hash: files.hash, isTrusted: true })
}

/** Remembers that the user does not, so that nobody asks again until something changes. */
export async function refuseTrust({ files }: Trust, directory: string): Promise<void> {
  await refuseOwnWord(directory, files.root)
  await keepTrustEntry(directory, { folder: files.root, hash: files.hash, isTrusted: false })
}

/** Takes a yes back, whatever lies there by now. Says whether there was one. */
export async function revokeTrust(workspace: string, directory: string): Promise<boolean> {
  const folder = await realpath(workspace)
  await refuseOwnWord(directory, folder)
  const entry = await readTrustEntry(directory, folder)
  if (!entry?.isTrusted) return false
  const hash = await readControlFiles(workspace).then(
    (files) => files.hash,
    () => entry.hash,
  )
  await keepTrustEntry(directory, { folder, hash, isTrusted: false })
  return true
}

async function refuseOwnWord(directory: string, root: string): Promise<void> {
  if (!(await isWithin(directory, root))) return
  throw new UsageError(
    `${directory} lies in the workspace, which can't say that it is trusted. ` +
      'Set TROUPE_HOME to a directory outside it.',
  )
}

/** What is so wide that nobody means all of it, in words; `null`: a folder like others. */
export async function tooWide(folder: string): Promise<string | null> {
  if (dirname(folder) === folder) return 'the whole file system'
  const home = await realpath(homedir()).catch(() => homedir())
  if (folder === home) return 'your whole home directory'
  return isInside(folder, home) ? 'more than your whole home directory' : null
}

/** Whether a directory lies in another one that has no link in it; also where it is not there yet. */
export async function isWithin(directory: string, root: string): Promise<boolean> {
  if (isInside(root, directory)) return true
  for (let here = directory; ; here = dirname(here)) {
    const real = await realpath(here).catch(() => null)
    if (real !== null || dirname(here) === here) return isInside(root, real ?? here)
  }
}
