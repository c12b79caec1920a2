import type { Call, Line, Result } from '../../../protocol/model.ts'

/** One call that was made, and what came of it, if anything yet. */
export interface Deed {
  readonly call: Call
  readonly result: Result | null
}

/** What the lines say about the work at hand: the goal, and what was done towards it so far. */
export interface Conversation {
  readonly goal: string
  readonly deeds: readonly Deed[]
}

/** Reads the last chapter of a conversation: what a person said after the previous end, and all since. */
export function readConversation(lines: readonly Line[]): Conversation {
  const chapter = lines.slice(chapterStart(lines))
  const words = chapter.flatMap((line) => (line.role === 'user' ? [line.text] : []))
  return { goal: words.length > 0 ? words.join('\n') : goalInSummary(lines), deeds: deedsIn(chapter) }
}

/** Where `digest` writes the goal, and where it is found again when the person's own line is gone. */
export const GOAL_LABEL = 'The goal: '

function goalInSummary(lines: readonly Line[]): string {
  for (const line of lines) {
    if (line.role !== 'note' || line.source !== 'summary') continue
    const row = line.text.split('\n').find((text) => text.startsWith(GOAL_LABEL))
    if (row) return row.slice(GOAL_LABEL.length)
  }
  return ''
}

/** What was seen before an end may have changed since, so a person's next words begin afresh. */
function chapterStart(lines: readonly Line[]): number {
  let start = 0
  let hasEnded = false
  for (const [index, line] of lines.entries()) {
    if (line.role === 'tool' && line.tool === 'attempt_completion' && line.result.kind === 'ok')
      hasEnded = true
    if (line.role === 'agent' && line.calls.length === 0) hasEnded = true
    if (line.role === 'user' && hasEnded) {
      start = index
      hasEnded = false
    }
  }
  return start
}

function deedsIn(lines: readonly Line[]): readonly Deed[] {
  const deeds: { call: Call; result: Result | null }[] = []
  for (const line of lines) {
    if (line.role === 'agent') deeds.push(...line.calls.map((call) => ({ call, result: null })))
    if (line.role !== 'tool') continue
    // A continued task brings old lines along, whose ids may repeat: the latest that still waits is meant.
    const deed = deeds.findLast(({ call, result }) => call.id === line.callId && result === null)
    if (deed) deed.result = line.result
  }
  return deeds
}

/** The deeds of one tool, in order. */
export function deedsOf(deeds: readonly Deed[], tool: string): readonly Deed[] {
  return deeds.filter(({ call }) => call.tool === tool)
}

/** One field of a call's input, when it is text. */
export function inputText(
  { call }: { readonly call: { readonly input: unknown } },
  key: string,
): string | null {
  const { input } = call
  if (typeof input !== 'object' || input === null || !(key in input)) return null
  const value: unknown = Reflect.get(input, key)
  return typeof value === 'string' ? value : null
}

/** What a call answered in words; `null` when it failed or has not answered. */
export function outputText({ result }: Deed): string | null {
  return result?.kind === 'ok' && typeof result.output === 'string' ? result.output : null
}
