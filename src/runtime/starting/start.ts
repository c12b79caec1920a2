import { noEvents, taskStream } from '../../actors/streams/task-stream.ts'
import { inWords, toFailure, UsageError } from '../../errors.ts'
import type { Model } from '../../host.ts'
import { EMPTY_TALLY } from '../../protocol/tally.ts'
import type { Line } from '../../protocol/model.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Schema } from '../../tools/tool.ts'
import { admit, type RunRequest } from './admission.ts'
import type { Assembly } from '../assembly.ts'
import { createHandle, type FollowTask, type Task, type Verbs } from './handle.ts'
import type { Member } from '../members/member.ts'
import { isWatchedOver, wishOf } from '../members/member.ts'
import { pathOf, type Reason, resultWithout } from '../result.ts'
import { refusalFailure } from '../supervisor.ts'

/**
 * Admits a task, gives it a life, and lets it begin. What cannot be kept, or has no room, is `rejected`,
 * which is data, not a throw.
 */
export async function start<Data>(
  assembly: Assembly,
  verbs: Verbs,
  request: RunRequest<Data>,
): Promise<Task<Data>> {
  const [task] = await startAll(assembly, verbs, [request])
  return task as Task<Data>
}

/** Admits all of them, or none. */
export async function startAll(
  assembly: Assembly,
  verbs: Verbs,
  requests: readonly RunRequest[],
): Promise<readonly Task[]> {
  const { host, parts } = assembly
  if (assembly.closing) throw new UsageError('The runtime is closed: it starts nothing any more.')
  const isList = Array.isArray as (given: unknown) => boolean
  if (!isList(requests)) throw new UsageError('startAll takes an array of requests.')
  const orders = requests.map((request): Order => {
    const { spec, model } = admit(host.chance.id(), request, parts)
    const { output = null, signal } = request
    const onBorn = (member: Member) => signal && cancelOn(signal, assembly, verbs, member)
    return { spec, model, output, isAwaited: false, onBorn }
  })
  // Whoever asks may do so from within: a listener, an inspection. The supervisor is asked when it is idle.
  await Promise.resolve()
  return begun(assembly, verbs, orders)
}

/** The handles of tasks, as soon as they are durable. */
export async function begun(
  assembly: Assembly,
  verbs: Verbs,
  orders: readonly Order[],
): Promise<readonly Task[]> {
  // What other processes hold counts too.
  if (assembly.host.store.workplace && orders.some(({ spec }) => spec.background))
    await assembly.supervisor.refresh()
  return Promise.all(
    enter(assembly, orders).map(async (entry) => {
      const { id } = entry.spec
      if ('refusal' in entry) return rejected(verbs, id, entry.refusal)
      const { member } = entry
      try {
        await entry.begun
      } catch (error) {
        const message = `The task could not be kept: ${inWords(error)}`
        return rejected(verbs, id, { code: toFailure(error).code, message })
      }
      return handleOf(assembly, verbs, member)
    }),
  )
}

/** A task that was admitted, before it has a slot and a life. */
export interface Order {
  readonly spec: TaskSpec
  readonly model: Model
  readonly output: Schema | null
  /** Somebody waits in front of it. */
  readonly isAwaited: boolean
  /** Called once it is durable, before it begins. */
  readonly onBorn: (member: Member) => void
  /** What was said in the task that this one continues. */
  readonly before?: readonly Line[]
}

/** `begun` resolves when the task is durable, and has begun unless it waits for a slot. */
export type Entered =
  | { readonly spec: TaskSpec; readonly member: Member; readonly begun: Promise<void> }
  | { readonly spec: TaskSpec; readonly refusal: Reason }

/**
 * Slots first, in one step and before anything else: what is refused leaves nothing behind. Then a life for
 * each, at once, so that a slot that is given meanwhile finds its task.
 */
export function enter(assembly: Assembly, orders: readonly Order[]): readonly Entered[] {
  const { parts, members, machine, supervisor, hooks } = assembly
  const wishes = orders
    .filter(({ spec }) => spec.background)
    .map(({ spec, isAwaited }) => wishOf(spec, 'start', isAwaited))
  const refused = wishes.length === 0 ? null : supervisor.wish(wishes)
  if (refused !== null) {
    const refusal = refusalFailure(refused, parts.concurrency)
    return orders.map(({ spec }) => ({ spec, refusal }))
  }
  return orders.map(({ spec, model, output, isAwaited, onBorn, before = [] }) => {
    const tools = new Map(
      parts.tools.filter(({ name }) => spec.tools.includes(name)).map((tool) => [tool.name, tool]),
    )
    const { member, born } = members.admit({
      machine,
      spec,
      equipment: { model, tools, output },
      isAwaited,
      before,
    })
    const waits = spec.background && !supervisor.holds(spec.id)
    const alive = born.then(() => {
      onBorn(member)
      if (waits) members.queued(spec.id)
    })
    // A hook may take its time: the task is admitted without it.
    const launched = () => {
      const launching = members.launch(spec.id)
      return hooks.hasStart && isWatchedOver(spec) ? undefined : launching
    }
    return { spec, member, begun: waits ? alive : alive.then(launched) }
  })
}

function cancelOn(signal: AbortSignal, { signals }: Assembly, verbs: Verbs, { spec, settled }: Member): void {
  const cancel = () => void verbs.cancel(spec.id, 'Its signal was aborted.').catch(() => {})
  const leave = signals.watch(signal, cancel)
  void settled.catch(() => {}).then(leave)
}

/** A task in the hands of whoever asks for it. */
export function handleOf(
  assembly: Assembly,
  verbs: Verbs,
  { spec, actor, equipment, settled }: Member,
): Task {
  const { members } = assembly
  const { id } = spec
  return createHandle({
    verbs,
    id,
    output: equipment.output,
    settled,
    state: () => (members.lossOf(id) ? 'lost' : pathOf(actor.getSnapshot().value)),
    events: (options) => streamOf(assembly, id, options),
  })
}

/** One task's events, wherever it lives. */
export function streamOf(
  { host, listeners }: Assembly,
  taskId: string,
  { since, progress = false }: FollowTask,
) {
  const marksCatchingUp = since !== undefined
  return taskStream({ taskId, store: host.store, listeners, since: since ?? 0, marksCatchingUp, progress })
}

function rejected(verbs: Verbs, id: string, reason: Reason): Task {
  const settled = Promise.resolve(resultWithout('rejected', id, EMPTY_TALLY, reason))
  return createHandle({
    // Nothing is there to be ended: whoever tidies up need not know that.
    verbs: { ...verbs, cancel: async () => {} },
    id,
    output: null,
    settled,
    state: () => 'rejected',
    events: noEvents,
  })
}
