import { z } from 'zod'
import { RuntimeError, toFailure } from '../errors.ts'
import type { Files, FileStamp } from '../host.ts'
import type { Access } from '../protocol/boundary.ts'
import type { Result } from '../protocol/model.ts'
import { type FilePatch, parsePatch } from './patch/parse.ts'
import { planPatch, type Step } from './patch/plan.ts'
import { reconcilePatch } from './patch/reconcile.ts'
import { forgetStamp, noteStamp } from './read-stamps.ts'
import { strict } from './strict.ts'
import { onOneLine } from './text/encoding.ts'
import { defineTool } from './tool.ts'

const PATCH_CHARACTERS_MAX = 1024 * 1024

/** Changes several files at once, or none. */
export const applyPatch = (files: Files) =>
  defineTool({
    name: 'apply_patch',
    description:
      'Changes several files at once: all of it or nothing. Begins with "*** Begin Patch", ends with "*** End Patch". Between them, for ' +
      'each file, "*** Add File: path" and its lines with +, or "*** Delete File: path", or "*** Update File: path" (below it perhaps ' +
      '"*** Move to: path") and its hunks. A hunk begins with "@@", perhaps followed by a line that stands above the place, such as ' +
      '"@@ class A"; then about three lines of context with a leading space, old lines with -, new lines with +. No line numbers. ' +
      'Fails with patch/malformed, patch/no-match or file/ambiguous, naming file and hunk; then nothing was changed.',
    input: strict({
      patch: z
        .string()
        .min(1)
        .max(PATCH_CHARACTERS_MAX)
        .describe('The patch, from "*** Begin Patch" to "*** End Patch".'),
    }),
    effect: 'non_idempotent',
    access: ({ patch }) => accessOf(parsePatch(patch)),
    async execute({ patch }, context) {
      const { signal } = context
      const { steps, report } = await planPatch(files, parsePatch(patch), context)
      const written = await doAll(files, steps, signal)
      for (const { path, after } of steps) if (after === null) forgetStamp(context, path)
      for (const stamp of written) noteStamp(context, stamp)
      return `Applied the patch to ${report.length} ${report.length === 1 ? 'file' : 'files'}:\n${report.join('\n')}`
    },
    reconcile: ({ patch }, context): Promise<Result> => reconcilePatch(files, patch, context),
  })

function accessOf(patches: readonly FilePatch[]): Access {
  const writes = patches.flatMap((it) =>
    it.kind === 'update' && it.moveTo !== null ? [it.path, it.moveTo] : [it.path],
  )
  return { reads: patches.filter((it) => it.kind !== 'add').map((it) => it.path), writes, command: null }
}

/** Does every step, or puts back what was done and says why. */
async function doAll(
  files: Files,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<readonly FileStamp[]> {
  const done: { step: Step; stamp: FileStamp | null }[] = []
  for (const step of steps) {
    try {
      done.push({ step, stamp: await change(files, step, signal) })
    } catch (error) {
      const { code, message } = toFailure(error)
      const lost = await undo(files, done.toReversed())
      const state =
        lost.length === 0
          ? 'Nothing was changed: what had been written was put back.'
          : `These could not be put back; look at them: ${lost.map(onOneLine).join(', ')}.`
      const ours = RuntimeError.is(error) ? error.code : 'file/unavailable'
      throw new RuntimeError(
        ours,
        `The patch failed at ${onOneLine(step.path)} (${code}): ${message} ${state}`,
        { cause: error },
      )
    }
  }
  return done.flatMap(({ stamp }) => stamp ?? [])
}

async function change(
  files: Files,
  { path, at, before, after }: Step,
  signal: AbortSignal,
): Promise<FileStamp | null> {
  const expect = before?.hash ?? 'absent'
  if (after !== null) return files.write(path, after, { expect, signal, at })
  await files.remove(path, { expect, signal, at })
  return null
}

/** Also when the task is stopped: half a patch is worse than a moment more. Returns what is lost. */
async function undo(
  files: Files,
  done: readonly { step: Step; stamp: FileStamp | null }[],
): Promise<readonly string[]> {
  const { signal } = new AbortController()
  const lost: string[] = []
  for (const { step, stamp } of done) {
    const expect = stamp?.hash ?? 'absent'
    const work = step.before
      ? files.write(step.path, step.before.bytes, { expect, signal, at: step.at })
      : files.remove(step.path, { expect, signal, at: step.at })
    await work.catch(() => lost.push(step.path))
  }
  return lost
}
