import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory that nobody else has, gone after the test. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-store-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, '.troupe', 'state')
}
