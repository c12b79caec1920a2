import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sqlite, STATE_PATH } from '../../hosts/keeping/default-store.ts'
import { createRuntime, type RuntimeOptions } from '../../hosts/node.ts'
import { embedded } from '../../models/embedded.ts'
import { type Elsewhere, NOBODY_ELSEWHERE } from '../../protocol/concurrency.ts'
import type { Runtime } from '../../runtime.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { Arguments } from '../arguments.ts'
import { printError } from '../output.ts'
import { workspaceOf } from '../workspace-flag.ts'

const CLOSE_GRACE_MS = 1_000
/** The smallest cap of all processes counts: one that only looks must not be in the way of the others. */
const CAP_OF_LOOKERS = 10_000

/**
 * For a command that starts nothing by itself: whatever the settings, the agents and the environment say, the
 * tasks can be looked at.
 */
export function onlyLooking(): Partial<RuntimeOptions> {
  return {
    settings: false,
    model: embedded(),
    concurrency: { background: CAP_OF_LOOKERS },
    onAsk: 'park',
  }
}

/** What a command works on. */
export interface OpenWorkspace {
  readonly runtime: Runtime
  readonly path: string
  /** What other processes do in the background of the workspace. */
  elsewhere(): Promise<Elsewhere>
}

/**
 * Opens the tasks of the workspace that was named, and closes them when the work is over, however it ends.
 * Where there are none yet, nothing is made for them.
 */
export async function withWorkspace<T>(
  given: Arguments,
  work: (workspace: OpenWorkspace) => Promise<T>,
  options: Partial<RuntimeOptions> = onlyLooking(),
): Promise<T> {
  const path = await workspaceOf(given)
  const hasTasks = await isDirectory(join(path, STATE_PATH))
  const store = hasTasks ? await sqlite().openFor(path) : memoryStore()
  let runtime: Runtime | null = null
  try {
    runtime = await createRuntime({ warn: printError, ...options, store, workspace: path })
    const elsewhere = async () => (await store.workplace?.elsewhere()) ?? NOBODY_ELSEWHERE
    return await work({ runtime, path, elsewhere })
  } finally {
    await (runtime?.close({ graceMs: CLOSE_GRACE_MS }) ?? store.close())
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}
