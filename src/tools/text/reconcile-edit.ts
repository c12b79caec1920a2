import { toFailure } from '../../errors.ts'
import type { FileContent, Files } from '../../host.ts'
import type { Result } from '../../protocol/model.ts'
import { readKnown, textOf } from '../read-file.ts'
import { stampOf } from '../read-stamps.ts'
import { failed, type ReconcileContext } from '../tool.ts'
import { type Edit, inItsLineEndings } from './edit.ts'
import { encoded, onOneLine } from './encoding.ts'

/** How many characters are hashed at most to find the place where an edit was made. */
const CHARACTERS_HASHED_MAX = 32 * 1024 * 1024

/**
 * Says by the file what became of an edit that was cut off. The hash of what the task had read is proof: the
 * file has it still, or has it again with the edit taken back. Else the texts tell what they can.
 */
export async function reconcileEdit(files: Files, edit: Edit, context: ReconcileContext): Promise<Result> {
  const cutOff = `The edit of ${onOneLine(edit.path)} was cut off`
  try {
    const content = await readKnown(files, edit.path, { signal: new AbortController().signal })
    const known = stampOf(context, content.path)
    if (known === content.hash)
      return failed('tool/not-done', `${cutOff} before it was done: the file is as you read it.`)
    const { text } = textOf(content)
    const told = toldBy(text, edit)
    if (told === 'done' || (known !== null && cameFrom(known, { files, content, edit })))
      return { kind: 'ok', output: `Edited ${onOneLine(content.path)} (found done after an interruption).` }
    if (told === 'not done')
      return failed('tool/not-done', `${cutOff}, and it is not done: old_text is there, new_text is not.`)
    const why = 'The file does not tell whether it was done. Read it before you edit it again.'
    return { kind: 'unknown', message: `${cutOff}. ${why}` }
  } catch (error) {
    const why = `It can't be seen whether it was done: ${toFailure(error).message}`
    return { kind: 'unknown', message: `${cutOff}. ${why}` }
  }
}

/** What the texts alone say. Where one holds the other, finding it says nothing. */
function toldBy(text: string, edit: Edit): 'done' | 'not done' | 'nothing' {
  const { oldText, newText } = inItsLineEndings(edit, text)
  if (newText === '' || newText.includes(oldText) || oldText.includes(newText)) return 'nothing'
  const [hasOld, hasNew] = [text.includes(oldText), text.includes(newText)]
  if (hasOld === hasNew) return 'nothing'
  return hasNew ? 'done' : 'not done'
}

interface Found {
  readonly files: Files
  readonly content: FileContent
  readonly edit: Edit
}

/** Whether the edit, taken back somewhere, gives the content with that hash. */
function cameFrom(hash: string, { files, content, edit }: Found): boolean {
  const { text, encoding } = textOf(content)
  let left = CHARACTERS_HASHED_MAX
  for (const before of textsBefore(text, edit)) {
    left -= before.length
    if (left < 0) return false
    const bytes = encoded(before, encoding)
    if (bytes && files.hashOf(bytes) === hash) return true
  }
  return false
}

/** What a file may have held before the edit. */
function* textsBefore(text: string, edit: Edit): Generator<string> {
  for (const { oldText, newText } of spellings(text, edit)) {
    if (edit.replace_all && newText !== '') yield text.split(newText).join(oldText)
    for (const place of placesOf(newText, text))
      yield text.slice(0, place) + oldText + text.slice(place + newText.length)
  }
}

/** An old text that is gone may have stood there in the file's line endings, or in those it was given in. */
function spellings(text: string, edit: Edit): readonly { oldText: string; newText: string }[] {
  const converted = inItsLineEndings(edit, text)
  const asGiven = { oldText: edit.old_text, newText: converted.newText }
  return converted.oldText === asGiven.oldText ? [converted] : [converted, asGiven]
}

/** Where a text stands. An empty one stands everywhere; where lines begin and end is likely. */
function* placesOf(wanted: string, text: string): Generator<number> {
  if (wanted !== '') {
    for (let place = text.indexOf(wanted); place >= 0; place = text.indexOf(wanted, place + 1)) yield place
    return
  }
  let start = 0
  for (const line of text.split('\n')) {
    yield start
    yield start + line.replace(/\r$/, '').length
    start += line.length + 1
  }
}
