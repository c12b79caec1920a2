import { createHash } from 'node:crypto'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { readInside } from './file-inside.ts'

/** The settings and agents of a workspace as they stood at one moment: what is trusted is what is used. */
export interface ControlFiles {
  /** The real path of the workspace. */
  readonly root: string
  readonly settings: string | null
  readonly agents: readonly { readonly path: string; readonly text: string }[]
  /** What was there and could not be taken, in words. */
  readonly refusals: readonly string[]
  /** Of everything above: another byte, name or refusal, another hash. */
  readonly hash: string
}

export const SETTINGS_PATH = '.troupe/settings.json'
export const AGENTS_PATH = '.troupe/agents'
const SETTINGS_BYTES_MAX = 65_536
const AGENT_BYTES_MAX = 65_536
const AGENTS_MAX = 100

/** Reads what a workspace says about how it wants to be worked on. */
export async function readControlFiles(workspace: string): Promise<ControlFiles> {
  const root = await realpath(workspace)
  const refusals: string[] = []
  const settings = await readInside(root, SETTINGS_PATH, SETTINGS_BYTES_MAX)
  // Passed over, its rules that deny would be lost without a word.
  if (settings.kind === 'refused') throw new UsageError(settings.why)

  const agents: { path: string; text: string }[] = []
  const names = (await readdir(join(root, AGENTS_PATH)).catch(() => []))
    .filter((name) => name.endsWith('.md'))
    .sort()
  if (names.length > AGENTS_MAX)
    refusals.push(`${AGENTS_PATH} holds ${names.length} files; only the first ${AGENTS_MAX} were read.`)
  for (const name of names.slice(0, AGENTS_MAX)) {
    const path = `${AGENTS_PATH}/${name}`
    const found = await readInside(root, path, AGENT_BYTES_MAX)
    if (found.kind === 'text') agents.push({ path, text: found.text })
    if (found.kind === 'refused') refusals.push(found.why)
  }
  const seen = { settings: settings.kind === 'text' ? settings.text : null, agents, refusals }
  return { root, ...seen, hash: createHash('sha256').update(JSON.stringify(seen)).digest('hex') }
}
