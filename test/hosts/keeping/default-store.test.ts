/**
 * L13: a script that a task runs does not open what its own tasks are kept in, and so answers for nobody.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { sqlite } from '../../../src/hosts/keeping/default-store.ts'
import { HAS_PROC } from '../../../src/hosts/node/processes/birth.ts'
import { nodeProcesses } from '../../../src/hosts/node-processes.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
let directory = ''
let script = ''

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(root, 'node_modules/.cache-opening-')))
  script = join(directory, 'opening.mjs')
  // Node 20 runs no TypeScript: the child is bundled, once.
  await build({
    entryPoints: [fileURLToPath(new URL('opening.child.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function openWorkspace(): Promise<string> {
  const workspace = await realpath(await mkdtemp(join(tmpdir(), 'troupe-opening-')))
  const store = await sqlite().openFor(workspace)
  onTestFinished(async () => {
    await store.close()
    await rm(workspace, { recursive: true, force: true })
  })
  return workspace
}

/** As a task runs it: by a line of bash, in the way in which the tools run one. */
async function fromTask(line: (command: string) => string, workspace: string): Promise<string> {
  const command = `'${process.execPath}' '${script}' '${workspace}'`
  const given = { line: line(command), cwd: directory, timeoutMs: 30_000, keepBytes: 10_000 }
  const context = { signal: new AbortController().signal, progress: () => {} }
  return (await nodeProcesses().run(given, context)).output.trim()
}

// Elsewhere the system does not show what stands above a process.
it.runIf(HAS_PROC)('L13: a script of a task does not open the store of its own workspace', async () => {
  const workspace = await openWorkspace()
  for (const line of [(command: string) => command, (command: string) => `bash -c "${command}"`])
    expect(await fromTask(line, workspace)).toContain("is out of every task's reach")
})

it("opens another workspace's, and its own where no task has started it", async () => {
  const workspace = await openWorkspace()
  const other = await realpath(await mkdtemp(join(tmpdir(), 'troupe-opening-')))
  onTestFinished(() => rm(other, { recursive: true, force: true }))
  expect(await fromTask((command) => command, other)).toBe('It is open.')
  const { stdout } = await promisify(execFile)(process.execPath, [script, workspace])
  expect(stdout.trim()).toBe('It is open.')
})
