import { resolve } from 'node:path'
import { STATE_PATH } from '../../hosts/keeping/default-store.ts'
import type { OwnSettings } from '../../hosts/settings.ts'
import { ignoredInWords, userDirectory } from '../../hosts/trust.ts'
import { readUserSettings } from '../../hosts/workspace.ts'
import { isFromATask } from '../../hosts/node/processes/from-a-task.ts'
import type { Asking } from '../terminal/terminal-human.ts'
import { askForTrust, isUndecided, trustHere } from './question.ts'

/** What is known of the surroundings before the work begins. */
export interface Settled {
  readonly own: OwnSettings
  /** What the person has just been shown in full, in the words in which a runtime would tell it once more. */
  readonly told: string | null
}

/**
 * Reads the user's own settings, and asks for trust where the folder wants more than it has. `asking` is
 * `null` where nobody can be asked. A task is not asked either, whatever terminal it has made for itself.
 */
export async function settleTrust(
  workspace: string,
  asking: Asking | null,
  signal: AbortSignal,
): Promise<Settled> {
  const trust = await trustHere(workspace, process.env)
  const own = (await readUserSettings(userDirectory(process.env), trust.files.root)).settings
  if (!asking || !isUndecided(trust)) return { own, told: null }
  const state = resolve(workspace, STATE_PATH)
  if (isFromATask({ environment: process.env, state })) return { own, told: null }
  const answer = await askForTrust(asking, trust, signal)
  return { own, told: answer === 'yes' ? null : ignoredInWords(await trustHere(workspace, process.env)) }
}
