/** Tasks that live in this process, for a command line that looks at them from another. */
import { onTestFinished, vi } from 'vitest'
import { createRuntime, type RuntimeOptions } from '../../src/hosts/node.ts'
import type { Runtime } from '../../src/runtime.ts'
import { type Script, type ScriptLine, type Speech, scriptedModel } from '../../src/testing/scripted-model.ts'
import { type Binary, type Ended, workspaceOf } from '../cli/binary.ts'

export interface AtWork {
  readonly cwd: string
  readonly runtime: Runtime
  /** Runs a command in the workspace, in a process of its own. */
  readonly troupe: (...args: readonly string[]) => Promise<Ended>
  /** The same, and what it printed as JSON. */
  readonly json: <T>(...args: readonly string[]) => Promise<T>
  /** Lets go of everything, as a process does that is closed in order. */
  readonly close: () => Promise<void>
}

/** A runtime of this process that works in a new workspace, and a command line of another process there. */
export async function atWork(
  troupe: Binary,
  script: Script,
  options: Partial<RuntimeOptions> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<AtWork> {
  const cwd = await workspaceOf(files)
  vi.stubEnv('TROUPE_HOME', troupe.environment['TROUPE_HOME'])
  const runtime = await createRuntime({
    workspace: cwd,
    model: scriptedModel(script),
    settings: false,
    ...options,
  })
  const close = () => runtime.close({ graceMs: 100 })
  onTestFinished(async () => {
    await close()
    vi.unstubAllEnvs()
  })
  const run = (...args: readonly string[]) => troupe.run(args, { cwd })
  return {
    cwd,
    runtime,
    close,
    troupe: run,
    async json<T>(...args: readonly string[]) {
      const { stdout, stderr } = await run(...args, '--json')
      if (stdout === '') throw new Error(`It printed nothing: ${stderr}`)
      return JSON.parse(stdout) as T
    },
  }
}

export interface HeldLine {
  readonly line: ScriptLine
  readonly release: () => void
}

/** A line that is said when it is released, or never. */
export function heldLine(speech: Speech): HeldLine {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    release: () => release(),
    line: async () => {
      await released
      return speech
    },
  }
}
