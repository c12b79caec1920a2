import { RuntimeError } from '../../errors.ts'
import type { FileContent, Files } from '../../host.ts'
import { type Reading, readKnown, textOf } from '../read-file.ts'
import { encode, onOneLine } from '../text/encoding.ts'
import { fit } from './fit.ts'
import type { FilePatch } from './parse.ts'

/** One file's change, checked and ready to be done or undone. */
export interface Step {
  readonly path: string
  /** The real path at which it was judged. `null`: none was. */
  readonly at: string | null
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
  reading: Reading,
): Promise<Plan> {
  const steps: Step[] = []
  const report: string[] = []
  for (const patch of patches) {
    const { steps: more, line } = await planFile(files, patch, reading)
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
  reading: Reading,
): Promise<{ steps: readonly Step[]; line: string }> {
  if (patch.kind === 'add') {
    const free = await freePath(files, patch.path, reading)
    const after = new TextEncoder().encode(patch.lines.map((line) => `${line}\n`).join(''))
    return { steps: [{ ...free, before: null, after }], line: `A ${onOneLine(free.path)}` }
  }
  const before = await readKnown(files, patch.path, reading)
  const { path } = before
  const known = { path, at: path, before }
  if (patch.kind === 'delete') return { steps: [{ ...known, after: null }], line: `D ${onOneLine(path)}` }

  const after = patch.hunks.length > 0 ? patched(before, patch.hunks) : before.bytes
  if (patch.moveTo === null) return { steps: [{ ...known, after }], line: `M ${onOneLine(path)}` }
  const target = await freePath(files, patch.moveTo, reading)
  return {
    steps: [
      { ...target, before: null, after },
      { ...known, after: null },
    ],
    line: `R ${onOneLine(path)} -> ${onOneLine(target.path)}`,
  }
}

function patched(before: FileContent, hunks: Parameters<typeof fit>[2]): Uint8Array {
  const { text, encoding } = textOf(before)
  return encode(fit(onOneLine(before.path), text, hunks), encoding)
}

/** Where it leads elsewhere than it was judged, the host refuses to write there. */
async function freePath(
  files: Files,
  asked: string,
  { judgedAt }: Reading,
): Promise<Pick<Step, 'path' | 'at'>> {
  const { path, kind } = await files.locate(asked)
  const at = judgedAt?.(asked) ?? null
  if (kind === 'absent' || (at !== null && at !== path)) return { path, at }
  const message = `The patch would make ${onOneLine(path)}, which exists. Use "*** Update File" to change it. Nothing was changed.`
  throw new RuntimeError('patch/no-match', message)
}
