/** L1: only charts decide. Without any one transition of any chart, a table or a claim is red. */
import { describe, expect, it } from 'vitest'
import { supervisorMachine } from '../../src/machines/supervisor.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { toolCallMachine } from '../../src/machines/tool-call.ts'
import { FACTS, type Happening } from './facts.ts'
import { eachStep, type Machine, placeOf } from './fold.ts'
import { mutants } from './mutants.ts'
import { SUPERVISOR_CLAIMS } from './supervisor.claims.ts'
import { type Kind, KINDS } from './task.background.ts'
import { CLAIMS } from './task.claims.ts'
import { WAYS } from './ways.ts'

const HAPPENINGS = Object.keys(FACTS) as Happening[]

/** The first claim that no longer holds, or the first cell that is no longer as it says, or nothing. */
function firstBroken(machine: Machine): string | null {
  return firstFalse(CLAIMS, machine) ?? firstWrongCell(machine)
}

function firstFalse<M>(claims: Readonly<Record<string, (machine: M) => void>>, machine: M): string | null {
  for (const [claim, holds] of Object.entries(claims)) {
    try {
      holds(machine)
    } catch {
      return claim
    }
  }
  return null
}

function firstWrongCell(machine: Machine): string | null {
  const wrong: string[] = []
  for (const [kind, { spec, table }] of Object.entries<Kind>(KINDS)) {
    const ways = WAYS[kind as keyof typeof KINDS]
    for (const [place, row] of Object.entries(table)) {
      eachStep(ways.get(place) ?? [], { machine, spec }, HAPPENINGS, (happening, actor) => {
        const expected = row[happening] === 'stays' ? place : row[happening]
        if (placeOf(actor) !== expected) wrong.push(`${kind}: ${place} × ${happening}`)
      })
      if (wrong[0]) return wrong[0]
    }
  }
  return null
}

const ofTask = mutants(taskMachine)
const ofCall = mutants(toolCallMachine).map(({ name, machine: toolCall }) => ({
  name,
  machine: taskMachine.provide({ actors: { toolCall } }),
}))
const ofSupervisor = mutants(supervisorMachine)

it('finds nothing broken in the charts as they are', () => {
  expect(firstBroken(taskMachine)).toBeNull()
  expect(firstFalse(SUPERVISOR_CLAIMS, supervisorMachine)).toBeNull()
})

describe('notices the loss of', () => {
  it.each(ofTask)('task, $name', ({ machine }) => expect(firstBroken(machine)).not.toBeNull())
  it.each(ofCall)('tool call, $name', ({ machine }) => expect(firstBroken(machine)).not.toBeNull())
  it.each(ofSupervisor)('supervisor, $name', ({ machine }) =>
    expect(firstFalse(SUPERVISOR_CLAIMS, machine)).not.toBeNull(),
  )
})
