import { Bug } from '../errors.ts'
import type { Clock, Store } from '../host.ts'
import type { Entry, Fact } from '../protocol/journal.ts'
import type { Line } from '../protocol/model.ts'
import type { Outcome, TaskSpec } from '../protocol/task.ts'
import type { Awake } from './awake.ts'

export interface Inbox {
  /** Writes the task's birth, with what was said before it. */
  create(spec: TaskSpec, before?: readonly Line[]): Promise<void>
  /**
   * Writes the fact, then lets it be heard; false when the task had ended before. Rejects when the journal
   * would not take it.
   */
  post(fact: Fact): Promise<boolean>
  /** Posts the fact that begins a run; what follows is written under the run's own token. */
  begin(type: 'task.started' | 'task.resumed'): Promise<void>
  /** Posts the last fact. What is posted after it is dropped: the end is the end. */
  end(outcome: Outcome): Promise<void>
  /** Resolves once everything posted so far has been heard or refused. */
  settled(): Promise<void>
  /** Nothing is on its way into the journal now. */
  isQuiet(): boolean
}

export interface InboxPlan {
  readonly taskId: string
  readonly store: Store
  readonly clock: Clock
  readonly awake: Awake
  /** The last entry already in the journal, if there is one. */
  readonly last: Entry | null
  /** What it is written under from now on. Absent: what the last entry was. */
  readonly runId?: number
  /**
   * `durable`: it is, and is heard by all. `early`: it is not yet, and only the task may hear it. `kept`: it
   * was heard early and has become durable, so that whoever watches may know.
   */
  readonly hear: (entry: Entry, how: 'durable' | 'early' | 'kept') => void
  /**
   * Whether a fact may be heard early: nothing that follows from it changes anything in the world, and it is
   * durable before anything else follows. Absent: none may.
   */
  readonly isHarmless?: (fact: Fact) => boolean
  /** The journal has refused us: somebody else has the task, or the store is gone. Called once. */
  readonly lost: (error: unknown) => void
}

/**
 * The only way into a task. Every fact takes a number here, becomes durable, and is heard, in that order.
 *
 * I1  Heard in the order of `seq`, each once; nothing else calls `hear`. What is heard early waits for all
 *     before it, and all behind it wait until it is durable.
 * I2  `at` never goes back, whatever the wall clock does.
 * I3  After a refusal nothing is written or heard any more.
 * I4  `task.ended` is the last fact.
 * I5  A fact never changes: it is frozen before anyone else sees it.
 * I6  Each fact says how much sleep was noticed until then, and never more of it than there was time.
 */
export function createInbox(plan: InboxPlan): Inbox {
  const { taskId, store, last } = plan
  const number = numbering(last, plan.clock, plan.awake)
  const hearing = hearingInOrder(plan)
  const births = writingOfBirth()
  let runId = plan.runId ?? last?.runId ?? 0
  let hasEnded = false

  async function append(fact: Fact, previousRunId = runId): Promise<boolean> {
    if (hasEnded) return false
    const refusal = hearing.refusal()
    if (refusal) throw refusal.error as Error
    const entry = number(taskId, runId, fact)
    const write = async () => store.append(entry, previousRunId)
    await hearing.keep(entry, () => births.before(write))
    return true
  }

  return {
    create(spec, before = []) {
      const birth = { type: 'task.created', spec, ...(before.length > 0 && { before }) } as const
      const entry = number(taskId, runId, birth)
      const written = hearing.keep(entry, async () => store.create(entry))
      births.begin(written)
      return written
    },
    post: append,
    async begin(type) {
      const previous = runId
      runId += 1
      await append({ type, runId }, previous)
    },
    async end(outcome) {
      const ending = append({ type: 'task.ended', outcome })
      hasEnded = true
      await ending
    },
    settled: hearing.settled,
    isQuiet: hearing.isQuiet,
  }
}

/** What was said earlier is heard earlier, whichever becomes durable first (I1, I3). */
function hearingInOrder({ last, hear, isHarmless, lost }: InboxPlan) {
  let heard = last?.seq ?? 0
  let refusal: { readonly error: unknown } | null = null
  let latest: Promise<void> = Promise.resolve()
  let underWay = 0

  async function keepAfter(before: Promise<void>, entry: Entry, write: () => Promise<void>): Promise<void> {
    try {
      const writing = write()
      const isEarly = heard === entry.seq - 1 && isHarmless?.(entry.fact) === true
      // What is wrong with the writing is said where it is waited for.
      if (isEarly) writing.catch(() => {})
      if (isEarly) hearNext(entry, 'early')
      await writing
      await before.catch(() => {})
      if (refusal) return
      if (isEarly) hear(entry, 'kept')
      else hearNext(entry, 'durable')
    } catch (error) {
      const isFirst = refusal === null
      refusal ??= { error }
      if (isFirst) lost(error)
      throw error
    } finally {
      underWay -= 1
    }
  }

  function hearNext(entry: Entry, how: 'durable' | 'early'): void {
    if (entry.seq !== heard + 1) throw new Bug(`I1: fact ${entry.seq} came after ${heard}.`)
    heard = entry.seq
    hear(entry, how)
  }

  return {
    refusal: () => refusal,
    keep(entry: Entry, write: () => Promise<void>): Promise<void> {
      underWay += 1
      latest = keepAfter(latest, entry, write)
      return latest
    },
    isQuiet: () => underWay === 0,
    async settled(): Promise<void> {
      for (let seen: Promise<void> | null = null; seen !== latest; ) {
        seen = latest
        await seen.catch(() => {})
      }
    },
  }
}

/** A store takes nothing of a task that it does not know yet: until then what there is to write waits. */
function writingOfBirth() {
  let last: Promise<void> | null = null

  function begin(writing: Promise<void>): void {
    last = writing
    const over = () => {
      if (last === writing) last = null
    }
    writing.then(over, over)
  }

  return {
    begin,
    before(write: () => Promise<void>): Promise<void> {
      if (!last) return write()
      const writing = last.then(write)
      begin(writing)
      return writing
    },
  }
}

/** Gives each fact its number, its time, and how much of that the machine has slept (I2, I5, I6). */
function numbering(last: Entry | null, clock: Clock, awake: Awake) {
  let seq = last?.seq ?? 0
  let at = last?.fact.at ?? 0
  let asleepMs = last?.fact.asleepMs ?? 0
  let noticed = awake.asleepMs()
  return (taskId: string, runId: number, fact: Fact): Entry => {
    const before = { at, noticed }
    noticed = awake.asleepMs()
    at = Math.max(at, clock.now())
    seq += 1
    // A sleep that began before this task was known is not all its own.
    asleepMs += Math.min(noticed - before.noticed, before.at === 0 ? 0 : at - before.at)
    const heard = asleepMs > 0 ? { ...fact, at, asleepMs } : { ...fact, at }
    return frozen({ v: 1, taskId, seq, runId, fact: heard })
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
