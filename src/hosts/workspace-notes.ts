import { realpath } from 'node:fs/promises'
import { DEFAULTS } from '../protocol/defaults.ts'
import { readInside } from './file-inside.ts'

/** What the workspace says about itself, to be shown to the model as data. */
export interface WorkspaceNotes {
  readonly notes: string | null
  /** Why notes that are there were not taken. */
  readonly warnings: readonly string[]
}

/** The first that is there is taken. */
const NAMES = ['AGENTS.md', 'CLAUDE.md'] as const

/** Reads the notes of a workspace. They inform; nothing in them has the weight of the user's word. */
export async function readWorkspaceNotes(workspace: string): Promise<WorkspaceNotes> {
  const root = await realpath(workspace)
  const warnings: string[] = []
  for (const name of NAMES) {
    const found = await readInside(root, name, DEFAULTS.notesBytes)
    if (found.kind === 'text' && found.text.trim() !== '') return { notes: found.text, warnings }
    if (found.kind === 'refused') warnings.push(found.why)
  }
  return { notes: null, warnings }
}
