import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

export interface Child {
  readonly pid: number
  /** What it has said. */
  readonly lines: readonly Line[]
  /** The next line that nobody has asked for yet; `null` once it has ended. */
  next(): Promise<Line | null>
  tell(text: string): void
  kill(): Promise<void>
  readonly ended: Promise<void>
}

export type Line = Readonly<Record<string, unknown>>

interface StartOptions {
  /** Has it become another user before it begins. */
  readonly user?: number
}

/** Builds the process that works on a store, once for each test file. */
export function childProgram(): (args: readonly (string | number)[], options?: StartOptions) => Child {
  // Beside the packages that it imports, and one for each run: runs go side by side.
  const script = fileURLToPath(
    new URL(
      `../../../node_modules/.cache/troupe/store-writer-${process.pid}-${Date.now()}.mjs`,
      import.meta.url,
    ),
  )
  beforeAll(async () => {
    // Node 20 runs no TypeScript.
    await build({
      entryPoints: [fileURLToPath(new URL('writer.child.ts', import.meta.url))],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    })
  })
  afterAll(() => rm(script, { force: true }))
  return (args, options = {}) => {
    const running = spawn(process.execPath, [script, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...(options.user !== undefined && { STORE_USER: String(options.user) }) },
    })
    const child = follow(running)
    onTestFinished(() => child.kill())
    return child
  }
}

function follow(running: ChildProcess): Child {
  const lines: Line[] = []
  const wanted: ((line: Line | null) => void)[] = []
  let taken = 0
  let hasEnded = false

  function give(): void {
    while (wanted.length > 0 && (taken < lines.length || hasEnded)) {
      wanted.shift()?.(lines[taken] ?? null)
      if (taken < lines.length) taken += 1
    }
  }
  const ended = new Promise<void>((resolve) => {
    running.once('close', () => {
      hasEnded = true
      give()
      resolve()
    })
  })
  if (running.stdout) {
    createInterface({ input: running.stdout }).on('line', (line) => {
      // The last line of one that was killed may be half.
      if (!line.endsWith('}')) return
      lines.push(JSON.parse(line) as Line)
      give()
    })
  }
  // Whoever writes to one that is gone need not hear of it.
  running.stdin?.on('error', () => {})
  return {
    pid: running.pid ?? 0,
    lines,
    ended,
    next: () =>
      new Promise((resolve) => {
        wanted.push(resolve)
        give()
      }),
    tell: (text) => void running.stdin?.write(text),
    async kill() {
      running.kill('SIGKILL')
      await ended
    },
  }
}
