import { type Actor, createActor } from 'xstate'
import { Bug } from '../errors.ts'
import { taskMachine } from '../machines/task.ts'
import type { ChartFact, Entry, Fact, Heard } from '../protocol/journal.ts'
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

export function specIn(entries: readonly Entry[]): TaskSpec {
  const birth = entries[0]?.fact
  if (birth?.type !== 'task.created') throw new Bug('A journal begins with `task.created`.')
  return birth.spec
}

/**
 * A task's birth is its chart's input, and its end is what the chart came to: neither is an event of the
 * chart.
 */
export function isForChart(fact: Heard<Fact>): fact is Heard<ChartFact> {
  return fact.type !== 'task.created' && fact.type !== 'task.ended'
}
