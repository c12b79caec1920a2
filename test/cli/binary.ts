/** The command line as people run it: built, in a process of its own, with nothing of our environment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest'

const repository = new URL('../..', import.meta.url).pathname
const PATIENCE_MS = 15_000

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningTroupe {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  readonly stderr: () => string
  readonly stdout: () => string
}

export interface Surroundings {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Absent: nothing to read. `null`: an input that stays open. */
  readonly input?: string | null
}

export interface Binary {
  readonly main: string
  /** The same without one installed package. */
  readonly bareMain: string
  readonly environment: Readonly<Record<string, string>>
  start(args: readonly string[], surroundings?: Surroundings): RunningTroupe
  run(args: readonly string[], surroundings?: Surroundings): Promise<Ended>
}

/** Builds the command line for the tests of one file, into a directory of their own. */
export function builtBinary(): Binary {
  let root = ''
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'troupe-cli-')))
    const tsup = join(repository, 'node_modules/.bin/tsup')
    await promisify(execFile)(tsup, ['--silent', '--out-dir', join(root, 'bare/dist')], { cwd: repository })
    await copyFile(join(repository, 'package.json'), join(root, 'bare/package.json'))
    await cp(join(root, 'bare'), join(root, 'whole'), { recursive: true })
    await symlink(join(repository, 'node_modules'), join(root, 'whole/node_modules'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  const binary: Binary = {
    get main() {
      return join(root, 'whole/dist/cli/main.js')
    },
    get bareMain() {
      return join(root, 'bare/dist/cli/main.js')
    },
    get environment() {
      return { PATH: process.env['PATH'] ?? '', HOME: root, TROUPE_HOME: join(root, 'home'), LANG: 'C.UTF-8' }
    },
    start(args, { cwd = root, environment = {}, input = '' } = {}) {
      const child = spawn(process.execPath, [binary.main, ...args], {
        cwd,
        env: { ...binary.environment, ...environment },
      })
      if (input !== null) child.stdin.end(input)
      return watched(child)
    },
    run: (args, surroundings) => binary.start(args, surroundings).ended,
  }
  return binary
}

/** Gathers what a process says until it ends. It ends with its test. */
export function watched(child: ChildProcess): RunningTroupe {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (stderr += piece))
  child.stdin?.on('error', () => {})
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, ended, stdout: () => stdout, stderr: () => stderr }
}

/** A real directory with these files, gone after the test. */
export async function workspaceOf(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'troupe-workspace-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** Waits until something is so. It fails with what `found` says when that never comes. */
export async function until(found: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const check = async () => {
    if (!(await found())) throw new Error(`It never came to this: ${what}`)
  }
  await vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 })
}

/** The processes of this machine whose command line holds a word, told by the kernel. */
export async function processesWith(word: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(lines)).filter((line) => line.split('\0').includes(word))
}
