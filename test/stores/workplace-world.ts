/** What the tests of the workplace share: tasks, stores, and processes that have a store open. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Part, Store, Workplace } from '../../src/host/store.ts'
import type { Database } from '../../src/stores/sqlite/db.ts'
import { loadDriver } from '../../src/stores/sqlite/file/driver.ts'
import { storePath } from '../../src/stores/sqlite/file/place.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import type { ChildLine, ChildOrder, ChildPlan } from './workplace-tasks.ts'

/** Short, so that a test need not wait, and long enough that a busy machine takes nobody for dead. */
export const SHORT = { leaseMs: 2_000, renewalMs: 250 }
const LOOK_MS = 5

/** Another process on the same store. */
export interface Neighbour {
  readonly pid: number
  readonly lines: readonly ChildLine[]
  /** Has it do something; rejects with the code of the failure. */
  call(call: ChildOrder['call'], taskId?: string, order?: Partial<ChildOrder>): Promise<unknown>
  events(event: ChildLine['event']): readonly ChildLine[]
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Nothing more is asked of it: when it has nothing left to do, it ends by itself. */
  end(): Promise<number | null>
  /** Killed and gone. */
  kill(): Promise<void>
}

/** Waits until it is so; says what it waited for when the time is over. */
export async function until(what: string, isSo: () => unknown, limitMs = 15_000): Promise<void> {
  for (const since = performance.now(); performance.now() - since < limitMs; ) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  throw new Error(`It did not come true within ${limitMs} ms: ${what}.`)
}

export interface World {
  /** A new store's directory, gone when the test is over. */
  directory(): Promise<string>
  /** Opens a store here, closed when the test is over. */
  open(
    directory: string,
    options?: OpenOptions,
  ): Promise<{ readonly store: Store; readonly workplace: Workplace }>
  /** Starts another process on it, killed when the test is over. */
  neighbour(plan: Partial<ChildPlan> & Pick<ChildPlan, 'directory'>): Promise<Neighbour>
  /** The bare file, for tests that must see or change what nobody tells. */
  file(directory: string): Promise<Database>
}

interface OpenOptions {
  readonly times?: ChildPlan['times']
  readonly part?: Partial<Part>
}

/** Real processes on real files. The other process's program is bundled once: Node 20 runs no TypeScript. */
export function workplaceWorld(): World {
  const here = dirname(fileURLToPath(import.meta.url))
  const script = join(here, `../../node_modules/.cache/troupe/workplace-${process.pid}-${Date.now()}.mjs`)

  beforeAll(async () => {
    await build({
      entryPoints: [join(here, 'workplace.child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    })
  })
  afterAll(() => rm(script, { force: true }))

  return {
    async directory() {
      const path = await mkdtemp(join(tmpdir(), 'troupe-workplace-'))
      onTestFinished(() => rm(path, { recursive: true, force: true }))
      return path
    },
    async open(directory, { times = {}, part } = {}) {
      const store = await openSqlite({ directory, times })
      onTestFinished(() => store.close())
      const { workplace } = store
      if (!workplace) throw new Error('There is no workplace.')
      if (part) workplace.enter({ cap: 1, serve: async () => {}, changed: () => {}, lost: () => {}, ...part })
      return { store, workplace }
    },
    async neighbour(plan) {
      const neighbour = await startNeighbour(script, { times: {}, cap: null, mark: 'n', ...plan })
      onTestFinished(() => neighbour.kill())
      return neighbour
    },
    async file(directory) {
      const open = await loadDriver()
      const database = open(storePath(directory))
      onTestFinished(() => database.close())
      return database
    },
  }
}

async function startNeighbour(script: string, plan: ChildPlan): Promise<Neighbour> {
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: ChildLine[] = []
  const waiting = new Map<number, (line: ChildLine) => void>()
  let last = 0
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as ChildLine
    lines.push(line)
    if (line.id !== undefined) waiting.get(line.id)?.(line)
  })
  const events = (event: ChildLine['event']) => lines.filter((line) => line.event === event)
  await until('the other process is ready', () => events('ready').length > 0 || child.exitCode !== null)
  return {
    pid: child.pid ?? 0,
    lines,
    events,
    call: (call, taskId = 't1', order = {}) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, ({ value, failure }) => (failure ? reject(new Error(failure.code)) : resolve(value)))
        child.stdin.write(`${JSON.stringify({ ...order, id, call, taskId })}\n`)
      }),
    signal: (signal) => void child.kill(signal),
    end: () => {
      const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
      child.stdin.end()
      return gone
    },
    kill: () => killed(child),
  }
}

async function killed(child: ChildProcess): Promise<void> {
  child.stdin?.destroy()
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** Whether the system tells when a process was started. */
export const HAS_PROC = existsSync('/proc/self/stat')
