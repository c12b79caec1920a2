import { realpath } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import type { Agent } from '../protocol/agent.ts'
import type { Policy } from '../protocol/boundary.ts'
import { agentsOf } from './agent-files.ts'
import { BUILTIN_AGENTS } from './builtin-agents.ts'
import { SETTINGS_PATH } from './control-files.ts'
import { readInside } from './file-inside.ts'
import {
  joinPolicies,
  OWN_SETTINGS,
  type OwnSettings,
  readOwnSettings,
  readSettings,
  type SaidPolicy,
} from './settings.ts'
import { isWithin, type Trust, trustOf } from './trust.ts'
import { readWorkspaceNotes } from './workspace-notes.ts'

const USER_SETTINGS = 'settings.json'
const USER_SETTINGS_BYTES_MAX = 256 * 1024

/** What a workspace and its user say about how to work there, after trust has had its word (L12). */
export interface Workspace {
  readonly agents: readonly Agent[]
  readonly policy: Policy
  /** The same as the user's own file and the workspace's say it, before they are joined. */
  readonly said: { readonly user: SaidPolicy; readonly workspace: SaidPolicy }
  /** What only the user's own file says. */
  readonly own: OwnSettings
  readonly notes: string | null
  readonly trust: Trust
  /** What was passed over, refused or ignored, in words for whoever starts the runtime. */
  readonly warnings: readonly string[]
}

/** What the user's own file says, and what of it is told. */
export interface UserSettings {
  readonly policy: SaidPolicy
  readonly settings: OwnSettings
  readonly warnings: readonly string[]
}

export interface WorkspaceQuestion {
  readonly workspace: string
  /** The user's own directory. */
  readonly home: string
  readonly tools: readonly string[]
  /** Names of the host's own agents, which no untrusted file may take. */
  readonly hostAgents?: readonly string[]
}

export async function readWorkspace(question: WorkspaceQuestion): Promise<Workspace> {
  const { workspace, home, tools, hostAgents = [] } = question
  const reservedNames = [...BUILTIN_AGENTS.map(({ name }) => name), ...hostAgents]
  const trust = await trustOf(workspace, home, { reservedNames, tools })
  const { isTrusted, files } = trust
  const found = agentsOf(files, { isTrusted, reservedNames, tools })
  const own = await readUserSettings(home, files.root)
  const here = readSettings(files.settings, SETTINGS_PATH, isTrusted)
  const { notes, warnings } = await readWorkspaceNotes(workspace)
  const shadowed = new Set(found.agents.map(({ name }) => name))
  return {
    agents: [...BUILTIN_AGENTS.filter(({ name }) => !shadowed.has(name)), ...found.agents],
    policy: joinPolicies(own.policy, here.policy),
    said: { user: own.policy, workspace: here.policy },
    own: own.settings,
    notes,
    trust,
    warnings: [
      ...found.refusals,
      ...found.warnings,
      ...warnings,
      ...own.warnings,
      // What is ignored for want of trust, the trust tells of; this is ignored all the same.
      ...(isTrusted ? here.notTheirs.map((what) => `Ignored: ${what}`) : []),
    ],
  }
}

/** The user's own word. What lies in the workspace is not theirs, whatever it is called. */
export async function readUserSettings(home: string, root: string): Promise<UserSettings> {
  const where = `${home}/${USER_SETTINGS}`
  const real = await realpath(home).catch(() => home)
  const isInWorkspace = await isWithin(home, root)
  const found = await readInside(real, USER_SETTINGS, USER_SETTINGS_BYTES_MAX)
  // Rules that are passed over protect nobody: settings of the user's that can't be taken stop everything.
  if (found.kind === 'refused')
    throw new UsageError(`Your settings ${where} can't be used: ${found.reason}. Put the file itself there.`)
  const text = found.kind === 'text' ? found.text : null
  if (!isInWorkspace) {
    const { policy, ...settings } = readOwnSettings(text, where)
    return { policy, settings, warnings: [] }
  }
  const { policy, ignored, notTheirs } = readSettings(text, where, false)
  const why =
    `${home} lies in the workspace, so that it can only ask and deny. ` +
    'Set TROUPE_HOME to another directory.'
  const lost = [...ignored, ...notTheirs].map((what) => `Ignored, because it lies in the workspace: ${what}`)
  return { policy, settings: OWN_SETTINGS, warnings: text === null ? [] : [why, ...lost] }
}
