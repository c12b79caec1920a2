import { opendir } from 'node:fs/promises'
import { locate } from './paths.ts'

/** More names in a directory are not looked at. */
const NAMES_MAX = 1_000

/** The names in a directory that are links, or no files at all. `null`: they are too many. */
export async function linksIn(root: string, path: string): Promise<readonly string[] | null> {
  const { absolute } = await locate(root, path)
  const found: string[] = []
  let count = 0
  for await (const entry of await opendir(absolute)) {
    count += 1
    if (count > NAMES_MAX) return null
    if (!entry.isFile() && !entry.isDirectory()) found.push(entry.name)
  }
  return found
}
