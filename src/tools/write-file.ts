import { z } from 'zod'
import { RuntimeError } from '../errors.ts'
import type { Files, FileStamp } from '../host.ts'
import { FILE_BYTES_MAX } from './read-file.ts'
import { noteStamp, stampOf } from './read-stamps.ts'
import { pathInput, strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { defineTool } from './tool.ts'

/** No larger than what can be read back, whatever the characters. */
const CONTENT_CHARACTERS_MAX = 3 * 1024 * 1024

/** Writes a whole file. What the task hasn't seen is never overwritten. */
export const writeFile = (files: Files) =>
  defineTool({
    name: 'write_file',
    description:
      'Writes a whole file, and makes the directories it needs. A file that exists must have been read with read_file in this ' +
      'task (else file/not-read), and must not have changed since (else file/changed: read it again). For a small change use edit_file.',
    input: strict({
      path: pathInput('File, relative to the workspace.'),
      content: z.string().max(CONTENT_CHARACTERS_MAX).describe('All of the new content.'),
    }),
    effect: 'idempotent',
    access: ({ path }) => ({ reads: [], writes: [path], command: null }),
    async execute({ path, content }, context) {
      const bytes = new TextEncoder().encode(content)
      const place = await files.locate(path)
      const expect = place.kind === 'file' ? stampOf(context, place.path) : 'absent'
      const stamp = await written(files, path, {
        bytes,
        expect,
        signal: context.signal,
        at: context.judgedAt(path),
      })
      noteStamp(context, stamp)
      return `Wrote ${onOneLine(stamp.path)} (${bytes.length} bytes, ${place.kind === 'absent' ? 'new' : 'replaced'}).`
    },
  })

interface Change {
  readonly bytes: Uint8Array
  /** `null`: there is a file that was never read. */
  readonly expect: string | null
  readonly signal: AbortSignal
  readonly at: string | null
}

async function written(files: Files, path: string, change: Change): Promise<FileStamp> {
  const { bytes, expect, signal, at } = change
  try {
    if (expect === null) throw notRead(path)
    return await files.write(path, bytes, { expect, signal, at })
  } catch (error) {
    if (!RuntimeError.is(error) || !['file/not-read', 'file/changed'].includes(error.code)) throw error
    // A call that is repeated after a crash finds its own work. To say "changed" then would be wrong.
    const current = await files.read(path, { maxBytes: FILE_BYTES_MAX, signal, at }).catch(() => null)
    if (current && isSame(current.bytes, bytes)) return current
    throw error
  }
}

/** The refusal to change what the task has not seen. */
export function notRead(path: string): RuntimeError {
  const message = `${onOneLine(path)} exists, and you have not read it in this task. Read it with read_file, then change it.`
  return new RuntimeError('file/not-read', message)
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
