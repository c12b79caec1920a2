import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const never = new AbortController().signal

/** A real directory with these files, gone after the test. */
export async function directoryOf(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'troupe-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** The code a promise was refused with, or what it gave instead. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
}
