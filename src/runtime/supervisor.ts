import { type ActorRefFrom, type AnyActorRef, createActor, type InspectionEvent } from 'xstate'
import type { FailureCode } from '../errors.ts'
import { hasId } from '../machines/steps/id-set.ts'
import { aheadOf, type Refusal, type Wish } from '../machines/slot-desk.ts'
import { supervisorMachine } from '../machines/supervisor.ts'
import type { taskMachine } from '../machines/task.ts'
import type { Concurrency } from '../protocol/concurrency.ts'

export interface SupervisorPlan {
  readonly limits: Concurrency
  readonly inspect: ((event: InspectionEvent) => void) | null
  /** A task has a slot: it is to be acted on at once. */
  readonly given: (wish: Wish) => void
  /** A task has broken its own chart. */
  readonly broke: (taskId: string, error: unknown) => void
  /** Slots or the queue have changed. */
  readonly changed: (load: Load) => void
  readonly warn: (text: string) => void
}

type TaskActor = ActorRefFrom<typeof taskMachine>

/** How much goes on in the background. */
export interface Load {
  readonly running: number
  readonly cap: number
  readonly queued: number
}

export interface Refused {
  readonly why: Refusal
  readonly wish: Wish
}

/** The live chart of the supervisor, in the words of the runtime. */
export interface Supervisor {
  /** The parent of every task's actor. */
  readonly actor: AnyActorRef
  /** Admits all of them, or none: then says why, and which of them was in the way. */
  wish(wishes: readonly Wish[]): Refused | null
  /** The task no longer wants a slot, and gives back the one it may have. */
  leave(taskId: string): void
  /** Lets go of a task's actor and of all that is known about the task. */
  forget(taskId: string, actor: TaskActor): void
  holds(taskId: string): boolean
  /** It holds a slot, or waits for one. */
  knows(taskId: string): boolean
  ahead(taskId: string): number | null
  /** Why a task that was there already got no slot. */
  reason(taskId: string): Refusal | null
  load(): Load
  /** Gives no more slots, and forgets who waits for one. */
  drain(): void
  close(): void
}

export function createSupervisor(plan: SupervisorPlan): Supervisor {
  const { limits, inspect } = plan
  const actor = createActor(supervisorMachine, {
    input: limits,
    id: 'supervisor',
    systemId: 'supervisor',
    ...(inspect && { inspect }),
  })
  const desk = () => actor.getSnapshot().context
  const holds = (taskId: string) => desk().held.some((slot) => slot.taskId === taskId)
  const load = () => ({ running: desk().held.length, cap: limits.background, queued: desk().queue.size })
  const teller = createTeller(plan, load)
  let refused: Refused | null = null
  actor.on('slot.given', ({ wish }) => plan.given(wish))
  actor.on('slot.refused', ({ why, wish, blamed = wish }) => void (refused ??= { why, wish: blamed }))
  actor.on('task.broke', ({ taskId, error }) => plan.broke(taskId, error))
  actor.start()

  return {
    actor,
    wish(wishes) {
      refused = null
      actor.send({ type: 'slots.wished', wishes })
      // Whoever is told of it may wish for something too.
      const mine: Refused | null = refused
      if (mine !== null) teller.refused(mine, wishes.length)
      teller.changed()
      return mine
    },
    leave(taskId) {
      if (!hasId(desk().known, taskId)) return
      actor.send({ type: holds(taskId) ? 'slot.freed' : 'slot.unwished', taskId })
      teller.changed()
    },
    forget(taskId, ref) {
      if (taskId in desk().reasons) actor.send({ type: 'task.forgotten', taskId })
      if (ref.getSnapshot().status === 'active') actor.send({ type: 'task.left', ref })
    },
    holds,
    knows: (taskId) => hasId(desk().known, taskId),
    ahead: (taskId) => aheadOf(desk(), taskId),
    reason: (taskId) => desk().reasons[taskId] ?? null,
    load,
    drain() {
      actor.send({ type: 'supervisor.drain' })
      teller.changed()
    },
    close: () => actor.send({ type: 'supervisor.close' }),
  }
}

/** Says once what has changed, and once, as long as there is no room, that there is none. */
function createTeller({ limits, changed, warn }: SupervisorPlan, load: () => Load) {
  let said: Load = { running: 0, cap: limits.background, queued: 0 }
  const complained = new Set<Refusal>()
  return {
    changed(): void {
      const now = load()
      if (now.running < said.running) complained.clear()
      if (now.running === said.running && now.queued === said.queued) return
      said = now
      changed(now)
    },
    refused({ why, wish }: Refused, count: number): void {
      if (complained.has(why) || why === 'known' || why === 'closing') return
      complained.add(why)
      const { running, cap, queued } = load()
      const whose =
        why === 'agent' ? ` for agent "${wish.agent}"` : why === 'model' ? ` for "${wish.model}"` : ''
      const what = `${count === 1 ? 'a task' : `${count} tasks`}${whose}`
      warn(`Background tasks: ${running}/${cap} run, ${queued} wait. Refused ${what}, and what comes next.`)
    },
  }
}

/** What a refusal is called, and how it is told to whoever wanted to start something. */
export function refusalFailure({ why, wish }: Refused, limits: Concurrency) {
  const { agent, model } = wish
  const remedy = 'Stop one first, or wait for one with wait_for_tasks.'
  const begin = 'Cannot start background task: maximum concurrent background tasks'
  const told: Readonly<Record<Refusal, readonly [FailureCode, string]>> = {
    background: ['limit/background', `${begin} (${limits.background}) reached. ${remedy}`],
    agent: ['limit/agent', `${begin} for agent "${agent}" (${limits.perAgent[agent]}) reached. ${remedy}`],
    model: ['limit/model', `${begin} for model "${model}" (${limits.perModel[model]}) reached. ${remedy}`],
    queue: [
      'limit/queue',
      `${begin} (${limits.background}) reached, and the queue of ${limits.queue} is full. ${remedy}`,
    ],
    known: ['task/duplicate-id', 'A task of that id is there already.'],
    closing: ['task/stopped', 'The runtime is closing: it starts nothing any more.'],
  }
  const [code, message] = told[why]
  return { code, message }
}
