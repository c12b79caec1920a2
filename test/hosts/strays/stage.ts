/** What a process of ours leaves behind when it is killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { ProcessMark } from '../../../src/protocol/journal.ts'
import { directoryOf } from '../workspace.ts'

const POLL_MS = 5
const here = fileURLToPath(new URL('.', import.meta.url))

/** Resolves once it is so. What never comes true ends with the test's own time limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(POLL_MS)
}

export interface Owner {
  readonly stray: ProcessMark
  /** As a crash does it: at once, and nothing is put in order. Resolves when it is dead. */
  kill(): Promise<void>
}

/** Builds the process that owns commands, for the tests of one file. */
export function ownersOf(
  name: string,
): (line: string, cwd: string, mode?: 'keep' | 'hold') => Promise<Owner> {
  const script = join(here, `.${name}.${process.pid}.mjs`)
  beforeAll(() =>
    build({
      entryPoints: [join(here, 'owner.child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    }),
  )
  afterAll(() => rm(script, { force: true }))

  return async (line, cwd, mode = 'keep') => {
    const child = spawn(process.execPath, [script, line, cwd, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const stray = JSON.parse(await firstLine(child)) as ProcessMark
    onTestFinished(() => killQuietly(-stray.group))
    return {
      stray,
      async kill() {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      },
    }
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('The child has no output.')
  for await (const line of createInterface({ input: stdout })) return line
  throw new Error('The child said nothing.')
}

/** A directory with pipes that a command can wait at. */
export async function directoryWithPipes(...names: readonly string[]): Promise<string> {
  const directory = await directoryOf()
  for (const name of names) execFileSync('mkfifo', [join(directory, name)])
  return directory
}

export const isThere = (directory: string, name: string) => existsSync(join(directory, name))

/** What a command wrote down, once it has. */
export async function numberIn(directory: string, name: string): Promise<number> {
  const read = () => (isThere(directory, name) ? readFileSync(join(directory, name), 'utf8') : '')
  await until(() => read().endsWith('\n'))
  return Number(read())
}

/** Whether anything of a group still runs. What has ended and was not asked how does not count. */
export function groupRuns(group: number): boolean {
  return readdirSync('/proc').some((id) => /^\d+$/.test(id) && statOf(id)[2] === String(group) && runs(id))
}

/** Whether a process still runs. */
export function runs(id: string | number): boolean {
  const [state] = statOf(id)
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Whether the system still knows of a process, if only how it ended. */
export const isKnown = (id: number) => statOf(id).length > 0

/** `<boot>:<ticks>` of a process, read without any of our own code. */
export function birthOf(id: number): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${boot}:${statOf(id)[19]}`
}

function statOf(id: string | number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

export function killQuietly(target: number): void {
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // It is gone, as it should be.
  }
}
