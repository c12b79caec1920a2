/** L1: only charts decide. Without any one transition of any chart, the table or a claim is red. */
import { describe, expect, it } from 'vitest'
import { taskMachine } from '../../src/machines/task.ts'
import { toolCallMachine } from '../../src/machines/tool-call.ts'
import type { Happening } from './facts.ts'
import { happens, type Machine, placeOf, played, shortestWays } from './fold.ts'
import { mutants } from './mutants.ts'
import { CLAIMS } from './task.claims.ts'
import { PLACES, TABLE } from './task.table.ts'

const ways = shortestWays()

/** The first thing that is no longer as it should be, or nothing. */
function firstBroken(machine: Machine): string | null {
  for (const place of PLACES) {
    for (const [happening, expected] of Object.entries(TABLE[place])) {
      const actor = played(ways.get(place) ?? [], { machine })
      happens(actor, happening as Happening)
      if (placeOf(actor) !== (expected === 'stays' ? place : expected)) return `${place} × ${happening}`
    }
  }
  for (const [claim, holds] of Object.entries(CLAIMS)) {
    try {
      holds(machine)
    } catch {
      return claim
    }
  }
  return null
}

const ofTask = mutants(taskMachine)
const ofCall = mutants(toolCallMachine).map(({ name, machine: toolCall }) => ({
  name,
  machine: taskMachine.provide({ actors: { toolCall } }),
}))

it('finds nothing broken in the charts as they are', () => {
  expect(firstBroken(taskMachine)).toBeNull()
})

describe('notices the loss of', () => {
  it.each(ofTask)('task, $name', ({ machine }) => expect(firstBroken(machine)).not.toBeNull())
  it.each(ofCall)('tool call, $name', ({ machine }) => expect(firstBroken(machine)).not.toBeNull())
})
