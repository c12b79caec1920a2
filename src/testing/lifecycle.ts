import { RuntimeError } from '../errors.ts'
import type { Human, Store } from '../host.ts'
import type { Runtime } from '../runtime.ts'
import type { RunRequest } from '../runtime/starting/admission.ts'
import { memoryStore } from '../stores/memory.ts'
import { gatedStore } from './gated-store.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { type Command, type Plan, walk } from './walk.ts'

/** Your agents, tools and store, to be walked through everything that can happen to a task. */
export interface LifecycleWorld {
  /** Opens a runtime of yours on these parts. Called once for every walk; the walk closes it. */
  readonly open: (parts: LifecycleParts) => Promise<Runtime>
  /** What is asked of it each time. */
  readonly request: RunRequest
  /** Yours, fresh for every walk. Absent: in memory. */
  readonly store?: () => Store
}

export interface LifecycleParts {
  readonly store: Store
  readonly clock: HandClock
  /** Says yes to every call, and "yes" to every question. */
  readonly human: Pick<Human, 'approve' | 'ask'>
}

export interface LifecycleReport {
  readonly walks: number
  /** The states that were seen. */
  readonly states: readonly string[]
  /** How many walks ended in what. */
  readonly outcomes: Readonly<Record<string, number>>
}

/**
 * Walks a task of yours through its whole lifecycle: undisturbed first, then paused, resumed, cancelled and
 * timed out at every fact of its journal, and in pairs. At every fact the live state must be the fold of the
 * journal and every invariant must hold. Throws on the first walk that breaks one, with its plan.
 */
export async function walkLifecycle(world: LifecycleWorld): Promise<LifecycleReport> {
  const undisturbed = await walkOnce(world, { commands: [] })
  const walks = [undisturbed]
  for (const plan of plansFor(undisturbed.facts)) walks.push(await walkOnce(world, plan))

  const outcomes: Record<string, number> = {}
  for (const { outcome } of walks) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const states = new Set(walks.flatMap((walked) => walked.states))
  return { walks: walks.length, states: [...states].sort(), outcomes }
}

const SINGLE: readonly Command[] = ['pause', 'cancel', 'timeUp']
/** Wishes that race: the second comes in the same breath, or one fact later. */
const PAIRS: readonly (readonly [Command, Command])[] = [
  ['pause', 'resume'],
  ['pause', 'cancel'],
  ['cancel', 'pause'],
  ['timeUp', 'cancel'],
  ['pause', 'pause'],
]

/** Every command at every fact of a task that has that many, and every racing pair. */
export function plansFor(facts: number): readonly Plan[] {
  const afters = Array.from({ length: facts }, (_, index) => index + 1)
  return afters.flatMap((after) => [
    ...SINGLE.map((command) => ({ commands: [{ after, command }] })),
    ...PAIRS.map(([first, second], index) => {
      const later = (after + index) % 2
      return {
        commands: [
          { after, command: first },
          { after: after + later, command: second },
        ],
      }
    }),
  ])
}

async function walkOnce(world: LifecycleWorld, plan: Plan) {
  const clock = handClock()
  const store = gatedStore((world.store ?? memoryStore)())
  const human: Pick<Human, 'approve' | 'ask'> = {
    approve: async () => ({ allow: true }),
    ask: async () => 'yes',
  }
  const runtime = await world.open({ store, clock, human })
  try {
    return await walk({ runtime, store, clock, request: world.request, plan })
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new RuntimeError(
      'unexpected',
      `The walk ${JSON.stringify(plan.commands)} broke a promise: ${text}`,
      { cause: error },
    )
  } finally {
    store.open()
    await runtime.close({ graceMs: 0 })
  }
}
