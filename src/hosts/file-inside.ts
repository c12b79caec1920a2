import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isInside } from './node-paths.ts'

/** A small text of the workspace, or why it is not taken. */
export type TextInside =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Reads a text below `root`, which has no link in it. What leads out, is no plain file, or is too long is
 * refused.
 */
export async function readInside(root: string, path: string, bytesMax: number): Promise<TextInside> {
  const real = await realpath(join(root, path)).catch(reasonOf)
  if (typeof real !== 'string')
    return real.code === 'ENOENT' || real.code === 'ENOTDIR'
      ? { kind: 'absent' }
      : refused(path, `it can't be read (${real.code})`)
  if (!isInside(root, real)) return refused(path, 'it leads out of the workspace')

  // Without waiting for whoever might write into a pipe, and never through a link put there since.
  const handle = await open(
    real,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  ).catch(reasonOf)
  if ('code' in handle) return refused(path, `it can't be read (${handle.code})`)
  try {
    if (!(await handle.stat()).isFile()) return refused(path, 'it is no plain file')
    const bytes = Buffer.alloc(bytesMax + 1)
    let size = 0
    while (size <= bytesMax) {
      const { bytesRead } = await handle.read(bytes, size, bytes.length - size)
      if (bytesRead === 0) break
      size += bytesRead
    }
    if (size > bytesMax) return refused(path, `it is longer than ${bytesMax} bytes`)
    return { kind: 'text', text: new TextDecoder('utf-8').decode(bytes.subarray(0, size)) }
  } finally {
    await handle.close()
  }
}

function refused(path: string, why: string): TextInside {
  return { kind: 'refused', why: `${path} was not read: ${why}.` }
}

function reasonOf(error: unknown): { readonly code: string } {
  return { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' }
}
