/** The supervisor's chart: its claims, and any sequence of wishes against a model told in another way. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inOrder } from '../../src/machines/steps/slot-queue.ts'
import { aheadOf, type Wish } from '../../src/machines/slot-desk.ts'
import { supervisorMachine } from '../../src/machines/supervisor.ts'
import type { Concurrency } from '../../src/protocol/concurrency.ts'
import { opened, SUPERVISOR_CLAIMS, wish } from './supervisor.claims.ts'
import { supervisorModel } from './supervisor.model.ts'
import { CLAIMS } from './task.claims.ts'

describe('the supervisor', () => {
  it.each(Object.entries(SUPERVISOR_CLAIMS))('%s', (_, holds) => holds(supervisorMachine))
})

describe('every law in the header of a chart has a claim that quotes it', () => {
  it.each([
    ['task', CLAIMS],
    ['tool-call', CLAIMS],
    ['supervisor', SUPERVISOR_CLAIMS],
  ] as const)('%s', (chart, claims) => {
    const text = readFileSync(new URL(`../../src/machines/${chart}.ts`, import.meta.url), 'utf8')
    const laws = [...text.matchAll(/^ \* ([TCS]\d+) /gm)].map(([, law]) => law)
    expect(laws.length).toBeGreaterThan(3)
    const quoted = new Set(Object.keys(claims).flatMap((claim) => claim.match(/\b[TCS]\d+\b/g) ?? []))
    expect(laws.filter((law) => !quoted.has(law ?? ''))).toEqual([])
  })
})

const IDS = Array.from({ length: 9 }, (_, index) => `t${index}`)
const count = (max: number) => fc.integer({ min: 0, max })
const caps = (...names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), count(2), { maxKeys: names.length })

const limits: fc.Arbitrary<Concurrency> = fc.record({
  background: count(4),
  perAgent: caps('coder', 'explorer'),
  perModel: caps('big', 'small'),
  queue: count(4),
  atCap: fc.constantFrom('queue', 'reject'),
})

const aWish: fc.Arbitrary<Wish> = fc
  .record({
    taskId: fc.constantFrom(...IDS),
    agent: fc.constantFrom('coder', 'explorer', 'lead'),
    model: fc.constantFrom('big', 'small'),
    isAhead: fc.boolean(),
  })
  .map(({ taskId, ...given }) => wish(taskId, { ...given, how: given.isAhead ? 'return' : 'start' }))

const wishes = fc.array(aWish, { minLength: 1, maxLength: 4 })

type Step =
  | { readonly does: 'wish'; readonly wishes: readonly Wish[] }
  | { readonly does: 'unwish' | 'free'; readonly taskId: string }
  | { readonly does: 'drain' }

const oneOf = fc.record({ does: fc.constantFrom('unwish', 'free'), taskId: fc.constantFrom(...IDS) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ does: fc.constant('wish'), wishes }) },
  { weight: 9, arbitrary: oneOf },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('drain') }) },
)

it('S1–S6: whatever is wished, unwished and freed in whatever order, it says what the model says', () => {
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 40 }), (given, steps) => {
      const desk = opened(supervisorMachine, given)
      const model = supervisorModel(given)
      const books = openBooks()
      for (const it of steps) {
        const told = expectation(model, it)
        desk.send(eventOf(it))
        const said = desk.heard()
        expect(said.map((words) => words.replace(/: .*/, ''))).toEqual(told)
        books.enter(it, said)
        const { held } = desk.desk()
        const queue = inOrder(desk.desk().queue)
        expect(held.map(({ taskId }) => taskId).sort()).toEqual([...model.held()].sort())
        expect(queue.map(({ taskId }) => taskId)).toEqual(model.queued())
        expect(books.open(), 'admitted, and neither given nor withdrawn').toEqual(
          queue.map(({ taskId }) => taskId).sort(),
        )
        withinLimits(given, held, queue)
        const places = queue.map(({ taskId }) => aheadOf(desk.desk(), taskId))
        expect(places).toEqual(queue.map((_, index) => index))
      }
    }),
    { numRuns: 2_000 },
  )
})

function eventOf(it: Step) {
  if (it.does === 'wish') return { type: 'slots.wished', wishes: it.wishes } as const
  if (it.does === 'drain') return { type: 'supervisor.drain' } as const
  return { type: it.does === 'free' ? 'slot.freed' : 'slot.unwished', taskId: it.taskId } as const
}

function expectation(model: ReturnType<typeof supervisorModel>, it: Step): readonly string[] {
  if (it.does === 'wish') return model.wish(it.wishes)
  return it.does === 'drain' ? model.drain() : model[it.does](it.taskId)
}

/** What can be said of any moment, without a model. */
function withinLimits(given: Concurrency, held: readonly Slot[], queue: readonly Wish[]): void {
  const ids = [...held, ...queue].map(({ taskId }) => taskId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(held.length).toBeLessThanOrEqual(given.background)
  for (const [name, cap] of Object.entries(given.perAgent))
    expect(held.filter(({ agent }) => agent === name).length).toBeLessThanOrEqual(cap)
  for (const [name, cap] of Object.entries(given.perModel))
    expect(held.filter(({ model }) => model === name).length).toBeLessThanOrEqual(cap)
  expect(queue.filter(({ isAhead }) => !isAhead).length).toBeLessThanOrEqual(
    given.atCap === 'reject' ? 0 : given.queue,
  )
}

type Slot = Pick<Wish, 'taskId' | 'agent' | 'model'>

/** Every wish that was admitted is given, withdrawn or waiting: once. Kept by what was said alone. */
function openBooks() {
  const waiting = new Set<string>()
  return {
    enter(it: Step, said: readonly string[]): void {
      const isAdmitted = it.does === 'wish' && !said.some((words) => words.startsWith('refused'))
      if (isAdmitted) for (const { taskId } of it.wishes) waiting.add(taskId)
      if (it.does === 'unwish') waiting.delete(it.taskId)
      if (it.does === 'drain') waiting.clear()
      for (const words of said.filter((it) => it.startsWith('given')))
        expect(waiting.delete(words.slice('given '.length)), `${words}, who waited`).toBe(true)
    },
    open: () => [...waiting].sort(),
  }
}
