import { lineEndingOf } from './encoding.ts'

/** One piece of a file, and what is to stand in its place. */
export interface Edit {
  readonly path: string
  readonly old_text: string
  readonly new_text: string
  readonly replace_all: boolean
}

/** A model writes line feeds. In a file with CRLF they mean its line endings. */
export function inItsLineEndings(edit: Edit, text: string): { oldText: string; newText: string } {
  const convert = (it: string) => (lineEndingOf(text) === '\r\n' ? it.replace(/\r?\n/g, '\r\n') : it)
  const isThereAsGiven = text.includes(edit.old_text)
  return { oldText: isThereAsGiven ? edit.old_text : convert(edit.old_text), newText: convert(edit.new_text) }
}
