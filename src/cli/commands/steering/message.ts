import { UsageError } from '../../../errors.ts'
import { refuseEnded } from '../../acting/ended.ts'
import { toEach } from '../../acting/orders.ts'
import type { Arguments } from '../../arguments.ts'
import { printError } from '../../output.ts'
import { readPrompt } from '../../run/prompt.ts'

/** Says something to a task, to be read before its next turn. */
export async function messageCommand(given: Arguments): Promise<number> {
  const [named, ...words] = given.words
  if (named === undefined)
    throw new UsageError('Which task? troupe message <id> "Leave the tests as they are."')
  const text = await textOf(words)
  return toEach(given, [named], async ({ runtime, task }) => {
    refuseEnded([task], task.id)
    await runtime.message(task.id, text)
    const when =
      task.status === 'paused' ? `when it goes on: troupe resume ${task.id}` : 'before its next turn.'
    return `Task ${task.id} reads it ${when}`
  })
}

/** Standard input is read only where it is meant: nobody waits for one that stays open by accident. */
async function textOf(words: readonly string[]): Promise<string> {
  const [text, ...more] = words
  if (text !== undefined && text !== '-') {
    if (more.length > 0)
      throw new UsageError(`The text is one argument; put it in quotes. What of "${more[0]}"?`)
    return text
  }
  const read = await readPrompt({
    words: ['-', ...more],
    example: 'troupe message <id> "Leave the tests as they are."',
    input: process.stdin,
    waiting: () => printError('Reading the text from standard input; close it (Ctrl-D) to go on.'),
    signal: new AbortController().signal,
  })
  return read ?? ''
}
