import { type ActorRefFrom, type AnyActorRef, createActor, type InspectionEvent } from 'xstate'
import type { FailureCode } from '../errors.ts'
import type { Workplace } from '../host.ts'
import { hasId } from '../machines/steps/id-set.ts'
import { aheadOf, capOf, type Desk, type Refusal, type Wish } from '../machines/slot-desk.ts'
import { type SupervisorEvent, supervisorMachine } from '../machines/supervisor.ts'
import type { taskMachine } from '../machines/task.ts'
import type { Concurrency } from '../protocol/concurrency.ts'
import { createSlotClaims, type SlotClaims, UNSHARED_SLOTS } from './members/slot-claims.ts'

export interface SupervisorPlan {
  readonly limits: Concurrency
  /** Where other processes work on the same tasks: what is given here has to be given there, too. */
  readonly workplace: Workplace | null
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

/** How much goes on in the background of the workspace: in this process, and in others as far as it knows. */
export interface Load {
  /** Slots that are held. */
  readonly running: number
  /** How many may be: the smallest cap of all that take part. */
  readonly cap: number
  /** Tasks that wait for a slot. */
  readonly queued: number
}

export interface Refused {
  readonly why: Refusal
  readonly wish: Wish
  /** The cap there was. Absent: this process's own. */
  readonly cap?: number
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
  /**
   * Whether the slot that was given last is certain: at once where this process is alone, else when the store
   * has answered. False: it is not, and the task waits again or wants none any more.
   */
  secured(taskId: string): true | Promise<boolean>
  /** Looks what other processes do, and gives what is free by now. Never rejects. */
  refresh(): Promise<void>
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
  const load = () => loadOf(actor.getSnapshot().context)
  const teller = createTeller(plan, load)
  const claims = claimsOf(actor, plan, tellChange)
  function tellChange(): void {
    claims.waits(actor.getSnapshot().context.queue.size)
    teller.changed()
  }
  let refused: Refused | null = null
  actor.on('slot.given', ({ wish }) => {
    claims.claim(wish)
    plan.given(wish)
  })
  actor.on('slot.refused', ({ why, wish, blamed = wish }) => {
    refused ??= { why, wish: blamed, cap: load().cap }
  })
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
      tellChange()
      return mine
    },
    load,
    drain() {
      actor.send({ type: 'supervisor.drain' })
      tellChange()
    },
    close: () => actor.send({ type: 'supervisor.close' }),
    ...ofOneTask(actor, claims, tellChange),
  }
}

/** What has to do with one task that is known already. */
function ofOneTask(actor: SupervisorActor, claims: SlotClaims, tellChange: () => void) {
  const desk = () => actor.getSnapshot().context
  const holds = (taskId: string) => desk().held.some((slot) => slot.taskId === taskId)
  return {
    holds,
    secured: claims.secured,
    refresh: claims.refresh,
    knows: (taskId: string) => hasId(desk().known, taskId),
    ahead: (taskId: string) => aheadOf(desk(), taskId),
    reason: (taskId: string) => desk().reasons[taskId] ?? null,
    leave(taskId: string) {
      if (!hasId(desk().known, taskId)) return
      const isHeld = holds(taskId)
      if (isHeld) claims.leave(taskId)
      actor.send({ type: isHeld ? 'slot.freed' : 'slot.unwished', taskId })
      tellChange()
    },
    forget(taskId: string, ref: TaskActor) {
      if (taskId in desk().reasons) actor.send({ type: 'task.forgotten', taskId })
      if (ref.getSnapshot().status === 'active') actor.send({ type: 'task.left', ref })
    },
  }
}

type SupervisorActor = ActorRefFrom<typeof supervisorMachine>

/** What the store and other processes say reaches the chart here. */
function claimsOf(actor: SupervisorActor, plan: SupervisorPlan, tellChange: () => void): SlotClaims {
  const { workplace, limits, warn } = plan
  if (!workplace) return UNSHARED_SLOTS
  const say = (event: SupervisorEvent) => {
    // The store may still answer when the runtime has closed.
    if (actor.getSnapshot().status !== 'active') return
    actor.send(event)
    tellChange()
  }
  return createSlotClaims(workplace, {
    limits,
    warn,
    view: () => actor.getSnapshot().context.elsewhere,
    seen: (elsewhere) => say({ type: 'slots.elsewhere', elsewhere }),
    denied: (taskId, elsewhere) => say({ type: 'slot.denied', taskId, elsewhere }),
  })
}

function loadOf(desk: Desk): Load {
  const { held, queue, elsewhere } = desk
  return {
    running: held.length + elsewhere.held.length,
    cap: capOf(desk),
    queued: queue.size + elsewhere.waiting,
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
      const isSame = now.running === said.running && now.cap === said.cap && now.queued === said.queued
      if (isSame) return
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
export function refusalFailure({ why, wish, cap }: Refused, limits: Concurrency) {
  const { agent, model } = wish
  const remedy = 'Stop one first, or wait for one with wait_for_tasks.'
  const most = cap ?? limits.background
  const begin = 'Cannot start background task: maximum concurrent background tasks'
  const told: Readonly<Record<Refusal, readonly [FailureCode, string]>> = {
    background: ['limit/background', `${begin} (${most}) reached. ${remedy}`],
    agent: ['limit/agent', `${begin} for agent "${agent}" (${limits.perAgent[agent]}) reached. ${remedy}`],
    model: ['limit/model', `${begin} for model "${model}" (${limits.perModel[model]}) reached. ${remedy}`],
    queue: ['limit/queue', `${begin} (${most}) reached, and the queue of ${limits.queue} is full. ${remedy}`],
    known: ['task/duplicate-id', 'A task of that id is there already.'],
    closing: ['task/stopped', 'The runtime is closing: it starts nothing any more.'],
  }
  const [code, message] = told[why]
  return { code, message }
}
