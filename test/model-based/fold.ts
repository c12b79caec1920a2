/** The charts with nothing plugged in, and happenings played into them. */
import { type ActorRefFrom, createActor, fromTransition } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { taskMachine } from '../../src/machines/task.ts'
import type { toolCallMachine } from '../../src/machines/tool-call.ts'
import type { TaskSpec } from '../../src/protocol/task.ts'
import { pathOf } from '../../src/runtime/result.ts'
import { FACTS, type Happening, SPEC } from './facts.ts'

export type Machine = typeof taskMachine

export interface Played {
  readonly machine?: Machine
  readonly spec?: Partial<TaskSpec>
}

/** A live actor of the chart to which all of it has happened, a millisecond apart. */
export function played(happenings: readonly Happening[], { machine = taskMachine, spec = {} }: Played = {}) {
  const actor = createActor(machine, { input: { ...SPEC, ...spec } })
  // A broken chart is what some tests are about: its error is theirs to see, not the process's.
  actor.subscribe({ error: () => {} })
  actor.start()
  for (const happening of happenings) happens(actor, happening)
  return actor
}

export type Live = ReturnType<typeof played>

export function happens(actor: Live, happening: Happening): void {
  const { context, status } = actor.getSnapshot()
  // A finished actor hears nothing, and warns of it in development.
  if (status === 'active') actor.send(FACTS[happening](context, context.now + 1))
}

/**
 * Where the task is, and its open calls: `running.acting(checking)`. An intended call in doubt is `doubtful`.
 */
export function placeOf(actor: Live): string {
  const { status, value, context } = actor.getSnapshot()
  if (status === 'error') return 'broken'
  const path = pathOf(value)
  if (status === 'done') return path
  const calls = context.openCalls.map(({ id }) => standingOf(actor, id))
  if (calls.length > 0) return `${path}(${calls.join(' ')})`
  return context.asked === 'nothing' || path.startsWith('running.') ? path : `${path}(${context.asked})`
}

function standingOf(actor: Live, callId: string): string {
  const call = actor.getSnapshot().children[callId] as ActorRefFrom<typeof toolCallMachine> | undefined
  if (!call) return 'missing'
  const { value, context } = call.getSnapshot()
  return value === 'intended' && context.attempts > 0 ? 'doubtful' : value
}

const HAPPENINGS = Object.keys(FACTS) as Happening[]
/** Long enough for every place of the table, short enough to be searched whole. */
const STEPS_MAX = 6

/** The shortest way to every place, found by searching the charts themselves. */
export function shortestWays(): ReadonlyMap<string, readonly Happening[]> {
  const logic = fromTransition(
    (way: readonly Happening[], { type }: { type: Happening }) => [...way, type],
    [],
  )
  const paths = getShortestPaths(logic, {
    events: ({ context }) => (context.length < STEPS_MAX ? HAPPENINGS.map((type) => ({ type })) : []),
    serializeState: ({ context }) => signature(played(context)),
  })
  const ways = new Map<string, readonly Happening[]>()
  for (const { steps } of paths) {
    // The first step is XState's own, by which it begins.
    const way = steps.slice(1).map(({ event }) => event.type)
    const place = placeOf(played(way))
    const known = ways.get(place)
    if (!known || way.length < known.length) ways.set(place, way)
  }
  return ways
}

/** What tells two situations apart as far as the table goes. */
function signature(actor: Live): string {
  const { context } = actor.getSnapshot()
  const { turn, nudges, attempts, isOverflown, ending } = context
  return JSON.stringify([placeOf(actor), turn, nudges, attempts, isOverflown, ending?.status])
}
