/** Walks every edge of the abstract model on the real runtime; what differs is told by the shortest way. */
import type { Happening, Rules } from './abstract.ts'
import { NOTHING } from './abstract.ts'
import { type Edge, graphOf, nearest, type Vocabulary, waysOverEveryEdge } from './graph.ts'
import { openWorld } from './world.ts'

/** A runtime keeps every task it has had: after so many steps a fresh one goes on. */
const STEPS_OF_ONE_RUNTIME = 200

export interface Walked {
  readonly states: number
  readonly edges: number
  readonly steps: number
}

/** Throws at the first difference, with as short a way to it as can be found. */
export async function walk(rules: Rules, vocabulary: Vocabulary, workspace: string): Promise<Walked> {
  const graph = graphOf(rules, vocabulary)
  let steps = 0
  for (const way of waysOverEveryEdge(graph, STEPS_OF_ONE_RUNTIME)) {
    const happenings = way.map(({ happening }) => happening)
    const { taken, difference } = await walked(happenings, rules, workspace)
    steps += taken
    if (difference === null) continue
    const fails = async (shorter: readonly Happening[]) =>
      (await walked(shorter, rules, workspace)).difference !== null
    const shown = await shortest({ graph, way: way.slice(0, taken + 1), fails })
    const { difference: why } = await walked(shown, rules, workspace)
    const told = shown.map((it) => JSON.stringify(it)).join('\n')
    throw new Error(`The runtime is not as the model says.\n${why ?? difference}\nThe way there:\n${told}`)
  }
  return { states: graph.states.size, edges: graph.count, steps }
}

/** Walks a way on a runtime of its own, and lets everything go at its end. */
export async function walked(way: readonly Happening[], rules: Rules, workspace: string) {
  const world = await openWorld(rules, workspace)
  let taken = 0
  try {
    for (const happening of way) {
      await world.take(happening)
      taken += 1
    }
    await world.finish()
    return { taken, difference: null }
  } catch (error) {
    return { taken, difference: error instanceof Error ? error.message : String(error) }
  } finally {
    await world.close()
  }
}

interface Failed {
  readonly graph: ReturnType<typeof graphOf>
  readonly way: readonly Edge[]
  readonly fails: (way: readonly Happening[]) => Promise<boolean>
}

/** The last edges alone, behind the shortest way to where they begin; then without what is not needed. */
async function shortest({ graph, way, fails }: Failed): Promise<readonly Happening[]> {
  for (let length = 1; length < 2 * way.length; length *= 2) {
    const tail = way.slice(-length)
    const head = nearest(graph, JSON.stringify(NOTHING), (key) => key === tail[0]?.from) ?? []
    let found = [...head, ...tail].map(({ happening }) => happening)
    if (!(await fails(found))) continue
    for (let index = 0; index < found.length; ) {
      const without = found.filter((_, other) => other !== index)
      if (await fails(without)) found = without
      else index += 1
    }
    return found
  }
  return way.map(({ happening }) => happening)
}
