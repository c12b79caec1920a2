/** Gives tasks that nobody holds a life again: they stand still here, until somebody lets them go on. */
import type { ActorRefFrom } from 'xstate'
import { z } from 'zod'
import { inWords } from '../../errors.ts'
import type { TaskRecord } from '../../host.ts'
import type { taskMachine } from '../../machines/task.ts'
import type { toolCallMachine } from '../../machines/tool-call.ts'
import type { Agent } from '../../protocol/agent.ts'
import type { Call } from '../../protocol/model.ts'
import { SPAWN_TOOL } from '../../protocol/names.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Schema } from '../../tools/tool.ts'
import type { Assembly } from '../assembly.ts'
import type { Equipment, Member } from '../members/member.ts'
import { grasp } from './grasp.ts'
import { takeUp } from './take-up.ts'
import { catchUp, isSettled, NOBODYS_WISH, tellAbove } from './family.ts'

type TaskActor = ActorRefFrom<typeof taskMachine>

/**
 * Takes up a task with all that works for it, the one above first. Resolves with those that live here now and
 * did not before, at rest, and knowing of every result that they had not been told.
 */
export async function takeUpTree(assembly: Assembly, taskId: string): Promise<readonly Member[]> {
  const records = await assembly.host.store.tasks('unfinished')
  const first = await takeUpOne(assembly, taskId)
  const below = unfinishedBelow(records, taskId).filter(({ heldBy }) => heldBy === 'nobody')
  const taken = [...(first ? [first] : []), ...(await takeUpEach(assembly, below))]
  await catchUp(assembly, taken)
  return taken
}

/** Those that work for a task here, and that nobody holds. */
export async function takeUpBelow(assembly: Assembly, taskId: string): Promise<readonly Member[]> {
  const below = unfinishedBelow(await assembly.host.store.tasks('unfinished'), taskId)
  const free = below.filter(({ heldBy }) => heldBy === 'nobody')
  const taken = await takeUpEach(assembly, free)
  await catchUp(assembly, taken)
  return taken
}

/** Every task that nobody holds and that has not ended, with those above it before those below. */
export async function takeUpAll(assembly: Assembly): Promise<readonly Member[]> {
  const records = await assembly.host.store.tasks('unfinished')
  const free = records.filter(({ heldBy }) => heldBy === 'nobody')
  const taken = await takeUpEach(assembly, free)
  await catchUp(assembly, taken)
  return taken
}

/** What is wrong with one of them keeps none of the others from going on. */
async function takeUpEach(assembly: Assembly, records: readonly TaskRecord[]): Promise<readonly Member[]> {
  const taken: Member[] = []
  for (const { spec } of records) {
    if (assembly.closing) break
    try {
      const member = await takeUpOne(assembly, spec.id)
      if (member) taken.push(member)
    } catch (error) {
      if (!isSettled(error)) assembly.host.warn(`Task ${spec.id} can't be taken up: ${inWords(error)}`)
    }
  }
  return taken
}

/** Lets go of what nobody in particular holds, and wakes who stands in the queue. */
export async function letGoOn({ members }: Assembly, { spec, actor, inbox }: Member): Promise<void> {
  const { holders } = actor.getSnapshot().context
  for (const by of NOBODYS_WISH) if (holders.includes(by)) await inbox.post({ type: 'task.resumeAsked', by })
  members.wake(spec.id)
}

/** `null`: it lives here already. */
function takeUpOne(assembly: Assembly, taskId: string): Promise<Member | null> {
  const { host, members, machine } = assembly
  return grasp(assembly, taskId, async () => {
    if (members.get(taskId)) return null
    const taken = await takeUp(host, taskId, (spec) => tellAbove(assembly, spec))
    try {
      const { spec, actor } = taken.folded
      // One that it waits for may live here already: it did not move to the background, it came first.
      for (const child of waitsInFrontOf(actor)) if (isInFront(assembly, child)) members.await(child)
      const isAwaited = isWaitedFor(assembly, spec)
      return members.adopt({ machine, taken, equipment: equipmentOf(assembly, spec), isAwaited })
    } catch (error) {
      await host.store.release(taskId)
      throw error
    }
  })
}

/** What it works with is today's: a model and tools are no data. */
function equipmentOf(assembly: Assembly, spec: TaskSpec): Equipment {
  const { host, parts } = assembly
  const { agent: name, instructions, model: begun } = spec
  const agent: Agent = parts.agents.get(name) ?? { name, description: '', instructions, model: begun.name }
  const model = parts.modelFor(agent)
  if (model.name !== begun.name)
    host.warn(`Task ${spec.id} began with the model ${begun.name} and goes on with ${model.name}.`)
  const tools = parts.tools.filter((tool) => spec.tools.includes(tool.name))
  const missing = spec.tools.filter((tool) => !tools.some((it) => it.name === tool))
  if (missing.length > 0) host.warn(`Task ${spec.id} goes on without the tools ${missing.join(', ')}.`)
  return { model, tools: new Map(tools.map((tool) => [tool.name, tool])), output: outputOf(assembly, spec) }
}

/** What the data of its answer must be, as far as that could be written down and can be read back. */
function outputOf({ host }: Assembly, { id, dataSchema }: TaskSpec): Schema | null {
  if (dataSchema === null || Object.keys(dataSchema).length === 0) return null
  try {
    return z.fromJSONSchema(dataSchema)
  } catch (error) {
    host.warn(`Task ${id} goes on, and its data is not checked: ${inWords(error)}`)
    return null
  }
}

/** Whether a call of the one that it works for waits until it has ended. */
function isWaitedFor({ members }: Assembly, { id, parent }: TaskSpec): boolean {
  const above = parent === null ? null : members.get(parent)
  return above !== null && waitsInFrontOf(above.actor).includes(id)
}

/** The tasks that a call waits for which has started them. */
function waitsInFrontOf(actor: TaskActor): readonly string[] {
  return awaitedBy(actor, ({ tool }) => tool === SPAWN_TOOL)
}

/** The tasks that its calls wait for. */
export function awaitedBy(
  actor: TaskActor,
  isMeant: (call: Call) => boolean = () => true,
): readonly string[] {
  const { context, children } = actor.getSnapshot()
  return context.openCalls.filter(isMeant).flatMap((call) => {
    const chart = children[call.id] as ActorRefFrom<typeof toolCallMachine> | undefined
    return chart?.getSnapshot().context.wait?.tasks ?? []
  })
}

/** It lives here, and has not been moved to the background since it began. */
function isInFront({ members }: Assembly, taskId: string): boolean {
  const member = members.get(taskId)
  return member !== null && member.actor.getSnapshot().context.isBackground === member.spec.background
}

/**
 * All that work for a task and have not ended, those above before those below. Whoever works for a task has
 * an id that begins with that task's: so they are found also where the one in between has ended.
 */
export function unfinishedBelow(records: readonly TaskRecord[], taskId: string): readonly TaskRecord[] {
  return records.filter(({ spec, hasEnded }) => !hasEnded && spec.id.startsWith(`${taskId}-`))
}
