import { z } from 'zod'
import { RuntimeError } from '../errors.ts'
import type { Files } from '../host.ts'
import { readKnown, textOf } from './read-file.ts'
import { noteStamp, stampOf } from './read-stamps.ts'
import { pathInput, strict } from './strict.ts'
import { type Edit, inItsLineEndings } from './text/edit.ts'
import { encode, onOneLine } from './text/encoding.ts'
import { nearestLine } from './text/nearest-line.ts'
import { reconcileEdit } from './text/reconcile-edit.ts'
import { defineTool } from './tool.ts'
import { notRead } from './write-file.ts'

const TEXT_CHARACTERS_MAX = 1024 * 1024
const LINES_NAMED_MAX = 5
const LINE_CHARACTERS_MAX = 200

/** Replaces a piece of a file that the task has read. Line endings, BOM and encoding stay as they are. */
export const editFile = (files: Files) =>
  defineTool<Edit>({
    name: 'edit_file',
    description:
      'Replaces text in a file that was read with read_file in this task. "old_text" must be in the file exactly, with its ' +
      'indentation but without line numbers, and exactly once, unless "replace_all". Fails with file/no-match (names the closest line), ' +
      'file/ambiguous (give more of the lines around it), file/not-read, or file/changed (read it again).',
    input: strict({
      path: pathInput('File, relative to the workspace.'),
      old_text: z.string().min(1).max(TEXT_CHARACTERS_MAX).describe('The exact text to replace.'),
      new_text: z
        .string()
        .max(TEXT_CHARACTERS_MAX)
        .describe('What to put in its place. Empty takes the old text out.'),
      replace_all: z.boolean().default(false).describe('Whether to replace every occurrence.'),
    }),
    effect: 'non_idempotent',
    access: ({ path }) => ({ reads: [path], writes: [path], command: null }),
    async execute(edit, context) {
      const { signal } = context
      const content = await readKnown(files, edit.path, context)
      const path = onOneLine(content.path)
      const known = stampOf(context, content.path)
      if (known === null) throw notRead(content.path)
      if (known !== content.hash) {
        throw new RuntimeError(
          'file/changed',
          `${path} has changed since you read it. Read it again, then edit.`,
        )
      }
      const { text, encoding } = textOf(content)
      const { oldText, newText } = inItsLineEndings(edit, text)
      if (oldText === newText) throw new RuntimeError('tool/bad-input', 'old_text and new_text are the same.')

      const pieces = text.split(oldText)
      const count = pieces.length - 1
      if (count === 0) throw noMatch(path, text, edit.old_text)
      if (count > 1 && !edit.replace_all) throw ambiguous(path, pieces, oldText)

      const bytes = encode(pieces.join(newText), encoding)
      const options = { expect: content.hash, signal, at: content.path }
      noteStamp(context, await files.write(content.path, bytes, options))
      return `Edited ${path} (${count} ${count === 1 ? 'replacement' : 'replacements'}).`
    },
    reconcile: (edit, context) => reconcileEdit(files, edit, context),
  })

function noMatch(path: string, text: string, oldText: string): RuntimeError {
  const wanted = oldText.split('\n').find((line) => line.trim() !== '') ?? ''
  const found = nearestLine(wanted, text.split('\n'))
  const shown = found && onOneLine(found.text.replace(/\r$/, '')).slice(0, LINE_CHARACTERS_MAX)
  const hint = found ? `The closest line is ${found.line}: ${JSON.stringify(shown)}.` : 'No line is like it.'
  return new RuntimeError(
    'file/no-match',
    `old_text is not in ${path}. ${hint} Read the file and copy the text exactly.`,
  )
}

function ambiguous(path: string, pieces: readonly string[], oldText: string): RuntimeError {
  const lines: number[] = []
  let line = 1
  for (const piece of pieces.slice(0, LINES_NAMED_MAX)) {
    line += piece.split('\n').length - 1
    lines.push(line)
    line += oldText.split('\n').length - 1
  }
  const count = pieces.length - 1
  const where = `${lines.slice(0, count).join(', ')}${count > LINES_NAMED_MAX ? ', …' : ''}`
  const message = `old_text is in ${path} ${count} times (from lines ${where}). Give more of the lines around it, or replace_all.`
  return new RuntimeError('file/ambiguous', message)
}
