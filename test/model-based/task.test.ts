/** The task's chart against its tables and its claims, walked on the real actor. */
import { describe, expect, it } from 'vitest'
import { taskMachine } from '../../src/machines/task.ts'
import type { Happening } from './facts.ts'
import { FACTS } from './facts.ts'
import { happens, placeOf, played } from './fold.ts'
import { type Kind, KINDS } from './task.background.ts'
import { CLAIMS } from './task.claims.ts'
import { WAYS } from './ways.ts'

describe.each(Object.entries<Kind>(KINDS))('%s', (kind, { spec, places, table }) => {
  const ways = WAYS[kind as keyof typeof KINDS]

  it('every place in which a task can rest is in the table, and every place of the table is reached', () => {
    expect([...ways.keys()].sort()).toEqual([...places].sort())
  })

  describe.each(Object.entries(table))('%s', (place, row) => {
    it.each(Object.keys(FACTS) as Happening[])('%s', (happening) => {
      const actor = played(ways.get(place) ?? [], { spec })
      happens(actor, happening)
      const expected = row[happening]
      expect(placeOf(actor)).toBe(expected === 'stays' ? place : expected)
    })
  })
})

describe('the task', () => {
  it.each(Object.entries(CLAIMS))('%s', (_, holds) => holds(taskMachine))
})
