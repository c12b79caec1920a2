/** What a user gets: the package is packed, installed in an empty project, loaded, run, typed, weighed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MEGABYTE = 1_000_000
const INSTALLED_BYTES_MAX = 75 * MEGABYTE
const INSTALLED_CORE_BYTES_MAX = 40 * MEGABYTE
const COMMAND_MS = 120_000

const root = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)
const npm = (cwd: string, ...words: readonly string[]) =>
  run('npm', [...words, '--no-audit', '--no-fund', '--prefer-offline'], { cwd, timeout: COMMAND_MS })

let scratch: string
let tarball: string
let packed: readonly string[]
let user: string

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/index.d.ts')))
    throw new Error('There is nothing to pack. First: npm run build')
  scratch = await mkdtemp(join(tmpdir(), 'troupe-package-'))
  const { stdout } = await npm(root, 'pack', '--json', '--pack-destination', scratch)
  const [made] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  tarball = join(scratch, made?.filename ?? '')
  packed = made?.files.map(({ path }) => path) ?? []
  user = await installed('user')
})

afterAll(async () => {
  if (scratch) await rm(scratch, { recursive: true, force: true })
})

async function installed(name: string, ...options: readonly string[]): Promise<string> {
  const folder = join(scratch, name)
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  await npm(folder, 'install', tarball, ...options)
  return folder
}

describe('the tarball', () => {
  it('holds what runs, its types, and what a user reads; nothing else', () => {
    expect(packed.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path)).toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].toSorted(),
    )
  })

  it('tells nothing of the machine that made it', async () => {
    const texts = await Promise.all(packed.map((path) => readFile(join(root, path), 'utf8')))
    const telling = packed.filter(
      (_, i) => texts[i]?.includes(root) || texts[i]?.includes('sourceMappingURL'),
    )
    expect(telling).toEqual([])
  })
})

describe('in an empty project', () => {
  it.each(['troupe', 'troupe/machines', 'troupe/testing'])('"%s" loads', async (entry) => {
    const script = `console.log(Object.keys(await import('${entry}')).length)`
    const { stdout } = await run('node', ['--input-type=module', '-e', script], { cwd: user })
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  it('nothing but the entries can be loaded', async () => {
    const script = "await import('troupe/dist/index.js')"
    const loading = run('node', ['--input-type=module', '-e', script], { cwd: user })
    await expect(loading).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/)
  })

  it('an error made in one entry is known in another', async () => {
    const script = `
      import { RuntimeError } from 'troupe'
      import * as testing from 'troupe/testing'
      const model = testing.scriptedModel({})
      const error = await model.reply({}, { signal: AbortSignal.abort() }).catch((error) => error)
      console.log(error instanceof RuntimeError)`
    const { stdout } = await run('node', ['--input-type=module', '-e', script], { cwd: user })
    expect(stdout.trim()).toBe('true')
  })

  it('troupe --help says what there is', async () => {
    const { stdout } = await run(join(user, 'node_modules/.bin/troupe'), ['--help'], { cwd: user })
    for (const command of ['run', 'agents', 'doctor', 'trust']) expect(stdout).toContain(command)
  })

  it('ten lines of TypeScript compile, and a wrong one does not', async () => {
    const lines = await readFile(new URL('consumer.txt', import.meta.url), 'utf8')
    await writeFile(join(user, 'consumer.ts'), lines)
    await writeFile(
      join(user, 'wrong.ts'),
      `${lines}\nexport const wrong = createRuntime({ workspace: 7 })\n`,
    )
    await expect(compiled(user, 'consumer.ts')).resolves.toBe('')
    await expect(compiled(user, 'wrong.ts')).resolves.toMatch(/^wrong\.ts\(\d+,\d+\): error TS2322/)
  })

  it('no package needs to run a script when it is installed', async () => {
    const lock = JSON.parse(await readFile(join(user, 'node_modules/.package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>
    }
    const asking = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript)
    // It would only look for its binary, which lies in the package for every system that we name.
    const needless = ['node_modules/@photostructure/sqlite']
    expect(asking.map(([path]) => path).filter((path) => !needless.includes(path))).toEqual([])
  })

  it('all of it stays light', async () => {
    const bytes = await weight(join(user, 'node_modules'))
    expect(bytes).toBeGreaterThan(MEGABYTE)
    expect(bytes).toBeLessThan(INSTALLED_BYTES_MAX)
  })

  it('without what is optional it loads, and is lighter still', async () => {
    const folder = await installed('core', '--omit=optional')
    expect(existsSync(join(folder, 'node_modules/@vscode/ripgrep'))).toBe(false)
    await run('node', ['--input-type=module', '-e', "await import('troupe')"], { cwd: folder })
    expect(await weight(join(folder, 'node_modules'))).toBeLessThan(INSTALLED_CORE_BYTES_MAX)
  })
})

/** What the compiler has to say about one file of a strict project; nothing is good. */
async function compiled(folder: string, file: string): Promise<string> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig']
  const target = ['--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,esnext.disposable,dom']
  const tsc = join(root, 'node_modules/.bin/tsc')
  return run(tsc, [...options, ...target, file], { cwd: folder, timeout: COMMAND_MS }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout,
  )
}

async function weight(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
