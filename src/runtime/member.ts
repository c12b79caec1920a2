import type { ActorRefFrom } from 'xstate'
import type { Inbox } from '../actors/inbox.ts'
import type { Model } from '../host.ts'
import type { taskMachine } from '../machines/task.ts'
import type { Conversation } from '../protocol/conversation.ts'
import type { Tally } from '../protocol/tally.ts'
import type { TaskSpec } from '../protocol/task.ts'
import type { Schema, Tool } from '../tools/tool.ts'
import type { TaskResult } from './result.ts'

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
