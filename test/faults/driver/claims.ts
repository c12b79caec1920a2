/** What holds when everything has ended, however often the process was killed. Each gives what is wrong. */
import type { Entry, Fact } from '../../../src/protocol/journal.ts'
import { fold, type Folded } from '../../../src/runtime/replay.ts'
import { brokenInvariants } from '../../../src/testing/testing.ts'
import { CHILDREN, LEAD_TITLE, type NOTES } from '../world/plan.ts'
import { notes } from './lives.ts'
import { fileOf, type Record } from './record.ts'

type Claim = (record: Record) => readonly string[]

export function problemsOf(record: Record, cap: number): readonly string[] {
  return Object.entries({ ...CLAIMS, slots: (it: Record) => overCap(it, cap) }).flatMap(([name, claim]) =>
    claim(record).map((problem) => `${name}: ${problem}`),
  )
}

const CLAIMS: Readonly<{ [name: string]: Claim }> = {
  'nothing is lost': ({ tasks, journals }) => {
    const titles = tasks.map(({ spec }) => spec.title).toSorted()
    const wanted = [LEAD_TITLE, ...CHILDREN].toSorted()
    const wrong = unequal('tasks', titles, wanted)
    const statuses = [...journals.values()].map((entries) =>
      factsIn(entries, 'task.ended').map(({ outcome }) => outcome.status),
    )
    return [...wrong, ...statuses.flatMap((ends) => unequal('ends', ends, ['completed']))]
  },
  'journals keep their promises': ({ journals }) => [...journals.values()].flatMap(brokenInvariants),
  'turns are counted without gaps': ({ journals }) =>
    [...journals.values()].flatMap((entries) => {
      const turns = factsIn(entries, 'model.replied').map(({ turn }) => turn)
      return unequal(
        'turns',
        turns,
        turns.map((_, n) => n + 1),
      )
    }),
  'effects happen once': ({ directory }) => [
    ...unequal('mails', textsIn(directory, 'mails').toSorted(), ['mail-of-lead', 'mail-of-mailer']),
    ...unequal('payments', textsIn(directory, 'payments').toSorted(), ['payment', 'payment-of-helper']),
    ...unequal('deployments', textsIn(directory, 'deployments'), ['deployment']),
    ...unequal('command', notes(directory, 'side'), ['command-1']),
  ],
  'an idempotent effect is repeated under its own key': ({ directory }) => {
    const keys = [...new Set(notes(directory, 'stamps'))].map((line) => line.split(' ')[1] ?? '')
    return unequal('stamps', keys.toSorted(), ['stamp-of-helper', 'stamp-of-lead', 'stamp-of-stamper'])
  },
  'files are as meant': ({ directory }) =>
    unequal(
      'files',
      ['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((name) => fileOf(directory, name)),
      ['eins\n', 'zwei\n', 'three\n', 'four\n'],
    ),
  'an end is told once': (record) => {
    const ends = factsIn(leadOf(record), 'child.ended').map(({ report }) => report.title)
    const shown = record.asked.filter(({ role }) => role === LEAD_TITLE).map(({ told }) => told)
    const often = shown.filter((told) => Object.values(told).some((count) => count > 1))
    const last = CHILDREN.map((title) => shown.at(-1)?.[title])
    return [
      ...unequal('child.ended', ends.toSorted(), [...CHILDREN].toSorted()),
      ...unequal('told too often', often, []),
      ...unequal(
        'told at last',
        last,
        CHILDREN.map(() => 1),
      ),
    ]
  },
  'a message is told once': (record) => {
    const { lines } = fold(leadOf(record)).conversation
    const said = lines.filter((line) => line.role === 'user' && line.text === 'Be quick.')
    return unequal('messages', said.length, 1)
  },
  'no reply that arrived is asked for again': ({ asked, found, journals }) =>
    asked.flatMap(({ life, taskId, turn }) => {
      const last = found.find((it) => it.life === life)?.last[taskId] ?? 0
      const known = (journals.get(taskId) ?? []).filter(({ seq }) => seq <= last)
      const isPaid = factsIn(known, 'model.replied').some((it) => it.turn === turn)
      return isPaid ? [`turn ${turn} of ${taskId} in life ${life}`] : []
    }),
  'the time in which nobody lived is not running time': ({ found, killed, journals }) =>
    [...journals].flatMap(([taskId, entries]) =>
      entries.flatMap(({ seq, fact }) => {
        if (fact.type !== 'task.interrupted') return []
        const writer = found.findLast(({ last }) => (last[taskId] ?? 0) < seq)
        // A life writes this first. What comes later was written by somebody else, after that life.
        const isOwn = seq === (writer?.last[taskId] ?? 0) + 1
        const dead = (writer?.life ?? 0) - (isOwn ? 1 : 0)
        const diedAt = killed.find(({ life }) => life === dead)?.at ?? fact.at
        return fact.at > diedAt ? [`${taskId} ran on for ${fact.at - diedAt} ms`] : []
      }),
    ),
  'nothing of a dead life is alive': ({ directory }) => notes(directory, 'strays'),
  'a failure is one that says that nothing was done': ({ journals }) =>
    [...journals.values()].flatMap((entries) =>
      entries.flatMap(({ fact }) => {
        const result = fact.type === 'call.ended' || fact.type === 'call.reconciled' ? fact.result : null
        return result?.kind === 'failed' && result.code !== 'tool/not-done' ? [JSON.stringify(fact)] : []
      }),
    ),
}

/** At every moment of all lives, no more tasks of the background held a slot than may. */
function overCap({ entries, tasks }: Record, cap: number): readonly string[] {
  const folds = new Map<string, Folded>()
  const problems: string[] = []
  for (const entry of entries) {
    const known = folds.get(entry.taskId)
    if (known) known.hear(entry)
    else folds.set(entry.taskId, fold([entry]))
    const held = [...folds.values()].filter(({ actor }) => {
      const snapshot = actor.getSnapshot()
      return snapshot.context.isBackground && snapshot.status === 'active' && snapshot.hasTag('holdsSlot')
    })
    if (held.length > cap) problems.push(`${held.length} at ${entry.taskId} ${entry.seq}`)
  }
  return folds.size === tasks.length ? problems : [...problems, 'not every task has a journal']
}

export function leadOf({ tasks, journals }: Record): readonly Entry[] {
  const lead = tasks.find(({ spec }) => spec.parent === null)
  return journals.get(lead?.spec.id ?? '') ?? []
}

export function factsIn<T extends Fact['type']>(entries: readonly Entry[], type: T) {
  const isMeant = (fact: Fact): fact is Extract<Fact, { type: T }> => fact.type === type
  return entries.map(({ fact }): Fact => fact).filter(isMeant)
}

function textsIn(directory: string, file: keyof typeof NOTES): readonly string[] {
  return notes(directory, file).map((line) => line.split(' ')[1] ?? '')
}

function unequal(what: string, found: unknown, wanted: unknown): readonly string[] {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
  return one === other ? [] : [`${what} are ${one}, not ${other}`]
}
