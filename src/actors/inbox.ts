import { Bug } from '../errors.ts'
import type { Clock, Store } from '../host.ts'
import type { Entry, Fact } from '../protocol/journal.ts'
import type { Outcome, TaskSpec } from '../protocol/task.ts'

export interface Inbox {
  /** Writes the task's birth. */
  create(spec: TaskSpec): Promise<void>
  /** Writes the fact, then lets it be heard. Rejects when the journal would not take it. */
  post(fact: Fact): Promise<void>
  /** Posts the fact that begins a run; what follows is written under the run's own token. */
  begin(type: 'task.started' | 'task.resumed'): Promise<void>
  /** Posts the last fact. What is posted after it is dropped: the end is the end. */
  end(outcome: Outcome): Promise<void>
  /** Resolves once everything posted so far has been heard or refused. */
  settled(): Promise<void>
}

export interface InboxPlan {
  readonly taskId: string
  readonly store: Store
  readonly clock: Clock
  /** The last entry already in the journal, if there is one. */
  readonly last: Entry | null
  readonly hear: (entry: Entry) => void
  /** The journal has refused us: somebody else has the task, or the store is gone. Called once. */
  readonly lost: (error: unknown) => void
}

/**
 * The only way into a task. Every fact takes a number here, becomes durable, and is heard, in that order.
 *
 * I1  Heard in the order of `seq`, each once; nothing else calls `hear`.
 * I2  `at` never goes back, whatever the wall clock does.
 * I3  After a refusal nothing is written or heard any more.
 * I4  `task.ended` is the last fact.
 * I5  A fact never changes: it is frozen before anyone else sees it.
 */
export function createInbox({ taskId, store, clock, last, hear, lost }: InboxPlan): Inbox {
  const number = numbering(last, clock)
  let runId = last?.runId ?? 0
  let heard = last?.seq ?? 0
  let hasEnded = false
  let refusal: { readonly error: unknown } | null = null
  let latest: Promise<void> = Promise.resolve()

  async function keep(entry: Entry, write: () => Promise<void>): Promise<void> {
    try {
      await write()
      if (refusal) return
      if (entry.seq !== heard + 1) throw new Bug(`I1: fact ${entry.seq} came after ${heard}.`)
      heard = entry.seq
      hear(entry)
    } catch (error) {
      const isFirst = refusal === null
      refusal ??= { error }
      if (isFirst) lost(error)
      throw error
    }
  }

  function append(fact: Fact, previousRunId = runId): Promise<void> {
    if (hasEnded) return Promise.resolve()
    if (refusal) return Promise.reject(refusal.error as Error)
    const entry = number(taskId, runId, fact)
    latest = keep(entry, async () => store.append(entry, previousRunId))
    return latest
  }

  return {
    create(spec) {
      const entry = number(taskId, runId, { type: 'task.created', spec })
      return keep(entry, async () => store.create(entry))
    },
    post: append,
    begin(type) {
      const previous = runId
      runId += 1
      return append({ type, runId }, previous)
    },
    end(outcome) {
      const ending = append({ type: 'task.ended', outcome })
      hasEnded = true
      return ending
    },
    settled: () => latest.catch(() => {}),
  }
}

/** Gives each fact its number and its time (I2, I5). */
function numbering(last: Entry | null, clock: Clock) {
  let seq = last?.seq ?? 0
  let at = last?.fact.at ?? 0
  return (taskId: string, runId: number, fact: Fact): Entry => {
    at = Math.max(at, clock.now())
    seq += 1
    return frozen({ v: 1, taskId, seq, runId, fact: { ...fact, at } })
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
