/**
 * L2: state is the fold of the journal. Folding any prefix gives the snapshot the live actor had at that
 * fact.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { ActorRefFrom, InspectionEvent } from 'xstate'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Store } from '../../src/host.ts'
import type { taskMachine } from '../../src/machines/task.ts'
import type { Entry, Fact } from '../../src/protocol/journal.ts'
import type { Runtime } from '../../src/runtime.ts'
import { replay } from '../../src/runtime/replay.ts'
import { pathOf } from '../../src/runtime/result.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { complete, fails, type Script, say, scriptedModel, uses } from '../../src/testing/scripted-model.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { openRuntime, workspaceWith } from '../support/runtime.ts'

type Live = ActorRefFrom<typeof taskMachine>

/** What there is to know of the task's chart and those of its calls. Bodies are nothing but sockets. */
function pictureOf(actor: Live): unknown {
  const { value, context, status, output, children } = actor.getSnapshot()
  const calls = Object.entries(
    children as Record<string, { getSnapshot(): { value?: unknown; context?: unknown } }>,
  )
    .map(([id, child]) => [id, child.getSnapshot().value, child.getSnapshot().context] as const)
    .filter(([, state]) => state !== undefined)
  return JSON.parse(JSON.stringify({ path: pathOf(value), context, status, output, calls }))
}

const touch = (name: string, effect: 'pure' | 'idempotent' | 'non_idempotent') =>
  defineTool({
    name,
    description: 'Does nothing.',
    input: z.object({ fail: z.boolean() }),
    effect,
    execute: ({ fail }) => {
      if (fail) throw new Error('It did not work.')
      return 'done'
    },
  })

const touches = fc
  .array(
    fc.record({
      tool: fc.constantFrom('look', 'put', 'mail', 'nothing'),
      input: fc.record({ fail: fc.boolean() }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((calls) => uses(calls))
const stumbles = fc.constantFrom(
  say(''),
  fails('model/unavailable', { retryAfterMs: 0, times: 1, then: say('Well.') }),
)
const spawns = fc
  .array(fc.record({ agent: fc.constantFrom('explorer', 'coder'), background: fc.boolean() }), {
    minLength: 1,
    maxLength: 2,
  })
  .map((ones) => uses(ones.map(spawning)))
const waits = fc
  .record({ until: fc.constantFrom('any', 'all') })
  .map((input) => uses([{ tool: 'wait_for_tasks', input }]))

function spawning({ agent, background }: { agent: string; background: boolean }) {
  return { tool: 'new_task', input: { agent, message: 'Look.', title: 'Look', background } }
}

const ownTurn = fc.oneof({ weight: 5, arbitrary: touches }, { weight: 2, arbitrary: stumbles })
const leadTurn = fc.oneof(
  { weight: 3, arbitrary: ownTurn },
  { weight: 4, arbitrary: spawns },
  { weight: 2, arbitrary: waits },
)

interface Disturbance {
  /** The fact of its task, and the task by the order of births. */
  readonly at: number
  readonly whose: number
  readonly what: 'pause' | 'cancel' | 'message' | 'toBackground'
}

const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  at: fc.integer({ min: 2, max: 20 }),
  whose: fc.constantFrom(0, 0, 1, 2),
  what: fc.constantFrom('pause', 'pause', 'message', 'message', 'toBackground', 'cancel'),
})

it('for random tasks and those that work for them, disturbed at random facts', async () => {
  const workspace = await workspaceWith()
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(leadTurn, { maxLength: 5 }),
      fc.array(ownTurn, { maxLength: 3 }),
      fc.array(disturbance, { maxLength: 4 }),
      async (lead, other, disturbances) => {
        const ends = [complete('Done.'), complete('Really.'), complete('Enough.')]
        const script: Script = {
          lead: [...lead, ...ends, ...ends],
          coder: [...other, ...ends],
          explorer: ends,
        }
        for (const type of await foldsLikeItLived(workspace, script, disturbances)) seen.add(type)
      },
    ),
    { numRuns: 60 },
  )
  // What never happened was not compared.
  for (const type of OFTEN) expect([...seen]).toContain(type)
}, 120_000)

const OFTEN: readonly Fact['type'][] = [
  'call.waits',
  'child.ended',
  'task.messaged',
  'task.pauseAsked',
  'task.resumeAsked',
  'task.resumed',
  'slot.given',
]

/** Returns the types of the facts that were compared. */
async function foldsLikeItLived(
  workspace: string,
  script: Script,
  disturbances: readonly Disturbance[],
): Promise<readonly string[]> {
  const actors = new Map<string, Live>()
  // A task's actor goes by its task's name; what else there is goes by another.
  const inspect = ({ type, actorRef }: InspectionEvent) => {
    const { id } = actorRef as Live
    if (type === '@xstate.actor' && !actors.has(id)) actors.set(id, actorRef as Live)
  }
  const store = memoryStore()
  const tools = [touch('look', 'pure'), touch('put', 'idempotent'), touch('mail', 'non_idempotent')]
  const human = { approve: async () => ({ allow: true }) }
  const model = scriptedModel(script)
  const concurrency = { background: 1 }
  const runtime = await openRuntime({ workspace, store, inspect, tools, human, model, concurrency })
  const pictures = new Map<string, unknown[]>()
  runtime.subscribe((event) => {
    if (!('seq' in event)) return
    const { taskId, seq } = event
    const live = actors.get(taskId)
    if (!live) throw new Error(`Nobody has seen the actor of ${taskId}.`)
    pictures.set(taskId, [...(pictures.get(taskId) ?? []), pictureOf(live)])
    const place = [...pictures.keys()].indexOf(taskId)
    if (event.type === 'task.ended') return
    for (const { at, whose, what } of disturbances)
      if (at === seq && whose === place) disturb(runtime, taskId, what)
    // Those that are held together with another one go on with that.
    const { holders } = live.getSnapshot().context
    if (live.getSnapshot().matches('paused') && holders.includes('user'))
      runtime.resume(taskId).catch(() => {})
  })
  await runtime.run({ agent: 'lead', message: 'Do it.' })
  await Promise.all([...pictures.keys()].map((id) => runtime.result(id)))
  const types = await Promise.all([...pictures].map(([id, lived]) => folds(store, id, lived)))
  await runtime.close({ graceMs: 0 })
  return types.flat()
}

function disturb(runtime: Runtime, taskId: string, what: Disturbance['what']): void {
  const done = what === 'message' ? runtime.message(taskId, 'By the way.') : runtime[what](taskId)
  // It may have ended meanwhile.
  done.catch(() => {})
}

function foldedTo(entries: readonly Entry[], end: number): unknown {
  return pictureOf(replay(entries.slice(0, end)))
}

function isHarmless(entry: Entry | undefined): boolean {
  return entry?.fact.type === 'call.checked' && entry.fact.verdict.verdict === 'allow'
}

async function folds(store: Store, id: string, lived: readonly unknown[]): Promise<readonly string[]> {
  const entries = await store.read(id)
  expect(lived.length).toBe(entries.length)
  for (const [index, picture] of lived.entries()) {
    // What leads to nothing but a look is heard at once, and told of when it is durable (L2).
    let ahead = index + 1
    while (isHarmless(entries[ahead]) && !isDeepStrictEqual(foldedTo(entries, ahead), picture)) ahead += 1
    expect(foldedTo(entries, ahead), `${id}, after fact ${index + 1}`).toEqual(picture)
  }
  return entries.map(({ fact }) => fact.type)
}
