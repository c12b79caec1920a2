/** Who asks a person, and what a task that works for another may be. */
import { describe, expect, it } from 'vitest'
import type { Layer } from '../../src/protocol/boundary.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'
import { askerOf } from '../../src/runtime/members/asker.ts'
import { admit, type Position } from '../../src/runtime/starting/admission.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { aSpec } from '../support/live-task.ts'

const specOf = (id: string, parent: string | null, depth: number): TaskSpec => {
  return { ...aSpec(), id, parent, depth, title: `Title ${id}` }
}

describe('who asks', () => {
  const tasks = [specOf('a', null, 0), specOf('b', 'a', 1), specOf('c', 'b', 2)]
  const [, , c = aSpec()] = tasks
  const known =
    (...ids: readonly string[]) =>
    (id: string) =>
      tasks.find((spec) => spec.id === id && ids.includes(id)) ?? null

  it('names those above it, the nearest first, up to the first that is not there', () => {
    const names = (...ids: readonly string[]) =>
      askerOf(c, true, known(...ids)).parents.map(({ taskId }) => taskId)
    expect(names('a', 'b')).toEqual(['b', 'a'])
    expect(names('b')).toEqual(['b'])
    expect(names('a')).toEqual([])
    expect(askerOf(c, true, known('a'))).toMatchObject({ depth: 2, background: true, title: 'Title c' })
  })

  it('ends also where a journal says that a task works for itself', () => {
    const round = specOf('x', 'x', 3)
    expect(askerOf(round, false, () => round).parents).toHaveLength(3)
  })
})

describe('L5: readOnly: false', () => {
  const parts = {
    asksToStop: false,
    backgroundTimeoutMs: 1_000,
    agents: new Map([
      ['plain', { name: 'plain', description: '', instructions: '' }],
      ['scribe', { name: 'scribe', description: '', instructions: '', boundary: { readOnly: false } }],
    ]),
    tools: [],
    limits: {},
    notes: null,
    modelFor: () => scriptedModel({}),
  }
  const layersOf = (agent: string, boundary: Layer | undefined, position: Position) =>
    admit('t', { agent, message: 'Go.', boundary }, parts, position).spec.boundary

  it.each<[string, string, Layer | undefined, TaskSpec | null, boolean]>([
    ['of host code lifts', 'plain', { readOnly: false }, null, true],
    ['of an agent lifts', 'scribe', undefined, null, true],
    ['of an agent lifts for a task that works for another', 'scribe', undefined, aSpec(), true],
    ['of a model lifts nothing', 'plain', { readOnly: false }, aSpec(), false],
    ['that nobody says lifts nothing', 'plain', undefined, null, false],
  ])('%s', (_, agent, boundary, parent, isLifted) => {
    const layers = layersOf(agent, boundary, { parent, background: true })
    expect(layers.some(({ readOnly }) => readOnly === true)).toBe(!isLifted)
  })
})
