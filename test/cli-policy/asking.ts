/** A workspace to ask about, and `troupe policy` as people run it there. */
import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import type { GivenPolicy, Verdict } from '../../src/protocol/boundary.ts'
import { type Binary, type Ended, workspaceOf } from '../cli/binary.ts'

/** A small project, under git. */
export const PROJECT = {
  'package.json': '{"scripts":{"test":"true"}}',
  'src/main.ts': 'export const answer = 42\n',
  'docs/notes.md': '# Notes\n',
  '.env': 'KEY=never-shown\n',
} as const

const CODES = { allow: 0, ask: 3, deny: 1 } as const

export interface Asking {
  readonly cwd: string
  /** The user's own directory, which is not there unless they said something. */
  readonly home: string
  run(...args: readonly string[]): Promise<Ended>
  /** The verdict of `check`, once its form and its exit code were looked at. */
  check(...args: readonly string[]): Promise<Verdict>
}

/** Opens a workspace with these files for asking; `user`: what the user's own settings say. */
export async function asking(
  troupe: Binary,
  files: Readonly<Record<string, string>> = PROJECT,
  user?: GivenPolicy,
): Promise<Asking> {
  const cwd = await workspaceOf(files)
  await promisify(execFile)('git', ['init', '-q'], { cwd })
  const home =
    user === undefined
      ? await missingDirectory()
      : await workspaceOf({ 'settings.json': JSON.stringify({ permissions: user }) })
  const run = (...args: readonly string[]) =>
    troupe.run(['policy', ...args], { cwd, environment: { TROUPE_HOME: home } })
  return {
    cwd,
    home,
    run,
    async check(...args) {
      const { code, stdout, stderr } = await run('check', ...args, '--json')
      expect(stderr).toBe('')
      const verdict = JSON.parse(stdout) as Verdict
      expect(Object.keys(verdict)).toEqual(['verdict', 'rule', 'layer', 'why'])
      expect(verdict.why).not.toBe('')
      expect(code).toBe(CODES[verdict.verdict])
      return verdict
    },
  }
}

async function missingDirectory(): Promise<string> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'troupe-home-')))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'home')
}
