import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

const FILES = ['openai-server', 'openai-server-main']

export interface OpenAIProcess {
  readonly url: string
  readonly pid: number
  readonly close: () => Promise<void>
}

/** Starts `openai-server-main.ts` as a process. Node 20 reads no TypeScript: it is made JavaScript first. */
export async function openaiProcess(args: readonly string[]): Promise<OpenAIProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-openai-'))
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  for (const name of FILES) {
    const source = await readFile(new URL(`${name}.ts`, import.meta.url), 'utf8')
    await writeFile(join(directory, `${name}.js`), transpileModule(source, { compilerOptions }).outputText)
  }

  const child = spawn(process.execPath, [join(directory, 'openai-server-main.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const first: unknown[] = await Promise.race([once(lines, 'line'), ended])
  const [url] = first
  if (typeof url !== 'string') throw new Error(`The model's server did not start: ${String(first)}`)
  return {
    url,
    pid: child.pid ?? 0,
    async close() {
      child.kill('SIGTERM')
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const compilerOptions = {
  module: ModuleKind.ESNext,
  target: ScriptTarget.ES2022,
  rewriteRelativeImportExtensions: true,
}
