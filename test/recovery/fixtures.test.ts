/**
 * Journals of form 1, as they were written when it was new: a run of five tasks that was killed five times,
 * and the facts that lead to every place of a task's chart. They are never made anew: what is on people's
 * disks isn't either. A form 2 brings fixtures of its own, and these stay.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Entry, Fact } from '../../src/protocol/journal.ts'
import { openSqlite } from '../../src/stores/sqlite.ts'
import { brokenInvariants } from '../../src/testing/testing.ts'
import { replay } from '../../src/runtime/replay.ts'
import { placeOf } from '../model-based/fold.ts'
import { workspaceWith } from '../support/runtime.ts'
import { cutOff, recorded } from './cut-off.ts'
import { standing } from './standing.ts'

const textOf = (name: string) =>
  readFileSync(new URL(`../fixtures/journals/${name}`, import.meta.url), 'utf8')
const rowsOf = <T>(name: string) =>
  textOf(name)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T)

const RUN = rowsOf<Entry>('v1-run.jsonl')
const STATES = JSON.parse(textOf('v1-run.states.json')) as Readonly<Record<string, unknown>>
const PLACES = rowsOf<{ kind: string; place: string; facts: readonly Entry['fact'][] }>('v1-places.jsonl')

const journal = (taskId: string) => RUN.filter((entry) => entry.taskId === taskId)

/** Every fact there is, so that a new one is missed here. */
const TYPES = {
  'task.created': 1,
  'task.started': 1,
  'task.resumed': 1,
  'slot.given': 1,
  'task.pauseAsked': 1,
  'task.resumeAsked': 1,
  'task.turned': 1,
  'task.cancelAsked': 1,
  'task.interrupted': 1,
  'task.messaged': 1,
  'child.ended': 1,
  'model.replied': 1,
  'model.failed': 1,
  'conversation.summarised': 1,
  'retry.due': 1,
  'limit.reached': 1,
  'grace.over': 1,
  'stop.allowed': 1,
  'stop.objected': 1,
  'call.checked': 1,
  'call.approved': 1,
  'call.refused': 1,
  'call.told': 1,
  'call.began': 1,
  'call.waits': 1,
  'call.ended': 1,
  'call.reconciled': 1,
  'task.ended': 1,
} as const satisfies Readonly<Record<Fact['type'], 1>>

describe('journals of form 1', () => {
  it.each(Object.keys(STATES))('%s folds to what it was', (taskId) => {
    expect(standing(journal(taskId))).toEqual(STATES[taskId])
    expect(brokenInvariants(journal(taskId))).toEqual([])
  })

  it('are taken by a store of today as they are', async () => {
    const store = await openSqlite({ directory: await workspaceWith() })
    await cutOff(RUN, RUN.length, store)
    expect(await recorded(store)).toEqual(RUN)
    await store.close()
  })

  it.each(PLACES.map(({ kind, place, facts }) => [kind, place, facts] as const))(
    '%s: %s',
    (_, place, facts) => {
      const entries = facts.map((fact, n): Entry => ({ v: 1, taskId: 't1', seq: n + 1, runId: 0, fact }))
      expect(placeOf(replay(entries))).toBe(place)
    },
  )

  it('hold every fact that there is', () => {
    const found = new Set([
      ...RUN.map(({ fact }) => fact.type),
      ...PLACES.flatMap(({ facts }) => facts.map(({ type }) => type)),
    ])
    expect(Object.keys(TYPES).filter((type) => !found.has(type as Fact['type']))).toEqual([])
  })
})
