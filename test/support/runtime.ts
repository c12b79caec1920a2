/** A runtime on a workspace of its own, for one test. Everything in it is real but the model. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import type { Runtime } from '../../src/runtime.ts'
import { memoryStore } from '../../src/stores/memory.ts'

/** A directory that is gone when the test is over. */
export async function workspaceWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'troupe-test-'))
  onTestFinished(() => rm(workspace, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) await writeFile(join(workspace, path), text)
  return workspace
}

/** A runtime that reads nobody's settings, forgets what it did, and is closed when the test is over. */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const workspace = options.workspace ?? (await workspaceWith())
  const store = memoryStore()
  const runtime = await createRuntime({ settings: false, warn: () => {}, store, ...options, workspace })
  onTestFinished(() => runtime.close({ graceMs: 0 }))
  return runtime
}

/** Resolves once it is so. What never comes true ends with the test's own time limit. */
export async function when(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
