import { readdir, realpath } from 'node:fs/promises'
import { readInside } from '../file-inside.ts'

const FILES_MAX = 20
const BYTES_MAX = 65_536
const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]{0,100})\s*=\s*(.*)$/

/** The variables of the `.env` files of a workspace, each file by itself: what must not be told. */
export async function dotEnvOf(workspace: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const root = await realpath(workspace)
  const names = (await readdir(root).catch(() => [])).filter((name) => /^\.env(\.|$)|\.env$/.test(name))
  const files = await Promise.all(names.slice(0, FILES_MAX).map((name) => readInside(root, name, BYTES_MAX)))
  return files.flatMap((file) => (file.kind === 'text' ? [variablesIn(file.text)] : []))
}

function variablesIn(text: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const [, name, value = ''] = LINE.exec(line) ?? []
    if (name !== undefined) variables[name] = unquoted(value.trim())
  }
  return variables
}

/** Without quotes, or without a remark at the end. */
function unquoted(value: string): string {
  const [, inner] =
    /^(?:"(.*)"|'(.*)'|`(.*)`)\s*(?:#.*)?$/.exec(value)?.filter((it) => it !== undefined) ?? []
  return inner ?? value.replace(/\s+#.*$/, '')
}
