import type { Call, Line } from '../../protocol/model.ts'
import { GOAL_LABEL, inputText, readConversation } from './reading/conversation.ts'
import { count, plain } from './report/quote.ts'

const GOAL_CHARS_MAX = 2_000
const CALLS_MAX = 60
const CHARS_MAX = 12_000

/**
 * The conversation in short, told mechanically: the goal, and every call with what came of it. Contents are
 * left out.
 */
export function digest(lines: readonly Line[]): string {
  const { goal, deeds } = readConversation(lines)
  const shown = deeds.slice(-CALLS_MAX)
  const told = shown.map(({ call, result }) => {
    const end =
      result === null ? 'not answered' : result.kind === 'failed' ? `failed (${result.code})` : result.kind
    return `- ${call.tool} ${subjectOf(call)}: ${end}`
  })
  return [
    `${GOAL_LABEL}${plain(goal, GOAL_CHARS_MAX)}`,
    `Done so far: ${count(deeds.length, 'call')}${deeds.length > shown.length ? `, the last ${shown.length} of them` : ''}.`,
    ...told,
    'This is a list made by rules; what the calls answered is not repeated.',
  ]
    .join('\n')
    .slice(0, CHARS_MAX)
}

function subjectOf(call: Call): string {
  const subjects = ['path', 'pattern', 'command', 'message', 'glob'].map((key) => inputText({ call }, key))
  return plain(subjects.find((subject) => subject !== null) ?? '')
}
