import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** A small text of the workspace, or why it is not taken. */
export type TextInside =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string; readonly reason: string }

/**
 * Reads a text below `root`, which has no link in it. What is a link, is no plain file, or is too long is
 * refused: a link would have another file read in its name, which may be a secret.
 */
export async function readInside(root: string, path: string, bytesMax: number): Promise<TextInside> {
  const real = await realpath(join(root, path)).catch(reasonOf)
  if (typeof real !== 'string')
    return real.code === 'ENOENT' || real.code === 'ENOTDIR'
      ? { kind: 'absent' }
      : refused(path, `it can't be read (${real.code})`)
  if (real !== join(root, path)) return refused(path, 'it is a link, or lies behind one')

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

function refused(path: string, reason: string): TextInside {
  return { kind: 'refused', why: `${path} was not read: ${reason}.`, reason }
}

function reasonOf(error: unknown): { readonly code: string } {
  return { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' }
}
