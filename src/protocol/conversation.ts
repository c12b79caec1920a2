import type { ChartFact, Fact } from './journal.ts'
import type { Line, Reply, Result } from './model.ts'
import type { TaskSpec } from './task.ts'

/** What was said, as the model is shown it. A fold of the journal too, but one that no chart carries. */
export interface Conversation {
  readonly lines: readonly Line[]
  hear(fact: Fact): void
}

export function createConversation({ message, notes }: TaskSpec): Conversation {
  const opening: Line[] = [{ role: 'user', text: message }]
  if (notes !== null) opening.unshift({ role: 'note', source: 'workspace', text: notes })
  let lines = [...opening]
  /** Calls of the last reply without an answer, and what the user said when allowing them. */
  const open = new Map<string, string>()
  let remarks: Line[] = []

  function close(callId: string, result: Result): void {
    lines.push({ role: 'tool', callId, tool: open.get(callId) ?? '', result })
    open.delete(callId)
    if (open.size > 0) return
    // Nothing may stand between a reply and the answers to its calls: what the user remarked comes after
    // them.
    lines.push(...remarks)
    remarks = []
  }

  return {
    get lines() {
      return lines
    },
    hear(fact) {
      if (fact.type === 'model.replied') {
        for (const { id, tool } of fact.reply.calls) open.set(id, tool)
        lines.push(...linesOfReply(fact.turn, fact.reply))
      } else if (fact.type === 'conversation.summarised') {
        const words = linesUpTo(lines.slice(opening.length), fact.turn).filter(({ role }) => role === 'user')
        const summary: Line = { role: 'note', source: 'summary', text: fact.text }
        // What the user said is never told in short.
        lines = [...opening, ...words, summary, ...linesAfter(lines, fact.turn)]
      } else if ('callId' in fact) {
        const result = resultIn(fact)
        if (result && open.has(fact.callId)) close(fact.callId, result)
        else if (fact.type === 'call.approved' && fact.note) remarks.push({ role: 'user', text: fact.note })
      }
    },
  }
}

/** The lines that a summary up to `turn` stands for. */
export function linesUpTo(lines: readonly Line[], turn: number): readonly Line[] {
  return lines.slice(0, lines.length - linesAfter(lines, turn).length)
}

function linesAfter(lines: readonly Line[], turn: number): readonly Line[] {
  const first = lines.findIndex((line) => line.role === 'agent' && line.turn > turn)
  return first === -1 ? [] : lines.slice(first)
}

function linesOfReply(turn: number, { text, calls, stop }: Reply): Line[] {
  const said: Line = { role: 'agent', turn, text, calls }
  // Whoever is asked again after a reply without calls is told why; after a last word nobody is.
  return calls.length > 0 ? [said] : [said, { role: 'note', source: 'runtime', text: nudge(text, stop) }]
}

function nudge(text: string, stop: Reply['stop']): string {
  if (stop === 'length') return 'Your reply was cut off at your output limit. Go on, in smaller steps.'
  if (text.trim() === '') return 'Your reply was empty. Call a tool, or end with attempt_completion.'
  return 'The task is not done: steps are open, or `data` is owed. Go on, and end with attempt_completion.'
}

/** What the model is told of a call: its result, or why there is none. */
function resultIn(fact: ChartFact & { callId: string }): Result | null {
  switch (fact.type) {
    case 'call.ended':
    case 'call.reconciled':
      return fact.result
    case 'call.told':
      return { kind: 'ok', output: fact.text }
    case 'call.refused':
      return { kind: 'failed', code: 'call/refused', message: fact.note }
    case 'call.checked':
      if (fact.verdict.verdict !== 'deny') return null
      return { kind: 'failed', code: 'call/denied', message: fact.verdict.why }
    default:
      return null
  }
}
