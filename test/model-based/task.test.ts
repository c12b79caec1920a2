/** The task's chart against its table and its claims, walked on the real actor. */
import { describe, expect, it } from 'vitest'
import { taskMachine } from '../../src/machines/task.ts'
import type { Happening } from './facts.ts'
import { FACTS } from './facts.ts'
import { happens, placeOf, played, shortestWays } from './fold.ts'
import { CLAIMS } from './task.claims.ts'
import { PLACES, TABLE } from './task.table.ts'

const ways = shortestWays()

it('every place in which a task can rest is in the table, and every place of the table can be reached', () => {
  expect([...ways.keys()].sort()).toEqual([...PLACES].sort())
})

describe.each(PLACES)('%s', (place) => {
  it.each(Object.keys(FACTS) as Happening[])('%s', (happening) => {
    const actor = played(ways.get(place) ?? [])
    happens(actor, happening)
    const expected = TABLE[place][happening]
    expect(placeOf(actor)).toBe(expected === 'stays' ? place : expected)
  })
})

describe('the task', () => {
  it.each(Object.entries(CLAIMS))('%s', (_, holds) => holds(taskMachine))
})
