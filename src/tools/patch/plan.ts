import { RuntimeError } from '../../errors.ts'
import type { FileContent, Files } from '../../host.ts'
import { readKnown, textOf } from '../read-file.ts'
import { encode, onOneLine } from '../text/encoding.ts'
import { fit } from './fit.ts'
import type { FilePatch } from './parse.ts'

/** One file's change, checked and ready to be done or undone. */
export interface Step {
  readonly path: string
  /** `null`: it is not there. */
  readonly before: FileContent | null
  /** `null`: it is gone afterwards. */
  readonly after: Uint8Array | null
}

/** All that a patch would do, and a line for each file that says so. */
export interface Plan {
  readonly steps: readonly Step[]
  readonly report: readonly string[]
}

/** Checks a whole patch against the files as they are. Throws before anything is changed. */
export async function planPatch(
  files: Files,
  patches: readonly FilePatch[],
  signal: AbortSignal,
): Promise<Plan> {
  const steps: Step[] = []
  const report: string[] = []
  for (const patch of patches) {
    const { steps: more, line } = await planFile(files, patch, signal)
    steps.push(...more)
    report.push(line)
  }
  const paths = steps.map(({ path }) => path)
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined) {
    const message = `The patch names ${onOneLine(twice)} twice. Put all its hunks under one "*** Update File". Nothing was changed.`
    throw new RuntimeError('patch/malformed', message)
  }
  // Removals come last, so that a write that fails leaves nothing to be made anew.
  return { steps: steps.toSorted((a, b) => Number(a.after === null) - Number(b.after === null)), report }
}

async function planFile(
  files: Files,
  patch: FilePatch,
  signal: AbortSignal,
): Promise<{ steps: readonly Step[]; line: string }> {
  if (patch.kind === 'add') {
    const path = await freePath(files, patch.path)
    const after = new TextEncoder().encode(patch.lines.map((line) => `${line}\n`).join(''))
    return { steps: [{ path, before: null, after }], line: `A ${onOneLine(path)}` }
  }
  const before = await readKnown(files, patch.path, signal)
  const path = before.path
  if (patch.kind === 'delete') return { steps: [{ path, before, after: null }], line: `D ${onOneLine(path)}` }

  const after = patch.hunks.length > 0 ? patched(before, patch.hunks) : before.bytes
  if (patch.moveTo === null) return { steps: [{ path, before, after }], line: `M ${onOneLine(path)}` }
  const target = await freePath(files, patch.moveTo)
  return {
    steps: [
      { path: target, before: null, after },
      { path, before, after: null },
    ],
    line: `R ${onOneLine(path)} -> ${onOneLine(target)}`,
  }
}

function patched(before: FileContent, hunks: Parameters<typeof fit>[2]): Uint8Array {
  const { text, encoding } = textOf(before)
  return encode(fit(onOneLine(before.path), text, hunks), encoding)
}

async function freePath(files: Files, asked: string): Promise<string> {
  const { path, kind } = await files.locate(asked)
  if (kind === 'absent') return path
  const message = `The patch would make ${onOneLine(path)}, which exists. Use "*** Update File" to change it. Nothing was changed.`
  throw new RuntimeError('patch/no-match', message)
}
