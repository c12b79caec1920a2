import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

/** An example as a program. Node 20 runs no TypeScript: it is bundled first, as a user's build does. */
export async function programOf(example: string): Promise<string> {
  const name = `${basename(example, '.ts')}-${process.pid}.mjs`
  const outfile = join(root, 'node_modules/.cache/troupe', name)
  onTestFinished(() => rm(outfile, { force: true }))
  const entry = join(root, 'docs/examples', example)
  const platform = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const
  await build({ entryPoints: [entry], outfile, logLevel: 'silent', ...platform })
  return outfile
}

/** Runs a program as a process of its own, which is gone when the test is over. */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessByStdio<null, Readable, null> {
  const env = { ...process.env, ...environment }
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
