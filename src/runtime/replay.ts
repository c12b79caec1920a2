import { type Actor, createActor } from 'xstate'
import { Bug } from '../errors.ts'
import { taskMachine } from '../machines/task.ts'
import { type Conversation, createConversation } from '../protocol/conversation.ts'
import type { ChildReport } from '../protocol/delegation.ts'
import type { ChartFact, Entry, Fact, Heard, TaskCreated } from '../protocol/journal.ts'
import { EMPTY_TALLY, type Tally, tallied } from '../protocol/tally.ts'
import type { TaskSpec } from '../protocol/task.ts'

/**
 * State is the fold of the journal. The folding is done by the charts themselves with nothing plugged in, so
 * there is no second interpretation of what a fact means, and a call's chart comes out right too.
 */
export function replay(entries: readonly Entry[], machine = taskMachine): Actor<typeof taskMachine> {
  const actor = createActor(machine, { input: specIn(entries) }).start()
  for (const { fact } of entries) {
    // What was appended in the same batch as the end is in the journal too, and means nothing.
    if (actor.getSnapshot().status !== 'active') break
    if (isForChart(fact)) actor.send(fact)
  }
  return actor
}

/** A journal folded up: everything that is known of a task, and nothing that lives. */
export interface Folded {
  readonly spec: TaskSpec
  readonly actor: Actor<typeof taskMachine>
  readonly conversation: Conversation
  readonly tally: Tally
  /** What its tools have kept, by key. */
  readonly kept: Map<string, string> | null
  /** Those that worked for it and have ended. */
  readonly reports: readonly ChildReport[]
  readonly last: Entry
  /** The last run that began; 0: none has. */
  readonly begun: number
  /** Whether it takes a slot while it works. */
  readonly background: boolean
  hear(entry: Entry): void
}

/** Folds the whole of a journal, the conversation too. */
export function fold(entries: readonly Entry[]): Folded {
  const [birth] = entries
  if (!birth) throw new Bug('There is no journal to be folded.')
  const { spec, before } = birthIn(entries)
  const actor = createActor(taskMachine, { input: spec }).start()
  const conversation = createConversation(spec, before)
  let kept: Map<string, string> | null = null
  const reports: ChildReport[] = []
  let tally = EMPTY_TALLY
  let last = birth
  let begun = 0

  function hear(entry: Entry): void {
    const { fact } = entry
    const { context, status } = actor.getSnapshot()
    last = entry
    tally = tallied(tally, fact)
    conversation.hear(fact, context.news)
    if (fact.type === 'child.ended') reports.push(fact.report)
    kept = keptWith(kept, fact)
    if (fact.type === 'task.started' || fact.type === 'task.resumed') begun = fact.runId
    if (isForChart(fact) && status === 'active') actor.send(fact)
  }

  for (const entry of entries) hear(entry)
  return {
    spec,
    actor,
    conversation,
    reports,
    hear,
    get kept() {
      return kept
    },
    get tally() {
      return tally
    },
    get last() {
      return last
    },
    get begun() {
      return begun
    },
    get background() {
      return actor.getSnapshot().context.isBackground
    },
  }
}

/** What a task's tools want to know again. Most keep nothing. */
export function keptWith(kept: Map<string, string> | null, fact: Fact): Map<string, string> | null {
  if (fact.type !== 'call.ended' || !fact.kept) return kept
  const all = kept ?? new Map<string, string>()
  for (const [key, text] of Object.entries(fact.kept)) all.set(key, text)
  return all
}

export function specIn(entries: readonly Entry[]): TaskSpec {
  return birthIn(entries).spec
}

function birthIn(entries: readonly Entry[]): TaskCreated {
  const birth = entries[0]?.fact
  if (birth?.type !== 'task.created') throw new Bug('A journal begins with `task.created`.')
  return birth
}

/**
 * A task's birth is its chart's input, and its end is what the chart came to: neither is an event of the
 * chart.
 */
export function isForChart(fact: Heard<Fact>): fact is Heard<ChartFact> {
  return fact.type !== 'task.created' && fact.type !== 'task.ended'
}
