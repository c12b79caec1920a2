import type { Heard } from './journal.ts'
import type { Usage } from './model.ts'
import type { Todo } from './task.ts'

/** What a task has used and planned so far: a fold of its journal that decides nothing. */
export interface Tally {
  readonly facts: number
  readonly turns: number
  readonly usage: Usage
  readonly todos: readonly Todo[]
  readonly createdAt: number
  readonly lastAt: number
}

export const EMPTY_TALLY: Tally = {
  facts: 0,
  turns: 0,
  usage: { inputTokens: 0, outputTokens: 0 },
  todos: [],
  createdAt: 0,
  lastAt: 0,
}

export function tallied(tally: Tally, fact: Heard): Tally {
  const heard = { ...tally, facts: tally.facts + 1, lastAt: fact.at }
  switch (fact.type) {
    case 'task.created':
      return { ...heard, createdAt: fact.at }
    case 'model.replied':
      return { ...heard, turns: fact.turn, usage: plus(tally.usage, fact.reply.usage) }
    case 'conversation.summarised':
      return { ...heard, usage: plus(tally.usage, fact.usage) }
    case 'call.ended':
      return fact.todos ? { ...heard, todos: fact.todos } : heard
    default:
      return heard
  }
}

function plus(a: Usage, b: Usage): Usage {
  return { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens }
}
