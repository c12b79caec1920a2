/**
 * Every state of the abstract model, every edge between them, and ways that walk all of them. XState finds
 * the states. The ways are our own: its shortest paths all begin at the beginning, which makes five times as
 * many steps of the same edges.
 */
import { fromTransition } from 'xstate'
import { getAdjacencyMap } from 'xstate/graph'
import {
  type AbstractState,
  type Happening,
  NOTHING,
  type Rules,
  step,
  type TaskHappening,
} from './abstract.ts'

const STATES_MAX = 20_000

export interface Vocabulary {
  readonly global: readonly Happening['type'][]
  readonly ofTasks: readonly TaskHappening[]
  readonly holders?: readonly string[]
}

export interface Edge {
  readonly from: string
  readonly happening: Happening
  readonly to: string
}

export interface Graph {
  readonly states: ReadonlyMap<string, AbstractState>
  readonly edges: ReadonlyMap<string, readonly Edge[]>
  readonly count: number
}

/** What XState knows of a state, in types: its own leave them open. */
interface Place {
  readonly state: { readonly context: AbstractState }
  readonly transitions: Readonly<
    Record<string, { readonly event: Happening; readonly state: { readonly context: AbstractState } }>
  >
}

/** Every event that can be tried, also where it makes no sense. */
export function happenings({ global, ofTasks, holders = ['user'] }: Vocabulary, tasks: number): Happening[] {
  const each = Array.from({ length: tasks }, (_, task) =>
    ofTasks.flatMap((type): Happening[] =>
      type === 'pause' || type === 'resume' ? holders.map((by) => ({ type, task, by })) : [{ type, task }],
    ),
  )
  return [...(global.map((type) => ({ type })) as Happening[]), ...each.flat()]
}

/** All that can be reached. */
export function graphOf(rules: Rules, vocabulary: Vocabulary): Graph {
  const events = happenings(vocabulary, rules.tasks)
  const logic = fromTransition(
    (state: AbstractState, happening: Happening) => step(state, happening, rules).state,
    NOTHING,
  )
  const places = getAdjacencyMap(logic, {
    events,
    limit: STATES_MAX * events.length,
    serializeState: ({ context }) => JSON.stringify(context),
  })
  const states = new Map<string, AbstractState>()
  const edges = new Map<string, readonly Edge[]>()
  for (const [from, { state, transitions }] of Object.entries<Place>({ ...places })) {
    states.set(from, state.context)
    const reached = Object.values(transitions)
    edges.set(
      from,
      reached.map((it) => ({ from, happening: it.event, to: JSON.stringify(it.state.context) })),
    )
  }
  return { states, edges, count: states.size * events.length }
}

/**
 * Walks every edge once, in as few ways from the beginning as it can: where nothing is left to be walked
 * from, it goes to the nearest state where something is. No way is longer than `lengthMax` by much.
 */
export function* waysOverEveryEdge(graph: Graph, lengthMax: number): Generator<readonly Edge[]> {
  const start = JSON.stringify(NOTHING)
  const left = new Map([...graph.edges].map(([key, out]) => [key, [...out]]))
  let remaining = graph.count
  while (remaining > 0) {
    const way: Edge[] = []
    let here = start
    while (remaining > 0 && way.length < lengthMax) {
      const fresh = left.get(here)?.pop()
      if (fresh) {
        remaining -= 1
        way.push(fresh)
        here = fresh.to
        continue
      }
      const bridge = nearest(graph, here, (key) => (left.get(key)?.length ?? 0) > 0)
      if (!bridge) throw new Error(`From ${here} nothing that is left can be reached.`)
      way.push(...bridge)
      here = bridge.at(-1)?.to ?? here
    }
    yield way
  }
}

/** The shortest way from one state to the nearest that is as wished. */
export function nearest(
  graph: Graph,
  from: string,
  isWished: (key: string) => boolean,
): readonly Edge[] | null {
  const cameBy = new Map<string, Edge | null>([[from, null]])
  const line = [from]
  for (let key = line.shift(); key !== undefined; key = line.shift()) {
    if (isWished(key)) return wayTo(cameBy, key)
    for (const edge of graph.edges.get(key) ?? []) {
      if (cameBy.has(edge.to)) continue
      cameBy.set(edge.to, edge)
      line.push(edge.to)
    }
  }
  return null
}

function wayTo(cameBy: ReadonlyMap<string, Edge | null>, key: string): readonly Edge[] {
  const way: Edge[] = []
  for (let edge = cameBy.get(key); edge; edge = cameBy.get(edge.from)) way.unshift(edge)
  return way
}
