import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import type { Arguments } from './arguments.ts'

/** The directory that `--workspace` names, or where the process stands. */
export async function workspaceOf(given: Arguments): Promise<string> {
  const path = resolve(given.value('workspace') ?? '.')
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return path
  throw new UsageError(`--workspace: ${path} ${found ? 'is no directory' : 'does not exist'}.`)
}
