import { RuntimeError, toFailure } from '../../errors.ts'
import type { Files } from '../../host.ts'
import type { Result } from '../../protocol/model.ts'
import { FILE_BYTES_MAX, textOf } from '../read-file.ts'
import { failed } from '../tool.ts'
import { fit } from './fit.ts'
import { type FilePatch, type Hunk, parsePatch } from './parse.ts'

type State = 'done' | 'not done' | 'unclear'

/** Says by the files what became of a patch that was cut off. */
export async function reconcilePatch(files: Files, patch: string): Promise<Result> {
  try {
    const states: State[] = []
    for (const file of parsePatch(patch)) states.push(await stateOf(files, file))
    if (states.every((state) => state === 'done'))
      return { kind: 'ok', output: 'The patch was applied (found done after an interruption).' }
    if (states.every((state) => state === 'not done'))
      return failed('tool/not-done', 'The patch was interrupted; nothing was changed.')
    return {
      kind: 'unknown',
      message: 'The patch was interrupted and may be half done. Read its files before you go on.',
    }
  } catch (error) {
    return {
      kind: 'unknown',
      message: `The patch was interrupted, and it can't be seen what became of it: ${toFailure(error).message}`,
    }
  }
}

async function stateOf(files: Files, patch: FilePatch): Promise<State> {
  const old = await textAt(files, patch.path)
  if (patch.kind === 'add') {
    if (old === null) return 'not done'
    return old === patch.lines.map((line) => `${line}\n`).join('') ? 'done' : 'unclear'
  }
  if (patch.kind === 'delete') return old === null ? 'done' : 'not done'
  if (patch.moveTo === null) return old === null ? 'unclear' : hunksIn(old, patch.hunks)

  const target = await textAt(files, patch.moveTo)
  if (old !== null && target === null) return 'not done'
  return old === null && target !== null && hunksIn(target, patch.hunks) !== 'not done' ? 'done' : 'unclear'
}

/** The hunks fit before, or their reverse fits after. Where both or neither do, nobody can say. */
function hunksIn(text: string, hunks: readonly Hunk[]): State {
  const before = fits(text, hunks)
  const after = fits(text, hunks.map(reversed))
  if (before === after) return 'unclear'
  return after ? 'done' : 'not done'
}

function fits(text: string, hunks: readonly Hunk[]): boolean {
  try {
    fit('', text, hunks)
    return true
  } catch (error) {
    if (RuntimeError.is(error)) return false
    throw error
  }
}

function reversed(hunk: Hunk): Hunk {
  const turned = { '+': '-', '-': '+', ' ': ' ' } as const
  return { ...hunk, lines: hunk.lines.map(({ mark, text }) => ({ mark: turned[mark], text })) }
}

async function textAt(files: Files, path: string): Promise<string | null> {
  const { kind } = await files.locate(path)
  if (kind === 'absent') return null
  return textOf(await files.read(path, { maxBytes: FILE_BYTES_MAX, signal: new AbortController().signal }))
    .text
}
