import { flawOfRepository, REPOSITORY_PATHS } from '../../boundary/commands/repository.ts'
import type { KnownPlace } from '../../boundary/files/places.ts'
import { RuntimeError } from '../../errors.ts'
import type { Files } from '../../host.ts'

const CONFIG_BYTES_MAX = 64 * 1024
const INDEX_BYTES_MAX = 8 * 1024 * 1024
const HEAD_BYTES_MAX = 1024

/** Says why git may not read the workspace unasked, or `null`. Contract: never rejects. */
export async function lookAtRepository(files: Files): Promise<string | null> {
  try {
    const places = new Map<string, KnownPlace | 'outside'>()
    for (const path of REPOSITORY_PATHS) places.set(path, await placeOf(files, path))
    const [config, head, index] = await Promise.all([
      bytesOf(files, '.git/config', CONFIG_BYTES_MAX),
      bytesOf(files, '.git/HEAD', HEAD_BYTES_MAX),
      bytesOf(files, '.git/index', INDEX_BYTES_MAX),
    ])
    return flawOfRepository({ places, config: textOf(config), head: textOf(head), index })
  } catch {
    return 'the repository could not be looked at'
  }
}

/** Where a path leads; `outside` when it leads out of the workspace. */
export async function placeOf(files: Files, path: string): Promise<KnownPlace | 'outside'> {
  try {
    return await files.locate(path)
  } catch (error) {
    if (RuntimeError.is(error) && error.code === 'file/outside') return 'outside'
    throw error
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

async function bytesOf(files: Files, path: string, maxBytes: number): Promise<Uint8Array | null> {
  const options = { maxBytes, signal: new AbortController().signal }
  return files.read(path, options).then(
    ({ bytes }) => bytes,
    () => null,
  )
}
