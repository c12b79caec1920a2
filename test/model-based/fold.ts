/** The charts with nothing plugged in, and happenings played into them. */
import { type ActorRefFrom, createActor } from 'xstate'
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
 * Where no call is open: what is asked of its one other body, or that nothing is left but its end.
 */
export function placeOf(actor: Live): string {
  const { status, value, context } = actor.getSnapshot()
  if (status === 'error') return 'broken'
  const path = pathOf(value)
  if (status === 'done') return path
  const calls = context.openCalls.map(({ id }) => standingOf(actor, id))
  if (calls.length > 0) return `${path}(${calls.join(' ')})`
  if (path.startsWith('running.')) return path
  if (context.asked !== 'nothing') return `${path}(${context.asked})`
  return context.ending === null ? path : `${path}(ending)`
}

function standingOf(actor: Live, callId: string): string {
  const call = actor.getSnapshot().children[callId] as ActorRefFrom<typeof toolCallMachine> | undefined
  if (!call) return 'missing'
  const { value, context } = call.getSnapshot()
  return value === 'intended' && context.attempts > 0 ? 'doubtful' : value
}

const HAPPENINGS = Object.keys(FACTS) as Happening[]
/** Long enough for every place of the tables, short enough to be searched whole. */
const STEPS_MAX = 8

/** The shortest way to every place, found by searching the charts themselves, breadth first. */
export function shortestWays(spec: Partial<TaskSpec> = {}): ReadonlyMap<string, readonly Happening[]> {
  const ways = new Map<string, readonly Happening[]>()
  const seen = new Set<string>()
  let next: (readonly Happening[])[] = []
  const reach = (way: readonly Happening[], actor: Live) => {
    const place = placeOf(actor)
    if (!ways.has(place)) ways.set(place, way)
    const situation = situationOf(actor)
    if (!seen.has(situation)) next.push(way)
    seen.add(situation)
  }
  reach([], played([], { spec }))
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const last = next
    next = []
    for (const way of last) {
      eachStep(way, { spec }, HAPPENINGS, (happening, actor) => reach([...way, happening], actor))
    }
  }
  return ways
}

/** What follows each happening at the end of a way. What changes nothing leaves it for the next. */
export function eachStep(
  way: readonly Happening[],
  options: Played,
  happenings: readonly Happening[],
  look: (happening: Happening, actor: Live) => void,
): void {
  let actor: Live | null = null
  for (const happening of happenings) {
    actor ??= played(way, options)
    const before = actor.getSnapshot()
    happens(actor, happening)
    look(happening, actor)
    if (actor.getSnapshot() !== before) actor = null
  }
}

/** What tells two situations apart as far as the ways on from there go. */
function situationOf(actor: Live): string {
  const { turn, said, ending } = actor.getSnapshot().context
  return JSON.stringify([placeOf(actor), turn > 1, said.isOverflown, ending?.status])
}
