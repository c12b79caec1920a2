/** Starts the process that dies, on a workspace of its own, as often as it takes. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { SCRIPT } from '../world/conduct.ts'
import { type LifePlan, type LifeReport, NOTES } from '../world/plan.ts'

/** A life that takes longer hangs. On a busy machine one takes a second or two. */
const LIFE_MS = 60_000

const here = fileURLToPath(new URL('.', import.meta.url))

/** Node 20 does not run TypeScript: the process is bundled once for all its lives. */
export async function bundle(name: string, entry = '../world/crashing.child.ts'): Promise<string> {
  const outfile = join(here, '../../../node_modules/.cache/troupe-faults', `${name}.${process.pid}.mjs`)
  await build({
    entryPoints: [join(here, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@photostructure/sqlite', '@vscode/ripgrep'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
    },
    logLevel: 'silent',
  })
  return outfile
}

export function removeBundle(path: string): void {
  rmSync(path, { force: true })
}

/** A fresh place for one scenario. */
export function freshWorld(): string {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-crash-'))
  const workspace = join(directory, 'workspace')
  mkdirSync(workspace)
  execFileSync('mkfifo', [join(directory, 'gate')])
  const files = { 'a.txt': 'one\n', 'b.txt': 'two\n', 'e.txt': 'five\n', 'work.sh': SCRIPT }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text)
  return directory
}

type Death = { readonly kind: 'killed' } | { readonly kind: 'ended'; readonly report: LifeReport }

/** What can be done to a life from outside. */
export type Signal = (name: 'SIGKILL' | 'SIGCONT') => void

/** Runs one life. `begun`: handed what it can be signalled with. */
export function live(script: string, plan: LifePlan, begun?: (signal: Signal) => void): Promise<Death> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let error = ''
    let hangs = false
    const timer = setTimeout(() => {
      hangs = true
      child.kill('SIGKILL')
    }, LIFE_MS)
    child.stdout.on('data', (text) => (out += String(text)))
    child.stderr.on('data', (text) => (error += String(text)))
    begun?.((name) => child.kill(name))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (hangs) reject(new Error(`Life ${plan.life} in ${plan.directory} hangs. ${error}`))
      else if (signal === 'SIGKILL') resolve({ kind: 'killed' })
      else if (code === 0 && out !== '') resolve({ kind: 'ended', report: JSON.parse(out) as LifeReport })
      else reject(new Error(`Life ${plan.life} in ${plan.directory} ended with ${code}: ${error}`))
    })
  })
}

/** The lines of a file that lives write to. */
export function notes(directory: string, file: keyof typeof NOTES): readonly string[] {
  const path = join(directory, NOTES[file])
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

export function notesAs<T>(directory: string, file: keyof typeof NOTES): readonly T[] {
  return notes(directory, file).map((line) => JSON.parse(line) as T)
}
