/** The supervisor's chart: its claims, and any sequence of wishes against a model told in another way. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inOrder } from '../../src/machines/steps/slot-queue.ts'
import { aheadOf, type Wish } from '../../src/machines/slot-desk.ts'
import { supervisorMachine } from '../../src/machines/supervisor.ts'
import type { Concurrency, Elsewhere, Slot } from '../../src/protocol/concurrency.ts'
import { opened, other, SUPERVISOR_CLAIMS, wish } from './supervisor.claims.ts'
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

const others: fc.Arbitrary<Elsewhere> = fc.record({
  cap: fc.option(count(5), { nil: null }),
  held: fc
    .uniqueArray(fc.tuple(count(4), fc.constantFrom('coder', 'explorer'), fc.constantFrom('big', 'small')), {
      maxLength: 4,
      selector: ([number]) => number,
    })
    .map((slots) => slots.map(([number, agent, model]) => other(`other${number}`, agent, model))),
  waiting: count(3),
})

type Step =
  | { readonly does: 'wish'; readonly wishes: readonly Wish[] }
  | { readonly does: 'unwish' | 'free'; readonly taskId: string }
  | { readonly does: 'see'; readonly others: Elsewhere }
  | { readonly does: 'deny'; readonly taskId: string; readonly others: Elsewhere }
  | { readonly does: 'drain' }

const oneOf = fc.record({ does: fc.constantFrom('unwish', 'free'), taskId: fc.constantFrom(...IDS) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ does: fc.constant('wish'), wishes }) },
  { weight: 9, arbitrary: oneOf },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('see'), others }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('deny'), taskId: fc.constantFrom(...IDS), others }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('drain') }) },
)

it('S1–S7: whatever is wished, freed, denied and done elsewhere in whatever order, it says what the model says', () => {
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 40 }), (given, steps) => {
      const desk = opened(supervisorMachine, given)
      const model = supervisorModel(given)
      const books = openBooks(given)
      for (const it of steps) {
        const told = expectation(model, it)
        desk.send(eventOf(it))
        const said = desk.heard()
        expect(said.map((words) => words.replace(/: .*/, ''))).toEqual(told)
        const { held, elsewhere } = desk.desk()
        books.enter(it, said, { held: [...held, ...elsewhere.held], cap: elsewhere.cap })
        const queue = inOrder(desk.desk().queue)
        expect(held.map(({ taskId }) => taskId).sort()).toEqual([...model.held()].sort())
        expect(queue.map(({ taskId }) => taskId)).toEqual(model.queued())
        expect(books.open(), 'admitted, and neither given nor withdrawn').toEqual(
          queue.map(({ taskId }) => taskId).sort(),
        )
        oncePerTask(held, queue)
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
  if (it.does === 'see') return { type: 'slots.elsewhere', elsewhere: it.others } as const
  const { taskId } = it
  if (it.does === 'deny') return { type: 'slot.denied', taskId, elsewhere: it.others } as const
  return { type: it.does === 'free' ? 'slot.freed' : 'slot.unwished', taskId } as const
}

function expectation(model: ReturnType<typeof supervisorModel>, it: Step): readonly string[] {
  if (it.does === 'wish') return model.wish(it.wishes)
  if (it.does === 'see') return model.see(it.others)
  if (it.does === 'deny') return model.deny(it.taskId, it.others)
  return it.does === 'drain' ? model.drain() : model[it.does](it.taskId)
}

function oncePerTask(held: readonly Slot[], queue: readonly Slot[]): void {
  const ids = [...held, ...queue].map(({ taskId }) => taskId)
  expect(new Set(ids).size).toBe(ids.length)
}

/** All slots that are taken, here and elsewhere, and the smallest cap there. */
interface Taken {
  readonly held: readonly Slot[]
  readonly cap: number | null
}

/**
 * What can be said without a model. Every wish that was admitted is given, withdrawn or waiting: once, also
 * after it was denied. And whatever is given is within every limit, by what is known at that moment.
 */
function openBooks({ background, perAgent, perModel, queue, atCap }: Concurrency) {
  const waiting = new Map<string, 'ahead' | 'came' | 'denied'>()
  const holding = new Map<string, Wish>()
  const wished = new Map<string, Wish>()
  let isClosing = false

  function give(taskId: string): void {
    expect(waiting.delete(taskId), `${taskId} was given a slot, and waited`).toBe(true)
    holding.set(taskId, wished.get(taskId) ?? wish(taskId))
  }

  function withinLimits(given: readonly string[], { held, cap }: Taken): void {
    if (given.length > 0) expect(held.length).toBeLessThanOrEqual(Math.min(background, cap ?? background))
    for (const taskId of given) {
      const { agent, model } = wished.get(taskId) ?? wish(taskId)
      const most = { agent: perAgent[agent] ?? 99, model: perModel[model] ?? 99 }
      expect(held.filter((slot) => slot.agent === agent).length).toBeLessThanOrEqual(most.agent)
      expect(held.filter((slot) => slot.model === model).length).toBeLessThanOrEqual(most.model)
    }
    const came = [...waiting.values()].filter((how) => how === 'came').length
    expect(came).toBeLessThanOrEqual(atCap === 'reject' ? 0 : queue)
  }

  return {
    enter(it: Step, said: readonly string[], taken: Taken): void {
      const isAdmitted = it.does === 'wish' && !said.some((words) => words.startsWith('refused'))
      if (isAdmitted)
        for (const wish of it.wishes) {
          wished.set(wish.taskId, wish)
          waiting.set(wish.taskId, wish.isAhead ? 'ahead' : 'came')
        }
      if (it.does === 'unwish') waiting.delete(it.taskId)
      if (it.does === 'free') holding.delete(it.taskId)
      if (it.does === 'deny' && holding.delete(it.taskId) && !isClosing) waiting.set(it.taskId, 'denied')
      if (it.does === 'drain') {
        isClosing = true
        waiting.clear()
      }
      const given = said.filter((it) => it.startsWith('given')).map((it) => it.slice('given '.length))
      for (const taskId of given) give(taskId)
      withinLimits(given, taken)
    },
    open: () => [...waiting.keys()].sort(),
  }
}
