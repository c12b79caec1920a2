/** The command line, as its user would first try it in a folder that they have just cloned. */
import { execFile } from 'node:child_process'
import type { World } from './world.ts'

export interface Printed {
  readonly line: string
  readonly code: number | null
  readonly text: string
}

const LINE_MS = 60_000

export const LINES: readonly (readonly string[])[] = [
  ['tasks'],
  ['doctor'],
  ['doctor', '--json'],
  ['agents'],
  ['approvals'],
  ['trust'],
  ['trust', '--yes'],
  ['policy', 'explain'],
  ['policy', 'check', 'git status'],
  ['policy', 'check', './setup'],
  ['policy', 'check', '--path', 'notes.md', '--tool', 'read_file'],
  ['run', 'Survey this repository.'],
  ['run', '--agent', 'coder', 'Survey this repository.'],
  ['tasks', '--all', '--json'],
  ['resume', '--all'],
]

/** Runs all of them in the workspace, one after the other, without a terminal. */
export async function openAtTerminal(main: string, world: World): Promise<readonly Printed[]> {
  const printed: Printed[] = []
  for (const words of LINES) printed.push(await runTroupe(main, words, world))
  return printed
}

export function runTroupe(main: string, words: readonly string[], world: World): Promise<Printed> {
  const { workspace: cwd, environment: env } = world
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: LINE_MS }
    const child = execFile(process.execPath, [main, ...words], options, (_, stdout, stderr) =>
      resolve({ line: words.join(' '), code: child.exitCode, text: stdout + stderr }),
    )
    child.stdin?.end()
  })
}
