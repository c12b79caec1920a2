import type { ActorRefFrom } from 'xstate'
import type { Inbox } from '../../actors/inbox.ts'
import type { Model, TaskAbout } from '../../host.ts'
import type { taskMachine } from '../../machines/task.ts'
import type { Wish } from '../../machines/slot-desk.ts'
import type { Conversation } from '../../protocol/conversation.ts'
import type { Tally } from '../../protocol/tally.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Schema, Tool } from '../../tools/tool.ts'
import type { TaskResult } from '../result.ts'

/** A task that lives in this process: its actor, its way in, and what was said. */
export interface Member {
  readonly spec: TaskSpec
  readonly equipment: Equipment
  readonly actor: ActorRefFrom<typeof taskMachine>
  readonly inbox: Inbox
  readonly conversation: Conversation
  readonly tally: Tally
  /** Resolves when the task has ended, or will not go on here. Rejects only with a `Bug`. */
  readonly settled: Promise<TaskResult>
}

/** What a live task works with that is not data. */
export interface Equipment {
  readonly model: Model
  readonly tools: ReadonlyMap<string, Tool>
  readonly output: Schema | null
}

/** Whether somebody else than the host's own user may want to know when it starts and stops. */
export function isWatchedOver({ parent, background }: TaskSpec): boolean {
  return background || parent !== null
}

/** Whether the task takes a slot while it works, now. */
export function isCounted({ actor }: Member): boolean {
  return actor.getSnapshot().context.isBackground
}

export function wishOf({ id, agent, model }: TaskSpec, how: Wish['how'], isAwaited = false): Wish {
  return { taskId: id, how, agent, model: model.name, isAhead: how === 'return' || isAwaited }
}

export function aboutOf({ id, parent, agent, title, depth, background }: TaskSpec): TaskAbout {
  return { taskId: id, parent, agent, title, depth, background }
}
