/**
 * How a task stands by its journal, in few words: what a fixture keeps, and what its journal must fold to.
 */
import type { Entry } from '../../src/protocol/journal.ts'
import { fold } from '../../src/runtime/replay.ts'

export function standing(entries: readonly Entry[]) {
  const { actor, conversation, tally, kept, reports, begun, background } = fold(entries)
  const { status, value, context, output } = actor.getSnapshot()
  const { spec: _, ...memory } = context
  const said = conversation.lines.map((line) =>
    line.role === 'tool'
      ? `tool ${line.callId} ${line.tool} ${line.result.kind}`
      : `${line.role} ${textOf(line)}`,
  )
  const known = [...(kept?.keys() ?? [])].sort()
  const told = reports.map(({ taskId }) => taskId)
  const standing = { status, value, output, memory, said, tally, known, told, begun, background }
  // As it stands in a file.
  return JSON.parse(JSON.stringify(standing)) as unknown
}

const TEXT_CHARACTERS = 60
const textOf = ({ text }: { readonly text: string }) => text.slice(0, TEXT_CHARACTERS)
