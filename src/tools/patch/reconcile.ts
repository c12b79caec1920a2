import { RuntimeError, toFailure } from '../../errors.ts'
import type { FileContent, Files } from '../../host.ts'
import type { Result } from '../../protocol/model.ts'
import { FILE_BYTES_MAX, textOf } from '../read-file.ts'
import { stampOf } from '../read-stamps.ts'
import { encoded, onOneLine } from '../text/encoding.ts'
import { failed, type ReconcileContext } from '../tool.ts'
import { fit } from './fit.ts'
import { type FilePatch, type Hunk, parsePatch } from './parse.ts'

type State = 'done' | 'not done' | 'unclear'

/** How many files of each kind are named. */
const NAMES_MAX = 20

/**
 * Says by the files what became of a patch that was cut off: whether its hunks still fit, or fit the other
 * way round, and, where the task had read a file, whether that gives what it read.
 */
export async function reconcilePatch(
  files: Files,
  patch: string,
  context: ReconcileContext,
): Promise<Result> {
  try {
    const all: { path: string; state: State }[] = []
    for (const file of parsePatch(patch))
      all.push({ path: onOneLine(file.path), state: await stateOf(files, file, context) })
    if (all.every(({ state }) => state === 'done'))
      return { kind: 'ok', output: 'The patch was applied (found done after an interruption).' }
    if (all.every(({ state }) => state === 'not done'))
      return failed('tool/not-done', 'The patch was cut off before it was applied; nothing was changed.')
    const found = (['done', 'not done', 'unclear'] as const).flatMap((state) => named(state, all))
    return {
      kind: 'unknown',
      message: `The patch was cut off and may be half done. ${found.join(' ')} Read these files before you go on; do not apply it again as it is.`,
    }
  } catch (error) {
    const why = toFailure(error).message
    return {
      kind: 'unknown',
      message: `The patch was cut off, and it can't be seen what became of it: ${why}`,
    }
  }
}

function named(state: State, all: readonly { path: string; state: State }[]): readonly string[] {
  const paths = all.filter((it) => it.state === state).map(({ path }) => path)
  if (paths.length === 0) return []
  const more = paths.length > NAMES_MAX ? ` and ${paths.length - NAMES_MAX} more` : ''
  return [`${state}: ${paths.slice(0, NAMES_MAX).join(', ')}${more}.`]
}

async function stateOf(files: Files, patch: FilePatch, context: ReconcileContext): Promise<State> {
  const old = await contentAt(files, patch.path)
  if (patch.kind === 'add') {
    if (old === null) return 'not done'
    return textOf(old).text === patch.lines.map((line) => `${line}\n`).join('') ? 'done' : 'unclear'
  }
  if (patch.kind === 'delete') return old === null ? 'done' : 'not done'
  if (patch.moveTo === null)
    return old === null ? 'unclear' : hunksIn(old, patch.hunks, { files, known: stampOf(context, old.path) })

  const target = await contentAt(files, patch.moveTo)
  if (old !== null && target === null) return 'not done'
  if (old !== null || target === null) return 'unclear'
  return hunksIn(target, patch.hunks, { files, known: null }) === 'not done' ? 'unclear' : 'done'
}

interface Known {
  readonly files: Files
  /** The hash of what the task had read. */
  readonly known: string | null
}

/**
 * A file as the task read it has nothing of the patch; one that the reversed hunks make that again has all of
 * it. Else the hunks fit before, or reversed after. Where both or neither do, nobody can say.
 */
function hunksIn(content: FileContent, hunks: readonly Hunk[], { files, known }: Known): State {
  if (known === content.hash) return 'not done'
  const { text, encoding } = textOf(content)
  const back = fitted(text, hunks.map(reversed))
  const bytes = typeof back === 'string' && encoded(back, encoding)
  if (bytes && files.hashOf(bytes) === known) return 'done'
  const [fits, fitsBack] = [fitted(text, hunks) !== false, back !== false]
  if (fits === fitsBack) return 'unclear'
  return fits ? 'not done' : 'done'
}

/** The text with the hunks in it. `true`: they fit in more than one place; `false`: in none. */
function fitted(text: string, hunks: readonly Hunk[]): string | boolean {
  try {
    return fit('', text, hunks)
  } catch (error) {
    if (RuntimeError.is(error)) return error.code === 'file/ambiguous'
    throw error
  }
}

function reversed(hunk: Hunk): Hunk {
  const turned = { '+': '-', '-': '+', ' ': ' ' } as const
  return { ...hunk, lines: hunk.lines.map(({ mark, text }) => ({ mark: turned[mark], text })) }
}

async function contentAt(files: Files, path: string): Promise<FileContent | null> {
  const { kind } = await files.locate(path)
  if (kind === 'absent') return null
  return files.read(path, { maxBytes: FILE_BYTES_MAX, signal: new AbortController().signal })
}
