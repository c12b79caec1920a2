import { UsageError } from '../errors.ts'
import type { FileStamp } from '../host.ts'
import type { ToolContext } from './tool.ts'

const keyOf = (path: string) => `read:${path}`

/** The hash of what the task saw last of a file, or `null`. `path` is the file's real one. */
export function stampOf({ kept }: Pick<ToolContext, 'kept'>, path: string): string | null {
  return kept(keyOf(path)) || null
}

/** Remembers what the task has seen of a file, also after a crash. */
export function noteStamp({ keep }: Pick<ToolContext, 'keep'>, { path, hash }: FileStamp): void {
  keepOrLeave(keep, path, hash)
}

/** Forgets what the task has seen of a file that is gone. */
export function forgetStamp({ keep }: Pick<ToolContext, 'keep'>, path: string): void {
  keepOrLeave(keep, path, '')
}

/** A stamp too many is left out. That does no harm: the task is told to read the file first. */
function keepOrLeave(keep: ToolContext['keep'], path: string, text: string): void {
  try {
    keep(keyOf(path), text)
  } catch (error) {
    if (!UsageError.is(error)) throw error
  }
}
