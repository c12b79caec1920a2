import type { TaskRecord } from '../../host.ts'
import type { Entry } from '../../protocol/journal.ts'
import type { Call, Line } from '../../protocol/model.ts'
import { inWords } from '../../errors.ts'
import { fold } from '../../runtime/replay.ts'
import { conversationRows } from '../one-task/conversation-rows.ts'
import { boundaryLines } from '../requests/boundary-words.ts'
import { safeLine } from '../safe-text.ts'
import { labelledRows } from '../tasks/page.ts'
import { textRows } from '../terminal/request-rows.ts'
import { type Row, span } from '../terminal/style.ts'

/** A task that has not ended, and all that it came to. */
export interface Unfinished {
  readonly record: TaskRecord
  readonly entries: readonly Entry[]
}

/** Everything of those tasks that would count again once they are resumed. What is the same is shown once. */
export function unfinishedRows(tasks: readonly Unfinished[], columns: number): readonly Row[] {
  const shown = new Map<string, string>()
  return tasks.flatMap((task) => {
    const { instructions, id } = task.record.spec
    const before = shown.get(instructions)
    if (before === undefined) shown.set(instructions, id)
    return [...oneRows(task, before ?? null, columns), []]
  })
}

function oneRows({ record, entries }: Unfinished, sameAs: string | null, columns: number): readonly Row[] {
  const { id, parent, agent, title, message, instructions, model, tools, boundary } = record.spec
  const label = (name: string, lines: readonly string[]) => labelledRows(name, lines.map(safeLine), columns)
  const limits = boundaryLines(boundary)
  return [
    [span(safeLine(title), 'strong'), span(`  ${safeLine(id)}`, 'faint')],
    ...(parent === null ? [] : label('works for', [parent])),
    ...label('agent', [`${agent}, with the model ${model.name}`]),
    ...label('tools', [tools.join(', ')]),
    // A task that somebody else began: that nothing limits it must be seen.
    ...label('boundary', limits.length > 0 ? limits : ['no limits of its own']),
    ...textRows('message', message, columns),
    ...(sameAs === null
      ? textRows('instructions', instructions, columns)
      : label('instructed', [`in exactly the words of ${sameAs}, above`])),
    [span('  what was said since', 'faint')],
    ...saidRows(entries, agent, columns),
    ...allowedRows(entries, columns),
  ]
}

function saidRows(entries: readonly Entry[], agent: string, columns: number): readonly Row[] {
  try {
    return conversationRows(said(entries), { columns, agent, isFull: true })
  } catch (error) {
    return labelledRows('damage', [safeLine(`Its journal can't be followed: ${inWords(error)}`)], columns)
  }
}

/** The message it was started with is shown above. */
function said(entries: readonly Entry[]): readonly Line[] {
  return fold(entries).conversation.lines
}

/**
 * Nobody here has said yes to it. Where a person there has, the task is ended when the store is taken over.
 */
function allowedRows(entries: readonly Entry[], columns: number): readonly Row[] {
  const calls = allowedCalls(entries)
  return calls.flatMap(({ tool, input }) => [
    [span(`  ! ${safeLine(tool)} was allowed there, and is not done yet`, 'caution')],
    ...textRows('input', JSON.stringify(input, null, 2), columns),
  ])
}

/** Calls that may be done, by what the journal says, and of which it tells no end. */
export function allowedCalls(entries: readonly Entry[]): readonly Call[] {
  const open = new Map<string, Call>()
  const allowed = new Map<string, Call>()
  for (const { fact } of entries) {
    if (fact.type === 'model.replied') {
      for (const call of fact.reply.calls) open.set(call.id, call)
      continue
    }
    if (!('callId' in fact)) continue
    const call = open.get(fact.callId)
    const isYes =
      fact.type === 'call.approved' || (fact.type === 'call.checked' && fact.verdict.verdict === 'allow')
    if (call && isYes) allowed.set(fact.callId, call)
    if (fact.type === 'call.ended' || fact.type === 'call.reconciled') allowed.delete(fact.callId)
  }
  return [...allowed.values()]
}
