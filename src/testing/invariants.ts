import type { Entry } from '../protocol/journal.ts'
import { replay } from '../runtime/replay.ts'
import { pathOf } from '../runtime/result.ts'

/** A promise that a journal can be held to: what it says, and where the journal breaks it. */
export interface Invariant {
  readonly name: string
  /** Contract: `null`, or what is wrong, in words. `entries` is one task's journal from its birth. */
  readonly broken: (entries: readonly Entry[]) => string | null
}

/** What every journal of every task keeps, at every moment. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'facts are numbered from 1 without a gap, and time never goes back',
    broken: (entries) => {
      const wrong = entries.findIndex(({ seq, fact }, index) => {
        const before = entries[index - 1]
        return seq !== index + 1 || (before !== undefined && fact.at < before.fact.at)
      })
      return wrong === -1 ? null : `the entry after ${wrong} has number ${entries[wrong]?.seq}`
    },
  },
  {
    name: 'L7: a task ends once, and nothing comes after its end',
    broken: (entries) => {
      const first = entries.findIndex(({ fact }) => fact.type === 'task.ended')
      return first === -1 || first === entries.length - 1 ? null : `facts follow its end at ${first + 1}`
    },
  },
  {
    name: 'T2: every call is answered at most once',
    broken: (entries) => twice(entries.flatMap(({ fact }) => (isAnswer(fact) ? [fact.callId] : []))),
  },
  {
    name: 'T7: no turn is paid for twice',
    broken: (entries) =>
      twice(entries.flatMap(({ fact }) => (fact.type === 'model.replied' ? [fact.turn] : []))),
  },
  {
    name: 'T1: no turn comes after the limit',
    broken: (entries) => {
      const birth = entries[0]?.fact
      const limit = birth?.type === 'task.created' ? birth.spec.limits.maxTurns : 0
      const over = entries.find(({ fact }) => fact.type === 'model.replied' && fact.turn > limit)
      return over ? `entry ${over.seq} is a turn beyond ${limit}` : null
    },
  },
  {
    name: 'L6: an effect follows a durable intent',
    broken: (entries) => {
      const cleared = new Set<string>()
      for (const { seq, fact } of entries) {
        if (fact.type === 'call.approved') cleared.add(fact.callId)
        if (fact.type === 'call.checked' && fact.verdict.verdict === 'allow') cleared.add(fact.callId)
        const hasRun = fact.type === 'call.ended' && fact.result.kind === 'ok'
        if (hasRun && !cleared.has(fact.callId)) return `entry ${seq} is the result of a call nobody cleared`
      }
      return null
    },
  },
  {
    name: 'L2: the outcome that is told is the one that the journal folds to',
    broken: (entries) => {
      const last = entries.at(-1)?.fact
      if (last?.type !== 'task.ended') return null
      const { value } = replay(entries.slice(0, -1)).getSnapshot()
      return pathOf(value) === last.outcome.status
        ? null
        : `told ${last.outcome.status}, folded ${pathOf(value)}`
    },
  },
]

/** The invariants that a journal breaks, each with what is wrong. */
export function brokenInvariants(entries: readonly Entry[]): string[] {
  return INVARIANTS.flatMap(({ name, broken }) => {
    const wrong = broken(entries)
    return wrong === null ? [] : [`${name}: ${wrong}`]
  })
}

type Answered = Extract<Entry['fact'], { callId: string }>

function isAnswer(fact: Entry['fact']): fact is Answered {
  if (fact.type === 'call.checked') return fact.verdict.verdict === 'deny'
  return ['call.ended', 'call.refused', 'call.told', 'call.reconciled'].includes(fact.type)
}

function twice(ids: readonly (string | number)[]): string | null {
  const again = ids.find((id, index) => ids.indexOf(id) !== index)
  return again === undefined ? null : `${again} was answered twice`
}
