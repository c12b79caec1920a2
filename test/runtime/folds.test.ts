/**
 * L2: state is the fold of the journal. Folding any prefix gives the snapshot the live actor had at that
 * fact.
 */
import fc from 'fast-check'
import { type ActorRefFrom, type InspectionEvent } from 'xstate'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { taskMachine } from '../../src/machines/task.ts'
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

const turn = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(
        fc.record({
          tool: fc.constantFrom('look', 'put', 'mail', 'nothing'),
          input: fc.record({ fail: fc.boolean() }),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .map((calls) => uses(calls)),
  },
  { weight: 1, arbitrary: fc.constant(say('')) },
  {
    weight: 1,
    arbitrary: fc.constant(fails('model/unavailable', { retryAfterMs: 0, times: 1, then: say('Well.') })),
  },
)
const disturbance = fc.record({
  at: fc.integer({ min: 2, max: 25 }),
  what: fc.constantFrom('pause' as const, 'cancel' as const),
})

it('for random tasks, disturbed at random facts', async () => {
  const workspace = await workspaceWith()
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { maxLength: 5 }),
      fc.array(disturbance, { maxLength: 3 }),
      async (turns, disturbances) => {
        const script: Script = { coder: [...turns, complete('Done.'), complete('Really.')] }
        await foldsLikeItLived(workspace, script, disturbances)
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

async function foldsLikeItLived(
  workspace: string,
  script: Script,
  disturbances: readonly { at: number; what: 'pause' | 'cancel' }[],
) {
  let live: Live | null = null
  const inspect = (event: InspectionEvent) => {
    if (event.type === '@xstate.actor' && event.actorRef.sessionId === event.rootId)
      live ??= event.actorRef as Live
  }
  const store = memoryStore()
  const tools = [touch('look', 'pure'), touch('put', 'idempotent'), touch('mail', 'non_idempotent')]
  const human = { approve: async () => ({ allow: true }) }
  const runtime = await openRuntime({ workspace, store, inspect, tools, human, model: scriptedModel(script) })
  const pictures: unknown[] = []
  let id = ''
  runtime.subscribe((event) => {
    if (!('seq' in event) || !live) return
    id = event.taskId
    pictures.push(pictureOf(live))
    for (const { at, what } of disturbances) if (at === event.seq) void runtime[what](id)
    if (live.getSnapshot().matches('paused')) void runtime.resume(id)
  })
  await runtime.run({ agent: 'coder', message: 'Do it.' })

  const entries = await store.read(id)
  expect(pictures.length).toBe(entries.length)
  for (const [index, picture] of pictures.entries()) {
    expect(pictureOf(replay(entries.slice(0, index + 1))), `after fact ${index + 1}`).toEqual(picture)
  }
  await runtime.close({ graceMs: 0 })
}
